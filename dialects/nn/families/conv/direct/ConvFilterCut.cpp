// Backward-weights cut by filters: each task sums its part of the gradient over
// all images. So there are no partial sums, and a batch of few images uses all
// threads. Kernels whose tasks are groups of images have a copy of the gradient
// for each task: 75 MB for 512 to 512 channels and a batch of 128.
//
// Two loops. The first goes over groups of images, like the kernels beside it:
//
//   X = the input                [group][row][column][channel][image]
//   Y = the cotangent, transposed
//                      [panel][group][row][column][image][filter of the panel]
//
// The second goes over panels, b vectors of filters, x blocks of channels:
//
//   for each chunk of Y that the first-level cache holds
//     for each tap and a channels
//       S += X Y over the chunk, a x b vectors of S in registers
//   S, transposed, is the block's part of the gradient.
//
// Rows and columns that a tap sees outside of the image are left out: nothing
// is multiplied by padding, which would be most of the work at 2x2 pixels.
//
// Which loop a kernel has does not depend on the number of threads. The second
// loop reads X and Y of all groups, so it has no `nn.blocks`.
//
// The reference: ConvReference.cpp, within 1e-4 (f32), 1e-10 (f64).
#include "direct/ConvFilterCut.h"
#include "shared/ConvSchedule.h"
#include "shared/FilterLanes.h"
#include "shared/Loops.h"
#include "nn/Products.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

constexpr int64_t kChannels = 16; // of a block

class FilterCutKernel {
public:
  FilterCutKernel(KernelBuilder &k, const ConvShape &s)
      : k(k), s(s), filters(k, s.filters), lanes(filters.lanes),
        blocks(k.operandType(0).getDimSize(0)), taps(s.kernel[0] * s.kernel[1]),
        channelBlocks(llvm::divideCeil(s.channels, kChannels)) {
    Type element = filters.vector.getElementType();
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    wide = VectorType::get({k.machine().vectorBytes / bytes}, element);
    width = wide.getNumElements();
    vectors = llvm::divideCeil(s.filters, width);
    tile = chooseProductTile(std::min(kChannels, s.channels), vectors,
                             k.machine());
    panels = llvm::divideCeil(vectors, tile.vectors);
    chooseChunk(tile.vectors * width * bytes);
    X = k.scratch(MemRefType::get(
        {blocks, s.in[0], s.in[1], s.channels * lanes}, element));
    Y = k.scratch(MemRefType::get({blocks, panels, s.out[0], s.out[1],
                                   lanes * tile.vectors * width},
                                  element));
    S = k.scratch(MemRefType::get(
        {panels * channelBlocks, int64_t(llvm::alignTo(kChannels * taps, width)),
         tile.vectors},
        wide));
  }

  void emit() {
    k.setSchedule(counted(tile.rows, "input") + " x " +
                  counted(tile.vectors, "vector") + ", cut by filters");
    k.forEachBlock(blocks, [&](Value block) {
      copyInput(block);
      copyCotangent(block);
    });
    k.forEachParallel(panels * channelBlocks, [&](Value task) {
      Value panel = k.div(task, channelBlocks),
            part = k.sub(task, k.mul(panel, channelBlocks));
      forGroup(k, panel, vectors, tile.vectors, [&](Value first, int64_t b) {
        forGroup(k, part, s.channels, kChannels, [&](Value c, int64_t count) {
          Part at{task, panel, first, b, c, count};
          sum(at);
          store(at);
        });
      });
    });
  }

private:
  // A task's part of the gradient: vectors of filters x channels.
  struct Part {
    Value task, panel, firstVector;
    int64_t vectors;
    Value firstChannel;
    int64_t channels;
  };

  // Groups, rows and columns whose cotangents fill half of the first-level
  // cache. With several groups of images a chunk has all of their rows, with
  // several rows all of their columns.
  void chooseChunk(int64_t step) {
    int64_t fit =
        std::max<int64_t>(1, k.machine().l1Bytes / 2 / (step * lanes));
    int64_t pixels = s.out[0] * s.out[1];
    chunkGroups = std::clamp<int64_t>(fit / pixels, 1, blocks);
    chunkRows = chunkGroups > 1
                    ? s.out[0]
                    : std::clamp<int64_t>(fit / s.out[1], 1, s.out[0]);
    int64_t parts = chunkRows > 1 ? 1 : llvm::divideCeil(s.out[1], fit);
    chunkColumns = llvm::divideCeil(s.out[1], parts);
  }

  bool isOneChunk() const {
    return chunkGroups == blocks && chunkRows == s.out[0] &&
           chunkColumns == s.out[1];
  }

  //===-- The first loop --------------------------------------------------===//

  void copyInput(Value block) {
    k.nest({s.in[0], s.in[1], s.channels}, [&](ValueRange i) {
      k.storeVector(k.element(0, block, {i[0], i[1]}, i[2]), X,
                    {block, i[0], i[1], i[2]});
    });
  }

  // Vectors of filters are as long as those of images here.
  void copyCotangent(Value block) {
    int64_t parts = width / lanes, ofPanel = tile.vectors * parts;
    k.nest({s.out[0], s.out[1]}, [&](ValueRange i) {
      k.loop(panels, [&](Value panel) {
        forGroup(k, panel, filters.vectors, ofPanel,
                 [&](Value first, int64_t count) {
                   filters.transpose(
                       block, i[0], i[1], first, count,
                       [&](int64_t image, Value number, Value value) {
                         k.storeVector(value, Y,
                                       {block, panel, i[0], i[1],
                                        k.add(number, image * ofPanel)});
                       });
                   clearRest(block, panel, i, count, ofPanel);
                 });
      });
    });
  }

  // The last vector may be longer than the filters.
  void clearRest(Value block, Value panel, ValueRange pixel, int64_t count,
                 int64_t ofPanel) {
    int64_t end = llvm::alignTo(count, width / lanes);
    for (int64_t number = count; number < end; ++number)
      k.loop(lanes, [&](Value image) {
        k.storeVector(k.constant(filters.vector, 0), Y,
                      {block, panel, pixel[0], pixel[1],
                       k.add(k.mul(image, ofPanel), number)});
      });
  }

  //===-- The second loop -------------------------------------------------===//

  void sum(const Part &at) {
    if (!isOneChunk())
      k.nest({at.channels * taps, at.vectors}, [&](ValueRange i) {
        k.store(k.constant(wide, 0), S, {at.task, i[0], i[1]});
      });
    k.loop(k.index(0), k.index(blocks), chunkGroups, [&](Value group) {
      Value groupEnd = k.min(k.add(group, chunkGroups), k.index(blocks));
      k.loop(k.index(0), k.index(s.out[0]), chunkRows, [&](Value row) {
        k.loop(k.index(0), k.index(s.out[1]), chunkColumns, [&](Value column) {
          k.nest({s.kernel[0], s.kernel[1]}, [&](ValueRange tap) {
            Chunk chunk{{group, groupEnd},
                        outputs(0, tap[0], row, chunkRows),
                        outputs(1, tap[1], column, chunkColumns),
                        tap[0],
                        tap[1]};
            forEachRowTile(
                k, k.index(0), at.channels, tile.rows,
                [&](Value c, int64_t a) { sumTile(at, chunk, c, a); });
          });
        });
      });
    });
  }

  using Range = std::pair<Value, Value>;
  struct Chunk {
    Range groups, rows, columns;
    Value kh, kw;
  };

  // Of `count` outputs of an axis from `first` on, those whose tap lies inside
  // the input.
  Range outputs(int axis, Value tap, Value first, int64_t count) {
    Value shift = k.add(k.mul(tap, s.dilation[axis]), -s.padding[axis]);
    Value lo = k.ceilDiv(k.sub(k.index(0), shift), s.stride[axis]);
    Value hi = k.ceilDiv(k.sub(k.index(s.in[axis]), shift), s.stride[axis]);
    Value end = k.min(k.add(first, count), k.index(s.out[axis]));
    return {k.max(lo, first), k.min(hi, end)};
  }

  Value inputAt(int axis, Value output, Value tap) {
    return k.add(k.add(k.mul(output, s.stride[axis]),
                       k.mul(tap, s.dilation[axis])),
                 -s.padding[axis]);
  }

  // Channels [c, c + a) of the block.
  void sumTile(const Part &at, const Chunk &chunk, Value c, int64_t a) {
    Value tap = k.add(k.mul(chunk.kh, s.kernel[1]), chunk.kw);
    auto place = [&](int64_t i, int64_t j) {
      return SmallVector<Value>{
          at.task, k.add(k.mul(k.add(c, i), taps), tap), k.index(j)};
    };
    SmallVector<Value> sums;
    for (int64_t i = 0; i < a; ++i)
      for (int64_t j = 0; j < at.vectors; ++j)
        sums.push_back(isOneChunk() ? k.constant(wide, 0)
                                    : k.load(S, place(i, j)));
    Value channel = k.mul(k.add(at.firstChannel, c), lanes);
    auto loop = [&](Range range, ValueRange init, Emitter::ReduceBody body) {
      return k.reduce(range.first, range.second, 1, init, body);
    };
    sums = loop(chunk.groups, sums, [&](Value group, ValueRange ofGroups) {
      return loop(chunk.rows, ofGroups, [&](Value row, ValueRange ofRows) {
        Value ih = inputAt(0, row, chunk.kh);
        return loop(chunk.columns, ofRows, [&](Value column,
                                               ValueRange ofPixels) {
          Value iw = inputAt(1, column, chunk.kw);
          return addProducts(
              k, {a, at.vectors}, k.index(0), lanes, ofPixels,
              [&](int64_t i, Value image) {
                return k.load(X, {group, ih, iw,
                                  k.add(k.add(channel, image), i * lanes)});
              },
              [&](int64_t j, Value image) {
                return k.loadVector(
                    wide, Y,
                    {group, at.panel, row, column,
                     k.add(k.mul(image, tile.vectors), j)});
              });
        });
      });
    });
    for (int64_t i = 0; i < a; ++i)
      for (int64_t j = 0; j < at.vectors; ++j)
        k.store(sums[i * at.vectors + j], S, place(i, j));
  }

  // A filter's channels and taps are neighbours in the gradient.
  void store(const Part &at) {
    Value gradient = k.collapse(k.result(0), {{0}, {1, 2, 3}});
    int64_t count = at.channels * taps, whole = count / width * width;
    auto rows = [&](Value from, int64_t elements) {
      k.loop(at.vectors, [&](Value j) {
        SmallVector<Value> x;
        for (int64_t i = 0; i < elements; ++i)
          x.push_back(k.load(S, {at.task, k.add(from, i), j}));
        storeWeights(k, x, gradient, k.mul(k.add(at.firstVector, j), width),
                     k.add(k.mul(at.firstChannel, taps), from));
      });
    };
    k.loop(k.index(0), k.index(whole), width,
           [&](Value from) { rows(from, width); });
    if (count > whole)
      rows(k.index(whole), count - whole);
  }

  KernelBuilder &k;
  ConvShape s;
  FilterLanes filters; // by vectors as long as those of images
  int64_t lanes, blocks, taps, channelBlocks;
  VectorType wide; // of the target
  int64_t width, vectors, panels, chunkGroups, chunkRows, chunkColumns;
  ProductTile tile;
  Value X, Y, S;
};

// Measured on one core with AVX-512 (Zen 5), conv2d of C to F channels, 3x3; ms
// of Winograd's form or filters in the lanes, and of this kernel:
//
//   batch 16, 512 to 512 at 4x4     3.6   4.0, but it uses all threads
//   batch 32, 512 to 512 at 4x4    10.5   7.7
//   batch 64, 512 to 512 at 2x2    16.9   1.6, with two threads
//   batch 64, 256 to 512 at 4x4     6.8   9.9
//   batch 32, 256 to 256 at 8x8     4.4  12.4
//   batch 32, 128 to 128 at 16x16   3.6  12.1
bool isWorthCutting(KernelBuilder &k, const ConvShape &s) {
  constexpr int64_t kPartials = 32 << 20, kWorthThreads = 1 << 21,
                    kFewPixels = 16, kManyPixels = 64, kNarrow = 1 << 14;
  if (s.channels < kChannels || s.filters < kChannels)
    return false;
  int64_t blocks = k.operandType(0).getDimSize(0),
          bytes = 4 * s.filters * s.channels * s.kernel[0] * s.kernel[1],
          pixels = s.out[0] * s.out[1];
  bool winograd = s.hasWinogradForm() && k.accuracy != Accuracy::Exact;
  // A copy of the gradient for each task.
  if (KernelBuilder::taskCount(blocks) * bytes > kPartials)
    return true;
  // A group of images is the work of one thread.
  if (blocks == 1)
    return s.macs() > kWorthThreads && s.filters * s.channels >= 4 * 16 * 16 &&
           !(winograd && pixels >= kManyPixels &&
             s.filters * s.channels <= kNarrow);
  // Sums of many weights come and go for few products each.
  return pixels <= kFewPixels && bytes > (winograd ? 8 << 20 : 4 << 20);
}

} // namespace

bool lowerFilterCut(KernelBuilder &k, const ConvShape &s) {
  auto vector = dyn_cast<VectorType>(k.operandType(0).getElementType());
  if (!vector || vector.getNumElements() < 4 || s.groups > 1 ||
      k.machine().vectorBytes <
          elementBytes(vector) / vector.getNumElements() * 4)
    return false;
  // An op may bring its own choice, for tests and measurements.
  auto forced = k.op->getAttrOfType<BoolAttr>("nn.filter_cut");
  bool otherForced =
      k.op->hasAttr("nn.filter_lanes") || k.op->hasAttr("nn.winograd");
  if (forced ? !forced.getValue() : otherForced || !isWorthCutting(k, s))
    return false;
  FilterCutKernel(k, s).emit();
  return true;
}

} // namespace gradmill::nn
