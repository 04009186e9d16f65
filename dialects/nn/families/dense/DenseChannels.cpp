// Linear layers with output features in the vector lanes: for single images,
// for small batches, and for a batch whose weights are worth packing once.
//
// out[n, o] = bias[o] + sum over i of x[n, i] * w[o, i]. A tile of images x
// vectors of outputs stays in registers. Per input feature it takes one weight
// vector for each vector of outputs, and one element of each image, broadcast
// from memory. So x may have any layout. The packed weight holds what a vector
// of outputs reads in the order in which it is read.
//
// The work is cut by outputs, and for a large batch by images too. So one image
// uses all threads, and each reads its own part of the weights. A part of the
// weights that the second-level cache holds meets all images of a task before
// the next one. A layer with little work is a loop over images instead, which
// can be merged with the kernels beside it.
//
// Every output is summed in the order of the inputs, for any number of threads
// and any cut. Packing depends on parameters alone, so it is hoisted out of
// inference (compiler/schedule/SplitPrepare.cpp).
//
// The reference for all of it: DenseReference.cpp, within 1e-4 (f32), 1e-10
// (f64).
#include "Dense.h"
#include "DenseSchedule.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "nn/Products.h"

using namespace mlir;
using namespace gradmill::nn;

//===-- The packed weight -------------------------------------------------===//

static SmallVector<int64_t> packedShape(int64_t outputs, int64_t inputs,
                                        int64_t width) {
  return {int64_t(llvm::divideCeil(outputs, width)), inputs, width};
}

static LogicalResult checkWidth(std::optional<Location> loc, int64_t width) {
  if (width >= 1 && width <= 1024)
    return success();
  return violated(loc, "linear_c6", "width is ", width, ", expected 1 to 1024");
}

LogicalResult
LinearPackWeightOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                     Adaptor adaptor,
                                     SmallVectorImpl<Type> &types) {
  RankedTensorType weight = typeOf(adaptor.getWeight());
  int64_t width = adaptor.getWidth();
  if (failed(checkWidth(loc, width)))
    return failure();
  if (weight.getRank() != 2 || !weight.hasStaticShape())
    return violated(loc, "linear_c1", "the weight is ",
                    shapeText(weight.getShape()), ", expected [O, I]");
  types.push_back(dense(
      weight, packedShape(weight.getDimSize(0), weight.getDimSize(1), width)));
  return success();
}

// Vector by vector of outputs, on all threads. The elements past the last
// output are zero.
LogicalResult LinearPackWeightOp::lower(KernelBuilder &k) {
  RankedTensorType weight = typeOf(getWeight());
  int64_t outputs = weight.getDimSize(0), inputs = weight.getDimSize(1),
          width = getWidth(), whole = outputs / width;
  auto pack = [&](Value v, int64_t count) {
    Value first = k.mul(v, width);
    k.loop(inputs, [&](Value i) {
      for (int64_t lane = 0; lane < width; ++lane)
        k.store(lane < count ? k.load(k.operand(0), {k.add(first, lane), i})
                             : k.constant(weight.getElementType(), 0),
                k.result(0), {v, i, k.index(lane)});
    });
  };
  if (whole)
    k.forEachParallel(whole, [&](Value v) { pack(v, width); });
  if (outputs % width)
    pack(k.index(whole), outputs % width);
  return success();
}

Layout LinearPackWeightOp::getOperandLayout(unsigned) { return Layout::Dense; }
Layout LinearPackWeightOp::getResultLayout(unsigned) { return Layout::Dense; }

//===-- The kernel --------------------------------------------------------===//

namespace {
using Sums = SmallVector<Value>;

class LinearKernel {
public:
  LinearKernel(KernelBuilder &k, LinearChannelsOp op)
      : k(k), in(k.operand(0)), weight(k.operand(1)),
        bias(op.getBias() ? k.operand(2) : Value()),
        vector(vectorTypeOf(typeOf(op.getOutput()))) {
    ArrayRef<int64_t> packed =
        cast<MemRefType>(weight.getType()).getShape();
    images = typeOf(op.getOutput()).getDimSize(0);
    vectors = packed[0];
    inputs = packed[1];
    cut = cutLinear(images, inputs, vectors, vector.getNumElements(),
                    vector.getElementTypeBitWidth() / 8, k.machine());
  }

  void emit() {
    if (cut.tasks == 0) {
      k.setSchedule("1 image x " + std::to_string(cut.vectors) +
                    " vectors of outputs");
      k.forEachBlock(images, [&](Value image) {
        forEachGroup([&](Value first, int64_t count) {
          finish(image, 1, first, count,
                 sum(image, 1, first, count, k.index(0), inputs,
                     start(1, first, count)));
        });
      });
      return;
    }
    k.setSchedule(std::to_string(cut.images) + " images x " +
                  std::to_string(cut.vectors) + " vectors of outputs");
    // Scratch for the sums of a task, if its inputs are cut.
    int64_t part = images / cut.parts;
    if (cut.inputs < inputs)
      partial = k.scratch(
          MemRefType::get({cut.tasks, part, cut.vectors}, vector));
    k.forEachParallel(cut.tasks, [&](Value task) {
      Value group = k.div(task, cut.parts),
            begin = k.mul(k.sub(task, k.mul(group, cut.parts)), part);
      forGroup(k, group, vectors, cut.vectors, [&](Value first, int64_t count) {
        partial ? emitCutInputs(task, begin, part, first, count)
                : emitPart(begin, part, first, count);
      });
    });
  }

private:
  // Groups of vectors of outputs, one after another.
  void forEachGroup(llvm::function_ref<void(Value, int64_t)> body) {
    int64_t whole = vectors / cut.vectors * cut.vectors;
    k.loop(k.index(0), k.index(whole), cut.vectors,
           [&](Value first) { body(first, cut.vectors); });
    if (vectors > whole)
      body(k.index(whole), vectors - whole);
  }

  void forEachTile(Value begin, int64_t count,
                   llvm::function_ref<void(Value, int64_t)> body) {
    forEachRowTile(k, begin, count, cut.images, body);
  }

  void emitPart(Value begin, int64_t part, Value first, int64_t count) {
    forEachTile(begin, part, [&](Value image, int64_t tile) {
      finish(image, tile, first, count,
             sum(image, tile, first, count, k.index(0), inputs,
                 start(tile, first, count)));
    });
  }

  // A block of inputs after another, so that its weights stay in the cache for
  // all images. Meanwhile the sums wait in memory.
  void emitCutInputs(Value task, Value begin, int64_t part, Value first,
                     int64_t count) {
    auto place = [&](Value image, int64_t p, int64_t v) {
      return SmallVector<Value>{task, k.add(k.sub(image, begin), p),
                                k.index(v)};
    };
    auto load = [&](Value image, int64_t tile) {
      Sums sums;
      for (int64_t p = 0; p < tile; ++p)
        for (int64_t v = 0; v < count; ++v)
          sums.push_back(k.load(partial, place(image, p, v)));
      return sums;
    };
    auto add = [&](Value from, int64_t size, bool isFirst, bool isLast) {
      forEachTile(begin, part, [&](Value image, int64_t tile) {
        Sums sums = sum(image, tile, first, count, from, size,
                        isFirst ? start(tile, first, count) : load(image, tile));
        if (isLast)
          return finish(image, tile, first, count, sums);
        for (int64_t p = 0; p < tile; ++p)
          for (int64_t v = 0; v < count; ++v)
            k.store(sums[p * count + v], partial, place(image, p, v));
      });
    };
    int64_t blocks = llvm::divideCeil(inputs, cut.inputs),
            last = (blocks - 1) * cut.inputs;
    add(k.index(0), cut.inputs, true, false);
    k.loop(k.index(cut.inputs), k.index(last), cut.inputs,
           [&](Value from) { add(from, cut.inputs, false, false); });
    add(k.index(last), inputs - last, false, true);
  }

  Sums start(int64_t tile, Value first, int64_t count) {
    Sums sums;
    for (int64_t p = 0; p < tile; ++p)
      for (int64_t v = 0; v < count; ++v)
        sums.push_back(bias ? k.loadChannels(vector, bias, k.add(first, v))
                            : k.constant(vector, 0));
    return sums;
  }

  // sums += x * w over the inputs [from, from + size).
  Sums sum(Value image, int64_t tile, Value first, int64_t count, Value from,
           int64_t size, Sums sums) {
    return addProducts(
        k, {tile, count}, from, size, sums,
        [&](int64_t p, Value i) { return k.load(in, {k.add(image, p), i}); },
        [&](int64_t v, Value i) -> Value {
          return vector::LoadOp::create(
              k.b, k.loc, vector, weight,
              ValueRange{k.add(first, v), i, k.index(0)});
        });
  }

  void finish(Value image, int64_t tile, Value first, int64_t count,
              ArrayRef<Value> sums) {
    for (int64_t p = 0; p < tile; ++p)
      k.emit(k.add(image, p), {}, {first, count},
             sums.slice(p * count, count));
  }

  KernelBuilder &k;
  Value in, weight, bias; // weight: [vectors, inputs, lanes]
  VectorType vector;
  int64_t images, vectors, inputs;
  LinearCut cut;
  Value partial;
};
} // namespace

LogicalResult LinearChannelsOp::lower(KernelBuilder &k) {
  LinearKernel(k, *this).emit();
  return success();
}

LogicalResult LinearChannelsOp::verify() {
  RankedTensorType input = typeOf(getInput()), weight = typeOf(getWeight()),
                   output = typeOf(getOutput());
  int64_t width = lanesOf(output);
  if (failed(checkWidth(getLoc(), width)))
    return failure();
  if (input.getRank() != 2 || output.getRank() != 2 ||
      output.getDimSize(0) != input.getDimSize(0) ||
      output.getElementType() != input.getElementType() ||
      weight != dense(input, packedShape(output.getDimSize(1),
                                         input.getDimSize(1), width)))
    return violated(getLoc(), "linear_c6", "input, packed weight and output are ",
                    input, ", ", weight, " and ", output,
                    ", expected [N, I], [Opad/", width, ", I, ", width,
                    "] and [N, O]");
  if (Value bias = getBias())
    if (typeOf(bias) != dense(input, {output.getDimSize(1)}))
      return violated(getLoc(), "linear_c3", "bias is ", bias.getType(),
                      ", expected ", dense(input, {output.getDimSize(1)}));
  return success();
}

Layout LinearChannelsOp::getOperandLayout(unsigned i) {
  return i == 0 && layoutOf(getInput().getType()) == Layout::Channels
             ? Layout::Channels
             : Layout::Dense;
}
Layout LinearChannelsOp::getResultLayout(unsigned) { return Layout::Channels; }
int64_t LinearChannelsOp::getMacs() {
  return typeOf(getInput()).getNumElements() * typeOf(getOutput()).getDimSize(1);
}

//===-- The choice --------------------------------------------------------===//

// The positions of a sequence have no place in the channels layout.
LogicalResult LinearOp::toChannels(RewriterBase &b, int64_t width, Accuracy) {
  RankedTensorType type = typeOf(getOutput());
  if (type.getRank() != 2)
    return failure();
  Value weight = LinearPackWeightOp::create(b, getLoc(), getWeight(),
                                            b.getI64IntegerAttr(width));
  type = RankedTensorType::get(type.getShape(), type.getElementType(),
                               ChannelsAttr::get(b.getContext(), width));
  b.replaceOpWithNewOp<LinearChannelsOp>(*this, type, getInput(), weight,
                                         getBias());
  return success();
}

double LinearOp::lanesCycles(int64_t width, Accuracy) {
  RankedTensorType type = typeOf(getInput());
  if (type.getRank() != 2)
    return 0;
  return linearLanesCycles(type.getDimSize(0), type.getDimSize(1),
                           typeOf(getWeight()).getDimSize(0), width);
}

double LinearOp::channelsCycles(int64_t width, Accuracy) {
  RankedTensorType type = typeOf(getInput());
  if (type.getRank() != 2)
    return 0;
  return linearChannelsCycles(type.getDimSize(1),
                              typeOf(getWeight()).getDimSize(0), width);
}
