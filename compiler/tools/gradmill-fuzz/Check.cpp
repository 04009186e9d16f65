// How far may two results be apart? A fixed tolerance would either miss faults
// or report too many. Sixty layers, a batch norm over two values, or an element
// next to ReLU's kink amplify a rounding error to more than the error of a
// wrong kernel elsewhere. So the check measures how much rounding matters here.
// It computes the same again with noise of the size of rounding errors in every
// value. The difference that this makes to a tensor, in the root mean square,
// is the measure for that tensor.
//
// In f32 a single element next to a kink can still go the other way in one
// program and in no noisy one. A wrong kernel is wrong for most inputs, so an
// f32 result counts only if it repeats with other inputs. In f64 the error is
// so much smaller than any distance to a kink that the first result counts.
#include "Check.h"
#include "Choices.h"
#include "compiler/Error.h"
#include "compiler/Passes.h"
#include "compiler/autodiff/Ports.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/tools/numeric/Model.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include <set>

using namespace mlir;
using gradmill::nn::RefTensor;
using gradmill::numeric::Model;
using gradmill::numeric::NamedTensors;
using gradmill::numeric::Values;

namespace gradmill::fuzz {
namespace {

constexpr int kSteps = 3;
// Rounding errors of a value, in units of its type: sums of thousands of
// products and Winograd's transforms have some tens.
constexpr double kNoise = 32;
constexpr double kThrownOff = 1e5; // a step of a parameter
constexpr double kPlain = 64;  // relative; a smaller one needs no noisy run
constexpr double kMargin = 8;  // over the difference that noise makes
constexpr int kNoisyRuns = 3;
constexpr int kMoreRuns = 16;  // before an error counts
constexpr double kBlind = 0.02;

std::string text(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  return message.empty() ? "the reason is above" : message;
}

//===-- Tensors -------------------------------------------------------------===//

double rms(const RefTensor &t) {
  double sum = 0;
  for (double v : t.data)
    sum += v * v;
  return std::sqrt(sum / double(std::max<size_t>(1, t.data.size())));
}

double distance(const RefTensor &a, const RefTensor &b) {
  double sum = 0;
  for (auto [x, y] : llvm::zip_equal(a.data, b.data))
    if (x != y && !(std::isnan(x) && std::isnan(y)))
      sum += (x - y) * (x - y);
  return std::sqrt(sum / double(std::max<size_t>(1, a.data.size())));
}

/// A source of noise. Equal values round the same way: where a graph compares
/// the mean of copies with what was copied, each tie is broken to the same
/// side. So some runs move all elements of a tensor up, or all down.
struct Noise {
  Random random;
  bool oneSided = false;
};

// What a comparison gives is exact: a 0 with noise would count as true.
bool isMask(const RefTensor &t) {
  return llvm::all_of(t.data, [](double v) { return v == 0 || v == 1; });
}

bool isAmong(const RefTensor &t, const RefTensor &operand) {
  std::set<double> values(operand.data.begin(), operand.data.end());
  return llvm::all_of(t.data, [&](double v) { return values.count(v) != 0; });
}

// Elements of an operand, in another order or the largest of some, are exact,
// and a gradient may look for them: where reduce_max's result has noise, none
// of its operand's elements is the maximum. The mean of equal elements is one of
// them by chance: so the op is asked again, with other operands.
bool onlySelects(Operation &op, unsigned result, const RefTensor &value,
                 ArrayRef<const RefTensor *> operands, Random &random) {
  if (llvm::none_of(operands, [&](auto *t) { return isAmong(value, *t); }))
    return false;
  std::vector<RefTensor> moved, results;
  std::vector<const RefTensor *> pointers;
  for (auto [type, operand] : llvm::zip(op.getOperandTypes(), operands)) {
    moved.push_back(*operand);
    if (isa<FloatType>(cast<RankedTensorType>(type).getElementType()) &&
        !isMask(*operand))
      for (double &v : moved.back().data)
        v *= 1 + 1e-6 * random.uniform();
  }
  for (RefTensor &t : moved)
    pointers.push_back(&t);
  for (Type type : op.getResultTypes())
    results.emplace_back(cast<RankedTensorType>(type).getShape());
  return succeeded(cast<nn::ReferenceInterface>(op).evaluate(pointers, results)) &&
         llvm::any_of(moved, [&](const RefTensor &t) {
           return isAmong(results[result], t);
         });
}

// Relative to each value and to what it stands among, as where a sum cancels.
void addNoise(RefTensor &t, double unit, Noise &noise) {
  double among = rms(t);
  if (!std::isfinite(among) || isMask(t))
    return;
  double side = noise.random.uniform() < 0.5 ? -1 : 1;
  for (double &v : t.data) {
    double u = noise.random.uniform();
    v += kNoise * unit * (std::fabs(v) + among) *
         (noise.oneSided ? side * u : 2 * u - 1);
  }
}

// The tensors after a run, by their names in messages.
std::map<std::string, const RefTensor *> leftBehind(const Values &values) {
  std::map<std::string, const RefTensor *> all;
  for (auto &[name, tensor] : values.outputs)
    all["the result \"" + name + "\""] = &tensor;
  for (auto &[name, tensor] : values.state)
    all["\"" + name + "\""] = &tensor;
  return all;
}

bool sameBytes(const RefTensor &a, const RefTensor &b) {
  return !std::memcmp(a.data.data(), b.data.data(),
                      a.data.size() * sizeof(double));
}

//===-- Judges --------------------------------------------------------------===//

class Judge {
public:
  virtual ~Judge() = default;
  /// What the entry should leave behind; with noise, if a source of it is
  /// given.
  virtual llvm::Error run(StringRef entry, Values &values, Noise *noise) = 0;
};

// Noise goes into every value, those inside of an op that consists of others
// included: normalize takes a mean, and its rounding moves all elements.
class Interpreter : public Judge {
public:
  Interpreter(ModuleOp module, ModuleOp expanded, double unit)
      : module(module), expanded(expanded), unit(unit) {}

  llvm::Error run(StringRef entry, Values &values, Noise *noise) override {
    auto func = (noise ? expanded : module).lookupSymbol<func::FuncOp>(entry);
    std::vector<RefTensor> arguments;
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      arguments.push_back(values.inputs.at(nameOf(func, i)));
    auto disturb = [&](Operation &op, ArrayRef<const RefTensor *> operands,
                       MutableArrayRef<RefTensor> results) {
      for (auto [i, result] : llvm::enumerate(results))
        if (isa<FloatType>(cast<RankedTensorType>(op.getResult(i).getType())
                               .getElementType()) &&
            !onlySelects(op, i, result, operands, noise->random))
          addNoise(result, unit, *noise);
    };
    auto result = interpret(func, arguments, values.state,
                            noise ? AfterOp(disturb) : AfterOp());
    if (failed(result))
      return alreadyReported();
    values.outputs.clear();
    for (auto [i, tensor] : llvm::enumerate(result->results))
      values.outputs.push_back(
          {cast<StringAttr>(func.getResultAttr(i, kNameAttr)).str(), tensor});
    for (auto &[name, tensor] : result->assigned)
      values.state[name] = tensor;
    return llvm::Error::success();
  }

  static std::string nameOf(func::FuncOp func, unsigned argument) {
    return func.getArgAttrOfType<StringAttr>(argument, kNameAttr).str();
  }

private:
  ModuleOp module, expanded;
  double unit;
};

// Noise goes into a program's inputs; the rest rounds by itself.
class OtherSchedule : public Judge {
public:
  OtherSchedule(std::unique_ptr<Model> model, double unit)
      : model(std::move(model)), unit(unit) {}

  llvm::Error run(StringRef entry, Values &values, Noise *noise) override {
    values.prepared.clear();
    Values disturbed = values;
    if (noise) {
      for (const std::string &name : values.floats)
        addNoise(disturbed.inputs.at(name), unit, *noise);
      for (auto &[name, tensor] : disturbed.state)
        addNoise(tensor, unit, *noise);
    }
    if (entry.starts_with("infer") && model->has("prepare"))
      if (llvm::Error error = model->run("prepare", disturbed))
        return error;
    if (llvm::Error error = model->run(entry, disturbed, {3}))
      return error;
    values.outputs = std::move(disturbed.outputs);
    values.state = std::move(disturbed.state);
    return llvm::Error::success();
  }

private:
  std::unique_ptr<Model> model;
  double unit;
};

//===-- One case ------------------------------------------------------------===//

class Checker {
public:
  Checker(const Case &c, const Registry &registry, MLIRContext &context)
      : c(c), registry(registry), context(context) {}

  Verdict run() {
    verdict.finding = prepare();
    if (!verdict.finding.empty() || !model)
      return verdict;
    verdict.finding = compareAll(c.data);
    if (f64 || !numbers || verdict.finding.empty())
      return verdict;
    int again = 0;
    std::string first = verdict.finding;
    for (uint64_t other = 1; other <= 3; ++other)
      again += !compareAll(c.data + other).empty();
    verdict.finding = again >= 2 ? first : "";
    return verdict;
  }

private:
  //===-- Programs ----------------------------------------------------------===//

  // Neither a model nor a finding: the case asks for something impossible.
  std::string prepare() {
    graph = parseSourceString<ModuleOp>(c.graph, &context);
    if (!graph)
      return "the graph is not accepted";
    auto image = cast<RankedTensorType>(
        graph->lookupSymbol<func::FuncOp>("main").getArgumentTypes().front());
    f64 = image.getElementType().isF64();
    unit = f64 ? 0x1p-53 : 0x1p-24;
    programs = graph->clone();
    removeDeadOps(programs->lookupSymbol<func::FuncOp>("main"));
    PassManager pm(&context);
    pm.addPass(createSpecializeBatch({c.batch}));
    pm.addPass(createBuildLoss({"main", c.loss, c.metrics, /*optional=*/false,
                                /*uncheckedLoss=*/true}));
    pm.addPass(createBuildInference({"main"}));
    pm.addPass(createBuildSingle({c.single}));
    if (c.train)
      pm.addPass(createBuildTrainingStep({"main", c.optimizer, c.groups,
                                          c.transforms, c.accumulate,
                                          double(c.emaPercent) / 100}));
    if (failed(pm.run(*programs)))
      return "the graph's programs cannot be built";
    // A model that the runtime cannot run, with an output in f64, has other
    // names.
    for (auto func : programs->getOps<func::FuncOp>())
      if (f64 && !entryOf(func).empty())
        func.setName((func.getName() + "_f64").str());
    std::string failure;
    model = compileFor(c, failure);
    if (!model)
      return failure;
    for (auto &[name, entry] : *model->manifest().getObject("entries"))
      verdict.arena = std::max(
          verdict.arena,
          entry.getAsObject()->getInteger("arena_bytes").value_or(0));
    if (c.interpret) {
      expanded = programs->clone();
      PassManager expand(&context);
      expand.addPass(createExpandOps());
      if (failed(expand.run(*expanded)))
        return "the graph's programs cannot be expanded";
      // Some ops consist of loops, which nothing evaluates.
      if (!hasReferences(*expanded))
        expanded = programs->clone();
      judge = std::make_unique<Interpreter>(*programs, *expanded, unit);
    } else {
      auto other = compileFor(c.otherSchedule(), failure);
      if (!other)
        return failure;
      judge = std::make_unique<OtherSchedule>(std::move(other), unit);
    }
    return "";
  }

  static bool hasReferences(ModuleOp module) {
    return !module
                .walk([](Operation *op) {
                  return isa<nn::LoweringInterface>(op) &&
                                 !isa<nn::ReferenceInterface>(op)
                             ? WalkResult::interrupt()
                             : WalkResult::advance();
                })
                .wasInterrupted();
  }

  // A batch norm that nobody reads keeps no statistics.
  static void removeDeadOps(func::FuncOp func) {
    for (Operation &op :
         llvm::make_early_inc_range(llvm::reverse(func.front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

  std::unique_ptr<Model> compileFor(const Case &wanted, std::string &failure) {
    CompileOptions options = wanted.compileOptions();
    auto model = compileFor(options, failure);
    if (!model || !wanted.memoryPercent)
      return model;
    int64_t needed = 0;
    for (auto &[name, value] : *model->manifest().getObject("entries")) {
      const llvm::json::Object &entry = *value.getAsObject();
      needed = std::max(needed, entry.getInteger("arena_bytes").value_or(0) +
                                    entry.getInteger("scratch_bytes").value_or(0));
    }
    options.pipeline.maxMemory =
        std::max<int64_t>(1, needed * wanted.memoryPercent / 100);
    std::string refused;
    auto smaller = compileFor(options, refused);
    if (!smaller && !StringRef(refused).contains("[max_memory]"))
      failure = refused;
    else if (!smaller)
      return model; // there is nothing to compute again
    return smaller;
  }

  std::unique_ptr<Model> compileFor(CompileOptions options,
                                    std::string &failure) {
    OwningOpRef<ModuleOp> source;
    if (f64) {
      source = programs->clone();
      for (auto func : llvm::make_early_inc_range(source->getOps<func::FuncOp>()))
        if (entryOf(func).empty())
          func.erase();
      options.pipeline.train = options.pipeline.infer = false;
    } else {
      source = graph->clone();
    }
    auto result = compile(*source, options, registry, Emit::SharedLibrary);
    if (!result) {
      failure = "does not compile: " + text(result.takeError());
      return nullptr;
    }
    auto loaded = Model::load(*result);
    if (!loaded) {
      failure = "does not load: " + text(loaded.takeError());
      return nullptr;
    }
    return std::move(*loaded);
  }

  std::string entryName(StringRef name) const {
    return name.str() + (f64 ? "_f64" : "");
  }

  //===-- Data ----------------------------------------------------------------===//

  func::FuncOp program(StringRef entry) {
    return programs->lookupSymbol<func::FuncOp>(entryName(entry));
  }

  // The inputs of the entry. Predictions are those of an earlier inference, if
  // there was one.
  void drawInputs(StringRef entry, Values &values, Random &random,
                  int64_t step = 0) {
    func::FuncOp func = program(entry);
    values.floats.clear();
    for (BlockArgument argument : func.getArguments()) {
      unsigned i = argument.getArgNumber();
      std::string name = argumentName(func, i);
      StringRef port = func.getArgAttrOfType<StringAttr>(i, kPortAttr).getValue();
      auto type = cast<RankedTensorType>(argument.getType());
      RefTensor value(type.getShape());
      const RefTensor *prediction = outputNamed(values, name);
      if (port == "prediction" && prediction)
        value = *prediction;
      else if (auto classes = func.getArgAttrOfType<IntegerAttr>(i, kClassesAttr))
        for (double &v : value.data)
          v = double(random.below(classes.getInt()));
      else if (port == "control")
        value.data[0] = control(name, random, step);
      else
        for (double &v : value.data)
          v = rounded(2 * random.uniform() - 1);
      if (port != "control" && isa<FloatType>(type.getElementType()))
        values.floats.push_back(name);
      values.inputs[name] = std::move(value);
    }
  }

  double control(StringRef name, Random &random, int64_t step) {
    return name == "learning_rate" ? rate
           : name == "seed"        ? double(random.below(1 << 20))
                                   : double(step);
  }

  static const RefTensor *outputNamed(const Values &values, StringRef name) {
    for (auto &[known, tensor] : values.outputs)
      if (known == name)
        return &tensor;
    return nullptr;
  }

  double rounded(double v) const { return f64 ? v : double(float(v)); }

  // Draws filters with which values keep their size from layer to layer. State
  // that the model carries from step to step is positive, as variances must be.
  void drawState(Values &values, Random &random) {
    int64_t widest = 1;
    programs->walk([&](nn::ParameterOp op) {
      std::string name = op.getName().str();
      auto type = cast<RankedTensorType>(op.getType());
      if (values.state.count(name))
        return;
      RefTensor t(type.getShape());
      StringRef role = op.roleOrDefault();
      bool positive =
          role == "optimizer" || (role == "buffer" && type.getRank() == 1);
      int64_t fanIn = type.getRank() > 1
                          ? type.getNumElements() / type.getDimSize(0)
                          : 1;
      widest = std::max(widest, fanIn);
      double bound = type.getRank() > 1 ? std::sqrt(6.0 / double(fanIn)) : 1;
      for (double &v : t.data) {
        double u = random.uniform();
        v = rounded(positive ? u + 0.25 : bound * (2 * u - 1));
      }
      values.state[name] = std::move(t);
    });
    // Steps of all weights in one direction add up.
    rate = rounded((0.02 + 0.1 * random.uniform()) / double(widest));
  }

  //===-- Comparison ------------------------------------------------------------===//

  std::string compareAll(uint64_t data) {
    numbers = false;
    Random random(data);
    Values values;
    drawState(values, random);
    static constexpr int64_t firsts[] = {0, 1, 1000, (int64_t(1) << 32) - 1};
    int64_t first = firsts[random.below(4)];
    if (c.train)
      for (int step = 0; step < kSteps; ++step) {
        std::string what = compareStep(values, random, data + uint64_t(step),
                                       first + step, step == 0);
        if (!what.empty())
          return "step " + std::to_string(step) + ": " + what;
      }
    // The loss takes predictions of the same batch.
    for (StringRef entry : {"infer", "loss", "infer_single", "loss_single"}) {
      if (!model->has(entryName(entry)))
        continue;
      drawInputs(entry, values, random);
      bool first = entry == "infer" && !c.train;
      if (std::string what = compareEntry(entry, values, data, first);
          !what.empty())
        return (entry + ": " + what).str();
    }
    return "";
  }

  // One program, or the gradients of some batches and their update.
  std::string compareStep(Values &values, Random &random, uint64_t data,
                          int64_t step, bool onAllThreads) {
    int64_t parts = std::max<int64_t>(c.accumulate, 1);
    std::string what;
    for (int64_t part = 0; part < parts && what.empty(); ++part) {
      StringRef entry = c.accumulate ? "accumulate" : "train";
      drawInputs(entry, values, random, step * parts + part);
      what = compareEntry(entry, values, data, onAllThreads && part == 0);
    }
    if (!c.accumulate || !what.empty())
      return what;
    drawInputs("update", values, random, step);
    return compareEntry("update", values, data, onAllThreads);
  }

  // Runs the entry on `values`, and updates them.
  std::string compareEntry(StringRef name, Values &values, uint64_t data,
                           bool onAllThreads) {
    std::string entry = entryName(name);
    values.prepared.clear();
    if (name.starts_with("infer") && model->has("prepare"))
      if (llvm::Error error = model->run("prepare", values))
        return text(std::move(error));
    Values want = values;
    const Values given = values;
    // Half of the runs have their guard pages right after the buffers, half
    // before.
    auto edge = data % 2 ? rt::GuardEdge::End : rt::GuardEdge::Begin;
    if (llvm::Error error = model->run(entry, values, {2, edge}))
      return text(std::move(error));
    if (onAllThreads)
      for (int threads : {1, 5}) {
        Values other = given;
        if (llvm::Error error = model->run(
                entry, other,
                {threads, threads == 1 ? rt::GuardEdge::End
                                       : rt::GuardEdge::Begin}))
          return text(std::move(error));
        for (auto &[what, tensor] : leftBehind(other))
          if (!sameBytes(*tensor, *leftBehind(values).at(what)))
            return what + " is another on " + std::to_string(threads) +
                   " threads than on 2";
      }
    // (Prepared buffers of the judge are its own.)
    if (llvm::Error error = judge->run(entry, want, nullptr))
      return "the judge: " + text(std::move(error));
    if (isThrownOff(given, want))
      return "";
    return compare(entry, given, values, want, data);
  }

  // An optimizer that divides by a gradient's size makes steps of millions if a
  // gradient is zero by structure. From there on results cannot be compared.
  static bool isThrownOff(const Values &given, const Values &want) {
    for (auto &[name, tensor] : want.state) {
      const RefTensor &before = given.state.at(name);
      for (size_t i = 0; i < tensor.data.size(); ++i)
        if (!(std::fabs(tensor.data[i] - before.data[i]) < kThrownOff))
          return true;
    }
    return false;
  }

  std::string compare(StringRef entry, const Values &given, const Values &got,
                      const Values &want, uint64_t data) {
    auto gotAll = leftBehind(got), wantAll = leftBehind(want);
    std::map<std::string, double> spread;
    for (auto &[what, wanted] : wantAll) {
      const RefTensor &tensor = *gotAll.at(what);
      double size = rms(*wanted), error = distance(tensor, *wanted);
      if (!(size < 1e30)) // beyond what f32 can hold on the way
        continue;
      ++verdict.tensors;
      // A value that is zero by structure, for example a gradient, is rounded
      // too.
      double plain = kPlain * unit * size + unit;
      if (error <= plain)
        continue;
      if (spread.empty())
        if (std::string failure =
                measure(entry, given, want, data, kNoisyRuns, spread);
            !failure.empty())
          return failure;
      double most = std::max(plain, kMargin * spread.at(what));
      // The largest of three is a poor estimate of what noise can do.
      if (error > most) {
        if (std::string failure =
                measure(entry, given, want, data + 1, kMoreRuns, spread);
            !failure.empty())
          return failure;
        most = std::max(plain, kMargin * spread.at(what));
      }
      verdict.blind += most > kBlind * size;
      if (!(error <= most)) {
        numbers = true;
        return describe(what, tensor, *wanted, error, most);
      }
    }
    return "";
  }

  // How far noise moves each tensor.
  std::string measure(StringRef entry, const Values &given, const Values &want,
                      uint64_t data, int runs,
                      std::map<std::string, double> &spread) {
    auto wantAll = leftBehind(want);
    Noise noise{Random(data ^ 0x5eed)};
    for (int i = 0; i < runs; ++i) {
      noise.oneSided = runs == kMoreRuns && i % 2;
      Values noisy = given;
      if (llvm::Error error = judge->run(entry, noisy, &noise))
        return "the judge: " + text(std::move(error));
      for (auto &[what, tensor] : leftBehind(noisy))
        spread[what] =
            std::max(spread[what], distance(*tensor, *wantAll.at(what)));
    }
    return "";
  }

  static std::string describe(StringRef what, const RefTensor &got,
                              const RefTensor &want, double error,
                              double most) {
    size_t worst = 0, wrong = 0;
    for (size_t i = 0; i < got.data.size(); ++i) {
      double off = std::fabs(got.data[i] - want.data[i]);
      wrong += !(off <= most);
      if (!(off <= std::fabs(got.data[worst] - want.data[worst])))
        worst = i;
    }
    return llvm::formatv(
               "{0} [{1}] is wrong: off by {2:e2} in the root mean square, "
               "rounding explains {3:e2}; {4} of {5} elements, element {6} is "
               "{7:e6}, expected {8:e6}",
               what, nn::shapeText(want.shape), error, most, wrong,
               got.data.size(), worst, got.data[worst], want.data[worst])
        .str();
  }

  const Case &c;
  const Registry &registry;
  MLIRContext &context;
  OwningOpRef<ModuleOp> graph, programs, expanded;
  std::unique_ptr<Model> model;
  std::unique_ptr<Judge> judge;
  bool f64 = false, numbers = false; // whether the finding is a wrong number
  double unit = 0, rate = 0;
  Verdict verdict;
};

} // namespace

Verdict check(const Case &c, const Registry &registry, MLIRContext &context) {
  return Checker(c, registry, context).run();
}

} // namespace gradmill::fuzz
