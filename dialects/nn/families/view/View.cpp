// Shapes, constraints and simplification of views.
#include "View.h"
#include "nn/Axes.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "View.cpp.inc"

// "[0, -1]"
static std::string listText(ArrayRef<int64_t> values) {
  std::string text = "[";
  for (int64_t value : values)
    text += (text.size() > 1 ? ", " : "") + std::to_string(value);
  return text + "]";
}

//===-- Reshape, flatten --------------------------------------------------===//

// The number of elements of `sizes`, -1 if they are too many or no sizes.
static int64_t productOf(ArrayRef<int64_t> sizes) {
  if (ShapedType::isDynamicShape(sizes))
    return -1;
  return countElements(sizes).value_or(-1);
}

// `shape` with the 0s filled in, and the place of the -1, or -1.
static FailureOr<std::pair<SmallVector<int64_t>, int64_t>>
fillIn(std::optional<Location> loc, ArrayRef<int64_t> input,
       ArrayRef<int64_t> shape) {
  SmallVector<int64_t> result(shape);
  int64_t open = -1;
  for (auto [i, size] : llvm::enumerate(result)) {
    bool isBad = size < -1 || (size == -1 && open >= 0) ||
                 (size == 0 && i >= input.size()) || size > kMaxElements;
    if (isBad || result.size() > kMaxRank)
      return violated(loc, "reshape_c2", "shape is ", listText(shape), " for ",
                      shapeText(input),
                      ", expected sizes, 0 for a size of the input, and at "
                      "most one -1");
    if (size == -1)
      open = i;
    else if (size == 0)
      size = input[i];
  }
  return std::pair(result, open);
}

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getInput());
  ArrayRef<int64_t> input = type.getShape();
  bool batch = isOpen(type, 0);
  if (ShapedType::isDynamicShape(input.drop_front(batch)))
    return violated(loc, "reshape_c1", "input is ", shapeText(input),
                    ", expected a shape where only N may be dynamic");
  auto filled = fillIn(loc, input, adaptor.getShape());
  if (failed(filled))
    return failure();
  auto [shape, open] = *filled;
  if (batch) {
    // The other dimensions have to be enough for all else.
    if (shape.empty() || (open != 0 && shape[0] != ShapedType::kDynamic))
      return violated(loc, "reshape_c4", "shape is ",
                      listText(adaptor.getShape()), " for ", shapeText(input),
                      ", expected 0 in front, for the batch: a sample's result "
                      "must not depend on other samples");
    shape[0] = ShapedType::kDynamic;
    if (open == 0)
      open = -1;
  }
  SmallVector<int64_t> sizes(ArrayRef<int64_t>(shape).drop_front(batch));
  int64_t elements = productOf(input.drop_front(batch));
  auto mismatch = [&] {
    return violated(loc, "reshape_c3", "shape is ",
                    listText(adaptor.getShape()), ", the input, ",
                    shapeText(input), ", has ", elements, " elements",
                    batch ? " a sample" : "");
  };
  if (open >= 0) {
    sizes[open - batch] = 1;
    int64_t rest = productOf(sizes);
    if (rest < 1 || elements % rest)
      return mismatch();
    shape[open] = sizes[open - batch] = elements / rest;
  }
  if (productOf(sizes) != elements)
    return mismatch();
  types.push_back(withShape(type, shape));
  return success();
}

LogicalResult FlattenOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  int64_t features = -1;
  if (input.getRank() >= 2)
    features = countElements(input.getShape().drop_front()).value_or(-1);
  if (features < 0)
    return violated(loc, "flatten_c1", "input is ", shapeText(input.getShape()),
                    ", expected [N, C, ...] where only N may be dynamic");
  types.push_back(withShape(input, {input.getDimSize(0), features}));
  return success();
}

SmallVector<int64_t> gradmill::nn::reshapeTo(RankedTensorType from,
                                             RankedTensorType to) {
  SmallVector<int64_t> shape(to.getShape());
  if (!shape.empty() && from.getRank() > 0 && shape[0] == from.getDimSize(0))
    shape[0] = 0;
  return shape;
}

// A row [C] of each image and pixel stays a row if C stays: the other
// dimensions are pixels before and after.
static Meaning meaningOfReshape(Value input, RankedTensorType output) {
  RankedTensorType type = typeOf(input);
  bool keepsRows =
      type.getRank() >= 2 && output.getRank() >= 2 &&
      type.getShape().take_front(2) == output.getShape().take_front(2);
  return keepsRows ? meaningOf(input) : Meaning::Scores;
}
Meaning ReshapeOp::getMeaning() {
  return meaningOfReshape(getInput(), typeOf(getOutput()));
}
Meaning FlattenOp::getMeaning() {
  return meaningOfReshape(getInput(), typeOf(getOutput()));
}

// The operand of a reshape, or null.
static Value reshaped(Value value) {
  Operation *op = value.getDefiningOp();
  return op && isa<ReshapeOp, FlattenOp>(op) ? op->getOperand(0) : Value();
}

// Drops a reshape that changes nothing, or that undoes another.
static OpFoldResult foldReshape(Value input, Type type) {
  if (input.getType() == type)
    return input;
  Value inner = reshaped(input);
  return inner && inner.getType() == type ? inner : Value();
}
OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  return foldReshape(getInput(), getType());
}
OpFoldResult FlattenOp::fold(FoldAdaptor) {
  return foldReshape(getInput(), getType());
}

// Of two reshapes only the last one counts.
LogicalResult ReshapeOp::canonicalize(ReshapeOp op, PatternRewriter &rewriter) {
  Value inner = reshaped(op.getInput());
  if (!inner)
    return failure();
  rewriter.replaceOpWithNewOp<ReshapeOp>(
      op, inner, reshapeTo(typeOf(inner), typeOf(op.getOutput())));
  return success();
}

//===-- Transpose ---------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getInput());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  SmallVector<int64_t> sorted(permutation), shape;
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, type.getRank())))
    return violated(loc, "transpose_c1", "permutation is ",
                    listText(permutation), ", expected each of the ",
                    type.getRank(), " dimensions once");
  for (auto [to, from] : llvm::enumerate(permutation)) {
    if (from != int64_t(to) &&
        failed(checkKeepsBatch(loc, "transpose_c2", type, from, "moves")))
      return failure();
    shape.push_back(type.getDimSize(from));
  }
  types.push_back(withShape(type, shape));
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  ArrayRef<int64_t> outer = getPermutation();
  if (llvm::equal(outer, llvm::seq<int64_t>(0, outer.size())))
    return getInput();
  auto op = getInput().getDefiningOp<TransposeOp>();
  if (!op)
    return {};
  for (auto [i, dimension] : llvm::enumerate(outer))
    if (op.getPermutation()[dimension] != int64_t(i))
      return {};
  return op.getInput();
}

//===-- Slice -------------------------------------------------------------===//

// The axes that an op names, or all of them, each with one entry of a list.
static FailureOr<SmallVector<int64_t>>
namedAxes(std::optional<Location> loc, StringRef label, RankedTensorType type,
          std::optional<ArrayRef<int64_t>> axes) {
  if (!axes)
    return llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  if (failed(gradmill::nn::axesOf(loc, label, type, *axes)))
    return failure();
  return llvm::map_to_vector(*axes, [&](int64_t axis) {
    return axis < 0 ? axis + type.getRank() : axis;
  });
}

// Cuts as Python does; no number is too large.
static AxisSlice sliceOf(int64_t axis, int64_t size, int64_t start, int64_t end,
                         int64_t stride) {
  stride = std::clamp<int64_t>(stride, -kMaxElements - 1, kMaxElements + 1);
  int64_t least = stride < 0 ? -1 : 0, most = stride < 0 ? size - 1 : size;
  auto cut = [&](int64_t at) {
    return std::clamp(at < 0 ? at + size : at, least, most);
  };
  start = cut(start);
  int64_t reach = stride < 0 ? start - cut(end) : cut(end) - start;
  int64_t count = reach > 0 ? (reach - 1) / std::abs(stride) + 1 : 0;
  return {axis, start, count, count == 1 ? 1 : stride};
}

static ArrayRef<int64_t> stridesOr(std::optional<ArrayRef<int64_t>> strides,
                                   SmallVectorImpl<int64_t> &ones,
                                   size_t count) {
  ones.assign(count, 1);
  return strides ? *strides : ArrayRef<int64_t>(ones);
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getInput());
  auto axes = namedAxes(loc, "slice_c1", type, adaptor.getAxes());
  if (failed(axes))
    return failure();
  SmallVector<int64_t> ones, shape(type.getShape());
  ArrayRef<int64_t> starts = adaptor.getStarts(), ends = adaptor.getEnds(),
                    strides =
                        stridesOr(adaptor.getStrides(), ones, axes->size());
  if (starts.size() != axes->size() || ends.size() != axes->size() ||
      strides.size() != axes->size() || llvm::is_contained(strides, 0))
    return violated(loc, "slice_c2", "starts are ", listText(starts), ", ends ",
                    listText(ends), " and strides ", listText(strides),
                    ", expected ", axes->size(),
                    " of each, one for each axis, and no stride of 0");
  for (auto [axis, start, end, stride] :
       llvm::zip_equal(*axes, starts, ends, strides)) {
    if (type.isDynamicDim(axis)) {
      if (start == 0 && end >= kMaxElements && stride == 1)
        continue;
      return checkKeepsBatch(loc, "slice_c4", type, axis, "cuts");
    }
    AxisSlice slice = sliceOf(axis, shape[axis], start, end, stride);
    if (slice.count == 0)
      return violated(loc, "slice_c3", "of the ", shape[axis],
                      " elements of dimension ", axis, " nothing is left");
    shape[axis] = slice.count;
  }
  types.push_back(withShape(type, shape));
  return success();
}

SmallVector<AxisSlice> gradmill::nn::slicesOf(SliceOp op) {
  RankedTensorType type = typeOf(op.getInput());
  SmallVector<int64_t> axes =
      *namedAxes(std::nullopt, "slice_c1", type, op.getAxes());
  SmallVector<int64_t> ones;
  SmallVector<AxisSlice> slices;
  for (auto [axis, start, end, stride] :
       llvm::zip_equal(axes, op.getStarts(), op.getEnds(),
                       stridesOr(op.getStrides(), ones, axes.size()))) {
    int64_t size = type.getDimSize(axis);
    if (type.isDynamicDim(axis))
      continue;
    AxisSlice slice = sliceOf(axis, size, start, end, stride);
    if (!slice.isWhole(size))
      slices.push_back(slice);
  }
  return slices;
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  return slicesOf(*this).empty() ? getInput() : Value();
}

LogicalResult SliceBackwardOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getCotangent());
  SmallVector<int64_t> shape(type.getShape());
  size_t count = adaptor.getAxes().size();
  bool fits = adaptor.getStarts().size() == count &&
              adaptor.getStrides().size() == count &&
              adaptor.getSizes().size() == count;
  for (size_t i = 0; fits && i < count; ++i) {
    int64_t axis = adaptor.getAxes()[i], start = adaptor.getStarts()[i],
            size = adaptor.getSizes()[i], stride = adaptor.getStrides()[i];
    fits = axis >= 0 && axis < type.getRank() && !type.isDynamicDim(axis) &&
           size <= kMaxElements && stride >= -kMaxElements &&
           stride <= kMaxElements;
    if (!fits)
      break;
    int64_t last = 0;
    fits = !llvm::MulOverflow(type.getDimSize(axis) - 1, stride, last) &&
           !llvm::AddOverflow(last, start, last) && start >= 0 &&
           start < size && last >= 0 && last < size;
    shape[axis] = size;
  }
  if (!fits)
    return violated(loc, "slice_c5", "the cotangent, ",
                    shapeText(type.getShape()), ", is that of no such slice");
  types.push_back(withShape(type, shape));
  return success();
}

//===-- Concat ------------------------------------------------------------===//

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.empty())
    return violated(loc, "concat_c1", "there is no input");
  RankedTensorType first = typeOf(inputs.front());
  FailureOr<int64_t> axis = axisOf(loc, "concat_c3", first, adaptor.getAxis());
  if (failed(axis) ||
      failed(checkKeepsBatch(loc, "concat_c3", first, *axis, "appends to")))
    return failure();
  SmallVector<int64_t> shape(first.getShape());
  shape[*axis] = 0;
  for (Value input : inputs) {
    RankedTensorType type = typeOf(input);
    if (type.getElementType() != first.getElementType() ||
        type.getRank() != first.getRank())
      return violated(loc, "concat_c1", "inputs are ", first, " and ", type,
                      ", expected one element type and one rank");
    SmallVector<int64_t> other(type.getShape());
    other[*axis] = first.getDimSize(*axis);
    if (ArrayRef<int64_t>(other) != first.getShape() ||
        type.isDynamicDim(*axis) ||
        llvm::AddOverflow(shape[*axis], type.getDimSize(*axis), shape[*axis]))
      return violated(loc, "concat_c2", "inputs are ",
                      shapeText(first.getShape()), " and ",
                      shapeText(type.getShape()),
                      ", expected the same sizes but along axis ", *axis);
  }
  types.push_back(withShape(first, shape));
  return success();
}

int64_t gradmill::nn::axisOf(ConcatOp op) {
  int64_t axis = op.getAxis();
  return axis < 0 ? axis + typeOf(op.getOutput()).getRank() : axis;
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 ? getInputs().front() : Value();
}

//===-- Pad ---------------------------------------------------------------===//

LogicalResult PaddingOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getInput());
  auto axes = namedAxes(loc, "pad_c1", type, adaptor.getAxes());
  if (failed(axes))
    return failure();
  ArrayRef<int64_t> low = adaptor.getLow(), high = adaptor.getHigh();
  if (low.size() != axes->size() || high.size() != axes->size())
    return violated(loc, "pad_c1", "low is ", listText(low), " and high ",
                    listText(high), ", expected ", axes->size(),
                    " of each, one for each axis");
  StringRef mode = adaptor.getMode();
  if (mode != "constant" && mode != "reflect" && mode != "replicate")
    return violated(loc, "pad_c3", "mode is \"", mode,
                    "\", expected \"constant\", \"reflect\" or \"replicate\"");
  SmallVector<int64_t> shape(type.getShape());
  for (auto [axis, before, behind] : llvm::zip_equal(*axes, low, high)) {
    if (std::min(before, behind) < 0 || std::max(before, behind) > kMaxElements)
      return violated(loc, "pad_c2", "low is ", listText(low), " and high ",
                      listText(high), ", expected numbers from 0 to 2^40");
    if (before == 0 && behind == 0)
      continue;
    if (failed(checkKeepsBatch(loc, "pad_c5", type, axis, "pads")))
      return failure();
    bool isShort = mode == "reflect" ? std::max(before, behind) >= shape[axis]
                                     : mode == "replicate" && shape[axis] < 1;
    if (isShort)
      return violated(loc, "pad_c4", "dimension ", axis, " has ", shape[axis],
                      " elements, too few for ", std::max(before, behind),
                      " of its own at a border");
    shape[axis] += before + behind;
  }
  types.push_back(withShape(type, shape));
  return success();
}

SmallVector<AxisPad> gradmill::nn::padsOf(PaddingOp op) {
  SmallVector<int64_t> axes =
      *namedAxes(std::nullopt, "pad_c1", typeOf(op.getInput()), op.getAxes());
  SmallVector<AxisPad> pads;
  for (auto [axis, low, high] :
       llvm::zip_equal(axes, op.getLow(), op.getHigh()))
    if (low || high)
      pads.push_back({axis, low, high});
  return pads;
}

OpFoldResult PaddingOp::fold(FoldAdaptor) {
  return padsOf(*this).empty() ? getInput() : Value();
}

LogicalResult PadBackwardOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location> loc,
                                              Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getCotangent());
  SmallVector<int64_t> shape(type.getShape());
  int64_t axis = adaptor.getAxis(), low = adaptor.getLow(),
          high = adaptor.getHigh(), size = 0;
  bool fits = axis >= 0 && axis < type.getRank() && !type.isDynamicDim(axis) &&
              std::min(low, high) >= 0 && std::max(low, high) <= kMaxElements;
  if (fits) {
    size = shape[axis] - low - high;
    fits = size > 0 &&
           (adaptor.getMode() == "replicate" ||
            (adaptor.getMode() == "reflect" && std::max(low, high) < size));
  }
  if (!fits)
    return violated(loc, "pad_c6", "the cotangent, ",
                    shapeText(type.getShape()), ", is that of no such pad");
  shape[axis] = size;
  types.push_back(withShape(type, shape));
  return success();
}

// Two pads with zeros, around a part of an axis and around the neighbouring
// part, become both parts side by side. So the adjoints of slices of one tensor
// become one copy.
Value PaddingOp::joinSum(OpBuilder &builder, Operation *other) {
  auto second = dyn_cast<PaddingOp>(other);
  auto isZeros = [](PaddingOp op) {
    return op.getMode() == "constant" && op.getValue().isZero() &&
           padsOf(op).size() == 1;
  };
  if (!second || !isZeros(*this) || !isZeros(second))
    return {};
  AxisPad a = padsOf(*this).front(), b = padsOf(second).front();
  Value first = getInput(), behind = second.getInput();
  if (a.low > b.low) {
    std::swap(a, b);
    std::swap(first, behind);
  }
  if (a.axis != b.axis || a.low + typeOf(first).getDimSize(a.axis) != b.low)
    return {};
  // Parts of parts are parts of the whole.
  SmallVector<Value> parts;
  for (Value part : {first, behind}) {
    auto inner = part.getDefiningOp<ConcatOp>();
    if (inner && inner->hasOneUse() && axisOf(inner) == a.axis)
      llvm::append_range(parts, inner.getInputs());
    else
      parts.push_back(part);
  }
  Value both = ConcatOp::create(builder, getLoc(), parts, a.axis);
  if (a.low == 0 && b.high == 0)
    return both;
  return PaddingOp::create(builder, getLoc(), both, ArrayRef<int64_t>{a.low},
                           ArrayRef<int64_t>{b.high},
                           ArrayRef<int64_t>{a.axis});
}
