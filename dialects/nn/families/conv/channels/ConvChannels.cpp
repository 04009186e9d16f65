// Convolution with channels in the vector lanes, for single images and small
// batches.
//
// A tile of P pixels x G vectors of filters stays in registers. Per tap (kernel
// row, kernel column, input channel) it takes G weight vectors, which are
// contiguous in the packed filter, and P input elements, each broadcast from
// memory. So the input may have any layout, and a dense image needs no
// conversion. If pixels are dense in channels (C is a multiple of V, no
// dilation, one group), kernel column and input channel are one loop over
// contiguous memory.
//
// Borders cost nothing: kernel rows are clipped, and the few tiles of a row
// that touch its ends are emitted separately, each tap with just the pixels
// that it hits.
//
// Packing the filter is an op of its own that depends on parameters alone, so
// it is hoisted out of inference (compiler/schedule/SplitPrepare.cpp).
//
// The reference for all of it: ConvReference.cpp, within 1e-4 (f32), 1e-10
// (f64).
#include "channels/ConvChannels.h"
#include "winograd/ConvWinograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "nn/Products.h"

using namespace mlir;
using namespace gradmill::nn;

//===-- The packed filter -------------------------------------------------===//

PackedFilter::PackedFilter(ArrayRef<int64_t> filter, int64_t groups,
                           int64_t width)
    : filters(filter[0]), groupFilters(filter[0] / groups),
      groupChannels(filter[1]), kernel{filter[2], filter[3]},
      vectors(llvm::divideCeil(filter[0], width)), width(width) {
  if (groups == 1 || groupFilters % width == 0)
    form = Form::Shared;
  else
    form = groupFilters == 1 && groupChannels == 1 ? Form::Vertical
                                                   : Form::Embedded;
  channels = form == Form::Embedded ? groupChannels * groups : groupChannels;
}

// Of the filter [F, C, KH, KW] that is packed.
static SmallVector<int64_t> packedShape(RankedTensorType filter, bool turned) {
  SmallVector<int64_t> shape(filter.getShape());
  if (turned)
    std::swap(shape[0], shape[1]);
  return shape;
}

PackedFilter gradmill::nn::packedBy(Conv2DPackFilterOp op) {
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  return PackedFilter(packedShape(filter, op.getTurned()), op.getGroups(),
                      op.getWidth());
}

LogicalResult gradmill::nn::checkWidth(std::optional<Location> loc,
                                       int64_t width) {
  if (width >= 1 && width <= 1024)
    return success();
  return violated(loc, "conv2d_c10", "width is ", width,
                  ", expected 1 to 1024");
}

LogicalResult
Conv2DPackFilterOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                     Adaptor adaptor,
                                     SmallVectorImpl<Type> &types) {
  auto filter = cast<RankedTensorType>(adaptor.getFilter().getType());
  int64_t groups = adaptor.getGroups();
  if (failed(checkWidth(loc, adaptor.getWidth())))
    return failure();
  if (filter.getRank() != 4 || !filter.hasStaticShape())
    return violated(loc, "conv2d_c1", "the filter is ",
                    shapeText(filter.getShape()),
                    ", expected [F, C/groups, KH, KW]");
  if (groups < 1 || filter.getDimSize(0) % groups)
    return violated(loc, "conv2d_c4", "groups is ", groups,
                    ", which does not divide the ", filter.getDimSize(0),
                    " filters");
  if (adaptor.getTurned() && groups != 1)
    return violated(loc, "conv2d_c4", "groups is ", groups,
                    ", but a turned filter has one group");
  types.push_back(dense(
      filter, PackedFilter(packedShape(filter, adaptor.getTurned()), groups,
                           adaptor.getWidth())
                  .shape()));
  return success();
}

LogicalResult gradmill::nn::checkChannelsConv(Operation *op,
                                              RankedTensorType filter,
                                              RankedTensorType packed,
                                              ArrayRef<int64_t> expected,
                                              const ConvWindow &window) {
  auto input = cast<RankedTensorType>(op->getOperandTypes().front()),
       output = cast<RankedTensorType>(op->getResultTypes().front());
  Value bias = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
  SmallVector<int64_t> shape;
  if (failed(inferConvShape(op->getLoc(), input, filter, window, shape)) ||
      failed(checkBias(op->getLoc(), bias, input, shape[1])))
    return failure();
  if (packed.getShape() == expected &&
      packed.getElementType() == input.getElementType() &&
      output.getShape() == ArrayRef(shape) &&
      output.getElementType() == input.getElementType())
    return success();
  return violated(op->getLoc(), "conv2d_c10", "the packed filter is ", packed,
                  " and the output ", output, ", expected ",
                  shapeText(expected), " and ", shapeText(shape));
}

// The output determines what was packed, except for the number of a filter's
// channels.
LogicalResult Conv2DChannelsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType()),
       packed = cast<RankedTensorType>(getFilter().getType()),
       output = cast<RankedTensorType>(getOutput().getType());
  int64_t groups = getGroups();
  if (input.getRank() != 4 || output.getRank() != 4 || packed.getRank() != 5)
    return violated(getLoc(), "conv2d_c1",
                    "input and output have four dimensions, the packed filter "
                    "five");
  if (groups < 1 || input.getDimSize(1) % groups ||
      output.getDimSize(1) % groups)
    return violated(getLoc(), "conv2d_c4", "groups is ", groups,
                    ", which does not divide the channels");
  if (failed(checkWidth(getLoc(), lanesOf(output))))
    return failure();
  RankedTensorType filter =
      dense(input, {output.getDimSize(1), input.getDimSize(1) / groups,
                    packed.getDimSize(1), packed.getDimSize(2)});
  return checkChannelsConv(
      *this, filter, packed,
      PackedFilter(filter.getShape(), groups, lanesOf(output)).shape(),
      convWindowOf(*this));
}

Layout Conv2DPackFilterOp::getOperandLayout(unsigned) { return Layout::Dense; }
Layout Conv2DPackFilterOp::getResultLayout(unsigned) { return Layout::Dense; }

// Zeros for the channels of other groups are multiplied like any others. With
// more groups than lanes the scalar loops are faster.
LogicalResult Conv2DOp::toChannels(RewriterBase &b, int64_t width,
                                   Accuracy accuracy) {
  if (succeeded(toWinogradChannels(*this, b, width, accuracy)))
    return success();
  PackedFilter packed(cast<RankedTensorType>(getFilter().getType()).getShape(),
                      getGroups(), width);
  if (packed.form == PackedFilter::Form::Embedded &&
      int64_t(getGroups()) > width)
    return failure();
  Value filter = Conv2DPackFilterOp::create(b, getLoc(), getFilter(),
                                            b.getI64IntegerAttr(width),
                                            b.getI64IntegerAttr(getGroups()),
                                            /*turned=*/UnitAttr());
  auto type = cast<RankedTensorType>(getType());
  type = RankedTensorType::get(type.getShape(), type.getElementType(),
                               ChannelsAttr::get(b.getContext(), width));
  b.replaceOpWithNewOp<Conv2DChannelsOp>(
      *this, type, getInput(), filter, getBias(), getStrideAttr(),
      getPaddingAttr(), getDilationAttr(), getGroupsAttr());
  return success();
}

double gradmill::nn::convLanesCycles(const ConvShape &s, int64_t width,
                                     Accuracy accuracy, bool single) {
  WinogradProblem p =
      winogradProblem(s, 4 * width, llvm::divideCeil(s.batch, width));
  // The comparison hardly depends on the machine.
  auto winograd = s.hasWinogradForm() && single ? chooseWinograd(p, accuracy)
                                                : std::nullopt;
  double group = winograd ? winogradCycles(p, *winograd)
                          : double(s.macs()) / double(s.batch) / 2;
  // Filters that no cache holds pass by once for two tiles, or for a tile of
  // three pixels.
  double bytes = 4.0 * (winograd ? winograd->points() : s.kernel[0] * s.kernel[1]) *
                 double(s.groupChannels() * s.filters);
  int64_t passes = winograd ? llvm::divideCeil(p.tiles(winograd->outputs), 2)
                            : llvm::divideCeil(s.out[0] * s.out[1], 3);
  if (bytes > kNoCacheBytes) // products read whole lines of them, taps do not
    group += bytes * double(passes) / (winograd ? 8 : 1);
  return group / double(width);
}

double Conv2DOp::lanesCycles(int64_t width, Accuracy accuracy) {
  // There is no form in f64.
  bool single = getElementTypeOrSelf(getType()).isF32();
  return convLanesCycles(shapeOf(*this), width, accuracy, single);
}

double Conv2DOp::channelsCycles(int64_t width, Accuracy accuracy) {
  ConvShape s = shapeOf(*this);
  int64_t tile = chooseWinogradTile(s, width, accuracy);
  // Filters of several groups are padded with zeros.
  return tile ? winogradCycles(s, width, tile)
              : directCycles(s, width) * s.groups;
}

//===-- The kernel --------------------------------------------------------===//

namespace {
using Form = PackedFilter::Form;
using Accumulators = SmallVector<Value>;

class ChannelsKernel {
public:
  ChannelsKernel(KernelBuilder &k, Conv2DChannelsOp op)
      : k(k), s(shapeOf(op)),
        vector(vectorTypeOf(cast<RankedTensorType>(op.getType()))),
        packed({s.filters, s.groupChannels(), s.kernel[0], s.kernel[1]},
               s.groups, vector.getNumElements()),
        dense(layoutOf(op.getInput().getType()) == Layout::Dense),
        bias(op.getBias() ? k.operand(2) : Value()) {
    in = dense ? k.operand(0) : collapse(k.operand(0), {{0}, {1}, {2, 3}});
    filter = collapse(k.operand(1), {{0}, {1}, {2, 3}, {4}});
    pitch =
        dense ? 1 : cast<MemRefType>(k.operand(0).getType()).getShape().back();
    // A filter's group selects its input channels only if a vector belongs to
    // one group.
    groups = packed.form == Form::Shared ? s.groups : 1;
    vectors = vectorsPerPixel(cast<RankedTensorType>(op.getType())) / groups;
    // In a dense image the taps of a row read each other's pixels.
    bool shared = dense && s.stride[1] == 1 && s.dilation[1] == 1;
    cut = cutChannels(s, vector.getNumElements(),
                      vector.getElementTypeBitWidth() / 8, packed.channels,
                      groups, vectors, shared ? s.kernel[1] : 1, k.machine());
    tile = cut.tile;
    k.setSchedule(std::to_string(tile.pixels) + " pixels x " +
                  std::to_string(tile.vectors) + " vectors of filters");
  }

  void emit() {
    if (cut.tasks)
      return emitTogether();
    k.forEachBlock(s.batch, [&](Value image) {
      k.loop(groups, [&](Value group) {
        int64_t whole = vectors / tile.vectors * tile.vectors;
        k.loop(k.index(0), k.index(whole), tile.vectors, [&](Value v) {
          emitFilters(image, group, v, tile.vectors, k.index(0), s.out[0]);
        });
        if (vectors > whole)
          emitFilters(image, group, k.index(whole), vectors - whole, k.index(0),
                      s.out[0]);
      });
    });
  }

private:
  // Neighbouring pixels of an output row, all vectors of a block of filters.
  struct Tile {
    Value image, row, channel,
        filter; // first input channel, first vector of filters
    int64_t vectors;
    Value column;
    int64_t pixels;
  };

  Value collapse(Value buffer, ArrayRef<ReassociationIndices> dims) {
    return memref::CollapseShapeOp::create(k.b, k.loc, buffer, dims);
  }

  // A task has some filters and part of the images, or of the rows of each: the
  // filters stay in its cache for all of them.
  void emitTogether() {
    int64_t filters = llvm::divideCeil(vectors, tile.vectors);
    k.forEachParallel(cut.tasks, [&](Value task) {
      auto next = [&](int64_t count) { // the last digit
        Value rest = k.div(task, count),
              digit = k.sub(task, k.mul(rest, count));
        task = rest;
        return digit;
      };
      Value rows = next(cut.rowParts), images = next(cut.imageParts),
            part = next(filters), group = task;
      int64_t height = s.out[0] / cut.rowParts,
              count = s.batch / cut.imageParts;
      forGroup(k, part, vectors, tile.vectors, [&](Value v, int64_t size) {
        k.loop(count, [&](Value i) {
          emitFilters(k.add(k.mul(images, count), i), group, v, size,
                      k.mul(rows, height), height);
        });
      });
    });
  }

  void emitFilters(Value image, Value group, Value v, int64_t count,
                   Value firstRow, int64_t rows) {
    Value first = k.add(k.mul(group, vectors), v);
    k.loop(firstRow, k.add(firstRow, rows), 1, [&](Value row) {
      emitRow(
          {image, row, k.mul(group, s.groupChannels()), first, count, {}, 0});
    });
  }

  bool isInside(int64_t column, int64_t pixels) const {
    int64_t first = column * s.stride[1] - s.padding[1];
    int64_t last =
        first + (pixels - 1) * s.stride[1] + (s.kernel[1] - 1) * s.dilation[1];
    return first >= 0 && last < s.in[1];
  }

  void emitRow(Tile t) {
    SmallVector<int64_t> runs = balancedRuns(s.out[1], tile.pixels);
    int64_t column = 0, borders = 0;
    for (int64_t run : runs) {
      borders += !isInside(column, run);
      column += run;
    }
    bool unrollBorders = borders <= kBorderTiles && s.kernel[1] <= kBorderTaps;
    column = 0;
    for (size_t i = 0; i < runs.size();) {
      t.pixels = runs[i];
      size_t same = 0; // equal tiles inside of the input are one loop
      while (i + same < runs.size() && runs[i + same] == t.pixels &&
             isInside(column + same * t.pixels, t.pixels))
        ++same;
      int64_t end = column + std::max<size_t>(same, 1) * t.pixels;
      if (same) {
        k.loop(k.index(column), k.index(end), t.pixels, [&](Value c) {
          t.column = c;
          finish(t, sumInside(t));
        });
      } else if (unrollBorders) {
        t.column = k.index(column);
        finish(t, sumBorder(t, column));
      } else {
        t.pixels = 1;
        k.loop(k.index(column), k.index(end), 1, [&](Value c) {
          t.column = c;
          finish(t, sumClipped(t));
        });
      }
      i += std::max<size_t>(same, 1);
      column = end;
    }
  }

  void finish(const Tile &t, ArrayRef<Value> sums) {
    for (int64_t p = 0; p < t.pixels; ++p)
      k.emit(t.image, {t.row, k.add(t.column, p)}, {t.filter, t.vectors},
             sums.slice(p * t.vectors, t.vectors));
  }

  //===-- Sums over taps
  //----------------------------------------------------===//

  // Taps [lo, hi) of an axis that hit the input at output `o`.
  std::pair<Value, Value> tapRange(int axis, Value o) {
    if (!s.leavesImage(axis))
      return {k.index(0), k.index(s.kernel[axis])};
    Value start = k.add(k.mul(o, s.stride[axis]), -s.padding[axis]);
    Value lo = k.ceilDiv(k.sub(k.index(0), start), s.dilation[axis]);
    Value hi = k.ceilDiv(k.sub(k.index(s.in[axis]), start), s.dilation[axis]);
    return {k.max(lo, k.index(0)), k.min(hi, k.index(s.kernel[axis]))};
  }

  // Sums `body(kernel row, input row, sums)` over the kernel rows inside of the
  // input, starting with the bias.
  Accumulators
  overRows(const Tile &t,
           llvm::function_ref<Accumulators(Value, Value, ValueRange)> body) {
    Accumulators sums;
    for (int64_t p = 0; p < t.pixels; ++p)
      for (int64_t v = 0; v < t.vectors; ++v)
        sums.push_back(bias ? k.loadChannels(vector, bias, k.add(t.filter, v))
                            : k.constant(vector, 0));
    auto [lo, hi] = tapRange(0, t.row);
    return k.reduce(lo, hi, 1, sums, [&](Value kh, ValueRange carried) {
      Value ih =
          k.add(k.add(k.mul(t.row, s.stride[0]), k.mul(kh, s.dilation[0])),
                -s.padding[0]);
      return body(kh, ih, carried);
    });
  }

  Accumulators sumInside(const Tile &t) {
    SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, t.pixels));
    bool contiguous = packed.form == Form::Shared && groups == 1 && !dense &&
                      s.dilation[1] == 1 && s.channels == pitch;
    return overRows(t, [&](Value kh, Value ih, ValueRange sums) {
      if (contiguous)
        return foldUnrolled(k, s.kernel[1] * s.channels, sums,
                            [&](Value i, ValueRange carried) {
                              return addTap(t, all, kh, ih, k.index(0), i,
                                            carried);
                            });
      if (dense)
        return foldUnrolled(
            k, packed.channels, sums, [&](Value c, ValueRange outer) {
              return foldUnrolled(
                  k, s.kernel[1], outer, [&](Value kw, ValueRange carried) {
                    return addTap(t, all, kh, ih, kw, c, carried);
                  });
            });
      return k.reduce(k.index(0), k.index(s.kernel[1]), 1, sums,
                      [&](Value kw, ValueRange outer) {
                        return foldUnrolled(k, packed.channels, outer,
                                            [&](Value c, ValueRange carried) {
                                              return addTap(t, all, kh, ih, kw,
                                                            c, carried);
                                            });
                      });
    });
  }

  // At a column known at compile time: for each kernel column the pixels that
  // it hits.
  Accumulators sumBorder(const Tile &t, int64_t column) {
    return overRows(t, [&](Value kh, Value ih, ValueRange sums) {
      Accumulators all(sums);
      for (int64_t kw = 0; kw < s.kernel[1]; ++kw) {
        SmallVector<int64_t> hit;
        Accumulators some;
        for (int64_t p = 0; p < t.pixels; ++p) {
          int64_t iw =
              (column + p) * s.stride[1] + kw * s.dilation[1] - s.padding[1];
          if (iw < 0 || iw >= s.in[1])
            continue;
          hit.push_back(p);
          llvm::append_range(
              some, ArrayRef<Value>(all).slice(p * t.vectors, t.vectors));
        }
        if (hit.empty())
          continue;
        some = foldUnrolled(
            k, packed.channels, some, [&](Value c, ValueRange carried) {
              return addTap(t, hit, kh, ih, k.index(kw), c, carried);
            });
        for (auto [i, p] : llvm::enumerate(hit))
          for (int64_t v = 0; v < t.vectors; ++v)
            all[p * t.vectors + v] = some[i * t.vectors + v];
      }
      return all;
    });
  }

  // One pixel, kernel columns clipped at run time.
  Accumulators sumClipped(const Tile &t) {
    auto [lo, hi] = tapRange(1, t.column);
    return overRows(
        t, [&, lo = lo, hi = hi](Value kh, Value ih, ValueRange sums) {
          return k.reduce(lo, hi, 1, sums, [&](Value kw, ValueRange outer) {
            return foldUnrolled(k, packed.channels, outer,
                                [&](Value c, ValueRange carried) {
                                  return addTap(t, {0}, kh, ih, kw, c, carried);
                                });
          });
        });
  }

  // sums += x * w for the given pixels of the tile, at one kernel position and
  // channel.
  Accumulators addTap(const Tile &t, ArrayRef<int64_t> pixels, Value kh,
                      Value ih, Value kw, Value c, ValueRange sums) {
    int64_t width = vector.getNumElements();
    SmallVector<Value> weights;
    Value tap = k.add(k.mul(kw, packed.channels), c);
    for (int64_t v = 0; v < t.vectors; ++v)
      weights.push_back(vector::LoadOp::create(
          k.b, k.loc, vector, filter,
          ValueRange{k.add(t.filter, v), kh, tap, k.index(0)}));
    // Adds constants last, so that they become offsets of the loads.
    Value iw = k.add(k.mul(t.column, s.stride[1] * pitch),
                     k.mul(kw, s.dilation[1] * pitch));
    Accumulators out;
    for (auto [i, p] : llvm::enumerate(pixels)) {
      int64_t offset = (p * s.stride[1] - s.padding[1]) * pitch;
      Value x;
      for (int64_t v = 0; v < t.vectors; ++v) {
        if (v == 0 || packed.form == Form::Vertical)
          x = input(t, ih, iw, c, offset, v * width);
        out.push_back(vector::FMAOp::create(k.b, k.loc, weights[v], x,
                                            sums[i * t.vectors + v]));
      }
    }
    return out;
  }

  Value input(const Tile &t, Value ih, Value iw, Value c, int64_t offset,
              int64_t lane) {
    if (packed.form == Form::Vertical) {
      Value first = k.add(iw, k.mul(t.filter, vector.getNumElements()));
      return vector::LoadOp::create(
          k.b, k.loc, vector, in,
          ValueRange{t.image, ih, k.add(first, offset + lane)});
    }
    Value channel = k.add(t.channel, c);
    Value element =
        dense ? k.load(in, {t.image, channel, ih, k.add(iw, offset)})
              : k.load(in, {t.image, ih, k.add(k.add(iw, channel), offset)});
    return k.splat(element, vector);
  }

  KernelBuilder &k;
  ConvShape s;
  VectorType vector;
  PackedFilter packed;
  bool dense;
  Value in, filter,
      bias; // in: [N, C, H, W] or [N, H, W*Cpad]; filter: [vectors, KH,
            // KW*CI, width]
  int64_t pitch;           // elements from one pixel to the next
  int64_t groups, vectors; // loops over groups; vectors of filters in each
  ChannelsCut cut;
  ChannelsTile tile; // the cut's
};
} // namespace

LogicalResult Conv2DChannelsOp::lower(KernelBuilder &k) {
  ChannelsKernel(k, *this).emit();
  return success();
}

Layout Conv2DChannelsOp::getOperandLayout(unsigned i) {
  if (i != 0)
    return Layout::Dense;
  ConvShape s = shapeOf(*this);
  PackedFilter packed({s.filters, s.groupChannels(), s.kernel[0], s.kernel[1]},
                      s.groups, lanesOf(getType()));
  bool converted = layoutOf(getInput().getType()) != Layout::Dense;
  return converted || packed.form == PackedFilter::Form::Vertical
             ? Layout::Channels
             : Layout::Dense;
}
Layout Conv2DChannelsOp::getResultLayout(unsigned) { return Layout::Channels; }
int64_t Conv2DChannelsOp::getMacs() { return shapeOf(*this).macs(); }

//===-- The cotangent of the input ----------------------------------------===//

// What is added after the last row and column.
static int64_t paddingEnd(const ConvShape &s, int axis) {
  return s.out[axis] + s.kernel[axis] - 1 - s.in[axis] - s.padding[axis];
}

// A convolution of the cotangent with the turned filters; nothing if there is
// no such form.
static std::optional<ConvShape> turnedShape(Conv2DBackwardDataOp op) {
  ConvShape s = shapeOf(op);
  constexpr std::array<int64_t, 2> one{1, 1};
  if (s.stride != one || s.dilation != one || s.groups != 1)
    return std::nullopt;
  std::swap(s.channels, s.filters);
  std::swap(s.in, s.out);
  for (int axis : {0, 1}) {
    s.padding[axis] = s.kernel[axis] - 1 - s.padding[axis];
    if (s.padding[axis] < 0 || paddingEnd(s, axis) < 0)
      return std::nullopt;
  }
  return s;
}

static int64_t winogradTile(Conv2DBackwardDataOp op, const ConvShape &s,
                            int64_t width, Accuracy accuracy) {
  return getElementTypeOrSelf(op.getType()).isF32()
             ? chooseWinogradTile(s, width, accuracy)
             : 0;
}

LogicalResult Conv2DBackwardDataOp::toChannels(RewriterBase &b, int64_t width,
                                               Accuracy accuracy) {
  auto s = turnedShape(*this);
  if (!s)
    return failure();
  auto type = cast<RankedTensorType>(getType());
  type = RankedTensorType::get(type.getShape(), type.getElementType(),
                               ChannelsAttr::get(b.getContext(), width));
  DenseI64ArrayAttr padding = b.getDenseI64ArrayAttr(
                        {s->padding[0], s->padding[1], paddingEnd(*s, 0),
                         paddingEnd(*s, 1)}),
                    ones = b.getDenseI64ArrayAttr({1, 1});
  if (int64_t tile = winogradTile(*this, *s, width, accuracy)) {
    Value filter = Conv2DChannelsWinogradFilterOp::create(
        b, getLoc(), getFilter(), b.getI64IntegerAttr(tile),
        b.getI64IntegerAttr(width), b.getUnitAttr());
    b.replaceOpWithNewOp<Conv2DChannelsWinogradOp>(
        *this, type, getCotangent(), filter, Value(), padding,
        b.getI64IntegerAttr(tile));
    return success();
  }
  Value filter = Conv2DPackFilterOp::create(
      b, getLoc(), getFilter(), b.getI64IntegerAttr(width),
      b.getI64IntegerAttr(1), b.getUnitAttr());
  b.replaceOpWithNewOp<Conv2DChannelsOp>(*this, type, getCotangent(), filter,
                                         Value(), ones, padding, ones,
                                         b.getI64IntegerAttr(1));
  return success();
}

double Conv2DBackwardDataOp::lanesCycles(int64_t width, Accuracy accuracy) {
  auto s = turnedShape(*this);
  return s ? convLanesCycles(*s, width, accuracy,
                             getElementTypeOrSelf(getType()).isF32())
           : 0;
}

double Conv2DBackwardDataOp::channelsCycles(int64_t width, Accuracy accuracy) {
  auto s = turnedShape(*this);
  if (!s)
    return 0;
  int64_t tile = winogradTile(*this, *s, width, accuracy);
  return tile ? winogradCycles(*s, width, tile) : directCycles(*s, width);
}
