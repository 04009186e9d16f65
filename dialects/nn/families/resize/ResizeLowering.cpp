// Resizing as loops over vectors of images. The position of an output is
// computed where it is needed, once for each row and each pixel, as scalars.
// Only the weighted sums of pixels are vectors, channel by channel.
//
// The adjoint adds every output's cotangent to the pixels that the output read,
// in memory. The ratio is no whole number, so finding the outputs that read a
// pixel would need a search.
//
// The reference for both: ResizeReference.cpp, within 1e-6 (f32), 1e-12 (f64).
#include "Resize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {

/// A pixel that an output reads along an axis; the weight is a vector, null for
/// the only one.
struct Tap {
  Value at, weight;
};
using Taps = SmallVector<Tap, 2>;

class ResizeKernel {
public:
  ResizeKernel(KernelBuilder &k, const ResizeShape &s)
      : k(k), s(s),
        blocks(cast<MemRefType>(k.operand(0).getType()).getDimSize(0)),
        type(cast<RankedTensorType>(k.op->getOperand(0).getType())),
        vector(vectorTypeOf(type)) {}

  void forward(Value x) {
    k.forEachBlock(blocks, [&](Value block) {
      forEachOutput([&](ValueRange at, ArrayRef<Taps> taps, ChannelBlock c) {
        SmallVector<Value> sums(c.count);
        forEachPair(taps, [&](Value row, Value column, Value weight) {
          for (int64_t i = 0; i < c.count; ++i)
            sums[i] =
                addProduct(weight, load(x, block, row, column, c, i), sums[i]);
        });
        k.emit(block, at, c, sums);
      });
    });
  }

  void backward(Value dy, Value dx) {
    k.forEachBlock(blocks, [&](Value block) {
      k.nest({s.in[0], s.in[1], vectorsPerPixel(type)}, [&](ValueRange at) {
        k.store(k.constant(vector, 0), dx, {block, at[0], at[1], at[2]});
      });
      forEachOutput([&](ValueRange at, ArrayRef<Taps> taps, ChannelBlock c) {
        for (int64_t i = 0; i < c.count; ++i) {
          Value cotangent = load(dy, block, at[0], at[1], c, i);
          forEachPair(taps, [&](Value row, Value column, Value weight) {
            Value sum = addProduct(weight, cotangent,
                                   load(dx, block, row, column, c, i));
            k.store(sum, dx, {block, row, column, k.add(c.first, i)});
          });
        }
      });
    });
  }

private:
  void forEachOutput(
      llvm::function_ref<void(ValueRange, ArrayRef<Taps>, ChannelBlock)> body) {
    k.loop(s.out[0], [&](Value row) {
      Taps rows = tapsOf(0, row);
      k.loop(s.out[1], [&](Value column) {
        std::array<Taps, 2> taps{rows, tapsOf(1, column)};
        k.forEachChannelBlock(vectorsPerPixel(type), [&](ChannelBlock c) {
          body({row, column}, taps, c);
        });
      });
    });
  }

  // All pixels that an output reads; the weight is null if there is only one.
  void forEachPair(ArrayRef<Taps> taps,
                   llvm::function_ref<void(Value, Value, Value)> body) {
    for (const Tap &row : taps[0])
      for (const Tap &column : taps[1]) {
        Value weight = row.weight ? row.weight : column.weight;
        if (row.weight && column.weight)
          weight = arith::MulFOp::create(k.b, k.loc, row.weight, column.weight);
        body(row.at, column.at, weight);
      }
  }

  Taps tapsOf(int axis, Value o) {
    if (s.keeps(axis))
      return {{o, Value()}};
    if (!s.bilinear) {
      Scalar f32{k, k.b.getF32Type()};
      return {{pixel(axis, f32.mul(f32.of(o), s.ratio[axis])), Value()}};
    }
    // In f64 for all element types. In f32 a position at pixel 100 has an error
    // of 4e-6 pixels, and so has the weight.
    Scalar f64{k, k.b.getF64Type()};
    Value at = f64.of(o);
    if (s.alignCorners)
      at = f64.mul(at, s.ratio[axis]);
    else
      at = f64.max(f64.add(f64.mul(f64.add(at, 0.5), s.ratio[axis]), -0.5), 0);
    Value first = pixel(axis, at);
    Value second = k.min(k.add(first, 1), k.index(s.in[axis] - 1));
    Value beyond = f64.min(f64.sub(at, f64.of(first)), 1);
    return {{first, splat(f64.sub(f64.constant(1), beyond))},
            {second, splat(beyond)}};
  }

  // The pixel at or before a position, which is not negative.
  Value pixel(int axis, Value position) {
    Value whole =
        arith::FPToSIOp::create(k.b, k.loc, k.b.getI64Type(), position);
    Value at =
        arith::IndexCastOp::create(k.b, k.loc, k.b.getIndexType(), whole);
    return k.min(at, k.index(s.in[axis] - 1));
  }

  // Arithmetic on scalars of one type.
  struct Scalar {
    KernelBuilder &k;
    FloatType type;
    Value constant(double v) { return k.constant(type, v); }
    Value of(Value index) {
      Value whole =
          arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), index);
      return arith::SIToFPOp::create(k.b, k.loc, type, whole);
    }
    Value add(Value x, double y) {
      return arith::AddFOp::create(k.b, k.loc, x, constant(y));
    }
    Value sub(Value x, Value y) {
      return arith::SubFOp::create(k.b, k.loc, x, y);
    }
    Value mul(Value x, double y) {
      return arith::MulFOp::create(k.b, k.loc, x, constant(y));
    }
    Value max(Value x, double y) {
      return arith::MaximumFOp::create(k.b, k.loc, x, constant(y));
    }
    Value min(Value x, double y) {
      return arith::MinimumFOp::create(k.b, k.loc, x, constant(y));
    }
  };

  // A weight in the elements' type, in all lanes.
  Value splat(Value weight) {
    if (vector.getElementType().isF32())
      weight = arith::TruncFOp::create(k.b, k.loc, k.b.getF32Type(), weight);
    return k.splat(weight, vector);
  }

  // sum + weight*x; without a weight or a sum, only the rest.
  Value addProduct(Value weight, Value x, Value sum) {
    if (weight && sum)
      return vector::FMAOp::create(k.b, k.loc, weight, x, sum);
    if (weight)
      return arith::MulFOp::create(k.b, k.loc, weight, x);
    return sum ? arith::AddFOp::create(k.b, k.loc, sum, x).getResult() : x;
  }

  Value load(Value images, Value block, Value row, Value column, ChannelBlock c,
             int64_t i) {
    return k.loadVector(vector, images,
                        {block, row, column, k.add(c.first, i)});
  }

  KernelBuilder &k;
  ResizeShape s;
  int64_t blocks;
  RankedTensorType type;
  VectorType vector;
};

} // namespace

LogicalResult Resize2DOp::lower(KernelBuilder &k) {
  ResizeKernel(k, shapeOf(*this)).forward(k.operand(0));
  return success();
}

LogicalResult Resize2DBackwardOp::lower(KernelBuilder &k) {
  k.note("cotangents are added up in memory");
  ResizeKernel(k, shapeOf(*this)).backward(k.operand(0), k.result(0));
  return success();
}

// Each channel of a pixel is interpolated separately.
bool Resize2DOp::isLanewise() { return true; }
