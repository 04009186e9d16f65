#include "nn/Axes.h"

using namespace mlir;

namespace gradmill::nn {

FailureOr<int64_t> axisOf(std::optional<Location> loc, StringRef label,
                          RankedTensorType type, int64_t axis) {
  int64_t rank = type.getRank();
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  return violated(loc, label, "axis is ", axis, ", but the tensor, ",
                  shapeText(type.getShape()), ", has ", rank, " dimensions");
}

FailureOr<SmallVector<int64_t>> axesOf(std::optional<Location> loc,
                                       StringRef label, RankedTensorType type,
                                       ArrayRef<int64_t> axes) {
  SmallVector<int64_t> result;
  for (int64_t given : axes) {
    FailureOr<int64_t> axis = axisOf(loc, label, type, given);
    if (failed(axis))
      return failure();
    if (llvm::is_contained(result, *axis))
      return violated(loc, label, "axis ", given, " is named twice");
    result.push_back(*axis);
  }
  llvm::sort(result);
  return result;
}

LogicalResult checkKeepsBatch(std::optional<Location> loc, StringRef label,
                              RankedTensorType type, int64_t axis,
                              StringRef does) {
  if (!isOpen(type, axis))
    return success();
  return violated(loc, label, "the op ", does, " dimension ", axis, " of ",
                  shapeText(type.getShape()),
                  ", which is the batch: a sample's result must not depend on "
                  "other samples");
}

// For each spatial dimension: `along` of its size if it is one of the axes, else 1.
static SmallVector<int64_t>
ofSpace(Type type, ArrayRef<int64_t> axes,
        llvm::function_ref<int64_t(int64_t)> along) {
  SmallVector<int64_t> result;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  for (int64_t d = 2; d < int64_t(shape.size()); ++d)
    result.push_back(llvm::is_contained(axes, d) ? along(shape[d]) : 1);
  return result;
}

SmallVector<int64_t> windowAlong(Type type, ArrayRef<int64_t> axes) {
  return ofSpace(type, axes, [](int64_t size) { return size; });
}
SmallVector<int64_t> windowStrideAlong(Type type, ArrayRef<int64_t> axes) {
  return ofSpace(type, axes, [](int64_t) { return 0; });
}

std::optional<SmallVector<int64_t>> broadcastShape(ArrayRef<int64_t> a,
                                                   ArrayRef<int64_t> b) {
  size_t rank = std::max(a.size(), b.size());
  SmallVector<int64_t> shape(rank);
  for (size_t i = 0; i < rank; ++i) {
    // Counted from the end.
    int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1,
            y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      return std::nullopt;
    shape[rank - 1 - i] = x == 1 ? y : x;
  }
  return shape;
}

LogicalResult inferBroadcast(std::optional<Location> loc, StringRef label,
                             TypeRange operands,
                             SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape;
  Attribute layout;
  auto first = cast<RankedTensorType>(operands.front());
  for (Type each : operands) {
    auto type = cast<RankedTensorType>(each);
    std::optional<SmallVector<int64_t>> both =
        broadcastShape(shape, type.getShape());
    if (!both)
      return violated(loc, label, "the shapes ", shapeText(shape), " and ",
                      shapeText(type.getShape()),
                      " do not go together; from the last dimension on, sizes "
                      "must be equal, 1 or missing");
    if (type.getElementType() != first.getElementType())
      return violated(loc, label, "operands are of ", first.getElementType(),
                      " and of ", type.getElementType(), ", expected one type");
    shape = *both;
    if (!layout)
      layout = type.getEncoding();
  }
  types.push_back(
      RankedTensorType::get(shape, first.getElementType(), layout));
  return success();
}

SmallVector<int64_t> axesFromBehind(Operation *formula, unsigned operand) {
  int64_t rank = cast<RankedTensorType>(formula->getOperand(operand).getType())
                     .getRank(),
          all =
              cast<RankedTensorType>(formula->getResult(0).getType()).getRank();
  return llvm::to_vector(llvm::seq<int64_t>(all - rank, all));
}

bool haveSameShape(TypeRange a, TypeRange b) {
  return llvm::equal(a, b, [](Type x, Type y) {
    auto s = dyn_cast<RankedTensorType>(x), t = dyn_cast<RankedTensorType>(y);
    return s && t && s.getShape() == t.getShape() &&
           s.getElementType() == t.getElementType();
  });
}

ParseResult parseOneOrTwoTypes(OpAsmParser &parser, Type &lhs, Type &rhs) {
  if (parser.parseType(lhs))
    return failure();
  rhs = lhs;
  return succeeded(parser.parseOptionalComma()) ? parser.parseType(rhs)
                                                : success();
}

void printOneOrTwoTypes(OpAsmPrinter &printer, Operation *, Type lhs,
                        Type rhs) {
  printer << lhs;
  if (rhs != lhs)
    printer << ", " << rhs;
}

} // namespace gradmill::nn
