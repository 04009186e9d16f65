// Operators on each element alone: activations, arithmetic.
#include "Node.h"

using namespace mlir;

namespace gradmill::onnx {
namespace {

// Those that nn has under another name, or the same one in small letters.
LogicalResult convertUnary(Node &node) {
  static const llvm::StringMap<llvm::StringRef> names = {
      {"Relu", "relu"}, {"Sigmoid", "sigmoid"}, {"Tanh", "tanh"}, {"Sqrt", "sqrt"},
      {"Exp", "exp"}, {"Log", "log"}, {"Neg", "neg"}, {"Abs", "abs"}, {"Erf", "erf"},
      {"Sign", "sign"}, {"Mish", "mish"}, {"HardSwish", "hardswish"},
      {"Softplus", "softplus"}};
  auto x = node.value(0);
  return succeeded(x) ? node.give(node.create(names.at(node.op()), *x)) : failure();
}

LogicalResult convertLeakyRelu(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  return node.give(node.create("leaky_relu", *x,
                               node.attributes().number("negative_slope", node.number("alpha", 0.01))));
}

LogicalResult convertElu(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  return node.give(node.create("elu", *x, node.attributes().number("alpha", node.number("alpha", 1))));
}

// value * number
MaybeValue times(Node &node, MaybeValue value, double number) {
  if (failed(value) || number == 1)
    return value;
  auto factor = node.scalar(number);
  return succeeded(factor) ? node.create("mul", {*value, *factor}) : factor;
}

// a * elu(x / a), which is x for x > 0 and a*(exp(x/a) - 1) otherwise.
LogicalResult convertCelu(Node &node) {
  double alpha = node.number("alpha", 1);
  auto x = times(node, node.value(0), 1 / alpha);
  if (failed(x))
    return failure();
  return node.give(times(node, node.create("elu", *x), alpha));
}

LogicalResult convertSelu(Node &node) {
  double alpha = node.number("alpha", 1.67326319217681884765625),
         gamma = node.number("gamma", 1.05070102214813232421875);
  auto x = node.value(0);
  if (failed(x))
    return failure();
  return node.give(times(node, node.create("elu", *x, node.attributes().number("alpha", alpha)), gamma));
}

LogicalResult convertHardSigmoid(Node &node) {
  double alpha = node.number("alpha", 0.2), beta = node.number("beta", 0.5);
  auto x = node.value(0);
  if (failed(x))
    return failure();
  if (float(alpha) == 1.0f / 6 && beta == 0.5)
    return node.give(node.create("hardsigmoid", *x));
  auto scaled = times(node, *x, alpha);
  auto shift = node.scalar(beta);
  if (failed(scaled) || failed(shift))
    return failure();
  auto sum = node.create("add", {*scaled, *shift});
  if (failed(sum))
    return failure();
  return node.give(node.create("clamp", *sum, node.attributes().number("min", 0).number("max", 1)));
}

LogicalResult convertGelu(Node &node) {
  std::string form = node.text("approximate", "none");
  auto x = node.value(0);
  if (failed(x))
    return failure();
  return node.give(node.create("gelu", *x, form == "none" ? node.attributes() : node.attributes().text("approximate", form)));
}

// The bounds were attributes before version 11.
LogicalResult convertClip(Node &node) {
  auto low = node.knownNumber(1, "min"), high = node.knownNumber(2, "max");
  auto x = node.value(0);
  if (failed(low) || failed(high) || failed(x))
    return failure();
  constexpr double kAll = 3.4e38; // what stands for no bound there
  Attributes attributes = node.attributes();
  if (*low && **low > -kAll)
    attributes.number("min", **low);
  if (*high && **high < kAll)
    attributes.number("max", **high);
  if (attributes.list.empty())
    return node.giveSame(0);
  return node.give(node.create("clamp", *x, attributes));
}

// One slope for all, or for each channel: [C, 1, 1].
LogicalResult convertPRelu(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  const Constant *slope = node.constant(1);
  if (!slope)
    return node.error("onnx_value") << "the slope is computed, and must be a weight";
  int64_t size = slope->size(), rank = rankOf(*x);
  Sizes channels(rank, 1);
  if (rank > 1)
    channels[1] = typeOf(*x).getDimSize(1);
  ArrayRef<int64_t> wanted = ArrayRef<int64_t>(channels).take_back(slope->shape.size());
  if (size != 1 && (rank < 2 || ArrayRef<int64_t>(slope->shape) != wanted))
    return node.error("onnx_shape") << "the slope must be one number, or one for each channel";
  auto weight = node.weight(1, {size});
  return succeeded(weight) ? node.give(node.create("prelu", {*x, *weight})) : failure();
}

LogicalResult convertReciprocal(Node &node) {
  auto x = node.value(0), one = node.scalar(1);
  return succeeded(x) && succeeded(one) ? node.give(node.create("div", {*one, *x})) : failure();
}

LogicalResult convertSoftsign(Node &node) {
  auto x = node.value(0), one = node.scalar(1);
  if (failed(x) || failed(one))
    return failure();
  auto size = node.create("abs", *x);
  auto sum = succeeded(size) ? node.create("add", {*size, *one}) : size;
  return succeeded(sum) ? node.give(node.create("div", {*x, *sum})) : failure();
}

LogicalResult convertBinary(Node &node) {
  static const llvm::StringMap<llvm::StringRef> names = {
      {"Add", "add"}, {"Sub", "sub"}, {"Mul", "mul"}, {"Div", "div"}};
  auto a = node.value(0), b = node.value(1);
  if (failed(a) || failed(b))
    return failure();
  return node.give(node.create(names.at(node.op()), {*a, *b}));
}

// nn's pow is a call for each element; most exponents are small numbers.
LogicalResult convertPow(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  const Constant *exponent = node.constant(1);
  if (exponent && exponent->size() == 1 && exponent->shape.size() <= size_t(rankOf(*x))) {
    double number = exponent->isFloat ? exponent->floats[0] : double(exponent->ints[0]);
    if (number == 1)
      return node.giveSame(0);
    if (number == 2)
      return node.give(node.create("mul", {*x, *x}));
    if (number == 0.5)
      return node.give(node.create("sqrt", *x));
    auto power = node.scalar(number);
    return succeeded(power) ? node.give(node.create("pow", {*x, *power})) : failure();
  }
  auto power = node.value(1);
  return succeeded(power) ? node.give(node.create("pow", {*x, *power})) : failure();
}

LogicalResult convertVariadic(Node &node) {
  static const llvm::StringMap<llvm::StringRef> names = {
      {"Max", "maximum"}, {"Min", "minimum"}, {"Sum", "add"}, {"Mean", "add"}};
  auto sum = node.value(0);
  for (size_t i = 1; i < node.inputs() && succeeded(sum); ++i) {
    auto next = node.value(i);
    sum = succeeded(next) ? node.create(names.at(node.op()), {*sum, *next}) : next;
  }
  return node.give(node.op() == "Mean" ? times(node, sum, 1.0 / node.inputs()) : sum);
}

// Truth values are the numbers 0 and 1.
MaybeValue compare(Node &node, Value a, MaybeValue b, StringRef predicate) {
  return succeeded(b) ? node.create("compare", {a, *b},
                                    node.attributes().text("predicate", predicate))
                      : b;
}

LogicalResult convertCompare(Node &node) {
  static const llvm::StringMap<llvm::StringRef> predicates = {
      {"Equal", "eq"}, {"Less", "lt"}, {"LessOrEqual", "le"}, {"Greater", "gt"},
      {"GreaterOrEqual", "ge"}};
  auto a = node.value(0);
  return succeeded(a) ? node.give(compare(node, *a, node.value(1), predicates.at(node.op())))
                      : failure();
}

LogicalResult convertLogic(Node &node) {
  auto a = node.value(0);
  if (failed(a))
    return failure();
  if (node.op() == "Not")
    return node.give(compare(node, *a, node.scalar(0), "eq"));
  auto b = node.value(1);
  return succeeded(b) ? node.give(node.create(node.op() == "And" ? "mul" : "maximum", {*a, *b}))
                      : failure();
}

LogicalResult convertWhere(Node &node) {
  SmallVector<Value> operands;
  for (size_t i : {0, 1, 2}) {
    auto operand = node.value(i);
    if (failed(operand))
      return failure();
    operands.push_back(*operand);
  }
  return node.give(node.create("where", operands));
}

// Everything that is computed is f32.
LogicalResult convertCast(Node &node) {
  int64_t to = node.whole("to", 0);
  node.ignore("saturate");
  if (to == kBool && !node.constant(0)) {
    auto x = node.value(0);
    return succeeded(x) ? node.give(compare(node, *x, node.scalar(0), "ne")) : failure();
  }
  if (to != kFloat)
    return node.error("onnx_type") << "the data is cast to " << typeName(int32_t(to))
                                   << ", and Gradmill computes in float";
  if (node.constant(0))
    return node.giveSame(0);
  return succeeded(node.value(0)) ? node.giveSame(0) : failure();
}

} // namespace

ArrayRef<Operator> elementwiseOperators() {
  static constexpr Operator kOperators[] = {
      {"Relu", convertUnary}, {"Sigmoid", convertUnary}, {"Tanh", convertUnary},
      {"Sqrt", convertUnary}, {"Exp", convertUnary}, {"Log", convertUnary},
      {"Neg", convertUnary}, {"Abs", convertUnary}, {"Erf", convertUnary},
      {"Sign", convertUnary}, {"Mish", convertUnary}, {"HardSwish", convertUnary},
      {"Softplus", convertUnary}, {"LeakyRelu", convertLeakyRelu}, {"Elu", convertElu},
      {"Celu", convertCelu}, {"Selu", convertSelu}, {"HardSigmoid", convertHardSigmoid},
      {"Gelu", convertGelu}, {"Clip", convertClip}, {"PRelu", convertPRelu},
      {"Reciprocal", convertReciprocal}, {"Softsign", convertSoftsign},
      {"Add", convertBinary}, {"Sub", convertBinary}, {"Mul", convertBinary},
      {"Div", convertBinary}, {"Pow", convertPow}, {"Max", convertVariadic},
      {"Min", convertVariadic}, {"Sum", convertVariadic}, {"Mean", convertVariadic},
      {"Cast", convertCast}, {"Equal", convertCompare}, {"Less", convertCompare},
      {"LessOrEqual", convertCompare}, {"Greater", convertCompare},
      {"GreaterOrEqual", convertCompare}, {"Not", convertLogic}, {"And", convertLogic},
      {"Or", convertLogic}, {"Where", convertWhere}};
  return kOperators;
}

} // namespace gradmill::onnx
