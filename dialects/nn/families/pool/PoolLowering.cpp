// Pooling as loops over vectors of images.
//
// With the batch in the lanes a window is a scan over whole vectors: no
// shuffles, no masks. At padded borders the scan is clipped to the taps inside
// the input.
//
// Adjoints hand over every input pixel once if they can, so that the next
// layer's adjoint fuses after them. If windows tile the input, each window
// writes its own pixels. Otherwise the adjoint of a mean gathers, for each
// input pixel, the windows that contain it. Only the maximum over overlapping
// windows adds in memory: gathering would search every window once for each of
// its pixels.
//
// The reference for all of it: PoolReference.cpp, within 1e-5 (f32), 1e-12
// (f64); maxima are exact.
#include "Pool.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"
#include "nn/LongSum.h"
#include <limits>

using namespace mlir;
using namespace gradmill::nn;

namespace {

struct Range {
  Value lo, hi;
};

/// The base of the kernels: the geometry, and walks over outputs, taps and
/// inputs.
class PoolKernel {
public:
  PoolKernel(KernelBuilder &k, const PoolShape &s)
      : k(k), s(s), buffer(cast<MemRefType>(k.operand(0).getType())) {
    auto type = cast<RankedTensorType>(k.op->getOperand(0).getType());
    vector = vectorTypeOf(type);
    this->s.channels = vectorsPerPixel(type);
  }

  using AtPixel = llvm::function_ref<void(Value block, ValueRange at,
                                          ChannelBlock channels)>;
  using AtTap = llvm::function_ref<SmallVector<Value>(
      ValueRange pixel, Value tap, ValueRange carried)>;

  /// Runs `body` for all pixels of images of `size`, a few channels at a time.
  void forEachPixel(std::array<int64_t, 2> size, AtPixel body) {
    k.forEachBlock(buffer.getDimSize(0),
                   [&](Value block) { forEachPixel(block, size, body); });
  }
  void forEachPixel(Value block, std::array<int64_t, 2> size, AtPixel body) {
    k.nest(size, [&](ValueRange at) {
      k.forEachChannelBlock(s.channels,
                            [&](ChannelBlock c) { body(block, at, c); });
    });
  }

  /// The taps of the window at output `o` that lie inside the input.
  Range taps(int axis, Value o) {
    if (s.adaptive) {
      Value end = k.ceilDiv(k.mul(k.add(o, 1), s.in[axis]), s.out[axis]);
      return {k.index(0), k.sub(end, adaptiveStart(axis, o))};
    }
    if (!s.leavesImage(axis))
      return {k.index(0), k.index(s.kernel[axis])};
    Value start = k.add(k.mul(o, s.stride[axis]), -s.padding[axis]);
    Value lo = k.ceilDiv(k.sub(k.index(0), start), s.dilation[axis]);
    Value hi = k.ceilDiv(k.sub(k.index(s.in[axis]), start), s.dilation[axis]);
    return {k.max(lo, k.index(0)), k.min(hi, k.index(s.kernel[axis]))};
  }

  /// The outputs whose window contains input `i` (no dilation).
  Range windows(int axis, Value i) {
    // floor(o*in/out) <= i < ceil((o+1)*in/out), solved for o.
    if (s.adaptive)
      return {k.div(k.mul(i, s.out[axis]), s.in[axis]),
              k.ceilDiv(k.mul(k.add(i, 1), s.out[axis]), s.in[axis])};
    if (s.out[axis] == 1 && s.kernel[axis] >= s.in[axis] + s.padding[axis])
      return {k.index(0), k.index(1)};
    Value last = k.add(i, s.padding[axis]);
    Value lo = k.ceilDiv(k.add(last, 1 - s.kernel[axis]), s.stride[axis]);
    Value hi = k.add(k.div(last, s.stride[axis]), 1);
    return {k.max(lo, k.index(0)), k.min(hi, k.index(s.out[axis]))};
  }

  SmallVector<Value> reduce(
      Range rows, Range columns, ValueRange init,
      llvm::function_ref<SmallVector<Value>(Value, Value, ValueRange)> body) {
    return k.reduce(rows.lo, rows.hi, 1, init,
                    [&](Value row, ValueRange outer) {
                      return k.reduce(columns.lo, columns.hi, 1, outer,
                                      [&](Value column, ValueRange carried) {
                                        return body(row, column, carried);
                                      });
                    });
  }

  /// Folds `body` over the taps of the window at output `at`; taps are numbered
  /// in row-major order.
  SmallVector<Value> overTaps(ValueRange at, ValueRange init, AtTap body) {
    return reduce(taps(0, at[0]), taps(1, at[1]), init,
                  [&](Value kh, Value kw, ValueRange carried) {
                    SmallVector<Value> pixel{inputAt(0, at[0], kh),
                                             inputAt(1, at[1], kw)};
                    return body(pixel, tapNumber(kh, kw), carried);
                  });
  }

  Value adaptiveStart(int axis, Value o) {
    return k.div(k.mul(o, s.in[axis]), s.out[axis]);
  }

  Value inputAt(int axis, Value o, Value tap) {
    if (s.adaptive)
      return k.add(adaptiveStart(axis, o), tap);
    return k.add(k.add(k.mul(o, s.stride[axis]), k.mul(tap, s.dilation[axis])),
                 -s.padding[axis]);
  }
  Value tapNumber(Value kh, Value kw) {
    return k.add(k.mul(kh, s.kernel[1]), kw);
  }

  Value load(Value images, Value block, ValueRange at, ChannelBlock c,
             int64_t i) {
    return k.loadVector(vector, images,
                        {block, at[0], at[1], k.add(c.first, i)});
  }

  KernelBuilder &k;
  PoolShape s;
  MemRefType buffer;
  VectorType vector;
};

//===-- Maximum -----------------------------------------------------------===//

class MaxKernel : public PoolKernel {
public:
  using PoolKernel::PoolKernel;

  void forward(Value x) {
    forEachPixel(s.out, [&](Value block, ValueRange at, ChannelBlock c) {
      SmallVector<Value> best(c.count, lowest());
      best =
          overTaps(at, best, [&](ValueRange pixel, Value, ValueRange carried) {
            SmallVector<Value> out;
            for (int64_t i = 0; i < c.count; ++i)
              out.push_back(maximum(carried[i], load(x, block, pixel, c, i)));
            return out;
          });
      k.emit(block, at, c, best);
    });
  }

  // Every input pixel belongs to one window.
  void backwardTiled(Value dy, Value x) {
    forEachPixel(s.out, [&](Value block, ValueRange at, ChannelBlock c) {
      SmallVector<Value> where = findMaxima(x, block, at, c);
      overTaps(at, {}, [&](ValueRange pixel, Value tap, ValueRange) {
        SmallVector<Value> out;
        for (int64_t i = 0; i < c.count; ++i)
          out.push_back(share(load(dy, block, at, c, i), where[i], tap));
        k.emit(block, pixel, c, out);
        return SmallVector<Value>();
      });
    });
  }

  void backward(Value dy, Value x, Value dx) {
    k.forEachBlock(buffer.getDimSize(0), [&](Value block) {
      forEachPixel(block, s.in, [&](Value, ValueRange at, ChannelBlock c) {
        for (int64_t i = 0; i < c.count; ++i)
          k.store(k.constant(vector, 0), dx,
                  {block, at[0], at[1], k.add(c.first, i)});
      });
      forEachPixel(block, s.out, [&](Value, ValueRange at, ChannelBlock c) {
        SmallVector<Value> where = findMaxima(x, block, at, c);
        overTaps(at, {}, [&](ValueRange pixel, Value tap, ValueRange) {
          for (int64_t i = 0; i < c.count; ++i) {
            Value term = share(load(dy, block, at, c, i), where[i], tap);
            Value sum = arith::AddFOp::create(
                k.b, k.loc, load(dx, block, pixel, c, i), term);
            k.store(sum, dx, {block, pixel[0], pixel[1], k.add(c.first, i)});
          }
          return SmallVector<Value>();
        });
      });
    });
  }

private:
  Value lowest() {
    return k.constant(vector, -std::numeric_limits<double>::infinity());
  }

  // NaN wins. It does not matter which of two zeros is kept, and allowing both
  // saves three instructions on x86.
  Value maximum(Value x, Value y) {
    return arith::MaximumFOp::create(k.b, k.loc, x, y,
                                     arith::FastMathFlags::nsz);
  }

  // The tap of the maximum in each lane, as integers of the elements' width, so
  // that comparisons of both give the same kind of mask. They are wide enough:
  // pool2d_c6.
  SmallVector<Value> findMaxima(Value x, Value block, ValueRange at,
                                ChannelBlock c) {
    SmallVector<Value> init(c.count, lowest());
    Value first = tapVector(tapNumber(taps(0, at[0]).lo, taps(1, at[1]).lo));
    init.append(c.count, first);
    SmallVector<Value> found = overTaps(
        at, init, [&](ValueRange pixel, Value tap, ValueRange carried) {
          SmallVector<Value> out(2 * c.count);
          for (int64_t i = 0; i < c.count; ++i) {
            Value value = load(x, block, pixel, c, i);
            Value better =
                compare(arith::CmpFPredicate::OGT, value, carried[i]);
            Value nan = compare(arith::CmpFPredicate::UNO, value, value);
            Value take = arith::OrIOp::create(k.b, k.loc, better, nan);
            out[i] =
                arith::SelectOp::create(k.b, k.loc, take, value, carried[i]);
            out[c.count + i] = arith::SelectOp::create(
                k.b, k.loc, take, tapVector(tap), carried[c.count + i]);
          }
          return out;
        });
    return SmallVector<Value>(ArrayRef<Value>(found).drop_front(c.count));
  }

  // The cotangent where `tap` holds the maximum, else 0.
  Value share(Value cotangent, Value where, Value tap) {
    Value hit = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::eq,
                                      where, tapVector(tap));
    return arith::SelectOp::create(k.b, k.loc, hit, cotangent,
                                   k.constant(vector, 0));
  }

  Value compare(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(k.b, k.loc, predicate, x, y);
  }

  Value tapVector(Value tap) {
    Type integer = k.b.getIntegerType(vector.getElementTypeBitWidth());
    Value number = k.b.createOrFold<arith::IndexCastOp>(k.loc, integer, tap);
    return k.splat(number, vector.clone(integer));
  }
};

//===-- Mean --------------------------------------------------------------===//

class MeanKernel : public PoolKernel {
public:
  MeanKernel(KernelBuilder &k, const PoolShape &s, bool countPadding)
      : PoolKernel(k, s), countPadding(countPadding),
        varies(s.adaptive ||
               (countPadding ? s.leavesPadding() : s.leavesImage())) {}

  void forward(Value x) {
    forEachPixel(s.out, [&](Value block, ValueRange at, ChannelBlock c) {
      SmallVector<Value> zeros(c.count, k.constant(vector, 0));
      auto addRow = [&](Value row, ValueRange soFar) {
        Range columns = taps(1, at[1]);
        return k.reduce(
            columns.lo, columns.hi, 1, soFar,
            [&](Value column, ValueRange carried) {
              SmallVector<Value> pixel{inputAt(0, at[0], row),
                                       inputAt(1, at[1], column)};
              return addTo(carried, [&](int64_t i) {
                return load(x, block, pixel, c, i);
              });
            });
      };
      Range rows = taps(0, at[0]);
      SmallVector<Value> sums = k.reduce(
          rows.lo, rows.hi, 1, zeros, [&](Value row, ValueRange carried) {
            if (mostTaps(0) * mostTaps(1) <= kLongSum)
              return addRow(row, carried);
            SmallVector<Value> sums = addRow(row, zeros);
            return addTo(carried, [&](int64_t i) { return sums[i]; });
          });
      k.emit(block, at, c, scaled(sums, weightOf(at)));
    });
  }

  void backwardTiled(Value dy) {
    forEachPixel(s.out, [&](Value block, ValueRange at, ChannelBlock c) {
      SmallVector<Value> values = loadAll(dy, block, at, c);
      values = scaled(values, weightOf(at));
      overTaps(at, {}, [&](ValueRange pixel, Value, ValueRange) {
        k.emit(block, pixel, c, values);
        return SmallVector<Value>();
      });
    });
  }

  void backward(Value dy) {
    forEachPixel(s.in, [&](Value block, ValueRange at, ChannelBlock c) {
      SmallVector<Value> sums(c.count, k.constant(vector, 0));
      sums =
          reduce(windows(0, at[0]), windows(1, at[1]), sums,
                 [&](Value row, Value column, ValueRange carried) {
                   SmallVector<Value> window{row, column};
                   SmallVector<Value> values = loadAll(dy, block, window, c);
                   if (varies)
                     values = scaled(values, weightOf(window));
                   return addTo(carried, [&](int64_t i) { return values[i]; });
                 });
      k.emit(block, at, c, varies ? sums : scaled(sums, weightOf(at)));
    });
  }

private:
  int64_t mostTaps(int axis) const {
    return s.adaptive ? s.in[axis] / s.out[axis] + 1 : s.kernel[axis];
  }

  // The weight of a pixel in the mean of the window at output `at`.
  Value weightOf(ValueRange at) {
    if (!varies)
      return k.constant(vector, 1.0 / double(s.kernel[0] * s.kernel[1]));
    Value count = k.mul(counted(0, at[0]), counted(1, at[1]));
    Type scalar = vector.getElementType();
    Value number = arith::SIToFPOp::create(
        k.b, k.loc, scalar,
        arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), count));
    return k.splat(
        arith::DivFOp::create(k.b, k.loc, k.constant(scalar, 1), number),
        vector);
  }

  // The number of pixels of the window at output `o` that the mean counts.
  Value counted(int axis, Value o) {
    if (!countPadding) {
      Range inside = taps(axis, o);
      return k.sub(inside.hi, inside.lo);
    }
    Value left =
        k.sub(k.index(s.in[axis] + s.padding[axis] + s.paddingEnd[axis]),
              k.mul(o, s.stride[axis]));
    return k.min(left, k.index(s.kernel[axis]));
  }

  SmallVector<Value> loadAll(Value images, Value block, ValueRange at,
                             ChannelBlock c) {
    SmallVector<Value> values;
    for (int64_t i = 0; i < c.count; ++i)
      values.push_back(load(images, block, at, c, i));
    return values;
  }
  SmallVector<Value> addTo(ValueRange sums,
                           llvm::function_ref<Value(int64_t)> term) {
    SmallVector<Value> out;
    for (auto [i, sum] : llvm::enumerate(sums))
      out.push_back(arith::AddFOp::create(k.b, k.loc, sum, term(i)));
    return out;
  }
  SmallVector<Value> scaled(ArrayRef<Value> values, Value factor) {
    SmallVector<Value> out;
    for (Value value : values)
      out.push_back(arith::MulFOp::create(k.b, k.loc, value, factor));
    return out;
  }

  bool countPadding;
  bool varies; // the divisor depends on the window
};

} // namespace

LogicalResult MaxPool2DOp::lower(KernelBuilder &k) {
  MaxKernel(k, shapeOf(*this)).forward(k.operand(0));
  return success();
}

LogicalResult MaxPool2DBackwardOp::lower(KernelBuilder &k) {
  MaxKernel kernel(k, shapeOf(*this));
  if (kernel.s.tilesInput())
    kernel.backwardTiled(k.operand(0), k.operand(1));
  else {
    k.note("windows overlap: cotangents are added up in memory");
    kernel.backward(k.operand(0), k.operand(1), k.result(0));
  }
  return success();
}

LogicalResult AvgPool2DOp::lower(KernelBuilder &k) {
  MeanKernel(k, shapeOf(*this), getCountIncludePad()).forward(k.operand(0));
  return success();
}

LogicalResult AvgPool2DBackwardOp::lower(KernelBuilder &k) {
  MeanKernel kernel(k, shapeOf(*this), getCountIncludePad());
  if (kernel.s.tilesInput())
    kernel.backwardTiled(k.operand(0));
  else
    kernel.backward(k.operand(0));
  return success();
}

// One window as large as the image.
static PoolShape globalShape(Value images) {
  ArrayRef<int64_t> x = cast<RankedTensorType>(images.getType()).getShape();
  std::array<int64_t, 2> size{x[2], x[3]}, ones{1, 1};
  return {x[0], x[1], size, ones, size, size, {0, 0}, ones, {0, 0}};
}

LogicalResult GlobalAvgPoolOp::lower(KernelBuilder &k) {
  MeanKernel(k, globalShape(getInput()), true).forward(k.operand(0));
  return success();
}

LogicalResult GlobalAvgPoolBackwardOp::lower(KernelBuilder &k) {
  // Pixel by pixel, in the order in which images lie in memory.
  MeanKernel(k, globalShape(getGrad()), true).backward(k.operand(0));
  return success();
}

LogicalResult AdaptiveAvgPool2DOp::lower(KernelBuilder &k) {
  MeanKernel(k, shapeOf(*this), false).forward(k.operand(0));
  return success();
}

LogicalResult AdaptiveAvgPool2DBackwardOp::lower(KernelBuilder &k) {
  MeanKernel(k, shapeOf(*this), false).backward(k.operand(0));
  return success();
}

bool MaxPool2DBackwardOp::supportsEpilogue() {
  return shapeOf(*this).tilesInput();
}

// Each channel of a pixel is pooled separately.
bool MaxPool2DOp::isLanewise() { return true; }
bool AvgPool2DOp::isLanewise() { return true; }
bool GlobalAvgPoolOp::isLanewise() { return true; }
bool AdaptiveAvgPool2DOp::isLanewise() { return true; }
