// From lanes to channels layout and back, without a dense tensor between them:
// V channels of V images at a time are transposed in registers. Neither side is
// read or written element by element.
#include "nn/Relayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "nn/NNDialect.h"
#include "nn/Transpose.h"

using namespace mlir;

namespace gradmill::nn {
namespace {
class Relayout {
public:
  Relayout(KernelBuilder &k, RankedTensorType lanesType,
           RankedTensorType channelsType)
      : k(k), buffer(bufferType(lanesType)),
        vector(cast<VectorType>(buffer.getElementType())),
        lanes(vector.getNumElements()), images(lanesType.getDimSize(0)),
        channels(lanesType.getDimSize(1)),
        padded(bufferType(channelsType).getShape().back()) {}

  void toChannels() {
    forEachTile([&](Value block, ValueRange pixel, Value number, int64_t count) {
      SmallVector<Value> x;
      for (int64_t c = 0; c < count; ++c)
        x.push_back(k.load(k.operand(0), lanesAt(block, pixel, number, c)));
      x.resize(lanes, k.constant(vector, 0));
      x = transpose(k, x);
      forEachImage(block, [&](int64_t from, int64_t to) {
        for (int64_t image = from; image < to; ++image)
          k.storeVector(x[image], k.result(0),
                        channelsAt(imageAt(block, image), pixel, number));
      });
    });
  }

  void toLanes() {
    forEachTile([&](Value block, ValueRange pixel, Value number, int64_t count) {
      if (count == 0)
        return;
      SmallVector<Value> x;
      for (int64_t image = 0; image < lanes; ++image) {
        Value from = imageAt(block, image);
        if (images % lanes) // copies of the last image
          from = k.min(from, k.index(images - 1));
        x.push_back(k.loadVector(vector, k.operand(0),
                                 channelsAt(from, pixel, number)));
      }
      x = transpose(k, x);
      for (int64_t c = 0; c < count; ++c)
        k.store(x[c], k.result(0), lanesAt(block, pixel, number, c));
    });
  }

private:
  using Body = llvm::function_ref<void(Value block, ValueRange pixel,
                                       Value number, int64_t count)>;

  // `body` for V channels of a pixel, from number * V on, of which `count`
  // exist. A single group would be the work of one thread, so its rows are
  // tasks.
  void forEachTile(Body body) {
    k.setSchedule("vectors, transposed");
    constexpr int64_t kWorthThreads = 1 << 15;
    int64_t blocks = buffer.getDimSize(0);
    ArrayRef<int64_t> space = buffer.getShape().drop_front().drop_back();
    if (blocks > 1 || space.empty() ||
        buffer.getNumElements() * lanes < kWorthThreads) {
      k.forEachBlock(blocks, [&](Value block) {
        k.nest(space, [&](ValueRange pixel) {
          forEachVectorOf(block, pixel, body);
        });
      });
      return;
    }
    k.forEachParallel(space.front(), [&](Value row) {
      k.nest(space.drop_front(), [&](ValueRange rest) {
        SmallVector<Value> pixel{row};
        llvm::append_range(pixel, rest);
        forEachVectorOf(k.index(0), pixel, body);
      });
    });
  }

  void forEachVectorOf(Value block, ValueRange pixel, Body body) {
    int64_t whole = channels / lanes;
    k.loop(whole,
           [&](Value number) { body(block, pixel, number, lanes); });
    // Formulas run over the remainder: it must hold numbers.
    for (int64_t number = whole; number < padded / lanes; ++number)
      body(block, pixel, k.index(number),
           std::max<int64_t>(0, channels - number * lanes));
  }

  // `body` for the images of a group that exist, in one or two parts.
  void forEachImage(Value block,
                    llvm::function_ref<void(int64_t, int64_t)> body) {
    int64_t rest = images % lanes;
    if (!rest)
      return body(0, lanes);
    body(0, rest);
    Value isFull = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                         block, k.index(images / lanes));
    auto branch = scf::IfOp::create(k.b, k.loc, isFull);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(branch.thenBlock());
    body(rest, lanes);
  }

  Value imageAt(Value block, int64_t image) {
    return k.add(k.mul(block, lanes), image);
  }
  SmallVector<Value> lanesAt(Value block, ValueRange pixel, Value number,
                             int64_t c) {
    SmallVector<Value> at{block};
    llvm::append_range(at, pixel);
    at.push_back(k.add(k.mul(number, lanes), c));
    return at;
  }
  static SmallVector<Value> channelsAt(Value image, ValueRange pixel,
                                       Value number) {
    SmallVector<Value> at{image};
    llvm::append_range(at, pixel);
    at.push_back(number);
    return at;
  }

  KernelBuilder &k;
  MemRefType buffer;
  VectorType vector;
  int64_t lanes, images, channels, padded;
};
} // namespace

void lowerRelayout(KernelBuilder &k, RankedTensorType from,
                   RankedTensorType to) {
  if (layoutOf(to) == Layout::Channels)
    Relayout(k, from, to).toChannels();
  else
    Relayout(k, to, from).toLanes();
}

} // namespace gradmill::nn
