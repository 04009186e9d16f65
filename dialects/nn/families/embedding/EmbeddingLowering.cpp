// Embeddings as loops over vectors of images.
//
// A row of the table is a row of memory, but a vector has one element of each
// image. So V elements of the rows of V images are loaded, as vectors along the
// rows, and transposed in registers. The adjoint goes the same way back. The
// remainder of a row goes element by element.
//
// In the adjoint, tasks share the columns of the table, not the batch. Each
// task adds up all rows, in the order of batch and positions. So the result
// does not depend on the number of threads, and no two tasks write one element.
//
// The reference for both: Embedding.cpp, exactly, and within 1e-5 (f32).
#include "Embedding.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace gradmill::nn;

static MemRefType bufferOf(Value memref) {
  return cast<MemRefType>(memref.getType());
}

// Transposes a square of elements: each step exchanges one bit of the row and
// column numbers.
static void transpose(KernelBuilder &k, MutableArrayRef<Value> rows) {
  int64_t size = rows.size();
  for (int64_t bit = 1; bit < size; bit *= 2) {
    SmallVector<int64_t> low, high; // lanes of the second row from `size` on
    for (int64_t lane = 0; lane < size; ++lane) {
      low.push_back(lane & bit ? size + (lane ^ bit) : lane);
      high.push_back(lane & bit ? size + lane : lane ^ bit);
    }
    for (int64_t r = 0; r < size; ++r)
      if (!(r & bit)) {
        Value a = rows[r], b = rows[r | bit];
        rows[r] = vector::ShuffleOp::create(k.b, k.loc, a, b, low);
        rows[r | bit] = vector::ShuffleOp::create(k.b, k.loc, a, b, high);
      }
  }
}

namespace {

// The loops of both directions.
class Rows {
public:
  // `indices` is an operand; `vector` holds an element of each image.
  Rows(KernelBuilder &k, unsigned indices, int64_t rows, VectorType vector)
      : k(k), indices(k.operand(indices)), last(rows - 1),
        lanes(vector.getNumElements()),
        shape(bufferOf(this->indices).getShape()) {}

  int64_t blocks() const { return shape.front(); }

  // A position of the indices of a group of images. In memory the first
  // dimension after the batch lies innermost; null if there is none.
  struct Place {
    Value block;
    Position others;
    Value channel;
    // Of element `d` of its row.
    SmallVector<Value> element(Value d) const {
      SmallVector<Value> at{block};
      llvm::append_range(at, others);
      at.push_back(d);
      if (channel)
        at.push_back(channel);
      return at;
    }
  };

  void forEachPlace(Value block, llvm::function_ref<void(const Place &)> body) {
    if (shape.size() == 1)
      return body({block, Position(), Value()});
    k.nest(shape.drop_front(), [&](ValueRange at) {
      body({block, Position(at.drop_back()), at.back()});
    });
  }

  // The row of each image, clamped to the table.
  SmallVector<Value> rowsAt(const Place &place) {
    SmallVector<Value> at{place.block}, rows;
    llvm::append_range(at, place.others);
    if (place.channel)
      at.push_back(place.channel);
    Value numbers = k.load(indices, at);
    Type type = numbers.getType();
    numbers = arith::MaxSIOp::create(k.b, k.loc, numbers, k.constant(type, 0));
    numbers =
        arith::MinSIOp::create(k.b, k.loc, numbers, k.constant(type, last));
    for (int64_t lane = 0; lane < lanes; ++lane)
      rows.push_back(arith::IndexCastOp::create(
          k.b, k.loc, k.b.getIndexType(),
          vector::ExtractOp::create(k.b, k.loc, numbers, lane)));
    return rows;
  }

private:
  KernelBuilder &k;
  Value indices;
  int64_t last, lanes;
  ArrayRef<int64_t> shape;
};

} // namespace

LogicalResult EmbeddingOp::lower(KernelBuilder &k) {
  Value table = k.operand(1);
  VectorType vector =
      vectorTypeOf(cast<RankedTensorType>(getOutput().getType()));
  int64_t lanes = vector.getNumElements(),
          width = bufferOf(table).getDimSize(1);
  Rows rows(k, 0, bufferOf(table).getDimSize(0), vector);
  k.setSchedule(std::to_string(std::min(lanes, width)) +
                " elements of a row, transposed");
  // Elements from `first` on of a place's rows.
  auto handOver = [&](const Rows::Place &place, Value first,
                      ArrayRef<Value> values) {
    if (!place.channel) // the row is the channels
      return k.emit(place.block, {}, {first, int64_t(values.size())}, values);
    SmallVector<Position> pixels;
    for (size_t j = 0; j < values.size(); ++j) {
      pixels.emplace_back(place.others);
      pixels.back().push_back(k.add(first, j));
    }
    k.emitTile(place.block, pixels, {place.channel, 1}, values);
  };
  k.forEachBlock(rows.blocks(), [&](Value block) {
    rows.forEachPlace(block, [&](const Rows::Place &place) {
      SmallVector<Value> numbers = rows.rowsAt(place);
      k.loop(k.index(0), k.index(width / lanes * lanes), lanes,
             [&](Value first) {
               SmallVector<Value> square;
               for (Value row : numbers)
                 square.push_back(vector::LoadOp::create(
                     k.b, k.loc, vector, table, ValueRange{row, first}));
               transpose(k, square);
               handOver(place, first, square);
             });
      k.loop(k.index(width / lanes * lanes), k.index(width), 1, [&](Value d) {
        SmallVector<Value> elements;
        for (Value row : numbers)
          elements.push_back(k.load(table, {row, d}));
        handOver(place, d,
                 vector::FromElementsOp::create(k.b, k.loc, vector, elements)
                     .getResult());
      });
    });
  });
  return success();
}

LogicalResult EmbeddingBackwardOp::lower(KernelBuilder &k) {
  Value dy = k.operand(0), grad = k.result(0);
  auto vector = cast<VectorType>(bufferOf(dy).getElementType());
  int64_t lanes = vector.getNumElements(), count = bufferOf(grad).getDimSize(0),
          width = bufferOf(grad).getDimSize(1);
  Rows rows(k, 1, count, vector);
  k.setSchedule(std::to_string(std::min(lanes, width)) +
                " columns, batch and positions in turn");
  auto eachPlace = [&](llvm::function_ref<void(const Rows::Place &)> body) {
    k.loop(rows.blocks(), [&](Value block) { rows.forEachPlace(block, body); });
  };
  auto load = [&](const Rows::Place &place, Value d) {
    return k.present(k.load(dy, place.element(d)), place.block);
  };
  if (width >= lanes)
    k.forEachParallel(width / lanes, [&](Value task) {
      Value first = k.mul(task, lanes);
      k.loop(count, [&](Value row) {
        vector::StoreOp::create(k.b, k.loc, k.constant(vector, 0), grad,
                                ValueRange{row, first});
      });
      eachPlace([&](const Rows::Place &place) {
        SmallVector<Value> square;
        for (int64_t j = 0; j < lanes; ++j)
          square.push_back(load(place, k.add(first, j)));
        transpose(k, square);
        for (auto [row, added] : llvm::zip_equal(rows.rowsAt(place), square)) {
          Value sum = vector::LoadOp::create(k.b, k.loc, vector, grad,
                                             ValueRange{row, first});
          sum = arith::AddFOp::create(k.b, k.loc, sum, added);
          vector::StoreOp::create(k.b, k.loc, sum, grad,
                                  ValueRange{row, first});
        }
      });
    });
  int64_t rest = width % lanes;
  if (rest)
    k.forEachParallel(rest, [&](Value task) {
      Value d = k.add(task, width - rest);
      k.loop(count, [&](Value row) {
        k.store(k.constant(vector.getElementType(), 0), grad, {row, d});
      });
      eachPlace([&](const Rows::Place &place) {
        Value column = load(place, d);
        for (auto [lane, row] : llvm::enumerate(rows.rowsAt(place)))
          k.store(arith::AddFOp::create(k.b, k.loc, k.load(grad, {row, d}),
                                        vector::ExtractOp::create(
                                            k.b, k.loc, column, int64_t(lane))),
                  grad, {row, d});
      });
    });
  return success();
}

Layout EmbeddingOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}
Layout EmbeddingBackwardOp::getResultLayout(unsigned) { return Layout::Dense; }
