// Operators on numbers that are known: what models compute of shapes.
#include "Node.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;

namespace gradmill::onnx {
namespace {

InFlightDiagnostic tooLarge(Node &node) {
  return node.error("onnx_limit") << "more than " << kMaxFolded
                                  << " numbers would be computed while the model is read";
}

// By NumPy's rule; none if the shapes do not go together or are too large.
std::optional<Sizes> together(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  Sizes shape(a);
  for (size_t i = 0; i < b.size(); ++i) {
    int64_t &size = shape[a.size() - b.size() + i];
    if (size == 1)
      size = b[i];
    else if (b[i] != 1 && b[i] != size)
      return std::nullopt;
  }
  auto count = nn::countElements(shape);
  return count && *count <= kMaxFolded ? std::optional(shape) : std::nullopt;
}

// Where the elements of a repeated tensor lie in it.
std::vector<size_t> placesOf(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  Sizes steps(to.size(), 0);
  int64_t step = 1;
  for (size_t i = from.size(); i-- > 0; step *= from[i])
    steps[to.size() - from.size() + i] = from[i] == 1 ? 0 : step;
  std::vector<size_t> places(*nn::countElements(to));
  Sizes index(to.size(), 0);
  size_t at = 0;
  for (size_t &place : places) {
    place = at;
    for (size_t axis = to.size(); axis-- > 0;) {
      at += steps[axis];
      if (++index[axis] < to[axis])
        break;
      at -= steps[axis] * to[axis];
      index[axis] = 0;
    }
  }
  return places;
}

Constant picked(const Constant &from, ArrayRef<size_t> places, ArrayRef<int64_t> shape) {
  Constant to{Sizes(shape), from.isFloat, {}, {}};
  for (size_t place : places)
    if (from.isFloat)
      to.floats.push_back(from.floats[place]);
    else
      to.ints.push_back(from.ints[place]);
  return to;
}

float floatOf(StringRef op, float a, float b) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Div") return a / b;
  if (op == "Pow") return std::pow(a, b);
  if (op == "Max") return std::max(a, b);
  return std::min(a, b);
}

// None where it cannot be computed: by zero, out of range, or of the batch.
std::optional<int64_t> intOf(StringRef op, int64_t a, int64_t b) {
  int64_t result;
  if (a == kBatch || b == kBatch) {
    bool stays = (op == "Add" && (a == 0 || b == 0)) || (op == "Sub" && b == 0) ||
                 (op == "Mul" && (a == 1 || b == 1)) || (op == "Div" && b == 1) ||
                 ((op == "Max" || op == "Min") && a == b);
    return stays ? std::optional(kBatch) : std::nullopt;
  }
  if (op == "Add") return llvm::AddOverflow(a, b, result) ? std::nullopt : std::optional(result);
  if (op == "Sub") return llvm::SubOverflow(a, b, result) ? std::nullopt : std::optional(result);
  if (op == "Mul") return llvm::MulOverflow(a, b, result) ? std::nullopt : std::optional(result);
  if (op == "Div") return b == 0 || (a == INT64_MIN && b == -1) ? std::nullopt : std::optional(a / b);
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  return std::nullopt;
}

LogicalResult foldBinary(Node &node) {
  if (node.inputs() != 2 || !node.has(0) || !node.has(1))
    return node.error("onnx_node") << "it must have two inputs";
  const Constant &a = *node.constant(0), &b = *node.constant(1);
  auto shape = together(a.shape, b.shape);
  if (!shape || (a.isFloat != b.isFloat && node.op() != "Pow"))
    return node.error("onnx_shape") << "its known operands do not go together, or are too many";
  std::vector<size_t> left = placesOf(a.shape, *shape), right = placesOf(b.shape, *shape);
  Constant to{*shape, a.isFloat, {}, {}};
  for (size_t i = 0; i < left.size(); ++i) {
    if (a.isFloat) {
      float exponent = b.isFloat ? b.floats[right[i]] : float(b.ints[right[i]]);
      to.floats.push_back(floatOf(node.op(), a.floats[left[i]], exponent));
      continue;
    }
    auto number = b.isFloat ? std::nullopt : intOf(node.op(), a.ints[left[i]], b.ints[right[i]]);
    if (!number)
      return node.error("onnx_value") << "it computes with the size of the batch, which is open, by zero, or "
                                         "out of range";
    to.ints.push_back(*number);
  }
  return node.give(std::move(to));
}

// The batch is equal to itself alone.
LogicalResult foldEqual(Node &node) {
  if (node.inputs() != 2 || !node.has(0) || !node.has(1))
    return node.error("onnx_node") << "it must have two inputs";
  const Constant &a = *node.constant(0), &b = *node.constant(1);
  auto shape = together(a.shape, b.shape);
  if (!shape || a.isFloat || b.isFloat)
    return node.error("onnx_shape") << "its known operands are no whole numbers that go together";
  std::vector<size_t> left = placesOf(a.shape, *shape), right = placesOf(b.shape, *shape);
  Constant to{*shape, false, {}, {}};
  for (size_t i = 0; i < left.size(); ++i)
    to.ints.push_back(a.ints[left[i]] == b.ints[right[i]]);
  return node.give(std::move(to));
}

LogicalResult foldWhere(Node &node) {
  if (node.inputs() != 3 || !node.has(0) || !node.has(1) || !node.has(2))
    return node.error("onnx_node") << "it must have three inputs";
  const Constant &condition = *node.constant(0), &a = *node.constant(1), &b = *node.constant(2);
  auto shape = together(a.shape, b.shape);
  if (shape)
    shape = together(*shape, condition.shape);
  if (!shape || condition.isFloat || a.isFloat != b.isFloat)
    return node.error("onnx_shape") << "its known operands do not go together";
  std::vector<size_t> asks = placesOf(condition.shape, *shape), left = placesOf(a.shape, *shape),
                      right = placesOf(b.shape, *shape);
  Constant to{*shape, a.isFloat, {}, {}};
  for (size_t i = 0; i < asks.size(); ++i) {
    const Constant &from = condition.ints[asks[i]] ? a : b;
    size_t place = condition.ints[asks[i]] ? left[i] : right[i];
    if (from.isFloat)
      to.floats.push_back(from.floats[place]);
    else
      to.ints.push_back(from.ints[place]);
  }
  return node.give(std::move(to));
}

LogicalResult foldUnary(Node &node) {
  Constant to = *node.constant(0);
  for (int64_t &number : to.ints)
    if (node.op() == "Neg" && number != INT64_MIN && number != kBatch)
      number = -number;
    else if (number == kBatch || node.op() != "Neg")
      return node.error("onnx_value") << "it is not supported on whole numbers";
  for (float &number : to.floats)
    number = node.op() == "Neg"     ? -number
             : node.op() == "Sqrt"  ? std::sqrt(number)
             : node.op() == "Floor" ? std::floor(number)
             : node.op() == "Ceil"  ? std::ceil(number)
             : node.op() == "Exp"   ? std::exp(number)
             : node.op() == "Log"   ? std::log(number)
                                    : 1 / number;
  return node.give(std::move(to));
}

LogicalResult foldCast(Node &node) {
  node.ignore("saturate");
  int64_t type = node.whole("to", 0);
  const Constant &from = *node.constant(0);
  bool isFloat = type == kFloat || type == kDouble || type == kFloat16 || type == kBFloat16;
  if (from.isFloat == isFloat)
    return node.giveSame(0);
  Constant to{from.shape, isFloat, {}, {}};
  for (int64_t number : from.ints) {
    if (number == kBatch)
      return node.error("onnx_value") << "it computes with the size of the batch, which is open";
    to.floats.push_back(float(number));
  }
  for (float number : from.floats) {
    if (!(std::abs(number) < 9e18f))
      return node.error("onnx_value") << "a number is too large for a whole number";
    to.ints.push_back(type == kBool ? number != 0 : int64_t(number));
  }
  return node.give(std::move(to));
}

LogicalResult foldConcat(Node &node) {
  node.ignore("axis");
  Constant to{{0}, node.constant(0)->isFloat, {}, {}};
  for (size_t i = 0; i < node.inputs(); ++i) {
    const Constant *part = node.constant(i);
    if (!part || part->shape.size() != 1 || part->isFloat != to.isFloat)
      return node.error("onnx_shape") << "known numbers are put together along one dimension only";
    to.floats.insert(to.floats.end(), part->floats.begin(), part->floats.end());
    to.ints.insert(to.ints.end(), part->ints.begin(), part->ints.end());
    if (int64_t(to.size()) > kMaxFolded)
      return tooLarge(node);
  }
  to.shape[0] = to.size();
  return node.give(std::move(to));
}

// Along dimension 0, which shapes have.
LogicalResult foldGather(Node &node) {
  int64_t axis = node.whole("axis", 0);
  if (!node.has(0) || !node.has(1))
    return node.error("onnx_node") << "it must have two inputs";
  const Constant &from = *node.constant(0), &indices = *node.constant(1);
  if (indices.isFloat || from.shape.empty() || axisOf(axis, from.shape.size()) != 0)
    return node.error("onnx_value") << "known numbers are taken along dimension 0 only";
  int64_t row = 1;
  for (int64_t size : ArrayRef<int64_t>(from.shape).drop_front())
    row *= size;
  if (row * int64_t(indices.size()) > kMaxFolded)
    return tooLarge(node);
  std::vector<size_t> places;
  for (int64_t index : indices.ints) {
    auto place = axisOf(index, from.shape[0]);
    if (!place)
      return node.error("onnx_value") << "element " << index << " of " << from.shape[0] << " is taken";
    for (int64_t i = 0; i < row; ++i)
      places.push_back(*place * row + i);
  }
  Sizes shape(indices.shape);
  shape.append(from.shape.begin() + 1, from.shape.end());
  return node.give(picked(from, places, shape));
}

LogicalResult foldSlice(Node &node) {
  auto starts = node.known(1, "starts"), ends = node.known(2, "ends"), axes = node.known(3, "axes"),
       steps = node.known(4);
  if (failed(starts) || failed(ends) || failed(axes) || failed(steps))
    return failure();
  const Constant &from = *node.constant(0);
  if (!*starts || !*ends || (*starts)->size() != 1 || (*ends)->size() != 1 || from.shape.size() != 1 ||
      (*axes && **axes != Sizes{0} && **axes != Sizes{-1}) || (*steps && (*steps)->size() != 1))
    return node.error("onnx_shape") << "known numbers are cut along one dimension only";
  int64_t size = from.shape[0], step = *steps ? (**steps)[0] : 1;
  if (step == 0 || step == INT64_MIN)
    return node.error("onnx_value") << "the step is " << step;
  int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
  auto bound = [&](int64_t at) { return std::clamp(at < 0 ? at + size : at, lowest, highest); };
  std::vector<size_t> places;
  int64_t end = bound((**ends)[0]);
  for (int64_t at = bound((**starts)[0]); step > 0 ? at < end : at > end;) {
    places.push_back(at);
    if (llvm::AddOverflow(at, step, at))
      break;
  }
  return node.give(picked(from, places, {int64_t(places.size())}));
}

LogicalResult foldExpand(Node &node) {
  auto to = node.known(1);
  if (failed(to) || !*to)
    return failure();
  const Constant &from = *node.constant(0);
  bool isShape = llvm::all_of(**to, [](int64_t size) { return size >= 0; });
  auto shape = isShape ? together(from.shape, **to) : std::nullopt;
  if (!shape)
    return node.error("onnx_shape") << "known numbers cannot be repeated to this shape: it has the batch, "
                                       "does not fit, or is too large";
  return node.give(picked(from, placesOf(from.shape, *shape), *shape));
}

LogicalResult foldConstantOfShape(Node &node) {
  auto shape = node.known(0);
  if (failed(shape) || !*shape)
    return failure();
  Constant one = Constant::ofFloat(0);
  if (auto *tensor = node.attribute("value", 4)) {
    TensorResult result = node.tensorOf(*tensor);
    if (!result.constant || result.constant->size() != 1)
      return node.error("onnx_tensor") << "its value is not one number";
    one = *result.constant;
  }
  bool isShape = llvm::all_of(**shape, [](int64_t size) { return size >= 0; });
  auto count = isShape ? nn::countElements(**shape) : std::nullopt;
  if (!count)
    return node.error("onnx_shape") << "its shape has the batch, a size below 0, or too many elements";
  if (*count > kMaxFolded)
    return tooLarge(node);
  return node.give(picked(one, std::vector<size_t>(*count, 0), **shape));
}

LogicalResult foldRange(Node &node) {
  for (size_t i = 0; i < 3; ++i)
    if (!node.constant(i) || node.constant(i)->isFloat || node.constant(i)->size() != 1)
      return node.error("onnx_value") << "start, limit and delta must be whole numbers";
  int64_t at = node.constant(0)->ints[0], limit = node.constant(1)->ints[0], delta = node.constant(2)->ints[0];
  if (delta == 0 || llvm::is_contained({at, limit, delta}, kBatch))
    return node.error("onnx_value") << "delta is 0, or a number is the size of the batch";
  std::vector<int64_t> numbers;
  while (delta > 0 ? at < limit : at > limit) {
    if (int64_t(numbers.size()) >= kMaxFolded)
      return tooLarge(node);
    numbers.push_back(at);
    if (llvm::AddOverflow(at, delta, at))
      break;
  }
  return node.give(Constant::ofInts(numbers));
}

} // namespace

ArrayRef<Operator> foldOperators() {
  static constexpr Operator kOperators[] = {
      {"Add", foldBinary}, {"Sub", foldBinary}, {"Mul", foldBinary}, {"Div", foldBinary},
      {"Pow", foldBinary}, {"Max", foldBinary}, {"Min", foldBinary}, {"Equal", foldEqual},
      {"Where", foldWhere}, {"Neg", foldUnary}, {"Sqrt", foldUnary}, {"Floor", foldUnary},
      {"Ceil", foldUnary}, {"Exp", foldUnary}, {"Log", foldUnary}, {"Reciprocal", foldUnary},
      {"Cast", foldCast}, {"Concat", foldConcat}, {"Gather", foldGather}, {"Slice", foldSlice},
      {"Expand", foldExpand}, {"ConstantOfShape", foldConstantOfShape}, {"Range", foldRange}};
  return kOperators;
}

} // namespace gradmill::onnx
