// Winograd's convolution with channels in the vector lanes, for 3x3 filters of
// stride 1. F(m x m, 3x3) computes m x m outputs from (m+2) x (m+2) inputs with
// (m+2)^2 products per channel instead of 9 m^2 (Lavin and Gray, "Fast
// algorithms for convolutional neural networks", 2015):
//   Y = At [ (G g Gt) * (Bt d B) ] A,  * element by element, summed over
//   channels.
//
// The filter's part, G g Gt, depends on parameters alone and is hoisted out of
// inference. The transforms of input and output are vertical in the channels:
// textbook formulas on vectors. Between them are (m+2)^2 matrix products, tiles
// x channels by channels x filters, each in the same register tile as the
// direct kernel. A block of tiles passes through all three steps while it is in
// the first-level cache.
//
// Borders: an input that does not fill its tiles is copied into zeros first.
//
// The reference: ConvReference.cpp, within 1e-4 (f32), 1e-10 (f64).
#include "channels/ConvChannels.h"
#include "winograd/ConvWinograd.h"
#include "winograd/WinogradTransforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "nn/Products.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {
using Values = SmallVector<Value>;

//===-- The kernel --------------------------------------------------------===//

class WinogradKernel {
public:
  WinogradKernel(KernelBuilder &k, Conv2DChannelsWinogradOp op)
      : k(k), s(shapeOf(op)), m(op.getTile()), size(m + 2),
        vector(vectorTypeOf(cast<RankedTensorType>(op.getType()))),
        width(vector.getNumElements()),
        pitch(vectorsPerPixel(cast<RankedTensorType>(op.getInput().getType())) *
              width),
        filterVectors(vectorsPerPixel(cast<RankedTensorType>(op.getType()))),
        filter(k.operand(1)), bias(op.getBias() ? k.operand(2) : Value()) {
    tiles = {(s.out[0] + m - 1) / m, (s.out[1] + m - 1) / m};
    together = takesImagesTogether(s, width, m, k.machine());
    block = together ? tiles : chooseWinogradBlock(tiles[0], tiles[1]);
    needed = {tiles[0] * m + 2, tiles[1] * m + 2};
    isPadded = s.padding[0] || s.padding[1] || needed[0] != s.in[0] ||
               needed[1] != s.in[1];
    source = memref::CollapseShapeOp::create(
        k.b, k.loc, k.operand(0),
        ArrayRef<ReassociationIndices>{{0}, {1}, {2, 3}});
    auto scratch = [&](std::initializer_list<int64_t> shape) {
      return k.scratch(MemRefType::get(shape, vector.getElementType()));
    };
    int64_t tasks = KernelBuilder::taskCount(s.batch),
            slots = together ? 1 : tasks;
    rows = (together ? s.batch : 1) * block[0] * block[1];
    inputs = scratch({slots, size * size, rows, pitch});
    products = scratch({slots, size * size, rows, filterVectors * width});
    if (isPadded)
      padded = scratch({std::max(tasks, together ? std::min(s.batch, kFewImages) : 1),
                        needed[0], needed[1] * pitch});
  }

  void emit() {
    if (together)
      return emitTogether();
    k.forEachBlock(s.batch, [&](Value image) {
      readFrom(image, k.task, k.index(0), pitch / width);
      cover(tiles[0], block[0], s.out[0],
            [&](Value row, int64_t rows, bool lastRow) {
              cover(tiles[1], block[1], s.out[1],
                    [&](Value column, int64_t columns, bool lastColumn) {
                      Block b{image,
                              {row, column},
                              {rows, columns},
                              {lastRow, lastColumn}};
                      transformInput(b, k.index(0), pitch / width);
                      multiply(rows * columns);
                      transformOutput(b, k.index(0), filterVectors);
                    });
            });
    });
  }

private:
  struct Block {
    Value image;
    std::array<Value, 2> first; // tile
    std::array<int64_t, 2> count;
    std::array<bool, 2>
        cut; // the last row, column of tiles reaches past the output
  };

  // `total` tiles as blocks of up to `most`; the last one is emitted on its own
  // if it is smaller or reaches past the output.
  void
  cover(int64_t total, int64_t most, int64_t pixels,
        llvm::function_ref<void(Value first, int64_t count, bool cut)> body) {
    bool cut = pixels % m;
    int64_t whole = (total - cut) / most * most;
    k.loop(k.index(0), k.index(whole), most,
           [&](Value i) { body(i, most, false); });
    if (total > whole)
      body(k.index(whole), total - whole, cut);
  }

  // Wide layers: the transformed filter is larger than the caches. Each of its
  // parts, some filters of one point, meets the tiles of all images before the
  // next part comes. These products are tasks of their own, so one image uses
  // all threads, too.
  void emitTogether() {
    auto whole = [&](Value image) {
      return Block{image,
                   {k.index(0), k.index(0)},
                   tiles,
                   {s.out[0] % m != 0, s.out[1] % m != 0}};
    };
    // Of few images, each vector of channels is transformed on its own.
    bool alone = s.batch < kFewImages;
    auto eachVector = [&](int64_t vectors,
                          llvm::function_ref<void(Value, Value)> body) {
      k.forEachParallel(s.batch * vectors, [&](Value task) {
        Value image = k.div(task, vectors);
        body(image, k.sub(task, k.mul(image, vectors)));
      });
    };
    if (alone)
      eachVector(pitch / width, [&](Value image, Value v) {
        readFrom(image, image, v, 1);
        transformInput(whole(image), v, 1);
      });
    else
      k.forEachBlock(s.batch, [&](Value image) {
        readFrom(image, k.task, k.index(0), pitch / width);
        transformInput(whole(image), k.index(0), pitch / width);
      });
    ProductTile tile = chooseProductTile(rows, filterVectors, k.machine());
    int64_t groups = llvm::divideCeil(filterVectors, tile.vectors);
    k.forEachParallel(size * size * groups, [&](Value task) {
      Value position = k.div(task, groups),
            group = k.sub(task, k.mul(position, groups));
      forGroup(k, group, filterVectors, tile.vectors,
               [&](Value first, int64_t vectors) {
                 forEachRowTile(k, k.index(0), rows, tile.rows,
                                [&](Value row, int64_t count) {
                                  multiplyTile(k.index(0), position, row, count,
                                               first, vectors);
                                });
               });
    });
    if (alone)
      eachVector(filterVectors, [&](Value image, Value v) {
        transformOutput(whole(image), v, 1);
      });
    else
      k.forEachBlock(s.batch, [&](Value image) {
        transformOutput(whole(image), k.index(0), filterVectors);
      });
  }

  // The image, or some vectors of its channels, with zeros around; `place` is
  // where in the buffer for that.
  void readFrom(Value image, Value place, Value first, int64_t vectors) {
    if (isPadded)
      copyIntoZeros(image, place, first, vectors);
    from = isPadded ? padded : source;
    fromImage = isPadded ? place : image;
  }

  // Where the tiles of a block begin in the buffers between the steps.
  Value slot() { return together ? k.index(0) : k.task; }

  void copyIntoZeros(Value image, Value place, Value first, int64_t vectors) {
    auto put = [&](Value row, Value column, bool inside) {
      k.loop(vectors, [&](Value v) {
        Value c = k.mul(k.add(first, v), width);
        Value value = k.constant(vector, 0);
        if (inside) {
          Value h = k.add(row, -s.padding[0]), w = k.add(column, -s.padding[1]);
          value = vector::LoadOp::create(
              k.b, k.loc, vector, source,
              ValueRange{image, h, k.add(k.mul(w, pitch), c)});
        }
        vector::StoreOp::create(
            k.b, k.loc, value, padded,
            ValueRange{place, row, k.add(k.mul(column, pitch), c)});
      });
    };
    auto segments = [&](int axis, llvm::function_ref<void(Value, bool)> body) {
      int64_t begin = s.padding[axis], end = begin + s.in[axis];
      k.loop(k.index(0), k.index(begin), 1, [&](Value i) { body(i, false); });
      k.loop(k.index(begin), k.index(end), 1, [&](Value i) { body(i, true); });
      k.loop(k.index(end), k.index(needed[axis]), 1,
             [&](Value i) { body(i, false); });
    };
    segments(0, [&](Value row, bool rowInside) {
      segments(1, [&](Value column, bool inside) {
        put(row, column, rowInside && inside);
      });
    });
  }

  Value tileNumber(const Block &b, Value r, Value c) {
    Value number = k.add(k.mul(r, b.count[1]), c);
    return together ? k.add(k.mul(b.image, tiles[0] * tiles[1]), number)
                    : number;
  }

  void transformInput(const Block &b, Value first, int64_t vectors) {
    WinogradTransforms a(k, m);
    k.nest({b.count[0], b.count[1], vectors}, [&](ValueRange i) {
      Value row = k.mul(k.add(b.first[0], i[0]), m),
            column = k.mul(k.add(b.first[1], i[1]), m);
      Value lane = k.mul(k.add(first, i[2]), width),
            t = tileNumber(b, i[0], i[1]);
      Value start = k.add(k.mul(column, pitch), lane);
      Values d;
      for (int64_t y = 0; y < size; ++y)
        for (int64_t x = 0; x < size; ++x)
          d.push_back(vector::LoadOp::create(
              k.b, k.loc, vector, from,
              ValueRange{fromImage, k.add(row, y), k.add(start, x * pitch)}));
      d = transformBoth(d, size, size,
                        [&](ArrayRef<Value> v) { return a.input(v); });
      for (auto [position, value] : llvm::enumerate(d))
        vector::StoreOp::create(k.b, k.loc, value, inputs,
                                ValueRange{slot(), k.index(position), t, lane});
    });
  }

  // For each position a matrix product: tiles x channels by channels x filters.
  void multiply(int64_t count) {
    ChannelsTile tile = chooseChannelsTile(count, filterVectors, k.machine());
    k.loop(size * size, [&](Value position) {
      int64_t first = 0;
      for (int64_t run : balancedRuns(count, tile.pixels)) {
        int64_t whole = filterVectors / tile.vectors * tile.vectors;
        k.loop(k.index(0), k.index(whole), tile.vectors, [&](Value v) {
          multiplyTile(k.task, position, k.index(first), run, v, tile.vectors);
        });
        if (filterVectors > whole)
          multiplyTile(k.task, position, k.index(first), run, k.index(whole),
                       filterVectors - whole);
        first += run;
      }
    });
  }

  // Tiles [first, first + count) x `vectors` of filters from v on.
  void multiplyTile(Value slot, Value position, Value first, int64_t count,
                    Value v, int64_t vectors) {
    Values sums(count * vectors, k.constant(vector, 0));
    sums = addProducts(
        k, {count, vectors}, k.index(0), s.channels, sums,
        [&](int64_t t, Value c) {
          return k.load(inputs, {slot, position, k.add(first, t), c});
        },
        [&](int64_t g, Value c) -> Value {
          return vector::LoadOp::create(
              k.b, k.loc, vector, filter,
              ValueRange{position, k.add(v, g), c, k.index(0)});
        });
    for (int64_t t = 0; t < count; ++t)
      for (int64_t g = 0; g < vectors; ++g)
        vector::StoreOp::create(k.b, k.loc, sums[t * vectors + g], products,
                                ValueRange{slot, position, k.add(first, t),
                                           k.mul(k.add(v, g), width)});
  }

  // Tiles inside of the output in a loop; those cut at its end one by one.
  void transformOutput(const Block &b, Value first, int64_t vectors) {
    auto along = [&](int axis, llvm::function_ref<void(Value, int64_t)> body) {
      int64_t whole = b.count[axis] - b.cut[axis];
      k.loop(k.index(0), k.index(whole), 1, [&](Value i) { body(i, m); });
      if (b.cut[axis])
        body(k.index(whole), s.out[axis] % m);
    };
    along(0, [&](Value r, int64_t height) {
      along(1, [&](Value c, int64_t widthOut) {
        k.loop(vectors, [&](Value v) {
          transformTile(b, r, c, height, widthOut, k.add(first, v));
        });
      });
    });
  }

  void transformTile(const Block &b, Value r, Value c, int64_t height,
                     int64_t columns, Value v) {
    WinogradTransforms a(k, m);
    Value t = tileNumber(b, r, c), lane = k.mul(v, width);
    Values y;
    for (int64_t position = 0; position < size * size; ++position)
      y.push_back(vector::LoadOp::create(
          k.b, k.loc, vector, products,
          ValueRange{slot(), k.index(position), t, lane}));
    y = transformBoth(y, size, size,
                      [&](ArrayRef<Value> x) { return a.output(x); });
    Value row = k.mul(k.add(b.first[0], r), m),
          column = k.mul(k.add(b.first[1], c), m);
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        Value value = y[i * m + j];
        if (bias)
          value = arith::AddFOp::create(k.b, k.loc, value,
                                        k.loadChannels(vector, bias, v));
        k.emit(b.image, {k.add(row, i), k.add(column, j)}, {v, 1}, value);
      }
  }

  KernelBuilder &k;
  ConvShape s;
  int64_t m, size; // outputs and inputs of a tile, along one axis
  VectorType vector;
  int64_t width, pitch,
      filterVectors;  // pitch: elements from one input pixel to the next
  Value filter, bias; // filter: [size*size, vectors, C, width]
  bool together;      // all images at each step
  int64_t rows;       // tiles in the buffers between the steps
  std::array<int64_t, 2> tiles,
      block;                     // of the output; that pass through together
  std::array<int64_t, 2> needed; // input pixels that the tiles read
  bool isPadded;
  Value source, padded, inputs, products; // the last three: per task
  Value from, fromImage;
};
} // namespace

LogicalResult Conv2DChannelsWinogradOp::lower(KernelBuilder &k) {
  std::string m = std::to_string(getTile());
  noteWinograd(k, "winograd F(" + m + "x" + m + ",3x3)");
  WinogradKernel(k, *this).emit();
  return success();
}

Layout Conv2DChannelsWinogradOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Channels : Layout::Dense;
}
Layout Conv2DChannelsWinogradOp::getResultLayout(unsigned) {
  return Layout::Channels;
}
int64_t Conv2DChannelsWinogradOp::getMacs() { return shapeOf(*this).macs(); }

//===-- The filter --------------------------------------------------------===//

static LogicalResult checkTile(std::optional<Location> loc, int64_t tile) {
  if (tile == 2 || tile == 4)
    return success();
  return violated(loc, "conv2d_c10", "tile is ", tile, ", expected 2 or 4");
}

// Of a filter [F, C, 3, 3].
static SmallVector<int64_t> transformedShape(RankedTensorType filter,
                                             int64_t tile, int64_t width,
                                             bool turned = false) {
  return {(tile + 2) * (tile + 2),
          int64_t(llvm::divideCeil(filter.getDimSize(turned ? 1 : 0), width)),
          filter.getDimSize(turned ? 0 : 1), width};
}

LogicalResult Conv2DChannelsWinogradFilterOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto filter = cast<RankedTensorType>(adaptor.getFilter().getType());
  if (failed(checkTile(loc, adaptor.getTile())) ||
      failed(checkWidth(loc, adaptor.getWidth())))
    return failure();
  if (filter.getRank() != 4 || !filter.hasStaticShape() ||
      filter.getDimSize(2) != 3 || filter.getDimSize(3) != 3)
    return violated(loc, "conv2d_c1", "the filter is ",
                    shapeText(filter.getShape()), ", expected [F, C, 3, 3]");
  types.push_back(dense(filter, transformedShape(filter, adaptor.getTile(),
                                                 adaptor.getWidth(),
                                                 adaptor.getTurned())));
  return success();
}

LogicalResult Conv2DChannelsWinogradOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType()),
       output = cast<RankedTensorType>(getOutput().getType());
  if (input.getRank() != 4 || output.getRank() != 4)
    return violated(getLoc(), "conv2d_c1",
                    "input and output have four dimensions");
  if (failed(checkTile(getLoc(), getTile())) ||
      failed(checkWidth(getLoc(), lanesOf(output))))
    return failure();
  static constexpr int64_t kOnes[] = {1, 1};
  RankedTensorType filter =
      dense(input, {output.getDimSize(1), input.getDimSize(1), 3, 3});
  return checkChannelsConv(*this, filter,
                           cast<RankedTensorType>(getFilter().getType()),
                           transformedShape(filter, getTile(), lanesOf(output)),
                           {kOnes, getPadding(), kOnes, 1});
}

// Vector by vector of outputs, on all threads. The lanes past the last output
// stay zero.
LogicalResult Conv2DChannelsWinogradFilterOp::lower(KernelBuilder &k) {
  auto filter = cast<RankedTensorType>(getFilter().getType()),
       packed = cast<RankedTensorType>(getType());
  bool turned = getTurned();
  int64_t vectors = packed.getDimSize(1), inputs = packed.getDimSize(2),
          width = getWidth(), outputs = filter.getDimSize(turned ? 1 : 0);
  Type element = filter.getElementType();
  auto vector = VectorType::get({width}, element);
  WinogradTransforms transforms(k, getTile());
  FilterTransform transform(k, transforms, vectors, vector);
  Value weights = k.scratch(MemRefType::get({vectors, 9, width}, element));
  k.forEachParallel(vectors, [&](Value v) {
    k.nest({9, width}, [&](ValueRange i) {
      k.store(k.constant(element, 0), weights, {v, i[0], i[1]});
    });
    Value first = k.mul(v, width),
          count = k.min(k.sub(k.index(outputs), first), k.index(width));
    k.loop(inputs, [&](Value c) {
      k.loop(k.index(0), count, 1, [&](Value lane) {
        Value o = k.add(first, lane);
        for (int64_t tap = 0; tap < 9; ++tap) {
          Value w = turned ? k.load(k.operand(0), {c, o, k.index(2 - tap / 3),
                                                   k.index(2 - tap % 3)})
                           : k.load(k.operand(0), {o, c, k.index(tap / 3),
                                                   k.index(tap % 3)});
          k.store(w, weights, {v, k.index(tap), lane});
        }
      });
      transform.emit(
          v,
          [&](Value row, Value column) -> Value {
            return vector::LoadOp::create(
                k.b, k.loc, vector, weights,
                ValueRange{v, k.add(k.mul(row, 3), column), k.index(0)});
          },
          [&](Value point, Value u) {
            vector::StoreOp::create(k.b, k.loc, u, k.result(0),
                                    ValueRange{point, v, c, k.index(0)});
          });
    });
  });
  return success();
}

Layout Conv2DChannelsWinogradFilterOp::getOperandLayout(unsigned) {
  return Layout::Dense;
}
Layout Conv2DChannelsWinogradFilterOp::getResultLayout(unsigned) {
  return Layout::Dense;
}

LogicalResult gradmill::nn::toWinogradChannels(Conv2DOp op, RewriterBase &b,
                                               int64_t width,
                                               Accuracy accuracy) {
  ConvShape s = shapeOf(op);
  int64_t tile = chooseWinogradTile(s, width, accuracy);
  // Double precision asks for the smallest error.
  if (tile == 0 ||
      !cast<RankedTensorType>(op.getType()).getElementType().isF32())
    return failure();
  auto type = cast<RankedTensorType>(op.getType());
  type = RankedTensorType::get(type.getShape(), type.getElementType(),
                               ChannelsAttr::get(b.getContext(), width));
  Value filter = Conv2DChannelsWinogradFilterOp::create(
      b, op.getLoc(), op.getFilter(), b.getI64IntegerAttr(tile),
      b.getI64IntegerAttr(width), /*turned=*/UnitAttr());
  b.replaceOpWithNewOp<Conv2DChannelsWinogradOp>(
      op, type, op.getInput(), filter, op.getBias(), op.getPaddingAttr(),
      b.getI64IntegerAttr(tile));
  return success();
}
