#include "Generate.h"
#include "compiler/Passes.h"
#include "compiler/autodiff/Ports.h"
#include "compiler/autodiff/Spec.h"
#include "compiler/autodiff/SpecializeBatch.h"
#include "mlir/IR/Verifier.h"
#include "nn/Sampler.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace gradmill::nn;

namespace gradmill::fuzz {

static constexpr double kMiB = 1 << 20;
static constexpr int64_t kMaxClasses = 1 << 16;

static constexpr Size kSizes[] = {
    {"small", 70, 24, 40, 20, 1e6, 8 * kMiB, 1e5, 0, true, 120},
    {"large", 2048, 128, 1024, 60, 1e9, 200 * kMiB, 5e6, 0, false, 400},
    {"huge", 2048, 128, 1024, 12, 4e9, 2200 * kMiB, 5e6, 300 * kMiB, false,
     900},
};

const Size *findSize(StringRef name) {
  auto it = llvm::find_if(kSizes, [&](const Size &s) { return s.name == name; });
  return it == std::end(kSizes) ? nullptr : it;
}

namespace {

RankedTensorType typeOf(Value v) { return cast<RankedTensorType>(v.getType()); }

double elementsOf(Type type) {
  double n = 1;
  for (int64_t d : cast<RankedTensorType>(type).getShape())
    n *= double(d);
  return n;
}

// A function that adds ops to a graph.
struct Step {
  std::string op;
  std::function<Value(Sampler &)> add;
  int64_t weight;
};

//===-- Ops that need no word of their family -----------------------------===//

// The number of operands, if it is fixed.
unsigned operandsOf(RegisteredOperationName name) {
  return name.hasTrait<OpTrait::OneOperand>()              ? 1
         : name.hasTrait<OpTrait::NOperands<2>::Impl>()    ? 2
         : name.hasTrait<OpTrait::NOperands<3>::Impl>()    ? 3
         : name.hasTrait<OpTrait::NOperands<4>::Impl>()    ? 4
                                                           : 0;
}

Operation *create(OpBuilder &b, RegisteredOperationName name,
                  ValueRange operands) {
  OperationState state(operands[0].getLoc(), name);
  state.addOperands(operands);
  state.addTypes(operands[0].getType());
  Operation *op = b.create(state);
  ScopedDiagnosticHandler quiet(b.getContext(),
                                [](Diagnostic &) { return success(); });
  if (succeeded(verify(op)))
    return op;
  op->erase();
  return nullptr;
}

// Whether the op takes `like` operands of its result's type, then [C] operands,
// and needs no attributes. Only its own verifier knows.
bool fits(RegisteredOperationName name, unsigned like, unsigned operands) {
  MLIRContext *context = name.getContext();
  OpBuilder b(context);
  Location loc = b.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  auto image = RankedTensorType::get({2, 3, 5, 7}, b.getF32Type());
  auto channels = RankedTensorType::get({3}, b.getF32Type());
  SmallVector<Type> types(like, image);
  types.resize(operands, channels);
  auto func = func::FuncOp::create(loc, "probe", b.getFunctionType(types, {}));
  module->push_back(func);
  Block *block = func.addEntryBlock();
  b.setInsertionPointToStart(block);
  return create(b, name, block->getArguments());
}

Value addPlain(Sampler &s, RegisteredOperationName name, unsigned like,
               unsigned operands) {
  SmallVector<Value> values{s.input()};
  while (values.size() < like)
    if (Value other = s.sameType(s.input().getType()))
      values.push_back(other);
    else
      return {};
  while (values.size() < operands)
    values.push_back(s.parameter({s.shape()[1]}));
  Operation *op = create(s.builder(), name, values);
  return op ? op->getResult(0) : Value();
}

std::vector<Step> stepsOf(MLIRContext &context) {
  std::vector<Step> steps;
  llvm::StringSet<> known;
  for (const Sample &sample : registryOf(&context).samples()) {
    steps.push_back({sample.op, sample.add, sample.weight});
    known.insert(sample.op);
  }
  for (RegisteredOperationName name : context.getRegisteredOperations()) {
    unsigned operands = operandsOf(name);
    if (known.contains(name.getStringRef()) || !operands ||
        !name.hasTrait<OpTrait::OneResult>() ||
        !name.hasInterface<GradientInterface>())
      continue;
    for (unsigned like = operands; like > 0; --like)
      if (fits(name, like, operands)) {
        steps.push_back({name.getStringRef().str(),
                         [=](Sampler &s) {
                           return addPlain(s, name, like, operands);
                         },
                         int64_t(like)});
        break;
      }
  }
  return steps;
}

//===-- Graphs --------------------------------------------------------------===//

class GraphBuilder : public Sampler {
public:
  GraphBuilder(Choices &choices, const Size &size, MLIRContext &context)
      : choices(choices), size(size), b(&context), steps(stepsOf(context)),
        module(ModuleOp::create(b.getUnknownLoc())) {
    for (const Step &step : steps)
      weights += step.weight;
  }

  Case build(ArrayRef<std::string> cpus, bool inferOnly) {
    Case c;
    c.train = !Sampler::chance(10) && !inferOnly;
    c.interpret = size.interpret;
    trains = c.train;
    c.batch = Sampler::size(1, size.batch);
    start(c.batch);
    int64_t depth = Sampler::size(1, size.depth);
    for (int64_t i = 0; i < size.depth; ++i)
      if (cost.bytes >= size.leastBytes && below(depth + 1) == 0)
        break;
      else
        addLayer();
    makeClasses();
    finish();
    chooseLosses(c);
    chooseOptimizer(c);
    chooseGroups(c);
    chooseStep(c);
    chooseCompilation(c, cpus);
    llvm::raw_string_ostream(c.graph) << *module;
    return c;
  }

  //===-- Sampler -----------------------------------------------------------===//

  Value input() override { return current; }
  Value sameType(Type type) override {
    SmallVector<Value> others, unread;
    for (Value v : values)
      if (v.getType() == type && v != current)
        (v.use_empty() ? unread : others).push_back(v);
    if (!unread.empty()) // branches meet again
      return unread[below(unread.size())];
    if (!others.empty())
      return others[below(others.size())];
    return Sampler::chance(20) && current.getType() == type ? current : Value();
  }
  Value anyValue() override { return values[below(values.size())]; }
  int64_t below(int64_t n) override { return choices.below(n); }
  OpBuilder &builder() override { return b; }

  // Often the current number, so that sums are possible.
  int64_t channels() override {
    if (Sampler::chance(40) && shape()[1] >= leastChannels)
      return std::min(shape()[1], size.channels);
    return Sampler::size(leastChannels, mostChannels);
  }

  Value parameter(ArrayRef<int64_t> shape, StringRef role) override {
    auto type = RankedTensorType::get(shape, element);
    if (role == "parameter") {
      if (elementsOf(type) <= 64 && Sampler::chance(3))
        return constant(type);
      if (Sampler::chance(5))
        role = "frozen"; // a tensor that is not trained
      else if (Value tied = Sampler::chance(10) ? tie(type) : Value())
        return tied;
    }
    return read(type, "p" + std::to_string(names++), role);
  }

private:
  // An existing parameter, by its value or read again.
  Value tie(RankedTensorType type) {
    SmallVector<ParameterOp> same;
    for (auto op : func.front().getOps<ParameterOp>())
      if (op.getType() == type && op.isTrainable())
        same.push_back(op);
    if (same.empty())
      return {};
    ParameterOp op = same[below(same.size())];
    return Sampler::chance(50) ? read(type, op.getName(), "parameter")
                               : op.getValue();
  }

  Value read(RankedTensorType type, StringRef name, StringRef role) {
    if (role == "frozen")
      role = "buffer";
    return ParameterOp::create(
        b, loc(), type, b.getStringAttr(name),
        role == "parameter" ? StringAttr() : b.getStringAttr(role),
        Attribute(), IntegerAttr());
  }

  Value constant(RankedTensorType type) {
    SmallVector<Attribute> numbers;
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      numbers.push_back(b.getFloatAttr(element, double(below(64)) / 32 - 1));
    return ConstantOp::create(b, loc(), DenseElementsAttr::get(type, numbers));
  }

  Location loc() { return b.getUnknownLoc(); }

  void start(int64_t batch) {
    element = Sampler::chance(30) ? Type(b.getF64Type()) : Type(b.getF32Type());
    SmallVector<int64_t> shape{batch};
    if (size.leastBytes) {
      drawHuge(shape);
    } else if (!Sampler::chance(10)) {
      int64_t height = Sampler::size(1, size.image);
      shape.append({std::min(Sampler::size(1, size.channels), int64_t(64)),
                    height,
                    Sampler::chance(30) ? Sampler::size(1, size.image)
                                        : height});
      mostChannels = size.channels;
    } else {
      shape.push_back(Sampler::size(1, size.channels));
      mostChannels = size.channels;
    }
    // Large images leave less for channels.
    while (elementsOf(RankedTensorType::get(shape, element)) * 8 >
           size.bytes / 8)
      for (int64_t &d : shape)
        d = std::max<int64_t>(1, d / 2);
    auto type = RankedTensorType::get(shape, element);
    func = func::FuncOp::create(loc(), "main", b.getFunctionType(type, {}));
    module->push_back(func);
    Block *block = func.addEntryBlock();
    b.setInsertionPointToStart(block);
    current = block->getArgument(0);
    values.push_back(current);
    if (Sampler::chance(15))
      addInput();
    for (BlockArgument argument : block->getArguments()) {
      unsigned i = argument.getArgNumber();
      func.setArgAttr(i, kNameAttr,
                      b.getStringAttr(i ? "other" : "image"));
    }
  }

  // A second one, often of the same type: branches may meet.
  void addInput() {
    SmallVector<int64_t> shape(typeOf(current).getShape());
    if (Sampler::chance(50))
      shape[1] = Sampler::size(1, shape[1]);
    (void)func.insertArgument(1, RankedTensorType::get(shape, element), {},
                              loc());
    values.push_back(func.getArgument(1));
  }

  // A few channels at first; then as many as give tensors of the wanted size.
  void drawHuge(SmallVectorImpl<int64_t> &shape) {
    double wanted = size.leastBytes / 4 * double(between(2, 8)) / 4;
    int64_t side = Sampler::size(8, size.image);
    shape.append({between(1, 4), side, side});
    double pixels = double(shape[0]) * double(side * side);
    mostChannels = std::clamp<int64_t>(
        int64_t(wanted / 2 / pixels), 4, size.channels);
    leastChannels = mostChannels / 2;
  }

  //===-- Layers ------------------------------------------------------------===//

  const Step &drawStep() {
    int64_t at = below(weights);
    for (const Step &step : steps)
      if ((at -= step.weight) < 0)
        return step;
    llvm_unreachable("weights add up");
  }

  // Tries a few draws; returns whether an op was added.
  bool addLayer(llvm::function_ref<bool(Value)> accept = [](Value) {
    return true;
  }) {
    Value last = current;
    for (int attempt = 0; attempt < 8; ++attempt) {
      current = Sampler::chance(15) ? anyValue() : last;
      if (Value made = tryStep(drawStep()); made && accept(made)) {
        current = made;
        values.push_back(made);
        return true;
      }
      undo();
    }
    current = last;
    return false;
  }

  Value tryStep(const Step &step) {
    Block &block = func.front();
    before = block.empty() ? nullptr : &block.back();
    costBefore = cost;
    RegisteredOperationName name =
        *RegisteredOperationName::lookup(step.op, b.getContext());
    if (trains && !name.hasInterface<GradientInterface>())
      return {};
    Value made = step.add(*this);
    auto type = made ? dyn_cast<RankedTensorType>(made.getType()) : nullptr;
    if (!type || (type.getRank() != 2 && type.getRank() != 4) ||
        type.getDimSize(0) != typeOf(current).getDimSize(0) ||
        type.getElementType() != element || !affordable())
      return {};
    return made;
  }

  template <typename Visit> void eachNew(Visit visit) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(func.front())))
      if (&op == before)
        break;
      else
        visit(&op);
  }

  void undo() {
    eachNew([](Operation *op) { op->erase(); });
    cost = costBefore;
  }

  // Adds the cost of the new ops; false if the total is too much.
  bool affordable() {
    eachNew([&](Operation *op) {
      double made = 0;
      for (Type type : op->getResultTypes())
        made += elementsOf(type);
      if (isa<ParameterOp>(op)) {
        cost.parameters += made;
        return;
      }
      cost.bytes += made * element.getIntOrFloatBitWidth() / 8;
      cost.work += workOf(op, made);
    });
    return cost.work <= size.work && cost.bytes <= size.bytes &&
           cost.parameters <= size.parameters;
  }

  // The elements that the interpreter visits.
  static double workOf(Operation *op, double made) {
    double window = 1;
    if (auto cost = dyn_cast<CostInterface>(op))
      return std::max(double(cost.getMacs()), made);
    if (auto extents = dyn_cast<WindowInterface>(op))
      for (int64_t extent : extents.getWindowExtent())
        window *= double(extent);
    return made * window;
  }

  //===-- The end -------------------------------------------------------------===//

  // [N, classes]: any op that leaves two dimensions, at any cost. Not so wide
  // that no linear layer would fit after it, nor an output of the runtime.
  void makeClasses() {
    auto isFlat = [](Value v) {
      return typeOf(v).getRank() == 2 && typeOf(v).getDimSize(1) <= kMaxClasses;
    };
    cost = {};
    for (int i = 0; i < 20 && !isFlat(current); ++i)
      addLayer(isFlat);
    if (!isFlat(current))
      makeFlat(isFlat);
    leastChannels = 1;
    mostChannels = 20;
    if (typeOf(current).getDimSize(1) > 64 || Sampler::chance(60))
      for (int i = 0; i < 20; ++i)
        if (addLayer([&](Value v) {
              return isFlat(v) && typeOf(v).getDimSize(1) <= 64;
            }))
          break;
  }

  // If drawing has no luck, in order: any op after any value.
  void makeFlat(llvm::function_ref<bool(Value)> isFlat) {
    for (Value last : llvm::reverse(values)) {
      current = last;
      for (const Step &step : steps) {
        if (Value made = tryStep(step); made && isFlat(made)) {
          current = made;
          return;
        }
        undo();
      }
    }
  }

  const Loss &drawLoss(llvm::function_ref<bool(const Loss &)> fits) {
    SmallVector<const Loss *> list;
    for (const Loss &loss : registryOf(b.getContext()).losses())
      if (fits(loss))
        list.push_back(&loss);
    return *list[below(list.size())];
  }

  // Always for the first output, sometimes for the second.
  void chooseLosses(Case &c) {
    std::vector<std::string> specs;
    for (auto [i, output] : llvm::enumerate(outputs)) {
      if (i && Sampler::chance(50))
        continue;
      std::string spec = drawLoss(typeOf(output));
      if (spec.empty())
        continue;
      if (outputs.size() > 1)
        spec = resultName(func, i) + "=" + spec;
      if (i)
        spec += (spec.find(':') == std::string::npos ? ":" : ",") +
                std::string("weight=") +
                numberText(0.25 * double(1 + below(8)));
      specs.push_back(spec);
    }
    c.loss = llvm::join(specs, ";");
  }

  // A loss that takes the output, sometimes with options; empty: none does.
  std::string drawLoss(RankedTensorType output) {
    ScopedDiagnosticHandler quiet(b.getContext(),
                                  [](Diagnostic &) { return success(); });
    SmallVector<std::string> fitting;
    const Registry &registry = registryOf(b.getContext());
    for (const Loss &loss : registry.losses()) {
      std::string spec = loss.name + optionsText(loss.options, ":");
      for (const std::string &text : {spec, loss.name}) {
        auto parsed = parseLossSpecs(text, registry);
        if (!parsed) {
          llvm::consumeError(parsed.takeError());
          continue;
        }
        if (failed(loss.target(loc(), output, parsed->front().options)))
          continue;
        fitting.push_back(text);
        break;
      }
    }
    return fitting.empty() ? "" : fitting[below(fitting.size())];
  }

  // ":momentum=0.5,nesterov=1": defaults, limits and what lies between.
  // An optimizer's are not far below their defaults: one that divides by an
  // average of squares which remembers nothing divides by chance.
  std::string optionsText(ArrayRef<Option> options, StringRef separator,
                          bool nearDefaults = false) {
    std::string text;
    for (const Option &option : options) {
      if (option.isList)
        continue;
      double value = option.defaultValue;
      // Divided by next to nothing, a gradient that is zero by structure is
      // its rounding errors.
      bool tiny = option.min > 0 && option.min < 1e-9;
      double least = nearDefaults ? (option.min + option.defaultValue) / 2
                                  : option.min;
      if (int64_t kind = below(4); kind == 2)
        value = tiny ? option.defaultValue : least;
      else if (kind == 3) // 1 - beta is a number that f32 has, too
        value = least + (option.max - least) * 0.015625 * double(below(64));
      if (value == option.defaultValue)
        continue;
      text += separator.str() + option.name + "=" + numberText(value);
      separator = ",";
    }
    return text;
  }

  // Nothing is left that no one reads but values; the batch becomes dynamic.
  void finish() {
    Block &block = func.front();
    outputs.push_back(current);
    if (Sampler::chance(10))
      outputs.push_back(anyValue());
    func::ReturnOp::create(b, loc(), outputs);
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isa<ParameterOp, ConstantOp>(op) && op.use_empty())
        op.erase();
    for (BlockArgument argument : block.getArguments()) {
      SmallVector<int64_t> shape(typeOf(argument).getShape());
      shape[0] = ShapedType::kDynamic;
      argument.setType(RankedTensorType::get(shape, element));
    }
    for (Operation &op : block)
      if (auto infer = dyn_cast<InferTypeOpInterface>(op))
        (void)inferAnew(infer, op.getLoc());
    func.setFunctionType(b.getFunctionType(
        block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
    for (unsigned i = 0; i < outputs.size(); ++i)
      func.setResultAttr(i, kNameAttr, b.getStringAttr(i ? "more" : "output"));
  }

  // Any, with any options. In f32 it is the default one: some divide a
  // gradient by its size, and where a gradient is zero by structure (one class,
  // a norm over two values) that makes a full step of its rounding errors.
  void chooseOptimizer(Case &c) {
    const Registry &registry = registryOf(b.getContext());
    ArrayRef<Optimizer> all = registry.optimizers();
    const Optimizer &optimizer = element.isF64()
                                     ? all[below(all.size())]
                                     : *registry.findOptimizer(c.optimizer);
    for (int attempt = 0; attempt < 8; ++attempt) {
      c.optimizer = optimizer.name;
      c.optimizer += optionsText(optimizer.options, ":", true);
      auto spec = parseOptimizerSpec(c.optimizer, registry);
      if (spec)
        return;
      llvm::consumeError(spec.takeError()); // they do not go together
    }
    c.optimizer = optimizer.name;
  }

  // Some parameters with another rate, or frozen: a norm's statistics, too.
  void chooseGroups(Case &c) {
    llvm::SetVector<Value> read(outputs.begin(), outputs.end());
    for (size_t i = 0; i < read.size(); ++i)
      if (Operation *op = read[i].getDefiningOp())
        read.insert(op->operand_begin(), op->operand_end());
    SmallVector<std::string> names;
    for (Value value : read)
      if (auto op = value.getDefiningOp<ParameterOp>())
        names.push_back(op.getName().str());
    if (names.empty() || !Sampler::chance(15))
      return;
    for (int64_t i = between(1, 3); i > 0; --i)
      c.groups += (c.groups.empty() ? "" : ";") + names[below(names.size())] +
                  (Sampler::chance(50) ? ":lr=0" : ":lr=0.5");
  }

  // Transforms of gradients, several batches to an update, an average.
  void chooseStep(Case &c) {
    ArrayRef<GradientTransform> all = registryOf(b.getContext()).transforms();
    if (Sampler::chance(15)) {
      const GradientTransform &transform = all[below(all.size())];
      c.transforms = transform.name;
      StringRef separator = ":"; // limits that gradients reach
      for (const Option &option : transform.options) {
        c.transforms += (separator + option.name + "=" +
                         numberText(std::ldexp(option.defaultValue,
                                               -int(below(12)))))
                            .str();
        separator = ",";
      }
    }
    if (Sampler::chance(10))
      c.accumulate = between(1, 3);
    if (Sampler::chance(10))
      c.emaPercent = between(1, 99);
  }

  void chooseCompilation(Case &c, ArrayRef<std::string> cpus) {
    c.cpu = cpus[cpus.size() - 1 - below(cpus.size())];
    if (Sampler::chance(20)) {
      ArrayRef<TargetKind> all = registryOf(b.getContext()).targets();
      c.machine = all[below(all.size())].name;
      c.cpu = cpus.back();
    } else if (Sampler::chance(15)) {
      c.vectorBytes = 16 << below(3);
    }
    c.single = Sampler::chance(30);
    c.exactConv = Sampler::chance(15);
    c.fuse = !Sampler::chance(15);
    c.mergeTasks = !Sampler::chance(10);
    c.rematerialize = !Sampler::chance(10);
    if (Sampler::chance(6))
      c.memoryPercent = between(60, 99);
    c.data = 1 + below(1 << 30);
  }

  Choices &choices;
  const Size &size;
  OpBuilder b;
  std::vector<Step> steps;
  OwningOpRef<ModuleOp> module;
  func::FuncOp func;
  Type element;
  Value current;
  std::vector<Value> values;
  SmallVector<Value> outputs;
  struct Cost {
    double work = 0, bytes = 0, parameters = 0;
  } cost, costBefore;
  Operation *before = nullptr; // the last op before those being tried
  int64_t weights = 0, leastChannels = 1, mostChannels = 1,
          names = 0;
  bool trains = true;
};

} // namespace

Case generate(Choices &choices, const Size &size, ArrayRef<std::string> cpus,
              bool inferOnly, MLIRContext &context) {
  return GraphBuilder(choices, size, context).build(cpus, inferOnly);
}

} // namespace gradmill::fuzz
