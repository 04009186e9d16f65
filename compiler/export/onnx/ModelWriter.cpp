#include "ModelWriter.h"
#include "nn/LayerName.h"
#include "onnx.pb.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using gradmill::nn::OnnxAttribute;
using gradmill::nn::OnnxValue;

namespace gradmill::onnx {

// ONNX's numbers of element types and of kinds of attributes.
static int32_t elementOf(Type type) {
  if (type.isF32())
    return 1;
  if (type.isF64())
    return 11;
  return type.isInteger(32) ? 6 : 7;
}
enum AttributeKind : int32_t { kReal = 1, kWhole = 2, kText = 3, kTensor = 4, kWholes = 7 };

// Little-endian, as the format wants it; so are all machines that compile.
static void fillTensor(onnx_format::Tensor &tensor, DenseElementsAttr numbers) {
  auto type = cast<ShapedType>(numbers.getType());
  for (int64_t size : type.getShape())
    tensor.add_dims(size);
  tensor.set_data_type(elementOf(type.getElementType()));
  ArrayRef<char> raw = numbers.getRawData();
  std::string &bytes = *tensor.mutable_raw_data();
  if (!numbers.isSplat()) {
    bytes.assign(raw.begin(), raw.end());
    return;
  }
  bytes.reserve(raw.size() * type.getNumElements());
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    bytes.append(raw.begin(), raw.end());
}

OnnxValue ModelWriter::newTensor(std::string name, bool isFree) {
  if (!name.empty())
    used.insert(name);
  tensors.push_back({std::move(name), isFree, layer});
  return {unsigned(tensors.size() - 1)};
}

//===-- Inputs, weights, outputs ------------------------------------------===//

void ModelWriter::addPort(onnx_format::ValueInfo &info, StringRef name, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  info.set_name(name.str());
  auto &to = *info.mutable_type()->mutable_tensor_type();
  to.set_elem_type(elementOf(tensor.getElementType()));
  to.mutable_shape();
  for (int64_t size : tensor.getShape()) {
    auto &dim = *to.mutable_shape()->add_dim();
    if (ShapedType::isDynamic(size))
      dim.set_dim_param("batch");
    else
      dim.set_dim_value(size);
  }
}

void ModelWriter::addInput(StringRef name, Value value) {
  values[value] = newTensor(name.str(), false);
  addPort(*graph.add_input(), name, value.getType());
}

void ModelWriter::addWeight(StringRef name, DenseElementsAttr numbers, Value value) {
  auto [it, isNew] = weights.try_emplace(name);
  if (isNew) {
    it->second = newTensor(name.str(), false);
    onnx_format::Tensor &tensor = *graph.add_initializer();
    tensor.set_name(name.str());
    fillTensor(tensor, numbers);
  }
  values[value] = it->second;
}

// What a node gives is the output itself. An input, a weight, or what is an
// output already is copied.
void ModelWriter::addOutput(StringRef name, Value value) {
  beginOp(nullptr);
  OnnxValue from = values.lookup(value);
  if (!tensors[from.index].isFree)
    from = node("Identity", {from});
  tensors[from.index].name = name.str();
  tensors[from.index].isFree = false;
  used.insert(name);
  addPort(*graph.add_output(), name, value.getType());
}

//===-- Nodes -------------------------------------------------------------===//

void ModelWriter::beginOp(Operation *begun) {
  op = begun;
  layer = op ? nn::layerNameOf(op) : "";
  if (op && (layer.empty() || StringRef(layer).ends_with(".")))
    layer += op->getName().stripDialect().str();
}

OnnxValue ModelWriter::value(Value value) { return values.lookup(value); }
void ModelWriter::setResult(Value result, OnnxValue value) { values[result] = value; }

LogicalResult ModelWriter::refuse(StringRef reason) {
  refuseOp(op->getName().getStringRef().str() + " " + reason.str());
  return failure();
}

std::string ModelWriter::refused() const {
  std::vector<std::string> list;
  for (const auto &[what, count] : refusals)
    list.push_back(what + " (" + std::to_string(count) + ")");
  return llvm::join(list, ", ");
}

OnnxValue ModelWriter::node(StringRef onnxOperator, ArrayRef<OnnxValue> inputs,
                            ArrayRef<OnnxAttribute> attributes) {
  Node entry{graph.node_size(), {}, 0};
  onnx_format::Node &proto = *graph.add_node();
  proto.set_op_type(onnxOperator.str());
  // Inputs that are left out at the end are not mentioned.
  while (!inputs.empty() && inputs.back().index == OnnxValue::kNone)
    inputs = inputs.drop_back();
  for (OnnxValue input : inputs)
    entry.inputs.push_back(input.index);
  for (const OnnxAttribute &attribute : attributes) {
    onnx_format::Attribute &to = *proto.add_attribute();
    to.set_name(attribute.name);
    if (auto *whole = std::get_if<int64_t>(&attribute.value)) {
      to.set_type(kWhole);
      to.set_i(*whole);
    } else if (auto *real = std::get_if<double>(&attribute.value)) {
      to.set_type(kReal);
      to.set_f(float(*real));
    } else if (auto *text = std::get_if<std::string>(&attribute.value)) {
      to.set_type(kText);
      to.set_s(*text);
    } else {
      to.set_type(kWholes);
      for (int64_t number : std::get<SmallVector<int64_t>>(attribute.value))
        to.add_ints(number);
    }
  }
  OnnxValue output = newTensor("", true);
  entry.output = output.index;
  nodes.push_back(std::move(entry));
  return output;
}

OnnxValue ModelWriter::constantNode(
    const std::function<void(onnx_format::Tensor &)> &fill) {
  OnnxValue value = node("Constant", {});
  onnx_format::Attribute &attribute =
      *graph.mutable_node(graph.node_size() - 1)->add_attribute();
  attribute.set_name("value");
  attribute.set_type(kTensor);
  fill(*attribute.mutable_t());
  return value;
}

OnnxValue ModelWriter::constant(DenseElementsAttr numbers) {
  return constantNode([&](onnx_format::Tensor &tensor) { fillTensor(tensor, numbers); });
}

OnnxValue ModelWriter::ints(ArrayRef<int64_t> numbers) {
  return constantNode([&](onnx_format::Tensor &tensor) {
    tensor.set_data_type(7);
    tensor.add_dims(int64_t(numbers.size()));
    tensor.mutable_raw_data()->assign(reinterpret_cast<const char *>(numbers.data()),
                                      numbers.size() * sizeof(int64_t));
  });
}

//===-- Names -------------------------------------------------------------===//

std::string ModelWriter::unused(StringRef wanted) {
  std::string name = wanted.str();
  for (size_t number = 2; !used.insert(name).second; ++number)
    name = wanted.str() + "_" + std::to_string(number);
  return name;
}

// A node has its layer's name, a tensor that of its node: "conv1", "conv1_out".
// Names of nodes are apart from those of tensors.
void ModelWriter::finish() {
  for (const Node &node : nodes) {
    Tensor &output = tensors[node.output];
    std::string type = graph.node(node.index).op_type();
    std::string base = output.hint.empty() ? type : output.hint;
    if (output.name.empty())
      output.name = unused(base + (type == "Constant" ? "_value" : "_out"));
    std::string name = base;
    for (size_t number = 2; !usedNodes.insert(name).second; ++number)
      name = base + "_" + std::to_string(number);
    graph.mutable_node(node.index)->set_name(name);
  }
  for (const Node &node : nodes) {
    onnx_format::Node &proto = *graph.mutable_node(node.index);
    for (unsigned input : node.inputs)
      proto.add_input(input == OnnxValue::kNone ? "" : tensors[input].name);
    proto.add_output(tensors[node.output].name);
  }
}

} // namespace gradmill::onnx
