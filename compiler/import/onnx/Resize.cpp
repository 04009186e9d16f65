// Images of another size. nn has two of the many ways that ONNX tells of; the
// others are refused, unless they come to the same.
#include "Node.h"
#include <cmath>

using namespace mlir;

namespace gradmill::onnx {
namespace {

bool isWhole(double number) { return number >= 1 && std::floor(number) == number; }

/// For height and width: how many times larger, or the size.
struct Target {
  std::vector<double> scale;
  Sizes size;
};

FailureOr<Target> readTarget(Node &node, Value x, size_t scalesAt) {
  Target target;
  if (auto scales = node.reals("scales")) { // of Upsample, at first
    target.scale.assign(scales->begin(), scales->end());
  } else if (const Constant *scales = node.constant(scalesAt); scales && scales->isFloat && scales->size()) {
    target.scale.assign(scales->floats.begin(), scales->floats.end());
  } else {
    auto sizes = node.known(scalesAt + 1);
    if (failed(sizes))
      return failure();
    if (!*sizes)
      return node.error("onnx_value") << "neither scales nor sizes are known when the model is read";
    target.size = **sizes;
  }
  // Of two dimensions alone (axes), or of all.
  if (auto axes = node.sizes("axes")) {
    bool isSpace = axes->size() == 2 && axisOf((*axes)[0], 4) == 2 && axisOf((*axes)[1], 4) == 3;
    if (!isSpace)
      return node.error("onnx_attribute") << "axes must be 2 and 3: the images' height and width";
  } else if (target.scale.size() == 4) {
    if (target.scale[0] != 1 || target.scale[1] != 1)
      return node.error("onnx_value") << "batch and channels cannot be resized";
    target.scale.erase(target.scale.begin(), target.scale.begin() + 2);
  } else if (target.size.size() == 4) {
    if (target.size[1] != typeOf(x).getDimSize(1))
      return node.error("onnx_value") << "batch and channels cannot be resized";
    target.size.erase(target.size.begin(), target.size.begin() + 2);
  }
  if (target.scale.size() + target.size.size() != 2)
    return node.error("onnx_value") << "scales or sizes have the wrong number of entries";
  return target;
}

// What nn computes of the nearest pixel is floor(o / scale).
bool isNearestOfOurs(StringRef where, StringRef nearest, ArrayRef<double> scale) {
  bool areWhole = llvm::all_of(scale, isWhole);
  if (where == "asymmetric")
    return nearest == "floor";
  if (where == "half_pixel" || where == "pytorch_half_pixel")
    return areWhole && (nearest == "round_prefer_floor" || nearest == "round_prefer_ceil");
  return false;
}

// Where ONNX's definition of a linear mode and nn's part: it counts fractions of a
// pixel that the output does not have, and a single pixel lies elsewhere.
bool isLinearOfOurs(StringRef where, ArrayRef<double> scale, Value x) {
  for (size_t i = 0; i < 2; ++i) {
    double size = double(typeOf(x).getDimSize(2 + i)), out = scale[i] * size;
    bool isExact = std::abs(out - std::round(out)) < 1e-4;
    if (where == "align_corners" && !isExact)
      return false;
    if (where == "pytorch_half_pixel" && out < 2 && size > 1)
      return false;
  }
  return where == "half_pixel" || where == "pytorch_half_pixel" || where == "align_corners";
}

LogicalResult convertResize(Node &node) {
  bool isUpsample = node.op() == "Upsample", isOld = isUpsample || node.opset() < 11;
  auto x = node.value(0);
  if (failed(x))
    return failure();
  if (rankOf(*x) != 4 || ShapedType::isDynamicShape(typeOf(*x).getShape().drop_front()))
    return node.error("onnx_shape") << "the input must be [N, C, H, W]";
  auto target = readTarget(node, *x, isOld ? 1 : 2);
  if (failed(target))
    return failure();
  std::string mode = node.text("mode", "nearest"),
              where = node.text("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel"),
              nearest = node.text("nearest_mode", isOld ? "floor" : "round_prefer_floor"),
              policy = node.text("keep_aspect_ratio_policy", "stretch");
  // Of modes that are refused, or without an effect here.
  for (StringRef name : {"cubic_coeff_a", "exclude_outside", "extrapolation_value"})
    node.ignore(name);
  std::vector<double> scale = target->scale;
  for (size_t i = 0; i < target->size.size(); ++i)
    scale.push_back(double(target->size[i]) / typeOf(*x).getDimSize(2 + i));
  bool grows = scale[0] >= 1 && scale[1] >= 1;
  if ((node.whole("antialias", 0) && !grows) || policy != "stretch")
    return node.error("onnx_attribute") << "antialias and keep_aspect_ratio_policy are not supported";
  Attributes attributes = node.attributes();
  if (mode == "nearest" && isNearestOfOurs(where, nearest, scale)) {
    attributes.text("mode", "nearest");
  } else if (mode == "linear" && isLinearOfOurs(where, scale, *x)) {
    attributes.text("mode", "bilinear").flag("align_corners", where == "align_corners");
  } else {
    return node.error("onnx_attribute")
           << "mode '" << mode << "' with coordinates '" << where << "' and nearest_mode '" << nearest
           << "' is not supported; nearest (asymmetric with floor, or by whole numbers) and linear "
              "(half_pixel, align_corners; of whole pixels) are";
  }
  if (target->scale.empty())
    attributes.ints("size", target->size);
  else
    attributes.floats("scale", target->scale);
  return node.give(node.create("resize2d", *x, attributes));
}

} // namespace

ArrayRef<Operator> resizeOperators() {
  static constexpr Operator kOperators[] = {{"Resize", convertResize}, {"Upsample", convertResize}};
  return kOperators;
}

} // namespace gradmill::onnx
