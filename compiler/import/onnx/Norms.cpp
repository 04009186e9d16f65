// Normalization, dropout, softmax, and reductions along dimensions.
#include "Node.h"

using namespace mlir;

namespace gradmill::onnx {
namespace {

// Either mode: what differs in training does so in nn, too.
LogicalResult convertBatchNorm(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  if (rankOf(*x) < 2)
    return node.error("onnx_shape") << "the input has no channels";
  node.ignore("training_mode");
  node.ignore("is_test");
  if (node.whole("spatial", 1) != 1)
    return node.error("onnx_attribute") << "spatial = 0 is not supported";
  for (size_t i = 1; i < node.outputs(); ++i)
    if (node.isRead(i))
      return node.error("onnx_op") << "its output " << i << ", statistics of the batch, is used";
  int64_t channels = typeOf(*x).getDimSize(1);
  auto scale = node.weight(1), shift = node.weight(2);
  auto mean = node.buffer(3, channels), variance = node.buffer(4, channels);
  if (failed(scale) || failed(shift) || failed(mean) || failed(variance))
    return failure();
  Attributes attributes = node.attributes();
  // nn's is the share of the new statistics, ONNX's that of the old ones.
  attributes.number("eps", node.number("epsilon", 1e-5))
      .number("momentum", decimal(float(1 - node.number("momentum", 0.9))));
  return node.give(node.create("batch_norm", {*x, *scale, *shift, *mean, *variance}, attributes));
}

// (x - mean) / sqrt(variance + eps) * scale + shift, with weights as they are
// repeated over the rest.
LogicalResult normalize(Node &node, Value x, ArrayRef<int64_t> axes, ArrayRef<int64_t> shape) {
  auto y = node.create("normalize", x, node.attributes().ints("axes", axes).number("eps", node.number("epsilon", 1e-5)));
  auto scale = node.weight(1, shape);
  if (failed(y) || failed(scale))
    return failure();
  y = node.create("mul", {*y, *scale});
  if (succeeded(y) && node.has(2)) {
    auto shift = node.weight(2, shape);
    y = succeeded(shift) ? node.create("add", {*y, *shift}) : shift;
  }
  return node.give(y);
}

LogicalResult convertInstanceNorm(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  if (rankOf(*x) < 3 || !node.constant(1))
    return node.error("onnx_shape") << "the input must be [N, C, ...], and the scale a weight";
  Sizes axes, shape{typeOf(*x).getDimSize(1)};
  for (int64_t axis = 2; axis < rankOf(*x); ++axis) {
    axes.push_back(axis);
    shape.push_back(1);
  }
  return normalize(node, *x, axes, shape);
}

LogicalResult convertLayerNorm(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  auto first = axisOf(node.whole("axis", -1), rankOf(*x));
  if (!first || node.isRead(1) || node.isRead(2) || node.whole("stash_type", 1) != 1)
    return node.error("onnx_attribute") << "axis is outside of the shape, stash_type is not 1, or mean and deviation are used";
  Sizes axes;
  for (int64_t axis = *first; axis < rankOf(*x); ++axis)
    axes.push_back(axis);
  return normalize(node, *x, axes, {});
}

LogicalResult convertDropout(Node &node) {
  node.ignore("seed");
  node.ignore("is_test");
  auto p = node.knownNumber(1, "ratio");
  auto x = node.value(0);
  if (failed(p) || failed(x))
    return failure();
  if (node.isRead(1))
    return node.error("onnx_op") << "its mask is used";
  double share = p->value_or(0.5);
  return share == 0 ? node.giveSame(0)
                    : node.give(node.create("dropout", *x, node.attributes().number("p", share)));
}

// Before version 13 all dimensions from `axis` on were one.
LogicalResult convertSoftmax(Node &node) {
  StringRef op = node.op() == "Softmax" ? "softmax" : "log_softmax";
  auto x = node.value(0);
  if (failed(x))
    return failure();
  bool isOld = node.opset() < 13;
  auto axis = axisOf(node.whole("axis", isOld ? 1 : -1), rankOf(*x));
  if (!axis)
    return node.error("onnx_attribute") << "axis is outside of the shape";
  Attributes attributes = node.attributes();
  if (!isOld || *axis == rankOf(*x) - 1)
    return node.give(node.create(op, *x, attributes.whole("axis", *axis)));
  Sizes before(typeOf(*x).getShape()), flat(before.begin(), before.begin() + *axis);
  flat.push_back(-1);
  flat[0] = before[0] = 0;
  if (*axis == 0)
    return node.error("onnx_attribute") << "axis 0 is the batch";
  auto y = node.reshape(*x, flat);
  if (succeeded(y))
    y = node.create(op, *y, attributes.whole("axis", *axis));
  return succeeded(y) ? node.give(node.reshape(*y, before)) : failure();
}

// The axes were an attribute, and became an input in version 13 (of sums) and 18.
LogicalResult convertReduce(Node &node) {
  auto given = node.known(1, "axes");
  auto x = node.value(0);
  if (failed(given) || failed(x))
    return failure();
  bool keeps = node.whole("keepdims", 1), isNothing = node.whole("noop_with_empty_axes", 0);
  Sizes axes = given->value_or(Sizes());
  if (axes.empty() && isNothing)
    return node.giveSame(0);
  for (int64_t &axis : axes) {
    auto place = axisOf(axis, rankOf(*x));
    if (!place)
      return node.error("onnx_attribute") << "axis " << axis << " is outside of the shape";
    axis = *place;
  }
  if (axes.empty())
    for (int64_t axis = 0; axis < rankOf(*x); ++axis)
      axes.push_back(axis);
  auto reduce = [&](StringRef op, Value value) {
    return node.create(op, value, node.attributes().ints("axes", axes).flag("keep_dims", keeps));
  };
  StringRef op = node.op();
  if (op == "ReduceMean")
    return node.give(reduce("reduce_mean", *x));
  if (op == "ReduceSum")
    return node.give(reduce("reduce_sum", *x));
  if (op == "ReduceMax")
    return node.give(reduce("reduce_max", *x));
  if (op == "ReduceMin") {
    auto y = node.create("neg", *x);
    y = succeeded(y) ? reduce("reduce_max", *y) : y;
    return succeeded(y) ? node.give(node.create("neg", *y)) : failure();
  }
  bool isNorm = op == "ReduceL2";
  auto y = node.create("mul", {*x, *x});
  y = succeeded(y) ? reduce("reduce_sum", *y) : y;
  return node.give(succeeded(y) && isNorm ? node.create("sqrt", *y) : y);
}

} // namespace

ArrayRef<Operator> normOperators() {
  static constexpr Operator kOperators[] = {
      {"BatchNormalization", convertBatchNorm}, {"InstanceNormalization", convertInstanceNorm},
      {"LayerNormalization", convertLayerNorm}, {"Dropout", convertDropout},
      {"Softmax", convertSoftmax}, {"LogSoftmax", convertSoftmax},
      {"ReduceMean", convertReduce}, {"ReduceSum", convertReduce}, {"ReduceMax", convertReduce},
      {"ReduceMin", convertReduce}, {"ReduceSumSquare", convertReduce}, {"ReduceL2", convertReduce}};
  return kOperators;
}

} // namespace gradmill::onnx
