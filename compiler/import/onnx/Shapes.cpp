// Operators that move elements and compute nothing. The batch is dimension 0 and
// stays there: shapes that mention it, whatever the way, become nn's 0 in front.
#include "Node.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace gradmill::onnx {
namespace {

// Numbers of the model in another shape, or null if that cannot be.
std::optional<Constant> reshaped(const Constant &from, ArrayRef<int64_t> shape) {
  Constant to = from;
  to.shape.assign(shape.begin(), shape.end());
  if (nn::countElements(shape) != int64_t(from.size()))
    return std::nullopt;
  return to;
}

LogicalResult giveReshaped(Node &node, ArrayRef<int64_t> shape) {
  auto numbers = reshaped(*node.constant(0), shape);
  if (!numbers)
    return node.error("onnx_shape") << "the shape has another number of elements than the "
                                    << node.constant(0)->size() << " of the input";
  return node.giveView(0, std::move(*numbers));
}

// A shape as ONNX has it, for elements of `from`: 0 is the size there, -1 what
// is left. `samples` elements there are for each sample, if there is a batch.
FailureOr<Sizes> resolve(Node &node, ArrayRef<int64_t> from, ArrayRef<int64_t> to, bool allowsZero) {
  Sizes shape(to);
  int64_t product = 1, all = *nn::countElements(from);
  std::optional<size_t> open;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !allowsZero && i < from.size())
      shape[i] = from[i];
    if (shape[i] == -1 && !open)
      open = i;
    else if (shape[i] < 0 || llvm::MulOverflow(product, shape[i], product))
      return node.error("onnx_shape") << "the shape has a size of " << to[i]
                                      << (to[i] == kBatch ? " (the batch) behind dimension 0" : "");
  }
  if (open)
    shape[*open] = product ? all / product : 0;
  return shape;
}

MaybeValue reshapeSamples(Node &node, Value x, ArrayRef<int64_t> to, std::optional<int64_t> fixedBatch,
                          bool allowsZero) {
  ArrayRef<int64_t> from = typeOf(x).getShape();
  if (ShapedType::isDynamicShape(from.drop_front()))
    return node.error("onnx_shape") << "a size of the input is not known";
  int64_t samples = nn::countElements(from.drop_front()).value_or(0);
  auto refuse = [&] {
    return node.error("onnx_shape")
           << "the new shape must have the batch as dimension 0, and the " << samples
           << " elements of a sample behind it";
  };
  if (to.empty())
    return refuse();
  // What the batch is called there. 0 behind it means a size of the input.
  Sizes rest(to.drop_front());
  for (size_t i = 0; i < rest.size(); ++i)
    if (rest[i] == 0 && !allowsZero && i + 1 < from.size())
      rest[i] = from[i + 1];
  bool isBatch = to[0] == kBatch || to[0] == -1 || (to[0] == 0 && !allowsZero) ||
                 (fixedBatch && to[0] == *fixedBatch);
  if (!isBatch)
    return refuse();
  auto shape = resolve(node, from.drop_front(), rest, true);
  if (failed(shape))
    return failure();
  if (nn::countElements(*shape) != samples)
    return refuse();
  shape->insert(shape->begin(), 0);
  if (shape->size() == 2 && from.size() > 2)
    return node.create("flatten", x);
  if (ArrayRef<int64_t>(*shape).drop_front() == from.drop_front())
    return x;
  return node.reshape(x, *shape);
}

LogicalResult convertReshape(Node &node) {
  bool allowsZero = node.whole("allowzero", 0);
  auto to = node.known(1, "shape");
  if (failed(to))
    return failure();
  if (!*to)
    return node.error("onnx_node") << "the shape is missing";
  if (const Constant *numbers = node.constant(0)) {
    auto shape = resolve(node, numbers->shape, **to, allowsZero);
    return succeeded(shape) ? giveReshaped(node, *shape) : failure();
  }
  auto x = node.value(0);
  if (failed(x))
    return failure();
  if (hasBatch(*x))
    return node.give(reshapeSamples(node, *x, **to, node.fixedBatch(), allowsZero));
  auto shape = resolve(node, typeOf(*x).getShape(), **to, allowsZero);
  return succeeded(shape) ? node.give(node.reshape(*x, *shape)) : failure();
}

LogicalResult convertFlatten(Node &node) {
  int64_t axis = node.whole("axis", 1);
  auto x = node.value(0);
  if (failed(x))
    return failure();
  if (axis < 0)
    axis += rankOf(*x);
  if (axis != 1)
    return node.error("onnx_attribute") << "axis is " << axis << "; only 1 keeps the batch apart";
  return node.give(rankOf(*x) == 2 ? *x : node.create("flatten", *x));
}

// To the shape with or without dimensions of 1.
LogicalResult giveInShape(Node &node, ArrayRef<int64_t> shape) {
  if (node.constant(0))
    return giveReshaped(node, shape);
  auto x = node.value(0);
  if (failed(x))
    return failure();
  Sizes to(shape);
  if (hasBatch(*x))
    to[0] = 0;
  return node.give(node.reshape(*x, to));
}

FailureOr<Sizes> shapeOf(Node &node) {
  if (const Constant *numbers = node.constant(0))
    return Sizes(numbers->shape);
  auto x = node.anyValue(0);
  return succeeded(x) ? FailureOr<Sizes>(Sizes(typeOf(*x).getShape())) : FailureOr<Sizes>(failure());
}

LogicalResult convertSqueeze(Node &node) {
  auto axes = node.known(1, "axes");
  auto shape = shapeOf(node);
  if (failed(axes) || failed(shape))
    return failure();
  std::vector<bool> goes(shape->size());
  for (size_t i = 0; i < shape->size() && !*axes; ++i)
    goes[i] = (*shape)[i] == 1;
  for (int64_t axis : axes->value_or(Sizes())) {
    auto place = axisOf(axis, shape->size());
    if (!place || (*shape)[*place] != 1)
      return node.error("onnx_shape") << "dimension " << axis
                                      << (place && ShapedType::isDynamic((*shape)[*place])
                                              ? " is the batch, and stays"
                                              : " is not of size 1");
    goes[*place] = true;
  }
  Sizes left;
  for (size_t i = 0; i < shape->size(); ++i)
    if (!goes[i])
      left.push_back((*shape)[i]);
  return giveInShape(node, left);
}

LogicalResult convertUnsqueeze(Node &node) {
  auto axes = node.known(1, "axes");
  auto shape = shapeOf(node);
  if (failed(axes) || failed(shape))
    return failure();
  if (!*axes)
    return node.error("onnx_node") << "the axes are missing";
  size_t rank = shape->size() + (*axes)->size();
  if (rank > nn::kMaxRank)
    return node.error("onnx_shape") << "the result has more than 16 dimensions";
  std::vector<bool> isNew(rank);
  for (int64_t axis : **axes) {
    auto place = axisOf(axis, rank);
    if (!place || isNew[*place])
      return node.error("onnx_shape") << "axis " << axis << " is no dimension of the result, or is named twice";
    isNew[*place] = true;
  }
  Sizes result;
  size_t next = 0;
  for (size_t i = 0; i < rank; ++i)
    result.push_back(isNew[i] ? 1 : (*shape)[next++]);
  if (rank && isNew[0] && !shape->empty() && ShapedType::isDynamic((*shape)[0]))
    return node.error("onnx_shape") << "a dimension would stand in front of the batch";
  return giveInShape(node, result);
}

LogicalResult convertTranspose(Node &node) {
  auto shape = shapeOf(node);
  if (failed(shape))
    return failure();
  Sizes permutation = node.sizes("perm").value_or(Sizes());
  if (permutation.empty())
    for (size_t i = shape->size(); i-- > 0;)
      permutation.push_back(i);
  Sizes sorted = permutation;
  llvm::sort(sorted);
  for (size_t i = 0; i < sorted.size(); ++i)
    if (sorted.size() != shape->size() || sorted[i] != int64_t(i))
      return node.error("onnx_attribute") << "perm does not name each dimension once";
  if (const Constant *numbers = node.constant(0))
    return node.giveView(0, transposed(*numbers, permutation), permutation);
  auto x = node.value(0);
  return succeeded(x) ? node.give(node.create("transpose", *x, node.attributes().ints("permutation", permutation)))
                      : failure();
}

LogicalResult convertConcat(Node &node) {
  SmallVector<Value> parts;
  for (size_t i = 0; i < node.inputs(); ++i) {
    auto part = node.value(i);
    if (failed(part))
      return failure();
    parts.push_back(*part);
  }
  if (parts.empty())
    return node.error("onnx_node") << "nothing is given";
  auto axis = axisOf(node.whole("axis", 1), rankOf(parts.front()));
  if (!axis)
    return node.error("onnx_attribute") << "axis is outside of the shape";
  return node.give(node.create("concat", parts, node.attributes().whole("axis", *axis)));
}

// Attributes before version 10.
LogicalResult convertSlice(Node &node) {
  auto starts = node.known(1, "starts"), ends = node.known(2, "ends");
  auto axes = node.known(3, "axes"), steps = node.known(4);
  auto x = node.value(0);
  if (failed(starts) || failed(ends) || failed(axes) || failed(steps) || failed(x))
    return failure();
  size_t count = *starts ? (*starts)->size() : 0;
  if (!*starts || !*ends || (*ends)->size() != count || (*axes && (*axes)->size() != count) ||
      (*steps && (*steps)->size() != count))
    return node.error("onnx_value") << "starts, ends, axes and steps have different numbers of entries";
  Sizes from, to, along, by;
  for (size_t i = 0; i < count; ++i) {
    auto axis = axisOf(*axes ? (**axes)[i] : int64_t(i), rankOf(*x));
    int64_t step = *steps ? (**steps)[i] : 1;
    if (!axis)
      return node.error("onnx_value") << "axis " << (**axes)[i] << " is outside of the shape";
    int64_t end = (**ends)[i];
    if (*axis == 0 && hasBatch(*x) && (**starts)[i] == 0 && step == 1 && (end >= INT32_MAX || end == kBatch))
      continue; // all of the batch
    along.push_back(*axis);
    from.push_back((**starts)[i]);
    to.push_back(end);
    by.push_back(step);
  }
  if (along.empty())
    return node.giveSame(0);
  Attributes attributes = node.attributes();
  attributes.ints("axes", along).ints("starts", from).ints("ends", to).ints("strides", by);
  return node.give(node.create("slice", *x, attributes));
}

LogicalResult convertSplit(Node &node) {
  auto given = node.known(1, "split");
  auto x = node.value(0);
  if (failed(given) || failed(x))
    return failure();
  node.ignore("num_outputs");
  auto axis = axisOf(node.whole("axis", 0), rankOf(*x));
  if (!axis || typeOf(*x).isDynamicDim(*axis))
    return node.error("onnx_attribute") << "axis is outside of the shape, or the batch";
  int64_t size = typeOf(*x).getDimSize(*axis), count = node.outputs(), sum = 0;
  Sizes parts = given->value_or(Sizes());
  if (!*given && count)
    for (int64_t part = (size + count - 1) / count, left = size; part && left > 0; left -= part)
      parts.push_back(std::min(part, left));
  if (int64_t(parts.size()) != count)
    return node.error("onnx_value") << "there are " << parts.size() << " parts and " << count << " outputs";
  for (size_t i = 0; i < parts.size(); sum += parts[i++]) {
    if (parts[i] < 1 || parts[i] > size - sum)
      return node.error("onnx_value") << "the parts are not those of " << size << " elements";
    auto part = node.create("slice", *x, node.attributes().ints("axes", *axis).ints("starts", sum).ints("ends", sum + parts[i]));
    if (failed(node.give(part, i)))
      return failure();
  }
  return success();
}

LogicalResult convertPad(Node &node) {
  auto pads = node.known(1, "pads"), axes = node.known(3);
  auto value = node.knownNumber(2, "value");
  auto x = node.value(0);
  if (failed(pads) || failed(axes) || failed(value) || failed(x))
    return failure();
  size_t count = *axes ? (*axes)->size() : rankOf(*x);
  if (!*pads || (*pads)->size() != 2 * count)
    return node.error("onnx_value") << "pads must have two entries for each dimension";
  std::string mode = node.text("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge")
    return node.error("onnx_attribute") << "mode '" << mode << "' is not supported; constant, reflect and edge are";
  Sizes along, low, high;
  for (size_t i = 0; i < count; ++i) {
    int64_t before = (**pads)[i], behind = (**pads)[count + i];
    auto axis = axisOf(*axes ? (**axes)[i] : int64_t(i), rankOf(*x));
    if (!axis || before < 0 || behind < 0)
      return node.error("onnx_value") << "an axis is outside of the shape, or padding is below 0";
    if (before == 0 && behind == 0)
      continue;
    along.push_back(*axis);
    low.push_back(before);
    high.push_back(behind);
  }
  if (along.empty())
    return node.giveSame(0);
  Attributes attributes = node.attributes();
  attributes.ints("axes", along).ints("low", low).ints("high", high);
  if (mode == "constant" && *value && **value != 0)
    attributes.number("value", **value);
  else if (mode != "constant")
    attributes.text("mode", mode == "edge" ? "replicate" : "reflect");
  return node.give(node.create("pad", *x, attributes));
}

// Sizes of 1 are repeated.
LogicalResult convertExpand(Node &node) {
  auto to = node.known(1);
  auto x = node.value(0);
  if (failed(to) || failed(x))
    return failure();
  Sizes shape = to->value_or(Sizes());
  ArrayRef<int64_t> from = typeOf(*x).getShape();
  if (shape.size() < from.size())
    shape.insert(shape.begin(), from.size() - shape.size(), 1);
  size_t missing = shape.size() - from.size();
  for (size_t i = 0; i < shape.size(); ++i) {
    bool isOpen = i >= missing && ShapedType::isDynamic(from[i - missing]);
    if (isOpen && (shape[i] == kBatch || shape[i] == 1 || shape[i] == node.fixedBatch()))
      shape[i] = 0;
    else if (shape[i] == 1 && i >= missing)
      shape[i] = from[i - missing];
    else if (shape[i] < 1)
      return node.error("onnx_shape") << "what does not depend on the batch cannot be repeated for each sample";
  }
  return node.give(node.create("broadcast", *x, node.attributes().ints("shape", shape)));
}

LogicalResult convertIdentity(Node &node) { return node.giveSame(0); }

LogicalResult convertConstant(Node &node) {
  if (auto *tensor = node.attribute("value", 4)) {
    TensorResult result = node.tensorOf(*tensor);
    if (!result.constant)
      return node.error(result.label) << "its tensor " << result.fault;
    return node.give(Constant(*result.constant));
  }
  if (auto number = node.real("value_float"))
    return node.give(Constant::ofFloat(*number));
  if (auto numbers = node.reals("value_floats"))
    return node.give(Constant{{int64_t(numbers->size())}, true, *numbers, {}});
  if (auto numbers = node.sizes("value_ints"))
    return node.give(Constant::ofInts(*numbers));
  if (node.attribute("value_int", 2))
    return node.give(Constant{{}, false, {}, {node.whole("value_int", 0)}});
  return node.error("onnx_attribute") << "it has no tensor and no number";
}

// The batch is known to be open, the rest is numbers.
LogicalResult convertShape(Node &node) {
  auto shape = shapeOf(node);
  if (failed(shape))
    return failure();
  int64_t rank = shape->size();
  auto bound = [&](StringRef name, int64_t otherwise) {
    int64_t at = node.whole(name, otherwise);
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = bound("start", 0), end = std::max(start, bound("end", rank));
  for (int64_t &size : *shape)
    if (ShapedType::isDynamic(size))
      size = kBatch;
  return node.give(Constant::ofInts(ArrayRef<int64_t>(*shape).slice(start, end - start)));
}

// [N, C, H, W], with blocks of b times b pixels as b*b times the channels.
LogicalResult convertDepth(Node &node) {
  bool opens = node.op() == "DepthToSpace";
  int64_t b = node.whole("blocksize", 0);
  std::string mode = opens ? node.text("mode", "DCR") : "DCR";
  auto x = node.value(0);
  if (failed(x))
    return failure();
  ArrayRef<int64_t> s = typeOf(*x).getShape();
  if (s.size() != 4 || ShapedType::isDynamicShape(s.drop_front()) || b < 1 || b > (1 << 15) ||
      (opens ? s[1] % (b * b) != 0 : s[2] % b != 0 || s[3] % b != 0) || (mode != "DCR" && mode != "CRD"))
    return node.error("onnx_shape") << "the input must be [N, C, H, W] and divisible by blocksize, mode DCR or CRD";
  int64_t c = opens ? s[1] / (b * b) : s[1], h = s[2], w = s[3];
  Sizes apart, order, result;
  if (!opens) {
    apart = {0, c, h / b, b, w / b, b};
    order = {0, 3, 5, 1, 2, 4};
    result = {0, c * b * b, h / b, w / b};
  } else {
    apart = mode == "DCR" ? Sizes{0, b, b, c, h, w} : Sizes{0, c, b, b, h, w};
    order = mode == "DCR" ? Sizes{0, 3, 4, 1, 5, 2} : Sizes{0, 1, 4, 2, 5, 3};
    result = {0, c, h * b, w * b};
  }
  auto y = node.reshape(*x, apart);
  if (succeeded(y))
    y = node.create("transpose", *y, node.attributes().ints("permutation", order));
  return succeeded(y) ? node.give(node.reshape(*y, result)) : failure();
}

} // namespace

ArrayRef<Operator> shapeOperators() {
  static constexpr Operator kOperators[] = {
      {"Reshape", convertReshape}, {"Flatten", convertFlatten}, {"Squeeze", convertSqueeze},
      {"Unsqueeze", convertUnsqueeze}, {"Transpose", convertTranspose}, {"Concat", convertConcat},
      {"Slice", convertSlice}, {"Split", convertSplit}, {"Pad", convertPad}, {"Expand", convertExpand},
      {"Identity", convertIdentity}, {"Constant", convertConstant}, {"Shape", convertShape},
      {"DepthToSpace", convertDepth}, {"SpaceToDepth", convertDepth}};
  return kOperators;
}

} // namespace gradmill::onnx
