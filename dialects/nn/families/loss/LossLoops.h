// The loops that losses and metrics share: sums over the batch, and sweeps over
// the channels of each pixel.
#pragma once
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "nn/interfaces/Lowering.h"
#include <limits>

namespace gradmill::nn {

/// `value`, a scalar or a vector, as floats of `element`.
mlir::Value convertFloat(KernelBuilder &k, mlir::Value value,
                         mlir::Type element);

/// x / y, or 0 where y is 0.
mlir::Value divideBy(KernelBuilder &k, mlir::Value x, mlir::Value y);

/// The sums of the values that `body` gives for each index, one sum for each of
/// `types`. Every loop has sums of its own, so none is long. Without loops they
/// are the values themselves.
llvm::SmallVector<mlir::Value>
sumNest(KernelBuilder &k, llvm::ArrayRef<int64_t> counts, mlir::TypeRange types,
        llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange at)>
            body);

/// Sums over the batch: each task's part, then the parts and the lanes in
/// order, for any number of threads. Copies that fill up the last vector do not
/// count.
class BatchSum {
public:
  BatchSum(KernelBuilder &k, int64_t blocks, mlir::VectorType vector,
           unsigned count);
  /// `body` gives a group of images' sums.
  void run(llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value block)>
               body);
  /// After the loop: sum `i`, added up in numbers of `element`.
  mlir::Value total(unsigned i, mlir::Type element);

private:
  KernelBuilder &k;
  int64_t blocks, tasks;
  mlir::VectorType vector;
  llvm::SmallVector<mlir::Value> partials; // [tasks] of vectors
};

/// Sweeps over the channels of each pixel (each image, for [N, C]).
class ChannelSweep {
public:
  ChannelSweep(KernelBuilder &k, unsigned shapeOperand)
      : k(k),
        buffer(llvm::cast<mlir::MemRefType>(k.operand(shapeOperand).getType())),
        vector(cast<mlir::VectorType>(buffer.getElementType())) {}

  struct Pixel {
    mlir::Value block;
    llvm::SmallVector<mlir::Value> at;
    llvm::SmallVector<mlir::Value> channel(mlir::Value c) const {
      llvm::SmallVector<mlir::Value> index{block};
      llvm::append_range(index, at);
      index.push_back(c);
      return index;
    }
  };

  int64_t blocks() const { return buffer.getDimSize(0); }
  int64_t channels() const { return buffer.getShape().back(); }

  /// The pixels of an image.
  llvm::ArrayRef<int64_t> space() const {
    return buffer.getShape().drop_front().drop_back();
  }

  void forEachPixel(llvm::function_ref<void(const Pixel &)> body) {
    k.setSchedule("1 pixel, its channels in turn");
    k.forEachBlock(blocks(), [&](mlir::Value block) {
      k.nest(space(), [&](mlir::ValueRange at) {
        body({block, llvm::to_vector(at)});
      });
    });
  }

  /// Folds `body` over the channels.
  mlir::Value
  fold(double init,
       llvm::function_ref<mlir::Value(mlir::Value c, mlir::Value carried)>
           body) {
    return k
        .reduce(k.index(0), k.index(channels()), 1, {k.constant(vector, init)},
                [&](mlir::Value c, mlir::ValueRange carried)
                    -> llvm::SmallVector<mlir::Value> {
                  return {body(c, carried[0])};
                })
        .front();
  }

  /// Hands over `value` of every channel of a pixel.
  void emit(const Pixel &pixel,
            llvm::function_ref<mlir::Value(mlir::Value c)> value) {
    // Several exponentials at a time, each with its polynomial: 16 registers
    // hold two.
    int64_t width =
        k.channelAlignment() > 1 || k.vectorRegisters() >= 32 ? 4 : 2;
    k.forEachChannelBlock(
        channels(),
        [&](ChannelBlock block) {
          llvm::SmallVector<mlir::Value> values;
          for (int64_t i = 0; i < block.count; ++i)
            values.push_back(value(k.add(block.first, i)));
          k.emit(pixel.block, pixel.at, block, values);
        },
        width);
  }

  mlir::Value load(unsigned operand, const Pixel &pixel, mlir::Value c) {
    return k.load(k.operand(operand), pixel.channel(c));
  }
  mlir::Value plus(mlir::Value x, mlir::Value y) {
    return mlir::arith::AddFOp::create(k.b, k.loc, x, y);
  }
  mlir::Value minus(mlir::Value x, mlir::Value y) {
    return mlir::arith::SubFOp::create(k.b, k.loc, x, y);
  }
  mlir::Value times(mlir::Value x, mlir::Value y) {
    return mlir::arith::MulFOp::create(k.b, k.loc, x, y);
  }
  mlir::Value exp(mlir::Value x) {
    return mlir::math::ExpOp::create(k.b, k.loc, x);
  }

  /// The labels of a pixel of each image of a group: `[N]` or `[N, ...]`, whose
  /// first dimension of space lies where channels usually lie.
  mlir::Value labels(unsigned operand, const Pixel &pixel) {
    llvm::SmallVector<mlir::Value> index{pixel.block};
    if (!pixel.at.empty()) {
      llvm::append_range(index, llvm::drop_begin(pixel.at));
      index.push_back(pixel.at.front());
    }
    return k.load(k.operand(operand), index);
  }
  /// The lanes whose label is a channel.
  mlir::Value isValid(mlir::Value labels) {
    return mlir::arith::CmpIOp::create(
        k.b, k.loc, mlir::arith::CmpIPredicate::ult, labels,
        k.constant(labels.getType(), channels()));
  }
  /// The lanes whose label is not `ignored`.
  mlir::Value isNot(mlir::Value labels, int64_t ignored) {
    return mlir::arith::CmpIOp::create(k.b, k.loc,
                                       mlir::arith::CmpIPredicate::ne, labels,
                                       k.constant(labels.getType(), ignored));
  }
  /// The lanes whose label is channel c.
  mlir::Value isLabel(mlir::Value labels, mlir::Value c) {
    mlir::Value number =
        k.b.createOrFold<mlir::arith::IndexCastOp>(k.loc, k.b.getI32Type(), c);
    return mlir::arith::CmpIOp::create(k.b, k.loc,
                                       mlir::arith::CmpIPredicate::eq, labels,
                                       k.splat(number, labels.getType()));
  }

  KernelBuilder &k;
  mlir::MemRefType buffer;
  mlir::VectorType vector;
};

} // namespace gradmill::nn
