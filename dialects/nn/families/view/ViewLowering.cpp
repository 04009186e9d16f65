// Views as loops: each element of the result is loaded from its place in the
// operand, a vector of images at a time. The index of an image does not change.
// Tensors without a batch are moved element by element.
//
// The reference for all of it: ViewReference.cpp, exactly; sums of reflections
// within 1e-5 (f32), 1e-12 (f64).
#include "View.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace mlir;
using namespace gradmill::nn;

//===-- Layouts -----------------------------------------------------------===//

// Lanes if the operand is in lanes, or is the caller's data, which is dense
// only until an op asks for lanes; and if the batch stays dimension 0.
static Layout layoutFor(Value operand, bool keepsBatch) {
  RankedTensorType type = typeOf(operand);
  if (!keepsBatch || type.getRank() == 0)
    return Layout::Dense;
  bool isData = layoutOf(type) == Layout::Dense && isa<BlockArgument>(operand);
  return isData || layoutOf(type) == Layout::Lanes ? Layout::Lanes
                                                   : Layout::Dense;
}

// Vectors of images, or of one image's channels.
static bool inLanes(Value operand) {
  return layoutOf(operand.getType()) != Layout::Dense;
}

static bool keepsBatch(Value input, Value output) {
  return typeOf(input).getRank() > 0 && typeOf(output).getRank() > 0 &&
         typeOf(input).getDimSize(0) == typeOf(output).getDimSize(0);
}
static bool keepsBatch(ReshapeOp op) {
  return keepsBatch(op.getInput(), op.getOutput());
}
static bool keepsBatch(FlattenOp op) {
  return keepsBatch(op.getInput(), op.getOutput());
}
static bool keepsBatch(TransposeOp op) {
  return !op.getPermutation().empty() && op.getPermutation().front() == 0;
}
static bool keepsBatch(SliceOp op) {
  return llvm::none_of(slicesOf(op),
                       [](const AxisSlice &s) { return s.axis == 0; });
}
static bool keepsBatch(SliceBackwardOp op) {
  return !llvm::is_contained(op.getAxes(), 0);
}
static bool keepsBatch(ConcatOp op) { return axisOf(op) != 0; }
static bool keepsBatch(PaddingOp op) {
  return llvm::none_of(padsOf(op),
                       [](const AxisPad &pad) { return pad.axis == 0; });
}
static bool keepsBatch(PadBackwardOp op) { return op.getAxis() != 0; }

static bool inChannels(Value operand) {
  return layoutOf(operand.getType()) == Layout::Channels;
}

// Whether channels stay in place, so that vectors of channels do.
static bool keepsChannels(Value input, Value output) {
  return typeOf(input).getRank() > 1 && typeOf(output).getRank() > 1 &&
         typeOf(input).getShape().take_front(2) ==
             typeOf(output).getShape().take_front(2);
}
static bool keepsChannels(ReshapeOp op) {
  return keepsChannels(op.getInput(), op.getOutput());
}
static bool keepsChannels(FlattenOp op) {
  return keepsChannels(op.getInput(), op.getOutput());
}
static bool keepsChannels(TransposeOp op) {
  ArrayRef<int64_t> permutation = op.getPermutation();
  return permutation.size() > 1 && permutation[0] == 0 && permutation[1] == 1;
}
static bool keepsChannels(SliceOp op) {
  return llvm::all_of(slicesOf(op),
                      [](const AxisSlice &s) { return s.axis > 1; });
}
static bool keepsChannels(SliceBackwardOp op) {
  return llvm::all_of(op.getAxes(), [](int64_t axis) { return axis > 1; });
}
// Others may follow whole vectors of channels.
static bool keepsChannels(ConcatOp op) {
  int64_t width = 1;
  for (Value input : op.getInputs())
    if (inChannels(input))
      width = lanesOf(input.getType());
  return axisOf(op) > 1 ||
         (axisOf(op) == 1 && llvm::all_of(op.getInputs(), [&](Value input) {
            return typeOf(input).getDimSize(1) % width == 0;
          }));
}
static bool keepsChannels(PaddingOp op) {
  return llvm::all_of(padsOf(op),
                      [](const AxisPad &pad) { return pad.axis > 1; });
}
static bool keepsChannels(PadBackwardOp op) { return op.getAxis() > 1; }

// With channels in the lanes if that holds. All inputs of a concat follow the
// one with the batch.
template <typename Op> static bool isLanewise(Op op) {
  return llvm::any_of(op->getOperands(), inChannels) && keepsChannels(op);
}
template <typename Op> static Layout operandLayout(Op op) {
  if (isLanewise(op))
    return Layout::Lanes;
  for (Value operand : op->getOperands())
    if (layoutFor(operand, keepsBatch(op)) == Layout::Lanes)
      return Layout::Lanes;
  return Layout::Dense;
}

#define VIEW_LAYOUTS(Op)                                                       \
  Layout Op::getOperandLayout(unsigned) { return ::operandLayout(*this); }     \
  Layout Op::getResultLayout(unsigned) {                                       \
    return inLanes(getOperation()->getOperand(0)) ? Layout::Lanes              \
                                                  : Layout::Dense;             \
  }                                                                            \
  bool Op::supportsEpilogue() {                                                \
    return inLanes(getOperation()->getOperand(0)) &&                           \
           typeOf(getOperation()->getResult(0)).getRank() >= 2;                \
  }                                                                            \
  bool Op::isLanewise() { return ::isLanewise(*this); }
VIEW_LAYOUTS(ReshapeOp)
VIEW_LAYOUTS(FlattenOp)
VIEW_LAYOUTS(TransposeOp)
VIEW_LAYOUTS(SliceOp)
VIEW_LAYOUTS(SliceBackwardOp)
VIEW_LAYOUTS(ConcatOp)
VIEW_LAYOUTS(PaddingOp)
VIEW_LAYOUTS(PadBackwardOp)
#undef VIEW_LAYOUTS

// A formula before it is computed where its elements are moved.

//===-- Loops -------------------------------------------------------------===//

namespace {

// Index of an element: one per dimension. In lanes the first index is the group
// of images; in channels layout the second one counts vectors.
using Index = SmallVector<Value>;

// The element of operand `i` at `at`: one for each image of a group, one for
// each channel of a vector, or a single one.
Value read(KernelBuilder &k, unsigned i, ArrayRef<Value> at) {
  Value operand = k.op->getOperand(i);
  if (!inLanes(operand) || at.size() < 2)
    return k.load(k.operand(i), at);
  if (!inChannels(operand))
    return k.element(i, at[0], at.drop_front(2), at[1]);
  Index place{at[0]};
  llvm::append_range(place, at.drop_front(2));
  place.push_back(at[1]);
  return k.loadVector(vectorTypeOf(typeOf(operand)), k.operand(i), place);
}

// Elements of the result along an axis.
struct Part {
  int64_t axis, first, count;
};
using From = llvm::function_ref<Value(ArrayRef<Value>)>;

// The index in the result of the element at `at` of a part.
Index placeOf(KernelBuilder &k, Part part, ArrayRef<Value> at) {
  Index to(at);
  to[part.axis] = k.add(to[part.axis], part.first);
  return to;
}

// Hands over a part for a group of images, or an image.
void handOver(KernelBuilder &k, Value block, Part part, From from) {
  RankedTensorType type = typeOf(k.op->getResult(0));
  SmallVector<int64_t> shape(type.getShape());
  if (shape.size() == 1) // no channels to hand over
    return k.storeVector(from({block}), k.result(0), {block});
  shape[1] = vectorsPerPixel(type);
  if (part.axis == 1 && layoutOf(type) == Layout::Channels) {
    part.first /= lanesOf(type);
    part.count /= lanesOf(type);
  }
  shape[part.axis] = part.count;
  int64_t shift = part.axis == 1 ? part.first : 0;
  k.nest(ArrayRef<int64_t>(shape).drop_front(2), [&](ValueRange pixel) {
    k.forEachChannelBlock(shape[1], [&](ChannelBlock c) {
      SmallVector<Value> values;
      Index at{block, c.first};
      llvm::append_range(at, pixel);
      Index to = placeOf(k, part, at);
      for (int64_t j = 0; j < c.count; ++j) {
        at[1] = k.add(c.first, j);
        values.push_back(from(at));
      }
      k.emit(block, ArrayRef<Value>(to).drop_front(2),
             {to[1], c.count, std::gcd(c.alignment, shift)}, values);
    });
  });
}

// Stores a part of a dense result.
void store(KernelBuilder &k, Part part, From from) {
  SmallVector<int64_t> shape(typeOf(k.op->getResult(0)).getShape());
  shape[part.axis] = part.count;
  k.setSchedule("1 element");
  k.note("element by element: there is no batch to put into vectors");
  k.forEachParallel(shape.front(), [&](Value outer) {
    k.nest(ArrayRef<int64_t>(shape).drop_front(), [&](ValueRange inner) {
      Index at{outer};
      llvm::append_range(at, inner);
      k.store(from(at), k.result(0), placeOf(k, part, at));
    });
  });
}

// All elements of the result; `from` gives the element at an index.
void writeElements(KernelBuilder &k, From from) {
  RankedTensorType type = typeOf(k.op->getResult(0));
  if (type.getRank() == 0)
    return k.forEachParallel(
        1, [&](Value) { k.store(from({}), k.result(0), {}); });
  Part all{0, 0, type.getDimSize(0)};
  if (layoutOf(type) == Layout::Dense)
    return store(k, all, from);
  if (type.getRank() == 1)
    k.setSchedule("1 element");
  k.forEachBlock(bufferType(type).getDimSize(0),
                 [&](Value block) { handOver(k, block, all, from); });
}

//===-- Reshape -----------------------------------------------------------===//

// Neighbouring dimensions of two shapes with the same number of elements.
struct Group {
  SmallVector<unsigned> from, to;
};

// The largest possible number of groups: a dimension that stays is a group of
// its own.
SmallVector<Group> groupDimensions(ArrayRef<int64_t> from,
                                   ArrayRef<int64_t> to) {
  SmallVector<Group> groups;
  for (unsigned i = 0, j = 0; i < from.size() || j < to.size();) {
    Group group;
    int64_t a = 1, b = 1;
    if (i < from.size())
      a *= from[group.from.emplace_back(i++)];
    if (j < to.size())
      b *= to[group.to.emplace_back(j++)];
    while (a != b)
      if (a < b)
        a *= from[group.from.emplace_back(i++)];
      else
        b *= to[group.to.emplace_back(j++)];
    groups.push_back(group);
  }
  return groups;
}

// If dimensions are only joined, or stay, the index in the other tensor is a
// sum.
AffineMap reshapeMap(RankedTensorType from, RankedTensorType to) {
  MLIRContext *context = to.getContext();
  SmallVector<AffineExpr> at(from.getRank(), getAffineConstantExpr(0, context));
  for (const Group &group : groupDimensions(from.getShape(), to.getShape())) {
    AffineExpr number = getAffineConstantExpr(0, context);
    for (unsigned d : group.to)
      number = number * to.getDimSize(d) + getAffineDimExpr(d, context);
    unsigned joined = 0;
    for (unsigned d : group.from)
      if (from.getDimSize(d) > 1 || group.from.size() == 1) {
        at[d] = number;
        ++joined;
      }
    if (joined > 1)
      return {};
  }
  return AffineMap::get(to.getRank(), 0, at, context);
}

// The place in the other tensor of the element at `to` of the reshaped one.
Index unreshaped(KernelBuilder &k, ArrayRef<Group> groups,
                 ArrayRef<int64_t> fromShape, ArrayRef<int64_t> toShape,
                 ArrayRef<Value> to) {
  Index from(fromShape.size());
  for (const Group &group : groups) {
    Value number; // within the group
    for (unsigned d : group.to)
      if (toShape[d] > 1 || group.to.size() == 1)
        number = number ? k.add(k.mul(number, toShape[d]), to[d]) : to[d];
    if (!number)
      number = k.index(0);
    for (unsigned d :
         llvm::reverse(llvm::ArrayRef(group.from)
                           .drop_front(group.from.empty() ? 0 : 1))) {
      Value quotient = k.div(number, fromShape[d]);
      from[d] = k.sub(number, k.mul(quotient, fromShape[d]));
      number = quotient;
    }
    if (!group.from.empty())
      from[group.from.front()] = number;
  }
  return from;
}

// Memory does not change: dense tensors are the same sequence of elements.
void copyDense(KernelBuilder &k) {
  int64_t count = typeOf(k.op->getResult(0)).getNumElements(),
          lanes =
              std::max<int64_t>(1, k.machine().vectorBytes * 8 /
                                       getElementTypeOrSelf(k.op->getResult(0))
                                           .getIntOrFloatBitWidth());
  auto flat = [&](Value buffer) {
    unsigned rank = cast<MemRefType>(buffer.getType()).getRank();
    if (rank <= 1)
      return buffer;
    return k.collapse(buffer,
                      {llvm::to_vector<2>(llvm::seq<int64_t>(0, rank))});
  };
  Value from = flat(k.operand(0)), to = flat(k.result(0));
  auto at = [&](Value memref, Value i) {
    return cast<MemRefType>(memref.getType()).getRank() ? Index{i} : Index{};
  };
  k.setSchedule("flat, vectors of " + std::to_string(lanes));
  VectorType vector = VectorType::get(
      {lanes}, getElementTypeOrSelf(k.op->getResult(0).getType()));
  constexpr int64_t kPart = 1 << 14; // elements a task
  k.forEachParallel(llvm::divideCeil(count, kPart), [&](Value task) {
    Value begin = k.mul(task, kPart),
          end = k.min(k.add(begin, kPart), k.index(count)),
          whole = k.min(end, k.index(count / lanes * lanes));
    if (count >= lanes)
      k.loop(begin, whole, lanes, [&](Value i) {
        Value elements =
            vector::LoadOp::create(k.b, k.loc, vector, from, ValueRange{i});
        vector::StoreOp::create(k.b, k.loc, elements, to, ValueRange{i});
      });
    k.loop(count >= lanes ? whole : begin, end, 1,
           [&](Value i) { k.store(k.load(from, at(from, i)), to, at(to, i)); });
  });
}

LogicalResult lowerReshape(KernelBuilder &k) {
  RankedTensorType from = typeOf(k.op->getOperand(0)),
                   to = typeOf(k.op->getResult(0));
  if (layoutOf(to) == Layout::Dense) {
    copyDense(k);
    return success();
  }
  SmallVector<Group> groups = groupDimensions(from.getShape(), to.getShape());
  writeElements(k, [&](ArrayRef<Value> at) {
    return read(k, 0,
                unreshaped(k, groups, from.getShape(), to.getShape(), at));
  });
  return success();
}

} // namespace

AffineMap ReshapeOp::getViewMap() {
  return reshapeMap(typeOf(getInput()), typeOf(getOutput()));
}
AffineMap FlattenOp::getViewMap() {
  return reshapeMap(typeOf(getInput()), typeOf(getOutput()));
}

LogicalResult ReshapeOp::lower(KernelBuilder &k) { return lowerReshape(k); }
LogicalResult FlattenOp::lower(KernelBuilder &k) { return lowerReshape(k); }

//===-- Transpose, slice, concat ------------------------------------------===//

AffineMap TransposeOp::getViewMap() {
  SmallVector<AffineExpr> from(getPermutation().size());
  for (auto [to, d] : llvm::enumerate(getPermutation()))
    from[d] = getAffineDimExpr(to, getContext());
  return AffineMap::get(from.size(), 0, from, getContext());
}

LogicalResult TransposeOp::lower(KernelBuilder &k) {
  writeElements(k, [&](ArrayRef<Value> to) {
    Index from(to.size());
    for (auto [d, value] : llvm::zip_equal(getPermutation(), to))
      from[d] = value;
    return read(k, 0, from);
  });
  return success();
}

AffineMap SliceOp::getViewMap() {
  unsigned rank = typeOf(getOutput()).getRank();
  SmallVector<AffineExpr> from;
  for (unsigned d = 0; d < rank; ++d)
    from.push_back(getAffineDimExpr(d, getContext()));
  for (const AxisSlice &s : slicesOf(*this))
    from[s.axis] = from[s.axis] * s.stride + s.start;
  return AffineMap::get(rank, 0, from, getContext());
}

LogicalResult SliceOp::lower(KernelBuilder &k) {
  SmallVector<AxisSlice> slices = slicesOf(*this);
  writeElements(k, [&](ArrayRef<Value> to) {
    Index from(to);
    for (const AxisSlice &s : slices)
      from[s.axis] = k.add(k.mul(to[s.axis], s.stride), s.start);
    return read(k, 0, from);
  });
  return success();
}

// The element at `at`, or `outside` if not all of `isInside` are true.
static Value readIf(KernelBuilder &k, ArrayRef<Value> isInside,
                    ArrayRef<Value> at, double outside) {
  Value value = read(k, 0, at), all;
  for (Value each : isInside)
    all = all ? k.b.createOrFold<arith::AndIOp>(k.loc, all, each) : each;
  if (!all)
    return value;
  return k.b.createOrFold<arith::SelectOp>(
      k.loc, all, value, k.constant(value.getType(), outside));
}

static Value equal(KernelBuilder &k, Value x, Value y) {
  return k.b.createOrFold<arith::CmpIOp>(k.loc, arith::CmpIPredicate::eq, x, y);
}

// Element j of the slice is at start + j*stride.
LogicalResult SliceBackwardOp::lower(KernelBuilder &k) {
  RankedTensorType type = typeOf(getCotangent());
  writeElements(k, [&](ArrayRef<Value> to) {
    Index from(to);
    SmallVector<Value> isInside;
    for (auto [axis, start, stride] :
         llvm::zip_equal(getAxes(), getStarts(), getStrides())) {
      // Distance from the first element, in the slice's direction.
      Value distance = stride > 0 ? k.add(to[axis], -start)
                                  : k.sub(k.index(start), to[axis]);
      Value isBehind = k.inRange(
          distance, k.index(0),
          k.index((type.getDimSize(axis) - 1) * std::abs(stride) + 1));
      distance = k.max(distance, k.index(0));
      Value j = k.div(distance, std::abs(stride));
      isInside.push_back(isBehind);
      isInside.push_back(equal(k, k.mul(j, std::abs(stride)), distance));
      from[axis] = k.min(j, k.index(type.getDimSize(axis) - 1));
    }
    return readIf(k, isInside, from, 0);
  });
  return success();
}

// Input by input; along channels, vectors are copied in their order in memory.
LogicalResult ConcatOp::lower(KernelBuilder &k) {
  RankedTensorType type = typeOf(getOutput());
  auto eachPart = [&](llvm::function_ref<void(Part, From)> write) {
    Part part{axisOf(*this), 0, 0};
    for (auto [i, input] : llvm::enumerate(getInputs())) {
      part.first += part.count;
      part.count = typeOf(input).getDimSize(part.axis);
      write(part, [&, i = i](ArrayRef<Value> at) { return read(k, i, at); });
    }
  };
  if (layoutOf(type) != Layout::Dense)
    k.forEachBlock(bufferType(type).getDimSize(0), [&](Value block) {
      eachPart([&](Part part, From from) { handOver(k, block, part, from); });
    });
  else
    eachPart([&](Part part, From from) { store(k, part, from); });
  return success();
}

//===-- Pad ---------------------------------------------------------------===//

LogicalResult PaddingOp::lower(KernelBuilder &k) {
  SmallVector<AxisPad> pads = padsOf(*this);
  StringRef mode = getMode();
  writeElements(k, [&](ArrayRef<Value> to) {
    Index from(to);
    SmallVector<Value> isInside;
    for (const AxisPad &pad : pads) {
      int64_t size = typeOf(getInput()).getDimSize(pad.axis);
      Value &at = from[pad.axis], zero = k.index(0);
      at = k.add(at, -pad.low);
      if (mode == "constant")
        isInside.push_back(k.inRange(at, zero, k.index(size)));
      if (mode == "reflect") {
        at = k.max(at, k.sub(zero, at));
        at = k.min(at, k.sub(k.index(2 * (size - 1)), at));
      } else {
        at = k.min(k.max(at, zero), k.index(size - 1));
      }
    }
    return readIf(k, isInside, from, getValue().convertToDouble());
  });
  return success();
}

// A reflection copies an element to at most three places. A replicated border
// copies only the first and the last element.
LogicalResult PadBackwardOp::lower(KernelBuilder &k) {
  int64_t axis = getAxis(), low = getLow(), high = getHigh();
  int64_t size = typeOf(getGrad()).getDimSize(axis);
  auto plus = [&](Value x, Value y) -> Value {
    return arith::AddFOp::create(k.b, k.loc, x, y);
  };
  auto at = [&](ArrayRef<Value> to, Value place) {
    Index from(to);
    from[axis] = place;
    return from;
  };
  auto reflect = [&](ArrayRef<Value> to) {
    Value i = to[axis], own = k.add(i, low);
    Value sum = read(k, 0, at(to, own));
    // Around element 0, and around the last.
    auto add = [&](Value place, Value isCopied) {
      sum = plus(sum, readIf(k, {isCopied}, at(to, place), 0));
    };
    if (low)
      add(k.max(k.sub(k.index(low), i), k.index(0)),
          k.inRange(i, k.index(1), k.index(low + 1)));
    if (high)
      add(k.min(k.sub(k.index(low + 2 * (size - 1)), i),
                k.index(low + size + high - 1)),
          k.inRange(i, k.index(size - 1 - high), k.index(size - 1)));
    return sum;
  };
  auto replicate = [&](ArrayRef<Value> to) {
    Value i = to[axis], own = k.add(i, low);
    auto choose = [&](Value condition, int64_t x, Value y) {
      return k.b.createOrFold<arith::SelectOp>(k.loc, condition, k.index(x), y);
    };
    Value begin = choose(equal(k, i, k.index(0)), 0, own),
          end = choose(equal(k, i, k.index(size - 1)), low + size + high,
                       k.add(own, 1));
    Value first = read(k, 0, at(to, begin));
    return k
        .reduce(k.add(begin, 1), end, 1, first,
                [&](Value place, ValueRange sum) -> SmallVector<Value> {
                  return {plus(sum[0], read(k, 0, at(to, place)))};
                })
        .front();
  };
  writeElements(k, [&](ArrayRef<Value> to) {
    return getMode() == "reflect" ? reflect(to) : replicate(to);
  });
  return success();
}
