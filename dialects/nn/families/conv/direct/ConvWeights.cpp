// The gradient of the filter by the direct sum, with images in the lanes. A
// tile of input x output channels stays in registers and is summed over pixels.
//
// The reference: ConvReference.cpp, within 1e-4 (f32), 1e-10 (f64).
#include "direct/ConvDirect.h"
#include "shared/ConvSchedule.h"
#include "shared/Loops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {
class WeightsKernel {
public:
  WeightsKernel(KernelBuilder &k, const ConvShape &s)
      : k(k), s(s), x(k.operand(0)), blocks(k.operandType(0).getDimSize(0)),
        vector(cast<VectorType>(k.operandType(0).getElementType())),
        merged(s.groups == 1 && s.dilation[1] == 1 && !s.leavesImage(1)) {
    // If no column is clipped, all taps of a filter row are neighbours of a
    // pixel, and [kernel column][channel] of the input is one axis.
    columns = merged ? 1 : s.kernel[1];
    inputs = merged ? s.kernel[1] * s.groupChannels() : s.groupChannels();
    if (merged && x)
      x = k.collapse(x, {{0}, {1}, {2, 3}});
    tile = chooseWeightsTile(inputs, s.groupFilters(), k.machine(),
                             k.isComputed(0));
    rows = weightsRows(s.out[0], s.out[1]);
    int64_t tasks = KernelBuilder::taskCount(blocks);
    slice = k.scratch(MemRefType::get(
        {tasks, slices(), rows, s.out[1], tile.outputs}, vector));
    partial = k.scratch(MemRefType::get(
        {tasks, s.kernel[0], columns, inputs, s.filters}, vector));
  }

  void emit() {
    k.forEachTask(blocks, [&](Value task, Value begin, Value end) {
      k.nest({s.kernel[0], columns, inputs, s.filters}, [&](ValueRange i) {
        k.store(k.constant(vector, 0), partial, {task, i[0], i[1], i[2], i[3]});
      });
      k.loopBlocks(begin, end, [&](Value block) {
        k.loop(k.index(0), k.index(s.out[0]), rows, [&](Value row) {
          Value rowEnd = k.min(k.add(row, rows), k.index(s.out[0]));
          if (k.isComputed(1))
            copySlices(task, block, row, rowEnd);
          k.loop(s.groups, [&](Value group) {
            forEachSlice(group, [&](Value number, Value f, int64_t outputs) {
              if (!k.isComputed(1))
                copySlice(task, block, row, rowEnd, filterOf(group, f),
                          outputs);
              k.nest({s.kernel[0], columns}, [&](ValueRange tap) {
                emitTap({task, block, tap[0], tap[1], group, number}, row,
                        rowEnd, f, outputs);
              });
            });
          });
        });
      });
    });
    combine();
  }

  /// For the report.
  std::string describe() const {
    if (!merged)
      k.note(std::string(s.groups > 1        ? "groups"
                         : s.dilation[1] > 1 ? "dilation"
                                             : "padding") +
             ": one loop for each filter column, not one for all");
    return counted(tile.inputs, merged ? "(kw c)" : "input") + " x " +
           counted(tile.outputs, "output") + ", " + counted(rows, "row") +
           " a pass";
  }

private:
  struct Place {
    Value task, block, kh, kw, group, slice;
  };

  Value filterOf(Value group, Value f) {
    return k.add(k.mul(group, s.groupFilters()), f);
  }

  // A few channels of the cotangent at a time are copied close together. At the
  // distance of a pixel they would compete for a few sets of the first-level
  // cache. One slice is copied and used at a time. But for a cotangent that is
  // computed on the way, all slices are copied first, because its operands lie
  // in memory: the first layer of mnist then takes 0.7 of the time.
  int64_t slices() const {
    int64_t ofGroup = 0;
    for (Run run : splitAxis(s.groupFilters(), tile.outputs))
      ofGroup += run.count;
    return k.isComputed(1) ? s.groups * ofGroup : 1;
  }

  // body(number of the slice, its first filter in the group, filters)
  void forEachSlice(Value group,
                    llvm::function_ref<void(Value, Value, int64_t)> body) {
    Value number = k.mul(group, slices() / s.groups);
    for (Run run : splitAxis(s.groupFilters(), tile.outputs)) {
      k.loop(run.count, [&](Value i) {
        body(k.isComputed(1) ? k.add(number, i) : k.index(0),
             k.add(k.mul(i, run.size), run.first), run.size);
      });
      number = k.add(number, run.count);
    }
  }

  void copySlices(Value task, Value block, Value row, Value rowEnd) {
    k.loop(row, rowEnd, 1, [&](Value r) {
      k.loop(s.out[1], [&](Value column) {
        k.loop(s.groups, [&](Value group) {
          forEachSlice(group, [&](Value number, Value f, int64_t outputs) {
            copyPixel({task, number, k.sub(r, row), column}, block, r,
                      filterOf(group, f), outputs);
          });
        });
      });
    });
  }

  void copySlice(Value task, Value block, Value row, Value rowEnd, Value f,
                 int64_t outputs) {
    k.loop(row, rowEnd, 1, [&](Value r) {
      k.loop(s.out[1], [&](Value column) {
        copyPixel({task, k.index(0), k.sub(r, row), column}, block, r, f,
                  outputs);
      });
    });
  }

  // Channels [f, f + outputs) of a pixel of row r, to a place in the slices.
  void copyPixel(SmallVector<Value> place, Value block, Value r, Value f,
                 int64_t outputs) {
    Value column = place.back();
    place.push_back(Value());
    for (int64_t j = 0; j < outputs; ++j) {
      place.back() = k.index(j);
      k.store(k.present(k.element(1, block, {r, column}, k.add(f, j)), block),
              slice, place);
    }
  }

  // Outputs [lo, hi) of an axis whose tap lies inside the input.
  std::pair<Value, Value> outputRange(int i, Value tap) {
    Value shift = k.add(k.mul(tap, s.dilation[i]), -s.padding[i]);
    Value lo = k.ceilDiv(k.sub(k.index(0), shift), s.stride[i]);
    Value hi = k.ceilDiv(k.sub(k.index(s.in[i]), shift), s.stride[i]);
    return {k.max(lo, k.index(0)), k.min(hi, k.index(s.out[i]))};
  }

  void emitTap(const Place &at, Value row, Value rowEnd, Value f,
               int64_t outputs) {
    auto [rowLo, rowHi] = outputRange(0, at.kh);
    rowLo = k.max(rowLo, row);
    rowHi = k.min(rowHi, rowEnd);
    auto lo = rowLo, hi = rowHi;
    cover(k, inputs, tile.inputs, [&](Value c, int64_t count) {
      emitTile(at, row, lo, hi, c, count, f, outputs);
    });
  }

  void emitTile(const Place &at, Value firstRow, Value rowLo, Value rowHi,
                Value c, int64_t inputCount, Value f, int64_t outputs) {
    Value filter = filterOf(at.group, f);
    Value channel = k.add(k.mul(at.group, s.groupChannels()), c);
    auto address = [&](int64_t i, int64_t j) {
      return SmallVector<Value>{at.task, at.kh, at.kw, k.add(c, i),
                                k.add(filter, j)};
    };
    fetchNextPass(at, firstRow, c, inputCount, f, outputs);
    SmallVector<Value> acc;
    for (int64_t i = 0; i < inputCount; ++i)
      for (int64_t j = 0; j < outputs; ++j)
        acc.push_back(k.load(partial, address(i, j)));
    auto [colLo, colHi] = merged ? std::pair(k.index(0), k.index(s.out[1]))
                                 : outputRange(1, at.kw);
    acc = k.reduce(
        rowLo, rowHi, 1, acc,
        [&, colLo = colLo, colHi = colHi](Value row, ValueRange rowAcc) {
          Value ih =
              k.add(k.add(k.mul(row, s.stride[0]), k.mul(at.kh, s.dilation[0])),
                    -s.padding[0]);
          return k.reduce(
              colLo, colHi, 1, rowAcc, [&](Value column, ValueRange carried) {
                SmallVector<Value> in, products(carried.size());
                for (int64_t i = 0; i < inputCount; ++i)
                  in.push_back(loadInput(at, ih, column, channel, i));
                for (int64_t j = 0; j < outputs; ++j) {
                  Value out =
                      k.load(slice, {at.task, at.slice, k.sub(row, firstRow),
                                     column, k.index(j)});
                  for (int64_t i = 0; i < inputCount; ++i)
                    products[i * outputs + j] = vector::FMAOp::create(
                        k.b, k.loc, in[i], out, carried[i * outputs + j]);
                }
                return products;
              });
        });
    for (int64_t i = 0; i < inputCount; ++i)
      for (int64_t j = 0; j < outputs; ++j)
        k.store(acc[i * outputs + j], partial, address(i, j));
  }

  // Prefetches a share of the rows that the next pass reads first.
  void fetchNextPass(const Place &at, Value row, Value c, int64_t inputCount,
                     Value f, int64_t outputs) {
    int64_t taps = s.kernel[0] * columns,
            all = s.groupFilters() * taps * inputs;
    // Sums in the order of the tiles.
    Value tap = k.add(k.mul(at.kh, columns), at.kw);
    Value number = k.add(k.mul(f, taps * inputs),
                         k.mul(k.add(k.mul(tap, inputs), c), outputs));
    Share share{k.add(k.mul(at.group, all), number), inputCount * outputs,
                s.groups * all};
    int64_t inputRow = s.in[1] * s.channels, outputRow = s.out[1] * s.filters;
    Value next = k.add(row, rows);
    for (Value dy : k.sources(1))
      fetchShare(k, dy, at.block, k.mul(next, outputRow), rows * outputRow,
                 share);
    Value input =
        k.add(k.mul(row, s.stride[0]), s.inputSpan(0, rows) - s.padding[0]);
    for (Value source : k.sources(0))
      fetchShare(k, source, at.block, k.mul(input, inputRow),
                 rows * s.stride[0] * inputRow, share);
  }

  Value loadInput(const Place &at, Value ih, Value column, Value channel,
                  int64_t i) {
    if (k.isComputed(0)) // a 1x1 filter
      return k.element(0, at.block, {ih, k.mul(column, s.stride[1])},
                       k.add(channel, i));
    if (merged)
      return k.load(
          x,
          {at.block, ih,
           k.add(k.add(k.mul(column, s.stride[1] * s.channels), channel), i)});
    Value iw =
        k.add(k.add(k.mul(column, s.stride[1]), k.mul(at.kw, s.dilation[1])),
              -s.padding[1]);
    return k.load(x, {at.block, ih, iw, k.add(channel, i)});
  }

  // Adds the partial sums of the tasks, in order, then the lanes, in order.
  void combine() {
    Value grad = k.result(0);
    int64_t tasks = KernelBuilder::taskCount(blocks);
    k.forEachParallel(s.filters, [&](Value f) {
      k.nest({s.groupChannels(), s.kernel[0], s.kernel[1]}, [&](ValueRange i) {
        Value sum =
            k.reduce(
                 k.index(0), k.index(tasks), 1, {k.constant(vector, 0)},
                 [&](Value task, ValueRange carried) -> SmallVector<Value> {
                   Value part =
                       merged
                           ? k.load(partial,
                                    {task, i[1], k.index(0),
                                     k.add(k.mul(i[2], s.channels), i[0]), f})
                           : k.load(partial, {task, i[1], i[2], i[0], f});
                   return {arith::AddFOp::create(k.b, k.loc, carried[0], part)};
                 })
                .front();
        k.store(k.sumLanes(sum), grad, {f, i[0], i[1], i[2]});
      });
    });
  }

  KernelBuilder &k;
  ConvShape s;
  Value x, partial, slice; // x is null if it is computed
  int64_t blocks;
  VectorType vector;
  bool merged;
  int64_t columns, inputs,
      rows; // filter columns and inputs per column, of `partial`
  WeightsTile tile;
};
} // namespace

void gradmill::nn::lowerDirectWeights(KernelBuilder &k, const ConvShape &s) {
  WeightsKernel kernel(k, s);
  k.setSchedule(kernel.describe());
  kernel.emit();
}
