#include "Builder.h"
#include "Node.h"
#include "onnx.pb.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include <map>

using namespace mlir;

namespace gradmill::onnx {

static bool isOnnxDomain(StringRef domain) {
  return domain.empty() || domain == "ai.onnx";
}

Builder::Builder(const onnx_format::Graph &graph, int64_t opset, StringRef file,
                 MLIRContext &context)
    : graph(graph), opset(opset), file(file), context(context),
      builder(&context), isDone(graph.node_size()) {
  for (ArrayRef<Operator> group :
       {elementwiseOperators(), windowOperators(), resizeOperators(),
        denseOperators(), shapeOperators(), normOperators()})
    for (const Operator &each : group)
      operators[each.name] = each.convert;
  for (const Operator &each : foldOperators())
    folds[each.name] = each.convert;
}

OwningOpRef<ModuleOp>
Builder::build(ArrayRef<std::pair<std::string, std::string>> given) {
  settings = given.vec();
  context.loadDialect<nn::NNDialect, func::FuncDialect>();
  Location loc = FileLineColLoc::get(&context, file, 0, 0);
  module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(builder, loc, "main",
                                  builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  if (failed(checkOperators()) || failed(readInitializers()) ||
      failed(buildInputs()) || failed(checkSettings()) ||
      failed(buildNodes()) || failed(buildOutputs()))
    return {};
  return std::move(module);
}

InFlightDiagnostic Builder::fail(StringRef label) {
  return fileError(&context, file, label);
}

// All that is missing at once: whether a model can be had should not take as
// many attempts as it has kinds of operators.
LogicalResult Builder::checkOperators() {
  std::map<std::string, size_t> missing;
  for (const onnx_format::Node &node : graph.node()) {
    bool isKnown = isOnnxDomain(node.domain()) &&
                   (operators.contains(node.op_type()) ||
                    folds.contains(node.op_type()));
    if (!isKnown)
      ++missing[isOnnxDomain(node.domain())
                    ? node.op_type()
                    : node.domain() + "." + node.op_type()];
  }
  if (missing.empty())
    return success();
  constexpr size_t kMaxListed = 50;
  std::vector<std::string> list;
  for (const auto &[name, count] : missing)
    if (list.size() < kMaxListed)
      list.push_back(name.substr(0, 64) + " (" + std::to_string(count) + ")");
  if (missing.size() > kMaxListed)
    list.push_back("and others");
  return fail("onnx_op") << "operators that are not supported, and how often the "
                            "model has them: "
                         << llvm::join(list, ", ")
                         << "; docs/onnx.md lists those that are";
}

LogicalResult Builder::define(StringRef name, Entry entry) {
  if (entries.try_emplace(name, std::move(entry)).second)
    return success();
  return fail("onnx_name") << "two nodes, inputs or weights are called '" << name
                           << "'";
}

LogicalResult Builder::readInitializers() {
  numbersLeft = size_t(64) << 20;
  for (const auto &node : llvm::enumerate(graph.node()))
    for (const std::string &input : node.value().input())
      readers[input].push_back(node.index());
  for (const onnx_format::ValueInfo &output : graph.output())
    outputs.insert(output.name());
  if (graph.node_size() > kMaxNodes)
    return fail("onnx_limit") << "the model has " << graph.node_size()
                              << " nodes; at most " << kMaxNodes << " are read";
  if (graph.sparse_initializer_size())
    return fail("onnx_tensor") << "weights in sparse form are not read";
  for (const onnx_format::Tensor &tensor : graph.initializer()) {
    TensorResult result = readTensor(tensor, external);
    if (!result.constant)
      return fail(result.label)
             << "the weight '" << tensor.name() << "' " << result.fault;
    numbersLeft += 8 * result.constant->size();
    if (failed(define(tensor.name(),
                      {{}, result.constant, tensor.name(), true, {}})))
      return failure();
  }
  return success();
}

//===-- Settings ----------------------------------------------------------===//

const std::string *Builder::setting(StringRef name) {
  known.insert(name);
  for (const auto &[key, value] : settings)
    if (key == name) {
      used.insert(name);
      return &value;
    }
  return nullptr;
}

LogicalResult Builder::checkSettings() {
  for (const auto &[name, value] : settings) {
    if (used.contains(name))
      continue;
    std::vector<std::string> all;
    for (const auto &entry : known)
      all.push_back(entry.getKey().str());
    llvm::sort(all);
    return fail("onnx_set") << "--set " << name
                            << ": the model has no setting of that name; it has "
                            << llvm::join(all, ", ");
  }
  return success();
}

void Builder::addMetadata(StringRef key, StringRef value) {
  if (key.consume_front("gradmill."))
    metadata.try_emplace(key, value.str());
}

// How a model's pictures were normalized stands in its file only if gradmill
// wrote it.
LogicalResult Builder::setInput(StringRef input, NamedAttrList &attributes) {
  for (StringRef what : {"mean", "std", "preprocess"}) {
    std::string own = (input + "." + what).str();
    const std::string *value = setting(own);
    if (const std::string *common = setting(what); common && !value)
      value = common;
    if (auto written = metadata.find(own); written != metadata.end() && !value)
      value = &written->second;
    if (!value)
      continue;
    if (what == "preprocess") {
      attributes.set("nn.preprocess", builder.getStringAttr(*value));
      continue;
    }
    SmallVector<StringRef> parts;
    StringRef(*value).trim("[] ").split(parts, ',');
    SmallVector<double> numbers;
    for (StringRef part : parts) {
      double number;
      if (part.trim().getAsDouble(number))
        return fail("onnx_set") << "--set " << own << "=" << *value
                                << " is no number, or list of one for each channel, "
                                   "such as [0.49,0.48,0.45]";
      numbers.push_back(number);
    }
    attributes.set(("nn." + what).str(), builder.getF64ArrayAttr(numbers));
  }
  return success();
}

//===-- Inputs and outputs ------------------------------------------------===//

// Numbers that a model makes floats of first are floats for us.
Type Builder::inputElement(const onnx_format::ValueInfo &input, bool &isBytes) {
  int32_t type = input.type().tensor_type().elem_type();
  bool isCast = llvm::all_of(readers[input.name()], [&](size_t reader) {
    const onnx_format::Node &node = graph.node(int(reader));
    return node.op_type() == "Cast" &&
           llvm::any_of(node.attribute(), [](const auto &attribute) {
             return attribute.name() == "to" && attribute.i() == kFloat;
           });
  });
  isBytes = isCast && type == kUInt8;
  if (type == kFloat || isBytes || (isCast && (type == kInt32 || type == kInt64)))
    return builder.getF32Type();
  if (type == kInt32 || type == kInt64)
    return builder.getI32Type();
  fail("onnx_type") << "the input '" << input.name() << "' is of "
                    << typeName(type)
                    << "; inputs are float, int32 or int64, or of numbers that a "
                       "Cast makes float of";
  return {};
}

LogicalResult Builder::buildInput(const onnx_format::ValueInfo &input) {
  StringRef name = input.name();
  if (std::string fault = nn::nameFault(name); !fault.empty())
    return fail("onnx_name") << "the name of an input " << fault;
  bool isBytes = false;
  Type element = inputElement(input, isBytes);
  if (!element)
    return failure();
  const onnx_format::TensorShape &shape = input.type().tensor_type().shape();
  if (!shape.dim_size())
    return fail("onnx_shape") << "the input '" << name
                              << "' has no dimensions; the first one is the batch";
  Sizes sizes{ShapedType::kDynamic};
  for (int i = 0; i < shape.dim_size(); ++i) {
    const onnx_format::Dimension &dim = shape.dim(i);
    if (i == 0) {
      if (dim.has_dim_value() && dim.dim_value() > 0) {
        if (fixedBatch && *fixedBatch != dim.dim_value())
          return fail("onnx_shape")
                 << "the inputs have batches of " << *fixedBatch << " and "
                 << dim.dim_value() << "; all have dimension 0 as the batch";
        fixedBatch = dim.dim_value();
      }
      continue;
    }
    int64_t size = dim.dim_value();
    const std::string *given =
        size > 0 || dim.dim_param().empty() ? nullptr : setting(dim.dim_param());
    if (given && StringRef(*given).getAsInteger(10, size))
      size = 0;
    if (size <= 0)
      return fail("onnx_shape")
             << "dimension " << i << " of the input '" << name
             << "' is open; only the batch, dimension 0, can be: "
             << (dim.dim_param().empty()
                     ? "export the model with a fixed size there"
                     : "say --set " + dim.dim_param() + "=SIZE");
    sizes.push_back(size);
  }
  if (!nn::countElements(sizes))
    return fail("onnx_shape") << "the input '" << name
                              << "' has more than 16 dimensions or 2^40 elements";
  NamedAttrList attributes;
  attributes.set("nn.name", builder.getStringAttr(name));
  // A data source gives x/255; the model divides by itself.
  if (isBytes) {
    attributes.set("nn.mean", builder.getF64ArrayAttr({0.0}));
    attributes.set("nn.std", builder.getF64ArrayAttr({1.0 / 255}));
  }
  if (element.isF32() && failed(setInput(name, attributes)))
    return failure();
  Block &body = function.getBody().front();
  Value argument = body.addArgument(RankedTensorType::get(sizes, element),
                                    FileLineColLoc::get(&context, file, 0, 0));
  function.setFunctionType(builder.getFunctionType(body.getArgumentTypes(), {}));
  SmallVector<DictionaryAttr> all;
  function.getAllArgAttrs(all);
  while (all.size() < function.getNumArguments())
    all.push_back(builder.getDictionaryAttr({}));
  all.back() = attributes.getDictionary(&context);
  function.setAllArgAttrs(all);
  return define(name, Entry{argument});
}

// Old models list their weights among the inputs.
LogicalResult Builder::buildInputs() {
  for (const onnx_format::ValueInfo &input : graph.input()) {
    auto it = entries.find(input.name());
    if (it != entries.end() && it->second.isWeight)
      continue;
    if (failed(buildInput(input)))
      return failure();
  }
  if (!function.getNumArguments())
    return fail("onnx_shape") << "the model has no input";
  return success();
}

LogicalResult Builder::buildOutputs() {
  SmallVector<Value> values;
  SmallVector<DictionaryAttr> attributes;
  for (const onnx_format::ValueInfo &output : graph.output()) {
    if (std::string fault = nn::nameFault(output.name()); !fault.empty())
      return fail("onnx_name") << "the name of an output " << fault;
    auto it = entries.find(output.name());
    if (it == entries.end() || !it->second.value ||
        !hasBatch(it->second.value))
      return fail("onnx_value")
             << "the output '" << output.name() << "' "
             << (it == entries.end() ? "is given by no node"
                                     : "does not depend on the input");
    values.push_back(it->second.value);
    attributes.push_back(builder.getDictionaryAttr(
        builder.getNamedAttr("nn.name", builder.getStringAttr(output.name()))));
  }
  if (values.empty())
    return fail("onnx_value") << "the model has no output";
  func::ReturnOp::create(builder, FileLineColLoc::get(&context, file, 0, 0),
                         values);
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(), ValueRange(values).getTypes()));
  function.setAllResultAttrs(attributes);
  return success();
}

//===-- Nodes -------------------------------------------------------------===//

LogicalResult Builder::buildNodes() {
  for (int i = 0; i < graph.node_size(); ++i)
    if (!isDone[i] && failed(buildNode(graph.node(i), i)))
      return failure();
  return success();
}

// What is said meanwhile is about this node.
LogicalResult Builder::buildNode(const onnx_format::Node &proto, size_t number) {
  std::vector<Diagnostic> said;
  LogicalResult result = failure();
  {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      said.push_back(std::move(diagnostic));
      return success();
    });
    Node node(*this, proto, number);
    if (!node.outputs())
      node.error("onnx_node") << "it gives nothing";
    bool isKnown = node.has(0);
    for (size_t i = 0; i < node.inputs(); ++i) {
      if (!node.has(i))
        continue;
      if (!entries.contains(proto.input(int(i)))) {
        node.error("onnx_value")
            << "no input, weight or node before it gives '" << proto.input(int(i))
            << "': the nodes go in a circle, or are out of order";
        isKnown = false;
        break;
      }
      isKnown &= node.constant(i) && !node.isWeight(i);
    }
    auto fold = folds.find(proto.op_type()), convert = operators.find(proto.op_type());
    if (!said.empty())
      result = failure();
    else if (isKnown && fold != folds.end())
      result = fold->second(node);
    else if (convert != operators.end())
      result = convert->second(node);
    else
      node.error("onnx_value") << "it is supported on numbers that are known when the "
                                  "model is read, not on the data";
    if (succeeded(result))
      result = node.checkAttributes();
  }
  std::string name = proto.name().empty() && proto.output_size()
                         ? proto.output(0)
                         : proto.name();
  for (Diagnostic &diagnostic : said) {
    std::string message = diagnostic.str(), label = "onnx_node";
    StringRef rest = message;
    if (rest.consume_front("[")) {
      label = rest.split(']').first.str();
      rest = rest.split(']').second.ltrim();
    }
    fail(label) << "node '" << StringRef(name).take_front(128) << "' ("
                << proto.op_type() << "): " << rest;
  }
  return result;
}

bool Builder::spend(size_t numbers, Location loc) {
  if (numbers <= numbersLeft && opsLeft > 0) {
    numbersLeft -= numbers;
    --opsLeft;
    return true;
  }
  emitError(loc) << "[onnx_limit] the model asks for far more ops, or copies of its "
                    "numbers, than it has";
  return false;
}

// A buffer is changed by the layer that has it: two never share one.
FailureOr<Value> Builder::parameter(const Entry &entry, ArrayRef<int64_t> shape,
                                    bool isTransposed, bool isBuffer,
                                    Location loc) {
  // Two exchanges of a matrix's dimensions undo each other.
  Sizes order = entry.permutation;
  if (isTransposed)
    order = order.empty() ? Sizes{1, 0} : Sizes{};
  std::string form = entry.name + '\0' + (isBuffer ? "b" : "p");
  for (int64_t size : shape)
    form += ',' + std::to_string(size);
  for (int64_t axis : order)
    form += ';' + std::to_string(axis);
  auto it = parameters.find(form);
  if (it != parameters.end() && !isBuffer)
    return it->second;
  const Constant &from = *entry.constant;
  if (!spend(from.size(), loc))
    return failure();
  if (from.floats.empty()) {
    emitError(loc) << "[onnx_tensor] the weight '" << entry.name
                   << "' has no elements";
    return failure();
  }
  std::string name = entry.name;
  for (unsigned n = 2; !parameterNames.insert(name).second; ++n)
    name = entry.name + "_" + std::to_string(n);
  if (std::string fault = nn::nameFault(name); !fault.empty()) {
    emitError(loc) << "[onnx_name] the name of a weight " << fault;
    return failure();
  }
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  auto values = [&](const Constant &numbers) {
    return DenseElementsAttr::get(type, ArrayRef<float>(numbers.floats));
  };
  auto op = nn::ParameterOp::create(
      builder, loc, type, builder.getStringAttr(name),
      isBuffer ? builder.getStringAttr("buffer") : StringAttr(),
      isTransposed ? values(transposed(from, {1, 0})) : values(from),
      IntegerAttr());
  if (failed(verify(op)))
    return failure();
  return parameters[form] = op.getResult();
}

} // namespace gradmill::onnx
