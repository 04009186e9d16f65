// A layer whose parameters belong to it alone is written with its sizes. Other
// parameters and ops are written as they are. A value gets a name if anything
// but the next layer reads it.
#include "compiler/export/WriteNet.h"
#include "compiler/import/net/ReadNet.h"
#include "compiler/import/net/Values.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <charconv>
#include <cmath>

using namespace mlir;
using llvm::FailureOr;

namespace gradmill {
namespace {

// More numbers than anyone reads; a .gmg holds them as bytes.
constexpr int64_t kMaxNumbers = 65536;
constexpr size_t kLineLength = 100;

template <typename T> std::string shortest(T value) {
  char text[64];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

bool isWord(StringRef text) {
  return !text.empty() && (llvm::isAlpha(text[0]) || text[0] == '_') &&
         llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

// The name that the reader would accept before ':'; empty if it would accept
// none.
std::string asLabel(StringRef name) {
  SmallVector<StringRef> words;
  name.split(words, '.');
  bool isPlain = isWord(words[0]) && llvm::all_of(words, [](StringRef word) {
                   return !word.empty() && llvm::all_of(word, [](char c) {
                     return llvm::isAlnum(c) || c == '_';
                   });
                 });
  if (isPlain && name != "it" && name != "N" && name != "true" &&
      name != "false")
    return name.str();
  if (name.empty() || name.find_first_of("\"\n{}") != StringRef::npos)
    return "";
  return "\"" + name.str() + "\"";
}

class Writer {
public:
  explicit Writer(ModuleOp module) : module(module) {}

  std::optional<std::string> write() {
    if (module.getSymName()) {
      fail(module) << "the module's name";
      return std::nullopt;
    }
    func::FuncOp main, loss;
    for (auto func : module.getOps<func::FuncOp>())
      (func.getName() == "loss" ? loss : main) = func;
    if (!main || main.getName() != "main") {
      fail(main ? main.getOperation() : module.getOperation())
          << "a function of another name than main";
      return std::nullopt;
    }
    if (failed(writeFunction(main, false)) ||
        (loss && failed(writeFunction(loss, true))))
      return std::nullopt;
    return text;
  }

private:
  InFlightDiagnostic fail(Operation *op) {
    return op->emitError()
           << "[net_export] the text of a net cannot say this; write .mlir or "
              ".gmg: ";
  }

  //===-- Values -------------------------------------------------------------===//

  // Empty if the text cannot express it.
  std::string number(Attribute value) {
    if (auto flag = dyn_cast<BoolAttr>(value))
      return flag.getValue() ? "true" : "false";
    if (auto whole = dyn_cast<IntegerAttr>(value))
      return std::to_string(whole.getInt());
    if (auto real = dyn_cast<FloatAttr>(value)) {
      if (!std::isfinite(real.getValueAsDouble()))
        return "";
      return real.getType().isF32() ? shortest(float(real.getValueAsDouble()))
                                    : shortest(real.getValueAsDouble());
    }
    return "";
  }

  // A list, or its common number if `repeat` allows that.
  std::string list(ArrayRef<Attribute> values) {
    std::string text = "[";
    for (auto [i, value] : llvm::enumerate(values)) {
      std::string one = number(value);
      if (one.empty())
        return "";
      text += (i ? ", " : "") + one;
    }
    return text + "]";
  }

  // Compared with what the reader would make of it.
  std::string value(Attribute attribute, Attribute &plain) {
    Builder b(attribute.getContext());
    if (auto string = dyn_cast<StringAttr>(attribute)) {
      plain = string;
      return string.getValue().find_first_of("\"\n") == StringRef::npos
                 ? "\"" + string.str() + "\""
                 : "";
    }
    SmallVector<Attribute> parts;
    if (auto whole = dyn_cast<DenseI64ArrayAttr>(attribute))
      for (int64_t each : whole.asArrayRef())
        parts.push_back(b.getI64IntegerAttr(each));
    else if (auto real = dyn_cast<DenseF64ArrayAttr>(attribute))
      for (double each : real.asArrayRef())
        parts.push_back(b.getF64FloatAttr(each));
    else if (auto array = dyn_cast<ArrayAttr>(attribute))
      llvm::append_range(parts, array.getValue());
    else {
      plain = attribute;
      if (auto real = dyn_cast<FloatAttr>(attribute))
        plain = b.getF64FloatAttr(real.getValueAsDouble());
      return number(attribute);
    }
    plain = b.getArrayAttr(parts);
    return list(parts);
  }

  // " name=value", after a separator if it is not the first.
  LogicalResult addAttribute(Operation *op, StringRef name, Attribute attribute,
                             std::vector<std::string> &arguments) {
    Attribute plain;
    std::string text = value(attribute, plain);
    bool isRepeatable = false;
    if (text.empty() ||
        net::convertAttribute(op->getName(), name, plain, isRepeatable) !=
            attribute)
      return fail(op) << "the attribute " << name;
    if (auto parts = dyn_cast<ArrayAttr>(plain);
        parts && isRepeated(op, name, attribute, parts))
      text = number(parts[0]);
    arguments.push_back((name + "=" + text).str());
    return success();
  }

  // Whether the reader makes the list from its first number: one for each
  // spatial dimension, if the op refuses a list of one.
  static bool isRepeated(Operation *op, StringRef name, Attribute attribute,
                         ArrayAttr parts) {
    auto input = op->getNumOperands()
                     ? dyn_cast<RankedTensorType>(op->getOperand(0).getType())
                     : RankedTensorType();
    auto infer = dyn_cast<InferTypeOpInterface>(op);
    if (!input || !infer || parts.size() < 2 || !llvm::all_equal(parts) ||
        int64_t(parts.size()) != input.getRank() - 2)
      return false;
    bool isRepeatable = false;
    Attribute one = net::convertAttribute(op->getName(), name, parts[0], isRepeatable);
    if (!one || !isRepeatable || one.getTypeID() != attribute.getTypeID())
      return false;
    NamedAttrList attributes(op->getAttrDictionary());
    attributes.set(name, one);
    SmallVector<Type> types;
    return failed(infer.inferReturnTypes(
        op->getContext(), std::nullopt, op->getOperands(),
        attributes.getDictionary(op->getContext()), nullptr, {}, types));
  }

  LogicalResult addAttributes(Operation *op,
                              std::vector<std::string> &arguments) {
    LogicalResult result = success();
    for (StringAttr name : op->getName().getAttributeNames()) {
      std::optional<Attribute> mine = op->getInherentAttr(name);
      if (mine && *mine && succeeded(result) && !net::isDefault(op, name))
        result = addAttribute(op, name, *mine, arguments);
    }
    for (NamedAttribute attribute : op->getDiscardableAttrs()) {
      Attribute plain;
      std::string text = value(attribute.getValue(), plain);
      if (failed(result))
        break;
      if (text.empty() || plain != attribute.getValue() ||
          !attribute.getName().getValue().contains('.'))
        return fail(op) << "the attribute " << attribute.getName();
      arguments.push_back(attribute.getName().str() + "=" + text);
    }
    return result;
  }

  // The initial values that reader and writer agree on.
  LogicalResult addInit(nn::ParameterOp op, const std::string &name,
                        std::vector<std::string> &arguments) {
    Attribute init = op.getInitAttr();
    std::string text;
    if (auto elements = dyn_cast<DenseElementsAttr>(init)) {
      if (elements.getNumElements() > kMaxNumbers)
        return fail(op) << "initial values of " << elements.getNumElements()
                        << " numbers";
      SmallVector<Attribute> values(elements.getValues<Attribute>());
      text = list(values);
    } else {
      Attribute plain;
      text = value(init, plain);
    }
    if (text.empty())
      return fail(op) << "the initial value of " << op.getName();
    arguments.push_back(name + "=" + text);
    return success();
  }

  //===-- Layers --------------------------------------------------------------===//

  struct Step {
    Operation *op;
    std::string layer; // the label that its parameters need; empty: none
    std::string call;  // without the data, if that is the input
    SmallVector<Value> data;
    bool isSource = false; // reads nothing
    bool mustList = false; // names its data
  };

  // The op with its parameters, which must be the next ones in the graph's
  // order.
  FailureOr<Step> tryLayer(Operation *op, ArrayRef<nn::ParameterOp> parameters) {
    Step step{op, "", "", {op->getOperand(0)}, false, false};
    auto layer = dyn_cast<nn::LayerInterface>(op);
    if (!layer || parameters.empty() ||
        parameters.size() + 1 != op->getNumOperands())
      return failure();
    std::vector<nn::Layer::Argument> arguments;
    std::vector<std::string> written;
    Builder b(op->getContext());
    for (const nn::LayerSize &size : layer.getLayerSizes()) {
      SmallVector<Attribute> list;
      for (int64_t each : size.values)
        list.push_back(b.getI64IntegerAttr(each));
      bool isOne = llvm::all_equal(list);
      arguments.push_back({size.name, isOne ? list[0] : b.getArrayAttr(list),
                           op->getLoc()});
      written.push_back(isOne ? number(list[0]) : this->list(list));
    }
    for (StringAttr name : op->getName().getAttributeNames())
      if (auto whole = dyn_cast_or_null<IntegerAttr>(
              op->getInherentAttr(name).value_or(Attribute())))
        arguments.push_back({name.str(), whole, op->getLoc()});
    Type input = op->getOperand(0).getType();
    ScopedDiagnosticHandler quiet(op->getContext(),
                                  [](Diagnostic &) { return success(); });
    nn::Layer described(op->getLoc(), op->getName(), input, arguments, {});
    if (failed(layer.describeLayer(described)))
      return failure();
    for (size_t i = parameters.size(); i < described.parameters.size(); ++i)
      written.push_back(described.parameters[i].name + "=false");
    if (parameters.size() < described.parameters.size()) {
      for (size_t i = parameters.size(); i < described.parameters.size(); ++i)
        arguments.push_back(
            {described.parameters[i].name, b.getBoolAttr(false), op->getLoc()});
      nn::Layer fewer(op->getLoc(), op->getName(), input, arguments, {});
      if (failed(layer.describeLayer(fewer)) ||
          fewer.parameters.size() != parameters.size())
        return failure();
      described.parameters = fewer.parameters;
    }
    if (described.parameters.size() != parameters.size())
      return failure();
    std::string prefix;
    for (auto [i, parameter] : llvm::enumerate(parameters)) {
      nn::ParameterOp op = parameter;
      const nn::LayerParameter &expected = described.parameters[i];
      StringRef name = op.getName();
      auto type = cast<RankedTensorType>(op.getType());
      if (!op->hasOneUse() ||
          !op->getDiscardableAttrs().empty() ||
          !name.consume_back("." + expected.name) ||
          (i ? name != prefix : name.empty()) ||
          type.getShape() != ArrayRef(expected.shape) ||
          (op.roleOrDefault() == "buffer") != expected.isBuffer)
        return failure();
      prefix = name.str();
      int64_t fanIn = op.getFanIn().value_or(0);
      if (op.getInitAttr() == expected.init && fanIn == expected.fanIn)
        continue;
      if (!op.getInitAttr() || (isa<StringAttr>(op.getInitAttr()) && fanIn != expected.fanIn) ||
          failed(addInit(op, expected.name + "_init", written)))
        return failure();
    }
    if (asLabel(prefix).empty() ||
        failed(addAttributes(op, written)))
      return failure();
    step.layer = prefix;
    step.call = call(op, written);
    return step;
  }

  static std::string bareName(Operation *op) {
    return net::bareName(op->getName().getStringRef()).str();
  }
  static std::string call(Operation *op, ArrayRef<std::string> arguments) {
    return arguments.empty() ? bareName(op)
                             : bareName(op) + "(" + llvm::join(arguments, ", ") + ")";
  }

  FailureOr<Step> parameterStep(nn::ParameterOp op) {
    Step step{op, op.getName().str(), "", {}, true, false};
    if (asLabel(op.getName()).empty() || !op->getDiscardableAttrs().empty())
      return fail(op) << "the parameter's name or attributes";
    auto type = cast<RankedTensorType>(op.getType());
    std::vector<std::string> arguments{shapeOf(type)};
    if (op.getInitAttr() && failed(addInit(op, "init", arguments)))
      return failure();
    if (op.getFanIn())
      arguments.push_back("fan_in=" + std::to_string(*op.getFanIn()));
    if (op.roleOrDefault() == "buffer")
      arguments.push_back("role=\"buffer\"");
    addElement(type, arguments);
    step.call = "parameter(" + llvm::join(arguments, ", ") + ")";
    return step;
  }

  FailureOr<Step> constantStep(nn::ConstantOp op) {
    Step step{op, "", "", {}, true, false};
    auto type = cast<RankedTensorType>(op.getType());
    auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!elements || elements.getNumElements() > kMaxNumbers)
      return fail(op) << "a constant of " << type.getNumElements() << " numbers";
    SmallVector<Attribute> values;
    if (elements.isSplat())
      values.push_back(elements.getSplatValue<Attribute>());
    else
      values.assign(elements.value_begin<Attribute>(),
                    elements.value_end<Attribute>());
    std::vector<std::string> arguments{elements.isSplat() ? number(values[0])
                                                          : list(values)};
    if (arguments[0].empty())
      return fail(op) << "a constant that is infinite or no number";
    if (type.getRank() != 0)
      arguments.push_back("shape=" + shapeOf(type));
    addElement(type, arguments);
    step.call = "constant(" + llvm::join(arguments, ", ") + ")";
    return step;
  }

  static std::string shapeOf(RankedTensorType type) {
    std::string text = "[";
    for (auto [i, size] : llvm::enumerate(type.getShape()))
      text += (i ? ", " : "") + (ShapedType::isDynamic(size) ? "N" : std::to_string(size));
    return text + "]";
  }

  static std::string elementName(RankedTensorType type) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    stream << type.getElementType();
    return text;
  }

  void addElement(RankedTensorType type, std::vector<std::string> &arguments) {
    if (type.getElementType() != usualElement)
      arguments.push_back(type.getElementType().isF64() ? "element=\"f64\""
                                                        : "element=\"f32\"");
  }

  FailureOr<Step> plainStep(Operation *op) {
    if (!op->isRegistered() || op->getNumResults() != 1 ||
        op->getNumOperands() == 0)
      return fail(op) << op->getName().getStringRef()
                      << " (an op without an operand, or without one result)";
    Step step{op, "", "", SmallVector<Value>(op->getOperands()), false, false};
    // All tensors of a layer are named. Otherwise the layer would make its own.
    step.mustList = op->getNumOperands() > 1;
    if (isa<nn::LayerInterface>(op) && op->getNumOperands() == 1) {
      nn::Layer layer(op->getLoc(), op->getName(),
                      SmallVector<Type>(op->getOperandTypes()), {}, {});
      ScopedDiagnosticHandler quiet(op->getContext(),
                                    [](Diagnostic &) { return success(); });
      if (failed(cast<nn::LayerInterface>(op).describeLayer(layer)) ||
          !layer.parameters.empty())
        return fail(op) << bareName(op) << " without its parameters";
    }
    std::vector<std::string> arguments;
    if (failed(addAttributes(op, arguments)))
      return failure();
    step.call = llvm::join(arguments, ", ");
    return step;
  }

  //===-- Functions -------------------------------------------------------------===//

  FailureOr<std::vector<Step>> stepsOf(func::FuncOp func) {
    std::vector<Step> steps;
    std::vector<nn::ParameterOp> order(func.getOps<nn::ParameterOp>().begin(),
                                       func.getOps<nn::ParameterOp>().end());
    size_t next = 0;
    auto writeUpTo = [&](size_t end) {
      for (; next < end; ++next) {
        auto step = parameterStep(order[next]);
        if (failed(step))
          return false;
        steps.push_back(std::move(*step));
      }
      return true;
    };
    llvm::DenseMap<Operation *, size_t> positions;
    for (auto [i, op] : llvm::enumerate(order))
      positions[op] = i;
    for (Operation &op : func.getBody().front()) {
      if (isa<func::ReturnOp, nn::ParameterOp>(op))
        continue;
      if (auto constant = dyn_cast<nn::ConstantOp>(op)) {
        auto step = constantStep(constant);
        if (failed(step))
          return failure();
        steps.push_back(std::move(*step));
        continue;
      }
      // Its parameters, if they are consecutive and none is written yet.
      std::vector<nn::ParameterOp> own;
      size_t last = 0;
      bool isRow = true;
      for (Value operand : op.getOperands())
        if (auto parameter = operand.getDefiningOp<nn::ParameterOp>()) {
          size_t position = positions[parameter];
          isRow = isRow && (own.empty() ? position >= next
                                        : position == positions[own.back()] + 1);
          own.push_back(parameter);
          last = std::max(last, position + 1);
        }
      if (isRow && !own.empty()) {
        auto step = tryLayer(&op, own);
        if (succeeded(step)) {
          if (!writeUpTo(positions[own.front()]))
            return failure();
          next = last;
          steps.push_back(std::move(*step));
          continue;
        }
      }
      if (!writeUpTo(std::max(next, last)))
        return failure();
      auto step = plainStep(&op);
      if (failed(step))
        return failure();
      steps.push_back(std::move(*step));
    }
    if (!writeUpTo(order.size()))
      return failure();
    return steps;
  }

  // A name that no other value has.
  std::string freeName(std::string wish) {
    if (!isWord(wish) || wish == "it" || wish == "N")
      wish = "x";
    std::string name = wish;
    for (unsigned i = 1; isTaken(name); ++i)
      name = wish + std::to_string(i);
    taken.insert(name);
    return name;
  }
  bool isTaken(StringRef name) {
    return taken.contains(name) || isLayerName(name, module.getContext()) ||
           llvm::is_contained({"true", "false", "input", "let", "block",
                               "inline", "default", "loss", "output", "repeat"},
                              name);
  }

  LogicalResult writeInput(func::FuncOp func, unsigned index, bool isLoss) {
    BlockArgument argument = func.getArgument(index);
    auto type = cast<RankedTensorType>(argument.getType());
    for (auto [i, size] : llvm::enumerate(type.getShape()))
      if (i && ShapedType::isDynamic(size))
        return fail(func) << "a size that is open and not the batch";
    auto given = func.getArgAttrOfType<StringAttr>(index, "nn.name");
    std::string port = given ? given.str()
                       : index ? "input" + std::to_string(index) : "input";
    std::string name = freeName(port);
    names[argument] = name;
    text += (isLoss ? (index ? ", " : "") : "input ") + name + ": " +
            (type.getElementType().isF32()
                 ? ""
                 : elementName(type)) +
            shapeOf(type);
    if (name != port) {
      if (port.find_first_of("\"\n") != std::string::npos)
        return fail(func) << "the name of an input";
      text += " name=\"" + port + "\"";
    }
    for (NamedAttribute attribute : func.getArgAttrDict(index)
                                        ? func.getArgAttrDict(index).getValue()
                                        : ArrayRef<NamedAttribute>()) {
      StringRef key = attribute.getName();
      if (key == "nn.name")
        continue;
      Attribute plain;
      std::string written = value(attribute.getValue(), plain);
      auto list = dyn_cast<ArrayAttr>(plain);
      if (list && list.size() == 1)
        written = number(list[0]);
      if (!key.consume_front("nn.") || written.empty() ||
          plain != attribute.getValue())
        return fail(func) << "the attribute " << key << " of an input";
      text += " " + key.str() + "=" + written;
    }
    text += isLoss ? "" : "\n";
    return success();
  }

  LogicalResult writeFunction(func::FuncOp func, bool isLoss) {
    names.clear();
    taken.clear();
    usualElement = Float32Type::get(func.getContext());
    for (Type type : func.getArgumentTypes())
      if (isa<FloatType>(getElementTypeOrSelf(type))) {
        usualElement = getElementTypeOrSelf(type);
        break;
      }
    for (auto parameter : func.getOps<nn::ParameterOp>())
      taken.insert(parameter.getName());
    auto steps = stepsOf(func);
    if (failed(steps))
      return failure();
    for (const Step &step : *steps)
      if (!step.layer.empty())
        taken.insert(step.layer);
    text += isLoss ? "\nloss " : "";
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      if (failed(writeInput(func, i, isLoss)))
        return failure();
    text += isLoss ? " {\n" : "";
    line = isLoss ? "  " : "";
    indent = line;

    auto ret = cast<func::ReturnOp>(func.getBody().front().getTerminator());
    // The input at the beginning.
    Value current = func.getNumArguments() == 1 || (isLoss && func.getNumArguments())
                        ? func.getArgument(0)
                        : Value();
    for (auto [i, step] : llvm::enumerate(*steps)) {
      bool flows = !step.isSource && !step.mustList && step.data[0] == current;
      if (failed(writeStep(step, flows, needsName(*steps, i, ret))))
        return failure();
      current = step.op->getResult(0);
    }
    endLine();
    if (failed(writeOutputs(func, ret, current, isLoss)))
      return failure();
    text += isLoss ? "}\n" : "";
    return success();
  }

  // Whether anything but the next step reads the value.
  bool needsName(const std::vector<Step> &steps, size_t index, func::ReturnOp ret) {
    Value value = steps[index].op->getResult(0);
    Operation *next =
        index + 1 < steps.size() && !steps[index + 1].isSource &&
                !steps[index + 1].mustList && steps[index + 1].data[0] == value
            ? steps[index + 1].op
            : nullptr;
    for (Operation *user : value.getUsers())
      if (user != next && !(user == ret && index + 1 == steps.size() &&
                            ret.getNumOperands() == 1))
        return true;
    return false;
  }

  LogicalResult writeStep(const Step &step, bool flows, bool isNamed) {
    std::string item = step.call;
    if (step.mustList) {
      std::vector<std::string> operands;
      for (Value value : step.data) {
        if (!names.count(value))
          return fail(step.op) << "an operand without a name";
        operands.push_back(names[value]);
      }
      if (!step.call.empty())
        operands.push_back(step.call);
      item = call(step.op, operands);
    } else if (step.layer.empty() && !step.isSource) {
      item = step.call.empty() ? bareName(step.op)
                               : bareName(step.op) + "(" + step.call + ")";
    }
    std::string label = asLabel(step.layer);
    if (!label.empty())
      item = label + ": " + item;
    // The prefix of the parameters may be the value's name too.
    bool isParameter = isa<nn::ParameterOp>(step.op);
    bool isName = isParameter ? isWord(label)
                              : !label.empty() && label.front() != '"';
    if (isNamed && isName && !isLayerName(label, module.getContext())) {
      names[step.op->getResult(0)] = label;
    } else if (isNamed) {
      std::string name = freeName(label.empty() ? "x" + std::to_string(++count)
                                  : isParameter && isName ? label
                                                          : "x");
      names[step.op->getResult(0)] = name;
      item = name + ": " + (label.empty() ? item : "(" + item + ")");
    }
    if (!flows && !step.isSource && !step.mustList) {
      if (!names.count(step.data[0]))
        return fail(step.op) << "an operand without a name";
      endLine();
      line = indent + names[step.data[0]] + " | " + item;
    } else if (!flows) {
      endLine();
      line = indent + item;
    } else if (line == indent) {
      line += item;
    } else if (line.size() + item.size() + 3 > kLineLength || !step.layer.empty()) {
      endLine();
      line = indent + item;
    } else {
      line += " | " + item;
    }
    return success();
  }
  void endLine() {
    if (line != indent)
      text += line + "\n";
    line = indent;
  }

  LogicalResult writeOutputs(func::FuncOp func, func::ReturnOp ret,
                             Value current, bool isLoss) {
    std::string written;
    for (unsigned i = 0; i < ret.getNumOperands(); ++i) {
      Value value = ret.getOperand(i);
      auto given = func.getResultAttrOfType<StringAttr>(i, "nn.name");
      std::string name = given ? given.str()
                         : i ? "output" + std::to_string(i) : "output";
      bool isShare = func.getResultAttr(i, "nn.share") != nullptr;
      for (NamedAttribute attribute : func.getResultAttrDict(i)
                                          ? func.getResultAttrDict(i).getValue()
                                          : ArrayRef<NamedAttribute>())
        if (attribute.getName() != "nn.name" && attribute.getName() != "nn.share")
          return fail(func) << "the attribute " << attribute.getName()
                            << " of an output";
      if (ret.getNumOperands() == 1 && value == current && !isShare &&
          name == (isLoss ? "loss" : "output"))
        return success();
      std::string source = names.count(value) ? names[value]
                           : value == current ? "it" : "";
      std::string label = asLabel(name);
      if (source.empty() || label.empty())
        return fail(func) << "the output " << name;
      written += (i ? ", " : "") + label + (label == source ? "" : ": " + source) +
                 (isShare ? " share=true" : "");
    }
    text += indent + "output " + written + "\n";
    return success();
  }

  ModuleOp module;
  std::string text, line, indent;
  llvm::DenseMap<Value, std::string> names;
  llvm::StringSet<> taken;
  Type usualElement;
  unsigned count = 0;
};

} // namespace

std::optional<std::string> writeNet(ModuleOp module) {
  return Writer(module).write();
}

} // namespace gradmill
