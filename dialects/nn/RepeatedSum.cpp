// repeated_sum: the cotangent of an operand that was repeated over the batch,
// or over other dimensions.
//
// A sum over the batch has few steps (its groups) and many results, for example
// in the gradient of a linear layer's weight. So tasks share results, each
// result is summed in one order, and the lanes of V results are added together.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "nn/LongSum.h"
#include "nn/NNDialect.h"

using namespace mlir;
using namespace gradmill::nn;

//===-- Shape, reference --------------------------------------------------===//

LogicalResult RepeatedSumOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location> loc,
                                              Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getInput());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  int64_t rank = type.getRank(), kept = adaptor.getRank();
  bool fits = kept >= 0 && kept <= rank && rank > 0 && llvm::is_sorted(axes) &&
              std::adjacent_find(axes.begin(), axes.end()) == axes.end() &&
              llvm::all_of(
                  axes, [&](int64_t axis) { return axis >= 0 && axis < rank; });
  for (int64_t axis = 0; fits && axis < rank - kept; ++axis)
    fits = llvm::is_contained(axes, axis);
  if (!fits)
    return violated(loc, "repeated_sum_c1", "the input is ",
                    shapeText(type.getShape()),
                    ", which is no operand's, repeated");
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t axis : axes)
    shape[axis] = 1;
  ArrayRef<int64_t> result = ArrayRef<int64_t>(shape).take_back(kept);
  types.push_back(llvm::is_contained(axes, 0) ? dense(type, result)
                                              : withShape(type, result));
  return success();
}

LogicalResult RepeatedSumOp::evaluate(ArrayRef<const RefTensor *> in,
                                      MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0];
  int64_t rank = x.shape.size();
  for (int64_t i = 0; i < int64_t(x.data.size()); ++i) {
    // A dimension that the result leaves out has size 1 here.
    int64_t to = 0, stride = 1;
    for (int64_t d = rank - 1, left = i; d >= 0; --d) {
      int64_t at = left % x.dim(d);
      left /= x.dim(d);
      if (!llvm::is_contained(getAxes(), d)) {
        to += at * stride;
        stride *= x.dim(d);
      }
    }
    out[0].data[to] += x.data[i];
  }
  return success();
}

//===-- Loops -------------------------------------------------------------===//

namespace {

class RepeatedSum {
public:
  RepeatedSum(KernelBuilder &k, RepeatedSumOp op)
      : k(k), type(typeOf(op.getInput())), vector(vectorTypeOf(type)),
        blocks(bufferType(type).getDimSize(0)), kept(op.getRank()) {
    for (int64_t d = 1; d < type.getRank(); ++d)
      (llvm::is_contained(op.getAxes(), d) ? summed : stays).push_back(d);
  }

  // A sum stays with its images.
  void withinImages(RankedTensorType result) {
    k.forEachBlock(blocks, [&](Value block) {
      k.nest(result.getShape().drop_front(2), [&](ValueRange pixel) {
        k.forEachChannelBlock(result.getDimSize(1), [&](ChannelBlock c) {
          SmallVector<SmallVector<Value>> places;
          for (int64_t j = 0; j < c.count; ++j) {
            places.push_back({block, k.add(c.first, j)});
            llvm::append_range(places.back(), pixel);
          }
          k.emit(block, pixel, c,
                 sums(places, 0, zeros(c.count), /*checked=*/false));
        });
      });
    });
  }

  // V neighbours of the result at a time, and all other dimensions in turn.
  void overBatch() {
    int64_t lanes = vector.getNumElements();
    SmallVector<int64_t> outer;
    for (int64_t d : stays)
      outer.push_back(type.getDimSize(d));
    int64_t row = outer.empty() ? 1 : outer.pop_back_val();
    k.setSchedule(std::to_string(std::min(lanes, row)) +
                  " elements, batch in turn");
    // Tasks share the first dimension, or the tiles of a single one.
    int64_t tiles = row / lanes, rest = row % lanes;
    if (outer.empty()) {
      if (tiles)
        k.forEachParallel(
            tiles, [&](Value tile) { sumTile({}, k.mul(tile, lanes), lanes); });
      if (rest)
        k.forEachParallel(
            1, [&](Value) { sumTile({}, k.index(row - rest), rest); });
      return;
    }
    k.forEachParallel(outer.front(), [&](Value first) {
      k.nest(ArrayRef<int64_t>(outer).drop_front(), [&](ValueRange others) {
        SmallVector<Value> at{first};
        llvm::append_range(at, others);
        k.loop(tiles,
               [&](Value tile) { sumTile(at, k.mul(tile, lanes), lanes); });
        if (rest)
          sumTile(at, k.index(row - rest), rest);
      });
    });
  }

private:
  SmallVector<Value> zeros(int64_t count) {
    return SmallVector<Value>(count, k.constant(vector, 0));
  }

  // `at`: the place along all remaining dimensions except the last one, of
  // which there are `count` elements from `first` on.
  void sumTile(ArrayRef<Value> at, Value first, int64_t count) {
    SmallVector<SmallVector<Value>> places(
        count, SmallVector<Value>(type.getRank(), k.index(0)));
    for (auto [j, place] : llvm::enumerate(places))
      for (auto [i, d] : llvm::enumerate(stays))
        place[d] = i < at.size() ? at[i] : k.add(first, j);
    SmallVector<Value> acc =
        k.reduce(k.index(0), k.index(blocks), 1, zeros(count),
                 [&](Value block, ValueRange carried) {
                   for (SmallVector<Value> &place : places)
                     place[0] = block;
                   return sums(places, 0, carried, /*checked=*/true);
                 });
    acc.resize(vector.getNumElements(), zeros(1).front());
    Value row = k.sumRows(acc);
    // Dimensions of size 1 are in the result, but have no place here.
    auto placeOf = [&](int64_t j) {
      SmallVector<Value> to(kept, k.index(0));
      for (int64_t d : stays)
        to[d - (type.getRank() - kept)] = places[j][d];
      return to;
    };
    bool areNeighbours = !stays.empty() && stays.back() == type.getRank() - 1;
    if (count == vector.getNumElements() && areNeighbours) {
      vector::StoreOp::create(k.b, k.loc, row, k.result(0), placeOf(0));
      return;
    }
    for (int64_t j = 0; j < count; ++j)
      k.store(vector::ExtractOp::create(k.b, k.loc, row, j), k.result(0),
              placeOf(j));
  }

  // Adds the elements at `places`, over all summed dimensions from `i` on.
  SmallVector<Value> sums(ArrayRef<SmallVector<Value>> places, unsigned i,
                          ValueRange soFar, bool checked) {
    if (i < summed.size()) {
      SmallVector<int64_t> counts = llvm::map_to_vector(
          summed, [&](int64_t d) { return type.getDimSize(d); });
      return sumInBlocks(k, counts[i], sumBlock(counts, i), soFar,
                         [&](Value at, ValueRange carried) {
                           SmallVector<SmallVector<Value>> inner(places);
                           for (SmallVector<Value> &place : inner)
                             place[summed[i]] = at;
                           return sums(inner, i + 1, carried, checked);
                         });
    }
    SmallVector<Value> result;
    for (auto [place, sum] : llvm::zip_equal(places, soFar)) {
      SmallVector<Value> at(place);
      if (at.size() > 1) // [N/V][space][channels]
        std::rotate(at.begin() + 1, at.begin() + 2, at.end());
      Value x = k.load(k.operand(0), at);
      result.push_back(arith::AddFOp::create(
          k.b, k.loc, sum, checked ? k.present(x, place[0]) : x));
    }
    return result;
  }

  KernelBuilder &k;
  RankedTensorType type;
  VectorType vector;
  int64_t blocks, kept;
  SmallVector<int64_t> stays, summed; // dimensions but the batch
};

} // namespace

LogicalResult RepeatedSumOp::lower(KernelBuilder &k) {
  RepeatedSum sum(k, *this);
  if (getAxes().front() == 0)
    sum.overBatch();
  else
    sum.withinImages(typeOf(getOutput()));
  return success();
}

static bool isOverBatch(RepeatedSumOp op) {
  return !op.getAxes().empty() && op.getAxes().front() == 0;
}
Layout RepeatedSumOp::getResultLayout(unsigned) {
  return isOverBatch(*this) ? Layout::Dense : Layout::Lanes;
}
bool RepeatedSumOp::supportsEpilogue() { return !isOverBatch(*this); }
