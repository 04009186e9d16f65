// The packed filter of a convolution with channels in the lanes, on all threads:
// vector after vector of filters, and in each the taps [row][column][channel].
// A training step packs its filters at every step, so blocks of V weights x V
// filters are transposed in registers. Element by element, 512 to 512 channels
// took 1.8 to 2.7 ms with two threads.
//
// Filters of several groups in one vector have zeros for each other's channels.
// They are narrow, and copied element by element.
#include "channels/ConvChannels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "nn/Products.h"
#include "nn/Transpose.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {
class Packer {
public:
  Packer(KernelBuilder &k, Conv2DPackFilterOp op, const PackedFilter &p)
      : k(k), p(p), turned(op.getTurned()), width(op.getWidth()),
        taps(p.shape()[1] * p.shape()[2]), channels(p.channels),
        vector(VectorType::get({width}, typeOf(op).getElementType())),
        packed(k.collapse(k.result(0), {{0}, {1, 2, 3}, {4}})),
        filter(turned ? k.collapse(k.operand(0), {{0}, {1}, {2, 3}})
                      : k.collapse(k.operand(0), {{0}, {1, 2, 3}})) {}

  void emit() {
    k.setSchedule("vectors, transposed");
    k.forEachParallel(p.shape().front(), [&](Value v) {
      forGroup(k, v, p.filters, width, [&](Value first, int64_t count) {
        turned ? packTurned(v, first, count) : pack(v, first, count);
      });
    });
  }

private:
  static RankedTensorType typeOf(Conv2DPackFilterOp op) {
    return cast<RankedTensorType>(op.getFilter().getType());
  }

  // A filter's weights are neighbours: [channel, tap].
  void pack(Value v, Value first, int64_t count) {
    int64_t weights = channels * taps, whole = weights / width * width;
    auto at = [&](int64_t f, Value weight) {
      return SmallVector<Value>{k.add(first, f), weight};
    };
    auto store = [&](Value row, Value weight) {
      Value c = k.div(weight, taps);
      storeTap(row, v, k.sub(weight, k.mul(c, taps)), c);
    };
    k.loop(k.index(0), k.index(whole), width, [&](Value from) {
      SmallVector<Value> x = transposed(
          count, [&](int64_t f) { return load(at(f, from), width); });
      for (int64_t i = 0; i < width; ++i)
        store(x[i], k.add(from, i));
    });
    k.loop(k.index(whole), k.index(weights), 1, [&](Value weight) {
      store(gathered(count, [&](int64_t f) { return at(f, weight); }), weight);
    });
  }

  // The taps of a channel are neighbours, and so are a channel's filters.
  void packTurned(Value v, Value first, int64_t count) {
    k.loop(channels, [&](Value c) {
      auto at = [&](int64_t f, int64_t tap) {
        return SmallVector<Value>{c, k.add(first, f), k.index(tap)};
      };
      auto store = [&](Value row, int64_t tap) {
        storeTap(row, v, k.index(taps - 1 - tap), c);
      };
      for (int64_t tap = 0; tap < taps; tap += width) {
        int64_t some = std::min(width, taps - tap);
        if (some <= width / 4) {
          for (int64_t i = tap; i < tap + some; ++i)
            store(gathered(count, [&](int64_t f) { return at(f, i); }), i);
          continue;
        }
        SmallVector<Value> x = transposed(
            count, [&](int64_t f) { return load(at(f, tap), some); });
        for (int64_t i = 0; i < some; ++i)
          store(x[i], tap + i);
      }
    });
  }

  SmallVector<Value> transposed(int64_t count,
                                llvm::function_ref<Value(int64_t)> row) {
    SmallVector<Value> x;
    for (int64_t f = 0; f < count; ++f)
      x.push_back(row(f));
    x.resize(width, k.constant(vector, 0));
    return transpose(k, x);
  }

  // `count` elements and zeros.
  Value load(ValueRange at, int64_t count) {
    if (count == width)
      return vector::LoadOp::create(k.b, k.loc, vector, filter, at);
    SmallVector<bool> exists(width, false);
    std::fill_n(exists.begin(), count, true);
    Value mask = arith::ConstantOp::create(
        k.b, k.loc,
        DenseElementsAttr::get(VectorType::get({width}, k.b.getI1Type()),
                               ArrayRef<bool>(exists)));
    return vector::MaskedLoadOp::create(k.b, k.loc, vector, filter, at, mask,
                                        k.constant(vector, 0));
  }

  Value gathered(int64_t count,
                 llvm::function_ref<SmallVector<Value>(int64_t)> at) {
    SmallVector<Value> elements;
    for (int64_t f = 0; f < count; ++f)
      elements.push_back(k.load(filter, at(f)));
    elements.resize(width, k.constant(vector.getElementType(), 0));
    return vector::FromElementsOp::create(k.b, k.loc, vector, elements);
  }

  void storeTap(Value row, Value v, Value tap, Value c) {
    vector::StoreOp::create(
        k.b, k.loc, row, packed,
        ValueRange{v, k.add(k.mul(tap, channels), c), k.index(0)});
  }

  KernelBuilder &k;
  PackedFilter p;
  bool turned;
  int64_t width, taps, channels;
  VectorType vector;
  Value packed, filter;
};
} // namespace

static void packElements(KernelBuilder &k, Conv2DPackFilterOp op,
                         const PackedFilter &p) {
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  int64_t height = filter.getDimSize(2), columns = filter.getDimSize(3),
          width = op.getWidth();
  k.forEachParallel(p.shape().front(), [&](Value v) {
    k.nest(ArrayRef<int64_t>(p.shape()).drop_front(), [&](ValueRange i) {
      k.store(k.constant(filter.getElementType(), 0), k.result(0),
              {v, i[0], i[1], i[2], i[3]});
    });
    Value begin = k.mul(v, width),
          end = k.min(k.add(begin, width), k.index(p.filters));
    k.loop(begin, end, 1, [&](Value f) {
      k.nest({p.groupChannels, height, columns}, [&](ValueRange i) {
        Value value = op.getTurned()
                          ? k.load(k.operand(0),
                                   {i[0], f, k.sub(k.index(height - 1), i[1]),
                                    k.sub(k.index(columns - 1), i[2])})
                          : k.load(k.operand(0), {f, i[0], i[1], i[2]}),
              c = i[0];
        if (p.form == PackedFilter::Form::Embedded)
          c = k.add(k.mul(k.div(f, p.groupFilters), p.groupChannels), c);
        k.store(value, k.result(0), {v, i[1], i[2], c, k.sub(f, begin)});
      });
    });
  });
}

LogicalResult Conv2DPackFilterOp::lower(KernelBuilder &k) {
  PackedFilter p = packedBy(*this);
  if (p.form == PackedFilter::Form::Shared && getWidth() >= 4 &&
      llvm::isPowerOf2_64(getWidth()))
    Packer(k, *this, p).emit();
  else
    packElements(k, *this, p);
  return success();
}
