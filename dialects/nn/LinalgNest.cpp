// The loops of linalg_nest. With the batch in the lanes: groups of images,
// pixels, channels, and inside the reductions. A tile of pixels x channels
// stays in registers, or a tile of several rows of pixels if that is less work.
// An element that several sums of the tile need is loaded once. A value that
// reads no image is a scalar, broadcast. Otherwise the loops are the
// textbook's, one element after another.
//
// The slow kernel that it must match is the op's own reference.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "nn/LinalgOps.h"
#include "nn/LongSum.h"
#include <map>

using namespace mlir;
using namespace gradmill::nn;

namespace {

// The most iterations of the inner reductions that are unrolled: their indices
// are constants, and loops of three iterations cost too much. With 9, LLVM kept
// a 3x3 window's factors in registers and its sums in memory: 0.82 of the
// speed.
constexpr int64_t kUnrolled = 4;

// Pixels of a row (the last dimension), and rows (the dimension before).
struct Tile {
  int64_t pixels, channels, rows = 1;
  int64_t size() const { return pixels * channels * rows; }
};

class Nest {
public:
  Nest(KernelBuilder &k, LinalgNestOp op)
      : k(k), op(op), type(op.getOutput().getType()),
        inLanes(layoutOf(type) != Layout::Dense),
        element(inLanes ? Type(vectorTypeOf(type)) : type.getElementType()) {
    int64_t iterations = 1;
    for (firstUnrolled = op.getReductions().size(); firstUnrolled > 0;
         --firstUnrolled) {
      iterations *= op.getReductions()[firstUnrolled - 1];
      if (iterations > kUnrolled)
        break;
    }
  }

  void lower() {
    if (!inLanes)
      scalar();
    else if (type.getRank() == 1)
      images();
    else
      tiles();
  }

private:
  // One element of the output, or one of each image, as the variables of the
  // loops over it. The variables of the batch, and of loops that nothing asks
  // for, may be null.
  using Spot = SmallVector<Value, 6>;

  void scalar() {
    k.note("not vectorized: " + op.whyScalar());
    k.setSchedule("1 element");
    ArrayRef<int64_t> shape = type.getShape();
    k.forEachParallel(shape.empty() ? 1 : shape.front(), [&](Value outer) {
      k.nest(shape.empty() ? shape : shape.drop_front(), [&](ValueRange inner) {
        Spot spot;
        if (!shape.empty())
          spot.push_back(outer);
        llvm::append_range(spot, inner);
        k.store(compute({spot}, {1, 1}).front(), k.result(0), spot);
      });
    });
  }

  // [N] has no channels, so nothing is handed over.
  void images() {
    k.setSchedule("1 element");
    k.forEachBlock(bufferType(type).getDimSize(0), [&](Value block) {
      k.storeVector(compute({Spot{block}}, {1, 1}).front(), k.result(0),
                    {block});
    });
  }

  void tiles() {
    int64_t channels = vectorsPerPixel(type), last = type.getRank() - 1;
    int64_t columns = last > 1 ? type.getDimSize(last) : 1,
            rows = last > 2 ? type.getDimSize(last - 1) : 1;
    Tile tile = chooseTile(rows, columns, channels);
    k.setSchedule(
        (tile.rows > 1 ? std::to_string(tile.rows) + " rows x " : "") +
        std::to_string(tile.pixels) +
        (tile.pixels > 1 ? " pixels x " : " pixel x ") +
        std::to_string(tile.channels) +
        (tile.channels > 1 ? " channels" : " channel"));
    SmallVector<int64_t> planes;
    if (last > 2)
      planes.assign(type.getShape().begin() + 2, type.getShape().end() - 2);
    makePanels(tile, rows, columns);
    auto handOverTile = [&](Value block, ValueRange plane, Value row,
                            int64_t countRows, Value column, int64_t count,
                            ChannelBlock c) {
      SmallVector<Position> positions;
      for (int64_t r = 0; r < countRows; ++r)
        for (int64_t p = 0; p < count; ++p) {
          Position &at = positions.emplace_back(plane);
          if (last > 2)
            at.push_back(k.add(row, r));
          if (last > 1)
            at.push_back(k.add(column, p));
        }
      handOver(block, positions, c, {count, c.count, countRows});
    };
    k.forEachBlock(bufferType(type).getDimSize(0), [&](Value block) {
      k.nest(planes, [&](ValueRange plane) {
        auto channelsOf = [&](llvm::function_ref<void(ChannelBlock)> body) {
          k.forEachChannelBlock(channels, body, tile.channels);
        };
        auto rowsOf = [&](llvm::function_ref<void(Value, int64_t)> body) {
          inParts(rows, tile.rows, body);
        };
        auto columnsOf = [&](llvm::function_ref<void(Value, int64_t)> body) {
          inParts(columns, tile.pixels, body);
        };
        if (panels.empty())
          return rowsOf([&](Value row, int64_t countRows) {
            columnsOf([&](Value column, int64_t count) {
              channelsOf([&](ChannelBlock c) {
                handOverTile(block, plane, row, countRows, column, count, c);
              });
            });
          });
        channelsOf([&](ChannelBlock c) {
          Spot spot{block, c.first};
          llvm::append_range(spot, plane);
          spot.append({k.index(0), k.index(0)});
          columnsOf([&](Value column, int64_t count) {
            spot.back() = column;
            pack(spot, op.rank() - 1, count, k.div(column, tile.pixels));
          });
          rowsOf([&](Value row, int64_t countRows) {
            spot[op.rank() - 2] = row;
            pack(spot, op.rank() - 2, countRows, k.index(0));
            columnsOf([&](Value column, int64_t count) {
              columnPanel = k.div(column, tile.pixels);
              handOverTile(block, plane, row, countRows, column, count, c);
            });
          });
        });
      });
    });
  }

  // Whole parts of a dimension, and the remainder.
  void inParts(int64_t size, int64_t part,
               llvm::function_ref<void(Value, int64_t)> body) {
    int64_t whole = size / part * part;
    k.loop(k.index(0), k.index(whole), part,
           [&](Value first) { body(first, part); });
    if (whole < size)
      body(k.index(whole), size - whole);
  }

  //===-- Panels ----------------------------------------------------------===//

  // A copied factor of a product of matrices. If all rows need the columns of a
  // factor, or all columns the rows, its elements lie as far apart in memory as
  // there are channels or more. If a vector is smaller than a cache line, they
  // are copied in the order of use: a factor's columns once for all rows, its
  // rows once for all columns. The products of attention with 64 positions and
  // 4 heads of 32 took 0.63 of the time with 32-byte vectors, and 1.09 with
  // 64-byte vectors, which are not copied.
  struct Panel {
    unsigned loop; // the loop of the result over the elements of a panel
    Value copy;    // [tasks][panels][reductions][elements]
  };

  void makePanels(const Tile &tile, int64_t rows, int64_t columns) {
    if (tile.rows == 1 || tile.channels > 1 || isAnyPadded())
      return;
    int64_t tasks = KernelBuilder::taskCount(bufferType(type).getDimSize(0));
    for (unsigned i = 0; i < op.numRead(); ++i) {
      auto input = cast<RankedTensorType>(op.getInputs()[i].getType());
      bool isCopied = layoutOf(input) != Layout::Dense &&
                      variesInRow(i) != variesInColumn(i);
      for (unsigned r = 0; r < op.getReductions().size(); ++r)
        isCopied &= varies(i, op.rank() + r);
      bool ofColumns = variesInRow(i);
      SmallVector<int64_t> shape{
          tasks,
          ofColumns ? int64_t(llvm::divideCeil(columns, tile.pixels)) : 1};
      llvm::append_range(shape, op.getReductions());
      shape.push_back(ofColumns ? std::min(tile.pixels, columns)
                                : std::min(tile.rows, rows));
      MemRefType copy = MemRefType::get(shape, vectorTypeOf(input));
      // Not worth it for a few uses, or beyond the cache.
      isCopied &= elementsPerLine(vectorTypeOf(input)) > 1 &&
                  (ofColumns ? rows / tile.rows : columns / tile.pixels) > 2 &&
                  bufferBytes(copy) / tasks <= k.machine().l2Bytes / 4;
      if (isCopied)
        panels[i] = {op.rank() - (ofColumns ? 1 : 2), k.scratch(copy)};
    }
  }

  // The elements from `spot` on along a loop.
  void pack(const Spot &spot, unsigned loop, int64_t count, Value number) {
    for (auto [i, panel] : panels)
      if (panel.loop == loop)
        k.nest(op.getReductions(), [&, i = i, panel = panel](ValueRange at) {
          for (int64_t e = 0; e < count; ++e) {
            Spot here(spot);
            here[loop] = k.add(here[loop], e);
            k.store(load(i, here, at), panel.copy, panelIndex(number, at, e));
          }
        });
  }

  SmallVector<Value> panelIndex(Value number, ValueRange reductions,
                                int64_t element) {
    SmallVector<Value> at{k.task, number};
    llvm::append_range(at, reductions);
    at.push_back(k.index(element));
    return at;
  }

  // The element of input `i`, from its panel, for a pixel of a tile.
  Value loadPanel(const Panel &panel, const Tile &tile, ValueRange reductions,
                  int64_t pixel) {
    bool ofColumns = panel.loop == op.rank() - 1;
    return k.load(
        panel.copy,
        panelIndex(ofColumns ? columnPanel : k.index(0), reductions,
                   ofColumns ? pixel % tile.pixels : pixel / tile.pixels));
  }

  void handOver(Value block, ArrayRef<Position> pixels, ChannelBlock channels,
                Tile tile) {
    SmallVector<Spot> spots;
    for (const Position &pixel : pixels)
      for (int64_t j = 0; j < channels.count; ++j) {
        Spot spot{block, k.add(channels.first, j)};
        llvm::append_range(spot, pixel);
        spots.push_back(spot);
      }
    k.emitTile(block, pixels, channels, computeTile(spots, tile));
  }

  //===-- The tile --------------------------------------------------------===//

  bool varies(unsigned input, unsigned loop) {
    return op.mapOf(input).isFunctionOfDim(loop);
  }

  // Whether the elements differ between the pixels of a row, the channels, or
  // the rows of a tile.
  bool variesInRow(unsigned input) {
    return op.rank() > 2 && varies(input, op.rank() - 1);
  }
  bool variesInPixel(unsigned input) {
    return op.rank() > 1 && varies(input, 1);
  }
  bool variesInColumn(unsigned input) {
    return op.rank() > 3 && varies(input, op.rank() - 2);
  }

  // Cycles of one step of the reductions over a tile.
  double cycles(const Tile &t) {
    double loads = 0;
    for (unsigned i = 0; i < op.numRead(); ++i)
      loads += (variesInRow(i) ? t.pixels : 1) *
               (variesInPixel(i) ? t.channels : 1) *
               (variesInColumn(i) ? t.rows : 1);
    return k.machine().cycles(t.size(), loads) + 0.05 * loads;
  }

  // Registers for sums, for elements that several sums use, and one to spare.
  // LLVM also keeps values that are the same for the whole tile in registers,
  // for each unrolled iteration.
  bool fits(const Tile &t) {
    int64_t shared = 1;
    for (unsigned i = 0; i < op.numRead(); ++i)
      shared += t.rows > 1 ? keptOfRows(i, t) : kept(i, t);
    return t.size() + shared + 1 <= k.vectorRegisters();
  }

  // Elements of an input that stay in registers for more than one product.
  int64_t kept(unsigned i, const Tile &t) {
    if (!variesInPixel(i))
      return variesInRow(i) ? t.pixels : iterationsInARow(i);
    return variesInRow(i) ? 0 : 1;
  }

  // The same for several rows: channels, inside them rows, inside them pixels.
  int64_t keptOfRows(unsigned i, const Tile &t) {
    bool channels = variesInPixel(i) || t.channels == 1,
         rows = variesInColumn(i), pixels = variesInRow(i);
    if (channels && rows)
      return pixels ? 0 : 1;
    if (rows || pixels)
      return (pixels ? t.pixels : 1) * (rows ? t.rows : 1);
    return channels ? 1 : iterationsInARow(i);
  }

  int64_t iterationsInARow(unsigned input) {
    int64_t count = 1;
    for (unsigned r = firstUnrolled; r < op.getReductions().size(); ++r)
      if (varies(input, op.rank() + r))
        count *= op.getReductions()[r];
    return count;
  }

  // Without sums nothing must stay in registers.
  Tile chooseTile(int64_t rows, int64_t columns, int64_t channels) {
    Tile best{1, std::clamp<int64_t>(channels, 1, 4)};
    if (op.getReductions().empty())
      return best;
    double least = 1e300;
    auto parts = [](int64_t size, int64_t part) {
      return std::array<std::pair<int64_t, int64_t>, 2>{
          {{part, size / part}, {size % part, size % part ? 1 : 0}}};
    };
    int64_t align = k.channelAlignment();
    for (int64_t r = 1; r <= std::min<int64_t>(rows, 6); ++r)
      for (int64_t p = 1; p <= std::min<int64_t>(columns, 8); ++p)
        for (int64_t c = 1; c <= std::min<int64_t>(channels, 16); ++c) {
          if (!fits({p, c, r}) || (c % align && c < channels))
            continue;
          double cost = 0;
          for (auto [lines, planes] : parts(rows, r))
            for (auto [pixels, count] : parts(columns, p))
              for (auto [group, groups] : parts(channels, c))
                if (planes && count && groups)
                  cost += double(planes * count * groups) *
                          cycles({pixels, group, lines});
          // Several rows are more code.
          if (cost < least * (r > 1 && best.rows == 1 ? 0.9 : 0.999)) {
            least = cost;
            best = {p, c, r};
          }
        }
    return best;
  }

  //===-- Padding ---------------------------------------------------------===//

  // If a tile reads no padding, it compares no indices.
  SmallVector<Value> computeTile(ArrayRef<Spot> spots, Tile tile) {
    Value inside = readsNoPadding(spots.front(), spots.back());
    if (!inside)
      return compute(spots, tile);
    auto constant = getConstantIntValue(inside);
    if (constant)
      return *constant ? computeInside(spots, tile) : compute(spots, tile);
    k.note("pixels whose window reaches the padding compare indices");
    auto branch = scf::IfOp::create(
        k.b, k.loc, SmallVector<Type>(spots.size(), element), inside,
        /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(k.b, k.loc, computeInside(spots, tile));
    k.b.setInsertionPointToStart(branch.elseBlock());
    SmallVector<Value> border; // pixel by pixel, because comparing takes registers
    for (int64_t p = 0; p < tile.pixels * tile.rows; ++p)
      llvm::append_range(border,
                         compute(spots.slice(p * tile.channels, tile.channels),
                                 {1, tile.channels}));
    scf::YieldOp::create(k.b, k.loc, border);
    return SmallVector<Value>(branch.getResults());
  }

  SmallVector<Value> computeInside(ArrayRef<Spot> spots, Tile tile) {
    comparing = false;
    SmallVector<Value> values = compute(spots, tile);
    comparing = true;
    return values;
  }

  // Whether every index of padded inputs is inside, from the first spot of a
  // tile to the last; null if nothing is padded, or if this is unknown.
  Value readsNoPadding(const Spot &first, const Spot &last) {
    Value inside;
    for (unsigned i = 0; i < op.numRead(); ++i) {
      auto shape =
          cast<RankedTensorType>(op.getInputs()[i].getType()).getShape();
      for (auto [expr, size] :
           llvm::zip_equal(op.mapOf(i).getResults(), shape)) {
        if (!isPadded(i) || isWhole(expr, size))
          continue;
        Value least = extreme(expr, first, last, false),
              most = extreme(expr, first, last, true);
        if (!least || !most)
          return {};
        Value here = k.b.createOrFold<arith::AndIOp>(
            k.loc, k.inRange(least, k.index(0), k.index(size)),
            k.inRange(most, k.index(0), k.index(size)));
        inside = inside ? k.b.createOrFold<arith::AndIOp>(k.loc, inside, here)
                        : here;
      }
    }
    return inside;
  }

  // The least or the largest value of an index within a tile and over all
  // reductions; null for a remainder, which is not monotonic.
  Value extreme(AffineExpr expr, const Spot &first, const Spot &last,
                bool most) {
    if (auto loop = dyn_cast<AffineDimExpr>(expr)) {
      unsigned number = loop.getPosition();
      if (number < op.rank())
        return (most ? last : first)[number];
      return k.index(most ? op.extentOf(number) - 1 : 0);
    }
    if (isa<AffineConstantExpr>(expr))
      return indexOf(expr, {});
    auto both = cast<AffineBinaryOpExpr>(expr);
    if (expr.getKind() == AffineExprKind::Mod)
      return {};
    if (expr.getKind() == AffineExprKind::Add) {
      Value lhs = extreme(both.getLHS(), first, last, most),
            rhs = extreme(both.getRHS(), first, last, most);
      return lhs && rhs ? k.add(lhs, rhs) : Value();
    }
    // Times or divided by a constant.
    int64_t factor = cast<AffineConstantExpr>(both.getRHS()).getValue();
    Value lhs = extreme(both.getLHS(), first, last, most == (factor >= 0));
    return lhs ? scaled(both, lhs) : Value();
  }

  bool isAnyPadded() {
    for (unsigned i = 0; i < op.numRead(); ++i)
      if (isPadded(i))
        return true;
    return false;
  }
  bool isPadded(unsigned input) {
    return op.getPadding() && isa<FloatAttr>((*op.getPadding())[input]);
  }

  //===-- Elements --------------------------------------------------------===//

  // The output's elements at the spots of a tile, channels innermost.
  SmallVector<Value> compute(ArrayRef<Spot> spots, Tile tile) {
    Step step{spots, tile, {}, {}};
    if (op.getReductions().empty())
      return run(step, {});
    SmallVector<Value> init;
    for (size_t s = 0; s < spots.size(); ++s)
      init.push_back(
          op.startsFromInput()
              ? k.splat(load(step, op.getInputs().size() - 1, s), element)
              : k.constant(element, initial()));
    // Values that no reduction changes are loaded before all of them.
    for (unsigned i = 0; i < op.numRead(); ++i)
      if (!reduced(i))
        for (size_t s = 0; s < spots.size(); ++s)
          (void)load(step, i, s);
    return reduce(step, 0, init);
  }

  double initial() { return cast<FloatAttr>(*op.getInit()).getValueAsDouble(); }

  bool reduced(unsigned input) {
    for (unsigned r = 0; r < op.getReductions().size(); ++r)
      if (varies(input, op.rank() + r))
        return true;
    return false;
  }

  // One iteration of the reductions.
  struct Step {
    ArrayRef<Spot> spots;
    Tile tile;
    SmallVector<Value> reductions; // variables
    // By input, and by the pixel, channel and row that it varies with.
    std::map<std::array<int64_t, 4>, Value> loaded;
  };

  SmallVector<Value> reduce(const Step &step, unsigned r, ValueRange soFar) {
    if (r == op.getReductions().size()) {
      Step here = step;
      return run(here, soFar);
    }
    auto iteration = [&](Value iv, ValueRange carried) {
      Step inner = step;
      inner.reductions.push_back(iv);
      return reduce(inner, r + 1, carried);
    };
    int64_t count = op.getReductions()[r];
    if (int64_t block = sumBlock(op.getReductions(), r); block < count && isSum())
      return sumInBlocks(k, count, block, soFar, iteration);
    if (r < firstUnrolled || (comparing && isAnyPadded()))
      return k.reduce(k.index(0), k.index(count), 1, soFar, iteration);
    SmallVector<Value> carried(soFar);
    for (int64_t i = 0; i < count; ++i)
      carried = iteration(k.index(i), carried);
    return carried;
  }

  bool isSum() {
    Block &payload = op.getPayload().front();
    auto add = payload.getTerminator()->getOperand(0)
                   .getDefiningOp<arith::AddFOp>();
    Value sum = payload.getArguments().back();
    return add && sum.hasOneUse() &&
           (add.getLhs() == sum) != (add.getRhs() == sum);
  }

  // Weight by weight with the pixels inside: fewer values are alive at once.
  SmallVector<Value> run(Step &step, ValueRange soFar) {
    SmallVector<Value> out(step.spots.size());
    for (int64_t c = 0; c < step.tile.channels; ++c)
      for (int64_t p = 0; p < step.tile.pixels * step.tile.rows; ++p) {
        int64_t s = p * step.tile.channels + c;
        SmallVector<Value> arguments;
        for (unsigned loop = 0; loop < op.rank(); ++loop)
          arguments.push_back(op.usesIndex(loop) ? step.spots[s][loop]
                                                 : Value());
        llvm::append_range(arguments, step.reductions);
        for (unsigned i = 0; i < op.numRead(); ++i)
          arguments.push_back(load(step, i, s));
        if (!soFar.empty())
          arguments.push_back(soFar[s]);
        out[s] = emitPayload(k, op.getPayload(), arguments, element,
                             /*contract=*/true);
      }
    return out;
  }

  // The value of input `i` at a spot: a vector of images, or a scalar.
  Value load(Step &step, unsigned i, int64_t s) {
    int64_t pixel = s / step.tile.channels;
    std::array<int64_t, 4> key{
        int64_t(i), variesInRow(i) ? pixel % step.tile.pixels : 0,
        variesInPixel(i) ? s % step.tile.channels : 0,
        variesInColumn(i) ? pixel / step.tile.pixels : 0};
    Value &value = step.loaded[key];
    if (value)
      return value;
    auto panel = panels.find(i);
    value = panel == panels.end()
                ? load(i, step.spots[s], step.reductions)
                : loadPanel(panel->second, step.tile, step.reductions, pixel);
    return value;
  }

  Value load(unsigned i, const Spot &spot, ValueRange reductions) {
    SmallVector<Value> loops(spot);
    llvm::append_range(loops, reductions);
    auto tensor = cast<RankedTensorType>(op.getInputs()[i].getType());
    SmallVector<Value> at;
    Value inside;
    for (auto [d, expr] : llvm::enumerate(op.mapOf(i).getResults())) {
      Value index = indexOf(expr, loops);
      if (comparing && isPadded(i) && !isWhole(expr, tensor.getDimSize(d)))
        index = clip(index, tensor.getDimSize(d), inside);
      at.push_back(index);
    }
    Value value;
    if (layoutOf(tensor) == Layout::Dense) {
      value = k.load(k.operand(i), at);
    } else {
      // [N/V][space][channels]
      if (at.size() > 1)
        std::rotate(at.begin() + 1, at.begin() + 2, at.end());
      value = k.loadVector(vectorTypeOf(tensor), k.operand(i), at);
    }
    if (!inside)
      return value;
    Value outside =
        k.constant(value.getType(),
                   cast<FloatAttr>((*op.getPadding())[i]).getValueAsDouble());
    return k.b.createOrFold<arith::SelectOp>(k.loc, inside, value, outside);
  }

  // A loop over all of a dimension, which leaves nothing out.
  bool isWhole(AffineExpr expr, int64_t size) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    return loop && op.extentOf(loop.getPosition()) == size;
  }

  // The index if it is inside, otherwise 0; `inside` receives which.
  Value clip(Value index, int64_t size, Value &inside) {
    Value here = k.inRange(index, k.index(0), k.index(size));
    inside =
        inside ? k.b.createOrFold<arith::AndIOp>(k.loc, inside, here) : here;
    return k.b.createOrFold<arith::SelectOp>(k.loc, here, index, k.index(0));
  }

  Value indexOf(AffineExpr expr, ArrayRef<Value> loops) {
    if (auto loop = dyn_cast<AffineDimExpr>(expr))
      return loops[loop.getPosition()];
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return k.index(constant.getValue());
    auto both = cast<AffineBinaryOpExpr>(expr);
    Value lhs = indexOf(both.getLHS(), loops);
    if (expr.getKind() == AffineExprKind::Add)
      return k.add(lhs, indexOf(both.getRHS(), loops));
    return scaled(both, lhs);
  }

  // `lhs` times or divided by the constant of `expr`, or the remainder.
  Value scaled(AffineBinaryOpExpr expr, Value lhs) {
    int64_t rhs = cast<AffineConstantExpr>(expr.getRHS()).getValue();
    if (expr.getKind() == AffineExprKind::Mul)
      return k.mul(lhs, rhs);
    if (expr.getKind() == AffineExprKind::CeilDiv)
      return k.ceilDiv(lhs, rhs);
    // Rounds towards minus infinity.
    Value quotient =
        isNonNegative(expr.getLHS())
            ? k.div(lhs, rhs)
            : k.b.createOrFold<arith::FloorDivSIOp>(k.loc, lhs, k.index(rhs));
    return expr.getKind() == AffineExprKind::Mod
               ? k.sub(lhs, k.mul(quotient, rhs))
               : quotient;
  }

  static bool isNonNegative(AffineExpr expr) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return constant.getValue() >= 0;
    auto both = dyn_cast<AffineBinaryOpExpr>(expr);
    return !both ||
           (isNonNegative(both.getLHS()) && isNonNegative(both.getRHS()));
  }

  KernelBuilder &k;
  LinalgNestOp op;
  RankedTensorType type;
  bool inLanes;
  Type element;                     // the type of the computation
  std::map<unsigned, Panel> panels; // by input
  Value columnPanel;                // of the tile's columns
  bool comparing = true;            // indices of padded inputs
  unsigned firstUnrolled;           // index of the first unrolled reduction
};

} // namespace

LogicalResult LinalgNestOp::lower(KernelBuilder &k) {
  Nest(k, *this).lower();
  return success();
}
