#include "Node.h"
#include "compiler/import/net/Values.h"
#include "onnx.pb.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace mlir;

namespace gradmill::onnx {

//===-- Attributes --------------------------------------------------------===//

Attributes &Attributes::ints(StringRef name, ArrayRef<int64_t> numbers) {
  list.set(name, builder.getDenseI64ArrayAttr(numbers));
  return *this;
}
Attributes &Attributes::floats(StringRef name, ArrayRef<double> numbers) {
  list.set(name, builder.getDenseF64ArrayAttr(numbers));
  return *this;
}
Attributes &Attributes::number(StringRef name, double number) {
  list.set(name, builder.getF64FloatAttr(number));
  return *this;
}
Attributes &Attributes::whole(StringRef name, int64_t number) {
  list.set(name, builder.getI64IntegerAttr(number));
  return *this;
}
Attributes &Attributes::flag(StringRef name, bool flag) {
  list.set(name, builder.getBoolAttr(flag));
  return *this;
}
Attributes &Attributes::text(StringRef name, StringRef text) {
  list.set(name, builder.getStringAttr(text));
  return *this;
}

// Layers are known by the node's name, or that of what it gives.
Node::Node(Builder &builder, const onnx_format::Node &proto, size_t number)
    : builder(builder), proto(proto), index(number),
      loc(NameLoc::get(
          StringAttr::get(&builder.context,
                          !proto.name().empty() ? proto.name()
                          : proto.output_size() ? proto.output(0)
                                                : proto.op_type()),
          FileLineColLoc::get(&builder.context, builder.file, 0, 0))) {}

InFlightDiagnostic Node::error(StringRef label) {
  return emitError(loc) << "[" << label << "] ";
}

//===-- What it reads -----------------------------------------------------===//

StringRef Node::op() const { return proto.op_type(); }
size_t Node::inputs() const { return proto.input_size(); }
bool Node::has(size_t input) const {
  return input < inputs() && !proto.input(input).empty();
}

const Entry *Node::entry(size_t input) const {
  if (!has(input))
    return nullptr;
  auto it = builder.entries.find(proto.input(input));
  return it == builder.entries.end() ? nullptr : &it->second;
}

const Constant *Node::constant(size_t input) const {
  const Entry *found = entry(input);
  return found ? found->constant.get() : nullptr;
}

bool Node::isWeight(size_t input) const {
  const Entry *found = entry(input);
  return found && found->isWeight && found->constant->isFloat &&
         found->constant->size() > 1;
}

MaybeValue Node::value(size_t input) {
  auto found = anyValue(input);
  if (succeeded(found) && !typeOf(*found).getElementType().isF32())
    return error("onnx_type")
           << "input " << input << " ('" << proto.input(input)
           << "') has whole numbers of the data; they can look up rows of a table "
              "(Gather), and what a Cast makes float of is float from the start";
  return found;
}

MaybeValue Node::anyValue(size_t input) {
  const Entry *found = entry(input);
  if (!found)
    return error("onnx_node") << "input " << input << " is missing";
  if (found->value)
    return found->value;
  if (isWeight(input))
    return weight(input);
  const Constant &numbers = *found->constant;
  if (!numbers.isFloat)
    return error("onnx_type") << "input " << input
                              << " has whole numbers, and floats are expected";
  auto type = RankedTensorType::get(numbers.shape, builder.builder.getF32Type());
  if (numbers.floats.empty())
    return error("onnx_tensor") << "input " << input << " has no elements";
  if (!builder.spend(numbers.size(), loc))
    return failure();
  return nn::ConstantOp::create(
             builder.builder, loc, type,
             DenseElementsAttr::get(type, ArrayRef<float>(numbers.floats)))
      .getResult();
}

MaybeValue Node::scalar(double number) {
  auto type = RankedTensorType::get({}, builder.builder.getF32Type());
  return nn::ConstantOp::create(builder.builder, loc, type,
                                DenseElementsAttr::get(type, float(number)))
      .getResult();
}

MaybeValue Node::weight(size_t input, ArrayRef<int64_t> shape,
                        bool isTransposed) {
  const Entry *found = entry(input);
  if (!found || !found->constant) {
    auto other = value(input);
    if (failed(other) || (shape.empty() && !isTransposed))
      return other;
    if (isTransposed)
      return create("transpose", *other, attributes().ints("permutation", {1, 0}));
    return create("reshape", *other, attributes().ints("shape", shape));
  }
  if (!found->constant->isFloat)
    return error("onnx_type") << "input " << input
                              << " has whole numbers, and floats are expected";
  Sizes own(found->constant->shape);
  if (isTransposed)
    std::swap(own[0], own[1]);
  if (!shape.empty() &&
      nn::countElements(shape) != int64_t(found->constant->size()))
    return error("onnx_tensor")
           << "input " << input << " has " << found->constant->size()
           << " elements, expected " << nn::countElements(shape).value_or(-1);
  return builder.parameter(*found, shape.empty() ? ArrayRef<int64_t>(own) : shape,
                           isTransposed, /*isBuffer=*/false, loc);
}

MaybeValue Node::parameterOf(const Entry &entry) {
  return builder.parameter(entry, entry.constant->shape, /*isTransposed=*/false,
                           /*isBuffer=*/false, loc);
}

MaybeValue Node::buffer(size_t input, ArrayRef<int64_t> shape) {
  const Entry *found = entry(input);
  if (!found || !found->constant || !found->constant->isFloat)
    return error("onnx_value") << "input " << input << " is computed, and must be "
                                  "known numbers of the model";
  if (ArrayRef<int64_t>(found->constant->shape) != shape)
    return error("onnx_tensor") << "input " << input << " has the wrong shape";
  return builder.parameter(*found, shape, /*isTransposed=*/false, /*isBuffer=*/true,
                           loc);
}

FailureOr<std::optional<Sizes>> Node::known(size_t input, StringRef name) {
  if (!name.empty())
    if (auto given = sizes(name))
      return std::optional(*given);
  if (!has(input))
    return std::optional<Sizes>();
  const Constant *numbers = constant(input);
  if (!numbers)
    return error("onnx_value")
           << "input " << input << " ('" << proto.input(input)
           << "') is computed from the data, and must be known when the model is "
              "read";
  if (numbers->isFloat)
    return error("onnx_type") << "input " << input
                              << " has floats, and whole numbers are expected";
  return std::optional(Sizes(numbers->ints.begin(), numbers->ints.end()));
}

FailureOr<std::optional<double>> Node::knownNumber(size_t input,
                                                   StringRef name) {
  if (!name.empty())
    if (auto given = real(name))
      return std::optional(decimal(*given));
  if (!has(input))
    return std::optional<double>();
  const Constant *numbers = constant(input);
  if (!numbers || numbers->size() != 1)
    return error("onnx_value") << "input " << input
                               << " must be one number that is known when the "
                                  "model is read";
  return std::optional(numbers->isFloat ? decimal(numbers->floats[0])
                                        : double(numbers->ints[0]));
}

//===-- How it is set -----------------------------------------------------===//

// Of the format: what kind of value an attribute has.
enum AttributeType { kReal = 1, kWhole = 2, kText = 3, kReals = 6, kWholes = 7 };

const onnx_format::Attribute *Node::attribute(StringRef name, int32_t type) {
  used.insert(name);
  for (const onnx_format::Attribute &each : proto.attribute())
    if (each.name() == name) {
      if (each.type() == type || each.type() == 0)
        return &each;
      wrongType = name.str();
    }
  return nullptr;
}

TensorResult Node::tensorOf(const onnx_format::Attribute &attribute) {
  return readTensor(attribute.t(), builder.external);
}

int64_t Node::whole(StringRef name, int64_t otherwise) {
  auto *found = attribute(name, kWhole);
  return found ? found->i() : otherwise;
}
std::optional<float> Node::real(StringRef name) {
  auto *found = attribute(name, kReal);
  return found ? std::optional(found->f()) : std::nullopt;
}
double Node::number(StringRef name, double otherwise) {
  auto found = real(name);
  return found ? decimal(*found) : otherwise;
}
std::string Node::text(StringRef name, StringRef otherwise) {
  auto *found = attribute(name, kText);
  return found ? found->s() : otherwise.str();
}
std::optional<Sizes> Node::sizes(StringRef name) {
  auto *found = attribute(name, kWholes);
  if (!found)
    return std::nullopt;
  return Sizes(found->ints().begin(), found->ints().end());
}
std::optional<std::vector<float>> Node::reals(StringRef name) {
  auto *found = attribute(name, kReals);
  if (!found)
    return std::nullopt;
  return std::vector<float>(found->floats().begin(), found->floats().end());
}

LogicalResult Node::checkAttributes() {
  if (!wrongType.empty())
    return error("onnx_attribute")
           << "the attribute '" << wrongType << "' has another type than it has in ONNX";
  llvm::StringSet<> seen;
  for (const onnx_format::Attribute &each : proto.attribute()) {
    if (!seen.insert(each.name()).second)
      return error("onnx_attribute")
             << "the attribute '" << each.name() << "' is given twice";
    if (!used.contains(each.name()) || !each.ref_attr_name().empty())
      return error("onnx_attribute")
             << "the attribute '" << each.name() << "' is not supported";
  }
  return success();
}

//===-- What it gives -----------------------------------------------------===//

size_t Node::outputs() const { return proto.output_size(); }

bool Node::isRead(size_t output) const {
  return output < outputs() && !proto.output(output).empty() &&
         (builder.readers.contains(proto.output(output)) ||
          builder.outputs.contains(proto.output(output)));
}

LogicalResult Node::give(MaybeValue value, size_t output) {
  if (failed(value))
    return failure();
  if (output >= outputs())
    return error("onnx_node") << "output " << output << " is missing";
  if (proto.output(output).empty())
    return success();
  return builder.define(proto.output(output), Entry{*value});
}

LogicalResult Node::give(Constant numbers) {
  if (!outputs())
    return error("onnx_node") << "the output is missing";
  if (!builder.spend(numbers.size(), loc))
    return failure();
  return builder.define(
      proto.output(0), Entry{{},
                             std::make_shared<const Constant>(std::move(numbers)),
                             proto.output(0),
                             false,
                             {}});
}

LogicalResult Node::giveView(size_t input, Constant numbers,
                             ArrayRef<int64_t> permutation) {
  if (!builder.spend(numbers.size(), loc))
    return failure();
  Entry seen = *entry(input);
  bool isOnly = builder.readers[proto.input(input)].size() == 1;
  // An order of two dimensions undoes itself; what else is seen in another way
  // has a name of its own, unless nobody sees it as it was.
  if (permutation == ArrayRef<int64_t>({1, 0}))
    seen.permutation = seen.permutation.empty() ? Sizes{1, 0} : Sizes{};
  else if (ArrayRef<int64_t>(numbers.shape) != ArrayRef<int64_t>(seen.constant->shape) ||
           !permutation.empty())
    seen.permutation.clear();
  if (!isOnly && permutation != ArrayRef<int64_t>({1, 0}))
    seen.name = proto.output(0);
  seen.constant = std::make_shared<const Constant>(std::move(numbers));
  if (!outputs())
    return error("onnx_node") << "the output is missing";
  return builder.define(proto.output(0), std::move(seen));
}

LogicalResult Node::giveSame(size_t input) {
  const Entry *found = entry(input);
  if (!found)
    return error("onnx_node") << "input " << input << " is missing";
  if (found->value)
    return give(MaybeValue(found->value));
  return giveView(input, *found->constant);
}

Attributes Node::attributes() const { return Attributes(&builder.context); }

MaybeValue Node::create(StringRef op, ValueRange operands) {
  return create(op, operands, attributes());
}

MaybeValue Node::create(StringRef op, ValueRange operands,
                        const Attributes &attributes) {
  std::string full = "nn." + op.str();
  auto known = RegisteredOperationName::lookup(full, &builder.context);
  auto *infer = known ? known->getInterface<InferTypeOpInterface>() : nullptr;
  if (!infer)
    return error("onnx_op") << "the op " << full << " is not there";
  if (!builder.spend(0, loc))
    return failure();
  SmallVector<Type> types;
  if (failed(infer->inferReturnTypes(&builder.context, loc, operands,
                                     attributes.list.getDictionary(&builder.context),
                                     nullptr, {}, types)))
    return failure();
  Operation *made = builder.builder.create(
      OperationState(loc, full, operands, types, attributes.list.getAttrs()));
  if (failed(verify(made)))
    return failure();
  net::removeDefaults(made);
  return made->getResult(0);
}

MaybeValue Node::reshape(Value value, ArrayRef<int64_t> shape) {
  return create("reshape", value, attributes().ints("shape", shape));
}

std::optional<size_t> Node::takeBias(int64_t size, const Entry *&bias) {
  StringRef name = proto.output(0);
  auto it = builder.readers.find(name);
  if (it == builder.readers.end() || it->second.size() != 1 ||
      builder.outputs.contains(name))
    return std::nullopt;
  size_t reader = it->second.front();
  const onnx_format::Node &sum = builder.graph.node(int(reader));
  if (sum.op_type() != "Add" || !sum.domain().empty() ||
      sum.input_size() != 2 || sum.attribute_size())
    return std::nullopt;
  auto other = builder.entries.find(sum.input(sum.input(0) == name ? 1 : 0));
  if (other == builder.entries.end() || !other->second.constant)
    return std::nullopt;
  const Constant &numbers = *other->second.constant;
  if (!numbers.isFloat || numbers.shape.size() != 1 ||
      numbers.shape[0] != size || !other->second.isWeight)
    return std::nullopt;
  bias = &other->second;
  return reader;
}

LogicalResult Node::giveAs(size_t node, Value value) {
  const onnx_format::Node &other = builder.graph.node(int(node));
  builder.isDone[node] = true;
  if (!other.output_size())
    return error("onnx_node") << "the sum behind it has no output";
  return builder.define(other.output(0), Entry{value});
}

} // namespace gradmill::onnx
