// Backward-weights with the filters in the lanes (FilterLanes.h): for any
// stride, padding and dilation, one group. Per task, and rows of the output
// that fit in the cache:
//
//   X = the input's rows, with their padding   [row][column, channel][image]
//   for each few vectors of filters
//     Y = the cotangent, transposed            [row][column][image][filter]
//     for each tap and tile of channels, sums += X Y over all pixels and images
//
// Where the columns are not dilated, the taps of a filter row are neighbours
// of a pixel: [filter column][channel] is then one axis.
#include "direct/ConvFilterLanes.h"
#include "shared/ConvSchedule.h"
#include "shared/FilterLanes.h"
#include "shared/Loops.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

class FilterLanesKernel {
public:
  FilterLanesKernel(KernelBuilder &k, const ConvShape &s,
                    const FilterLanesSchedule &t)
      : k(k), s(s), t(t), filters(k, s.filters), vector(filters.vector),
        blocks(k.operandType(0).getDimSize(0)),
        taps(s), window{s.inputSpan(0, t.rows), s.inputSpan(1, s.out[1])} {
    int64_t tasks = KernelBuilder::taskCount(blocks);
    X = k.scratch(MemRefType::get(
        {tasks, window[0], window[1] * s.channels * filters.lanes},
        vector.getElementType()));
    Y = k.scratch(MemRefType::get(
        {tasks, t.rows, s.out[1], filters.lanes, t.vectors}, vector));
    sums = filters.partialSums(tasks, s.kernel[0] * s.kernel[1] * s.channels);
  }

  void emit() {
    k.forEachTask(blocks, [&](Value task, Value begin, Value end) {
      filters.clear(sums);
      k.loopBlocks(begin, end, [&](Value block) {
        k.loop(k.index(0), k.index(s.out[0]), t.rows,
               [&](Value row) { emitRows(block, row); });
      });
    });
    filters.combine(sums, k.result(0));
  }

private:
  void emitRows(Value block, Value row) {
    Value count = s.out[0] % t.rows
                      ? k.min(k.sub(k.index(s.out[0]), row), k.index(t.rows))
                      : k.index(t.rows);
    copyInput(block, row);
    cover(k, filters.vectors, t.vectors, [&](Value f, int64_t b) {
      k.loop(k.index(0), count, 1, [&](Value r) {
        k.loop(s.out[1], [&](Value column) {
          filters.transpose(
              block, k.add(row, r), column, f, b,
              [&](int64_t image, Value number, Value value) {
                k.store(value, Y, {k.task, r, column, k.index(image), number});
              });
        });
      });
      k.nest({s.kernel[0], taps.columns}, [&](ValueRange tap) {
        cover(k, taps.inputs, t.inputs, [&](Value c, int64_t a) {
          emitProduct(block, row, tap[0], tap[1], count, c, a, f, b);
        });
      });
    });
  }

  void copyInput(Value block, Value row) {
    Value first = k.add(k.mul(row, s.stride[0]), -s.padding[0]);
    int64_t left = std::min(s.padding[1], window[1]);
    int64_t right = std::clamp(s.in[1] + s.padding[1], left, window[1]);
    k.loop(window[0], [&](Value r) {
      auto fill = [&](int64_t lo, int64_t hi,
                      llvm::function_ref<Value(Value, Value)> value) {
        k.loop(k.index(lo), k.index(hi), 1, [&](Value column) {
          k.loop(s.channels, [&](Value c) {
            k.storeVector(value(column, c), X,
                          {k.task, r, k.add(k.mul(column, s.channels), c)});
          });
        });
      };
      auto zero = [&](Value, Value) { return k.constant(vector, 0); };
      Value ih = k.add(first, r);
      auto copy = [&] {
        fill(0, left, zero);
        fill(left, right, [&](Value column, Value c) {
          return k.element(0, block, {ih, k.add(column, -s.padding[1])}, c);
        });
        fill(right, window[1], zero);
      };
      choose(k, k.inRange(ih, k.index(0), k.index(s.in[0])), copy,
             [&] { fill(0, window[1], zero); });
    });
  }

  void emitProduct(Value block, Value row, Value kh, Value kw, Value rows,
                   Value c, int64_t a, Value f, int64_t b) {
    // With one column of taps `kw` is 0, and `c` counts the taps too.
    Value input = k.add(k.mul(kw, s.channels), c);
    Value offset = k.add(k.mul(kw, s.dilation[1] * s.channels), c);
    Value tap = k.mul(kh, s.kernel[1] * s.channels);
    FilterLanes::Tile tile{k.add(tap, input), f, a, b};
    auto pixel = [&](Value r, Value column, ValueRange pixelSums) {
      Value ih = k.add(k.mul(r, s.stride[0]), k.mul(kh, s.dilation[0]));
      Value first =
          k.mul(k.add(k.mul(column, s.stride[1] * s.channels), offset),
                filters.lanes);
      return filters.addImages(
          tile, pixelSums,
          [&](Value image, int64_t i) {
            return k.load(
                X, {k.task, ih, k.add(k.add(first, image), i * filters.lanes)});
          },
          [&](Value image, int64_t j) {
            return k.load(Y, {k.task, r, column, image, k.index(j)});
          });
    };
    filters.accumulate(sums, tile, [&](ValueRange tileSums) {
      return k.reduce(
          k.index(0), rows, 1, tileSums, [&](Value r, ValueRange rowSums) {
            Value tileOf =
                k.add(k.mul(k.mul(f, s.kernel[0] * taps.columns), taps.inputs),
                      k.mul(k.add(k.mul(k.add(k.mul(kh, taps.columns), kw),
                                        taps.inputs),
                                  c),
                            b));
            fetchNextPass(block, row,
                          {k.add(k.mul(tileOf, t.rows), k.mul(r, a * b)), a * b,
                           filters.vectors * s.kernel[0] * taps.columns *
                               taps.inputs * t.rows});
            return k.reduce(k.index(0), k.index(s.out[1]), 1, rowSums,
                            [&](Value column, ValueRange carried) {
                              return pixel(r, column, carried);
                            });
          });
    });
  }

  // Prefetches a share of the rows that the next pass reads first.
  void fetchNextPass(Value block, Value row, const Share &share) {
    int64_t inputRow = s.in[1] * s.channels, outputRow = s.out[1] * s.filters;
    Value input = k.add(k.mul(row, s.stride[0]), window[0] - s.padding[0]);
    for (Value x : k.sources(0))
      fetchShare(k, x, block, k.mul(input, inputRow),
                 t.rows * s.stride[0] * inputRow, share);
    for (Value dy : k.sources(1))
      fetchShare(k, dy, block, k.mul(k.add(row, t.rows), outputRow),
                 t.rows * outputRow, share);
  }

  KernelBuilder &k;
  ConvShape s;
  FilterLanesSchedule t;
  FilterLanes filters;
  VectorType vector;
  int64_t blocks;
  TapAxis taps;
  std::array<int64_t, 2> window; // of the input, for the rows of a pass
  Value X, Y, sums;
};

} // namespace

bool lowerFilterLanes(KernelBuilder &k, const ConvShape &s) {
  auto vector = dyn_cast<VectorType>(k.operandType(0).getElementType());
  if (!vector || vector.getNumElements() < 4 || s.groups > 1)
    return false;
  // An op may bring its own choice, for tests and measurements.
  auto forced = k.op->getAttrOfType<BoolAttr>("nn.filter_lanes");
  if (forced && !forced.getValue())
    return false;
  auto schedule =
      chooseFilterLanes(s, vector.getNumElements(), elementBytes(vector),
                        k.machine(), forced != nullptr);
  if (!schedule)
    return false;
  k.setSchedule(schedule->describe());
  FilterLanesKernel(k, s, *schedule).emit();
  return true;
}

} // namespace gradmill::nn
