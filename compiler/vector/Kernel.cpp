// How a kernel becomes loops. The anchor's lowering (or, without an anchor, a
// plain loop nest) hands over the elements of a few channels at a time. The
// epilogue is computed on them while they are in registers. The prologue is
// computed where the anchor reads its operands.
#include "compiler/vector/Kernel.h"
#include "compiler/plugin/Silence.h"

using namespace mlir;
using gradmill::nn::ChannelBlock;
using gradmill::nn::KernelBuilder;
using gradmill::nn::Position;

namespace gradmill {
namespace {

using Elements = SmallVector<Value, 4>; // one vector per channel of a block

// The only element of a buffer.
Value loadOne(nn::Emitter &e, Value buffer) {
  return e.load(
      buffer, SmallVector<Value>(cast<MemRefType>(buffer.getType()).getRank(),
                                 e.index(0)));
}

// In lanes or channels layout elements are vectors.
bool inLanes(Value v) {
  auto type = cast<RankedTensorType>(v.getType());
  return nn::layoutOf(type) != nn::Layout::Dense;
}

// In a block of elements, code for a single element moves to the place where
// that element is stored. Code that serves several elements (random words,
// addresses) stays. Otherwise all eight elements of a block would be in flight
// at once, and with the rounds of a random generator that is more than 16
// registers hold.
class ElementOrder {
public:
  explicit ElementOrder(OpBuilder &b) : b(b), body(b.getInsertionBlock()) {
    if (b.getInsertionPoint() != body->begin())
      before = &*std::prev(b.getInsertionPoint());
  }

  /// The op before the insertion point stores a result of element `j`.
  void stored(int64_t j) {
    elements[&*std::prev(b.getInsertionPoint())] = uint64_t(1) << j;
  }

  // A load may move past a store, because a sweep never loads what it has
  // stored.
  void apply() {
    auto first = before ? std::next(before->getIterator()) : body->begin();
    SmallVector<Operation *> ops;
    for (Operation &op : llvm::make_range(first, b.getInsertionPoint()))
      ops.push_back(&op);
    for (Operation *op : llvm::reverse(ops)) {
      Operation *use = nullptr;
      uint64_t serves = elements.lookup(op);
      for (Operation *user : op->getUsers()) {
        if (user->getBlock() != body)
          serves = ~uint64_t(0);
        else if (serves |= elements.lookup(user);
                 !use || user->isBeforeInBlock(use))
          use = user;
      }
      elements[op] = serves;
      if (use && llvm::has_single_bit(serves) &&
          (isMemoryEffectFree(op) || isa<memref::LoadOp, vector::LoadOp>(op)))
        op->moveBefore(use);
    }
  }

private:
  OpBuilder &b;
  Block *body;
  Operation *before = nullptr;
  DenseMap<Operation *, uint64_t> elements; // bits: the elements that an op serves
};

class LanesKernel {
public:
  LanesKernel(OpBuilder &builder, ArrayRef<Operation *> ops,
              const DenseMap<Value, Value> &buffers, TargetShape target,
              nn::Accuracy accuracy)
      : builder(builder), buffers(buffers), target(target), accuracy(accuracy) {
    for (Operation *op : ops) {
      if (isa<nn::LoweringInterface>(op)) {
        anchor = op;
        prologue = std::exchange(members, {});
      } else {
        members.push_back(op);
      }
    }
    for (Operation *op : members)
      channelLanes |= nn::layoutOf(spaceOf(op)) == nn::Layout::Channels;
  }

  LogicalResult emit() {
    Operation *first = anchor ? anchor : members.front();
    auto buffersOf = [&](ValueRange values) {
      return llvm::map_to_vector(values,
                                 [&](Value v) { return buffers.lookup(v); });
    };
    SmallVector<Value> results =
        anchor ? buffersOf(anchor->getResults()) : SmallVector<Value>();
    // The sink stores a result that is handed over, not the anchor.
    if (anchor && nn::supportsEpilogue(anchor))
      results[0] = Value();
    KernelBuilder k(
        builder, first,
        anchor ? buffersOf(anchor->getOperands()) : SmallVector<Value>(),
        results, target, channelAlignment(),
        [this](KernelBuilder &k, Value block, ArrayRef<Position> pixels,
               ChannelBlock channels, ArrayRef<Value> values) {
          sink(k, block, pixels, channels, values);
        });
    k.accuracy = accuracy;
    k.onAnnounce = [this](KernelBuilder &k, Value block, ValueRange spatial,
                          ChannelBlock channels) {
      prefetch(k, block, spatial, channels);
    };
    k.onElement = [this](KernelBuilder &k, unsigned i, Value block,
                         ValueRange pixel, Value channel) {
      return computeElement(k, anchor->getOperand(i), block, Position(pixel),
                            channel);
    };
    k.onSources = [this](unsigned i) {
      return sourcesOf(anchor->getOperand(i));
    };
    allocatePartials(k);
    if (anchor) {
      if (failed(reportSilence(anchor, "lower", [&] {
            return cast<nn::LoweringInterface>(anchor).lower(k);
          })))
        return failure();
    } else {
      sweep(k);
    }
    for (Operation *op : members)
      if (auto reduction = dyn_cast<nn::ChannelReductionInterface>(op))
        finalize(k, reduction);
    remarks = std::move(k.remarks);
    return success();
  }

  nn::KernelRemarks remarks;

private:
  struct Partial {
    Value buffer; // [tasks][channels][accumulators] of vectors
    int64_t tasks, channels;
  };

  // A random mask is cheapest for whole groups of channels.
  int64_t channelAlignment() const {
    return llvm::any_of(members,
                        [](Operation *op) {
                          auto pointwise = dyn_cast<nn::PointwiseInterface>(op);
                          return pointwise && pointwise.needsPosition();
                        })
               ? 4
               : 1;
  }

  // A tensor of the op's elements, with the type of the computation, in their
  // layout. A formula's result may be a mask.
  static RankedTensorType spaceOf(Operation *op) {
    RankedTensorType space;
    for (Value v : llvm::concat<Value>(SmallVector<Value>(op->getOperands()),
                                       SmallVector<Value>(op->getResults())))
      if (auto type = cast<RankedTensorType>(v.getType());
          inLanes(v) && isa<FloatType>(type.getElementType())) {
        space = type;
        break;
      }
    if (isa<nn::ChannelReductionInterface>(op))
      return space;
    auto result = cast<RankedTensorType>(op->getResult(0).getType());
    return RankedTensorType::get(result.getShape(), space.getElementType(),
                                 result.getEncoding());
  }

  void allocatePartials(KernelBuilder &k) {
    for (Operation *op : members) {
      auto reduction = dyn_cast<nn::ChannelReductionInterface>(op);
      if (!reduction)
        continue;
      MemRefType space =
          nn::bufferType(spaceOf(op));
      Partial p;
      p.tasks = KernelBuilder::taskCount(space.getDimSize(0));
      p.channels = space.getShape().back();
      p.buffer = k.scratch(
          MemRefType::get({p.tasks, p.channels, reduction.getNumAccumulators()},
                          space.getElementType()));
      partials[op] = p;
    }
    if (partials.empty())
      return;
    k.onTaskStart = [this](KernelBuilder &k) {
      for (Operation *op : members) {
        auto it = partials.find(op);
        if (it == partials.end())
          continue;
        auto type = cast<MemRefType>(it->second.buffer.getType());
        k.nest(type.getShape().drop_front(), [&](ValueRange i) {
          k.store(k.constant(type.getElementType(), 0), it->second.buffer,
                  {k.task, i[0], i[1]});
        });
      }
    };
  }

  // Without an anchor: all elements, a few channels at a time.
  void sweep(KernelBuilder &k) {
    RankedTensorType type = spaceOf(members.front());
    MemRefType buffer = nn::bufferType(type);
    ArrayRef<int64_t> shape = buffer.getShape();
    k.forEachBlock(shape.front(), [&](Value block) {
      k.nest(shape.drop_front().drop_back(), [&](ValueRange spatial) {
        k.forEachChannelBlock(
            nn::vectorsPerPixel(type),
            [&](ChannelBlock channels) {
              sink(k, block, {Position(spatial)}, channels, {});
            },
            sweepWidth());
      });
    });
  }

  // Channels at a time. Sixteen share the random words of a mask; with fewer
  // registers than 16 these would spill.
  int64_t sweepWidth() const {
    return channelAlignment() > 1 && target.registers >= 16 ? 16 : 4;
  }

  // The known elements of one pixel: computed here, or loaded (once).
  struct Pixel {
    const Position &position;
    DenseMap<Value, Elements> values;
  };

  // Loads first, stores last: then no store that could alias stands between a
  // load and its reuse.
  void sink(KernelBuilder &k, Value block, ArrayRef<Position> positions,
            ChannelBlock channels, ArrayRef<Value> values) {
    ElementOrder order(k.b);
    std::vector<Pixel> pixels;
    for (auto [p, position] : llvm::enumerate(positions)) {
      pixels.push_back(Pixel{position, DenseMap<Value, Elements>()});
      if (anchor)
        pixels.back().values[anchor->getResult(0)] =
            Elements(values.slice(p * channels.count, channels.count));
    }
    DenseMap<Value, Elements> perChannel;
    for (Operation *op : members) {
      if (auto pointwise = dyn_cast<nn::PointwiseInterface>(op))
        for (Pixel &pixel : pixels)
          compute(k, pointwise, block, pixel, channels, perChannel);
      else
        accumulate(k, cast<nn::ChannelReductionInterface>(op), block, pixels,
                   channels, perChannel, order);
    }
    for (Pixel &pixel : pixels)
      storeResults(k, block, pixel, channels, order);
    if (!anchor) // an anchor's elements are in registers already
      order.apply();
  }

  void storeResults(KernelBuilder &k, Value block, Pixel &pixel,
                    ChannelBlock channels, ElementOrder &order) {
    SmallVector<std::pair<Value, Value>> storeOrder; // value, buffer
    for (auto &[value, elements] : pixel.values)
      if (Value buffer = buffers.lookup(value); buffer && isProducedHere(value))
        storeOrder.push_back({value, buffer});
    // DenseMap order depends on addresses; the IR must not.
    llvm::sort(storeOrder,
               [](auto &a, auto &b) { return rank(a.first) < rank(b.first); });
    auto store = [&](Value value, Value buffer, int64_t j) {
      k.storeVector(pixel.values[value][j], buffer,
                    at(k, block, pixel.position, channels, j));
      order.stored(j);
    };
    if (!anchor) {
      for (int64_t j = 0; j < channels.count; ++j)
        for (auto [value, buffer] : storeOrder)
          store(value, buffer, j);
      return;
    }
    for (auto [value, buffer] : storeOrder)
      for (int64_t j = 0; j < channels.count; ++j)
        store(value, buffer, j);
  }

  // Prefetches what the sink will load and store there, once per cache line.
  void prefetch(KernelBuilder &k, Value block, ValueRange spatial,
                ChannelBlock channels) {
    llvm::SmallSetVector<Value, 8> loaded, stored;
    auto collect = [&](ValueRange values, auto &into, bool here) {
      for (Value v : values)
        if (inLanes(v) && buffers.lookup(v) && isProducedHere(v) == here)
          into.insert(v);
    };
    // A repeated operand is in the cache.
    auto spans = [](Operation *op, Value v) {
      return cast<RankedTensorType>(v.getType()).getShape() ==
             spaceOf(op).getShape();
    };
    if (anchor)
      collect(anchor->getResults(), stored, true);
    for (Operation *op : members) {
      collect(llvm::to_vector(llvm::make_filter_range(
                  op->getOperands(), [&](Value v) { return spans(op, v); })),
              loaded, false);
      collect(op->getResults(), stored, true);
    }
    auto fetch = [&](Value v, bool write) {
      Value buffer = buffers.lookup(v);
      int64_t step = nn::elementsPerLine(
          cast<MemRefType>(buffer.getType()).getElementType());
      for (int64_t j = 0; j < channels.count; j += step)
        k.prefetch(buffer, at(k, block, spatial, channels, j), write,
                   /*near=*/true);
    };
    for (Value v : loaded)
      fetch(v, false);
    for (Value v : stored)
      fetch(v, true);
  }

  bool isProducedHere(Value v) const {
    Operation *def = v.getDefiningOp();
    return def && (def == anchor || llvm::is_contained(members, def));
  }

  // The order of definition within the kernel.
  static std::pair<unsigned, unsigned> rank(Value v) {
    Operation *def = v.getDefiningOp();
    unsigned order = 0;
    for (Operation &op : *def->getBlock()) {
      if (&op == def)
        break;
      ++order;
    }
    return {order, cast<OpResult>(v).getResultNumber()};
  }

  SmallVector<Value> at(KernelBuilder &k, Value block, ValueRange spatial,
                        ChannelBlock channels, int64_t j) {
    SmallVector<Value> index{block};
    llvm::append_range(index, spatial);
    index.push_back(k.add(channels.first, j));
    return index;
  }

  // Element j of an operand at a pixel. A value per channel is loaded once for
  // all pixels.
  Value element(KernelBuilder &k, OpOperand &operand, Type vector, Value block,
                Pixel &pixel, ChannelBlock channels, int64_t j,
                DenseMap<Value, Elements> &perChannel) {
    Value value = operand.get();
    nn::Reading reading = readingOf(operand);
    if (reading == nn::Reading::Repeated || reading == nn::Reading::PerSample)
      return repeated(k, operand, vector,
                      at(k, block, pixel.position, channels, j));
    Elements &cached = reading == nn::Reading::Element ? pixel.values[value]
                                                       : perChannel[value];
    cached.resize(channels.count);
    if (cached[j])
      return cached[j];
    Value buffer = buffers.lookup(value);
    if (reading == nn::Reading::Element)
      cached[j] = k.loadVector(cast<VectorType>(vector), buffer,
                               at(k, block, pixel.position, channels, j));
    else if (reading == nn::Reading::One)
      cached[j] = k.splat(loadOne(k, buffer), vector);
    else if (channelLanes)
      cached[j] = k.loadChannels(cast<VectorType>(vector), buffer,
                                 k.add(channels.first, j));
    else
      cached[j] = k.splat(k.load(buffer, {k.add(channels.first, j)}), vector);
    return cached[j];
  }

  static nn::Reading readingOf(OpOperand &operand) {
    Operation *op = operand.getOwner();
    if (isa<nn::PointwiseInterface>(op))
      return nn::readingOf(op, operand.getOperandNumber());
    return inLanes(operand.get()) ? nn::Reading::Element
                                  : nn::Reading::PerChannel;
  }

  // An operand that is repeated along some axes. `at` is the place of the
  // element: block, space, channel.
  Value repeated(KernelBuilder &k, OpOperand &operand, Type vector,
                 ArrayRef<Value> at) {
    auto type = cast<RankedTensorType>(operand.get().getType());
    bool lanes = inLanes(operand.get());
    SmallVector<Value> index;
    for (auto [axis, size] :
         llvm::zip_equal(cast<nn::PointwiseInterface>(operand.getOwner())
                             .getOperandAxes(operand.getOperandNumber()),
                         type.getShape())) {
      Value here = axis == 0   ? at.front()
                   : axis == 1 ? at.back()
                               : at[axis - 1];
      // A value without a batch whose dimension 0 has this size is in lanes as
      // well.
      index.push_back(size == 1 ? k.index(0) : here);
    }
    Value buffer = buffers.lookup(operand.get());
    if (!lanes)
      return k.splat(k.load(buffer, index), vector);
    if (index.size() > 1) // in memory the second dimension comes last
      std::rotate(index.begin() + 1, index.begin() + 2, index.end());
    return k.loadVector(cast<VectorType>(vector), buffer, index);
  }

  //===-- What the anchor reads without a buffer --------------------------===//

  // The ops before the anchor that `value` needs, in their order.
  SmallVector<Operation *> formulaOf(Value value) const {
    llvm::SmallPtrSet<Operation *, 8> needed{value.getDefiningOp()};
    SmallVector<Operation *> formula;
    for (Operation *op : llvm::reverse(prologue)) {
      if (!needed.contains(op))
        continue;
      formula.push_back(op);
      for (Value operand : op->getOperands())
        needed.insert(operand.getDefiningOp());
    }
    std::reverse(formula.begin(), formula.end());
    return formula;
  }

  Value computeElement(KernelBuilder &k, Value value, Value block,
                       const Position &position, Value channel) {
    Pixel pixel{position, DenseMap<Value, Elements>()};
    DenseMap<Value, Elements> perChannel;
    for (Operation *op : formulaOf(value))
      compute(k, cast<nn::PointwiseInterface>(op), block, pixel, {channel, 1},
              perChannel);
    return pixel.values[value].front();
  }

  // Masks are a 32nd of the data and need no prefetch.
  SmallVector<Value> sourcesOf(Value value) const {
    llvm::SmallSetVector<Value, 4> sources;
    for (Operation *op : formulaOf(value))
      for (Value operand : op->getOperands())
        if (Value buffer = buffers.lookup(operand);
            buffer && inLanes(operand) &&
            cast<RankedTensorType>(operand.getType()).getShape() ==
                spaceOf(op).getShape() &&
            isa<FloatType>(getElementTypeOrSelf(operand)))
          sources.insert(buffer);
    return sources.takeVector();
  }

  Type vectorOf(Operation *op) { return nn::vectorTypeOf(spaceOf(op)); }

  void compute(KernelBuilder &k, nn::PointwiseInterface op, Value block,
               Pixel &pixel, ChannelBlock channels,
               DenseMap<Value, Elements> &perChannel) {
    Type vector = vectorOf(op);
    nn::PointwiseBlock pb(
        k, op, vector, channels.count,
        [&](unsigned i, int64_t j) -> Value {
          // Integer controls (seeds) are scalars, not elements.
          auto type = cast<RankedTensorType>(op->getOperand(i).getType());
          if (type.getRank() == 0 && !isa<FloatType>(type.getElementType()))
            return {};
          return element(k, op->getOpOperand(i), vector, block, pixel, channels,
                         j, perChannel);
        },
        [&](unsigned i, int64_t) {
          return k.load(buffers.lookup(op->getOperand(i)), {});
        });
    pb.imageBlock = block;
    pb.spatial = pixel.position;
    pb.channels = channels;
    op.emitBlock(pb);
    for (OpResult result : op->getResults()) {
      Elements &out = pixel.values[result];
      out.clear();
      for (int64_t j = 0; j < channels.count; ++j)
        out.push_back(pb.getResult(result.getResultNumber(), j));
    }
  }

  void accumulate(KernelBuilder &k, nn::ChannelReductionInterface op,
                  Value block, std::vector<Pixel> &pixels,
                  ChannelBlock channels, DenseMap<Value, Elements> &perChannel,
                  ElementOrder &order) {
    const Partial &partial = partials[op];
    Type vector = vectorOf(op);
    Value first = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::eq,
                                        block, k.taskBegin);
    for (Value position : pixels.front().position) {
      Value zero = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::eq,
                                         position, k.index(0));
      first = arith::AndIOp::create(k.b, k.loc, first, zero);
    }
    Value never = arith::ConstantIntOp::create(k.b, k.loc, k.b.getI1Type(), 0);
    unsigned count = op.getNumAccumulators();
    Value present = k.presentImages(spaceOf(op), block);
    for (int64_t j = 0; j < channels.count; ++j) {
      SmallVector<Value> acc;
      Value c = k.add(channels.first, j);
      for (unsigned a = 0; a < count; ++a)
        acc.push_back(k.load(partial.buffer, {k.task, c, k.index(a)}));
      SmallVector<Value> before(acc);
      for (Pixel &pixel : pixels) {
        SmallVector<Value> operands;
        for (OpOperand &operand : op->getOpOperands())
          operands.push_back(element(k, operand, vector, block, pixel, channels,
                                     j, perChannel));
        op.emitAccumulate(k.b, k.loc, operands,
                          &pixel == &pixels.front() ? first : never, acc);
      }
      for (unsigned a = 0; a < count; ++a) {
        if (present)
          acc[a] =
              arith::SelectOp::create(k.b, k.loc, present, acc[a], before[a]);
        k.store(acc[a], partial.buffer, {k.task, c, k.index(a)});
        order.stored(j);
      }
    }
  }

  // After the sweep: combines the partial sums of the tasks, in order, per
  // channel. In double precision, which costs little here: the means of the
  // parts are close to one another, however far from zero.
  void finalize(KernelBuilder &k, nn::ChannelReductionInterface op) {
    const Partial &partial = partials[op];
    if (partial.tasks > 1)
      k.note("the sums of the tasks are combined on one thread, in order");
    RankedTensorType type = spaceOf(op);
    MemRefType space = nn::bufferType(type);
    int64_t blocks = space.getDimSize(0), pixels = 1;
    for (int64_t d : space.getShape().drop_front().drop_back())
      pixels *= d;
    Type scalar = k.b.getF64Type();
    Type wide = cast<VectorType>(space.getElementType()).clone(scalar);
    auto convert = [&](Value value, Type to) -> Value {
      if (value.getType() == to)
        return value;
      if (getElementTypeOrSelf(to).isF64())
        return arith::ExtFOp::create(k.b, k.loc, to, value);
      return arith::TruncFOp::create(k.b, k.loc, to, value);
    };
    k.loop(partial.channels, [&](Value c) {
      SmallVector<Value> results(op->getNumResults());
      nn::ReductionFinalizer finalizer(
          k, partial.tasks, double(type.getDimSize(0)) * pixels, scalar,
          [&](unsigned a, Value task) {
            return convert(k.load(partial.buffer, {task, c, k.index(a)}),
                           wide);
          },
          [&](Value task) -> Value {
            // Blocks of a task times pixels, split as by forEachTask.
            Value begin = k.div(k.mul(task, blocks), partial.tasks);
            Value end = k.div(k.mul(k.add(task, 1), blocks), partial.tasks);
            auto elements = [&](Value blocks) {
              Value count = k.mul(blocks, pixels);
              Value i64 = arith::IndexCastOp::create(k.b, k.loc,
                                                     k.b.getI64Type(), count);
              Value n = arith::SIToFPOp::create(k.b, k.loc, scalar, i64);
              return k.splat(n, wide);
            };
            Value all = elements(k.sub(end, begin));
            Value last = k.add(end, -1);
            if (Value present = k.presentImages(type, last))
              return arith::SelectOp::create(k.b, k.loc, present, all,
                                             elements(k.sub(last, begin)));
            return all;
          },
          /*someEmpty=*/type.getDimSize(0) % nn::lanesOf(type) != 0,
          [&](unsigned i) {
            return convert(k.load(buffers.lookup(op->getOperand(i)), {c}),
                           scalar);
          },
          results);
      op.emitFinalize(finalizer);
      for (auto [i, value] : llvm::enumerate(results))
        if (Value buffer = buffers.lookup(op->getResult(i)); buffer && value)
          k.store(convert(value, type.getElementType()), buffer, {c});
    });
  }

  OpBuilder &builder;
  const DenseMap<Value, Value> &buffers;
  TargetShape target;
  nn::Accuracy accuracy;
  Operation *anchor = nullptr;
  SmallVector<Operation *> prologue; // formulas of the anchor's operands
  bool channelLanes = false;         // a vector is V channels of one image
  SmallVector<Operation *> members;
  DenseMap<Operation *, Partial> partials;
};

// A pointwise op on dense tensors (parameter updates): one flat loop over
// vectors, and a scalar loop for the remainder. Large tensors are cut into tasks.
// Elements are read before they are written, so a result may share its buffer
// with an operand.
class DenseKernel {
public:
  DenseKernel(OpBuilder &builder, nn::PointwiseInterface op,
              const DenseMap<Value, Value> &buffers, TargetShape target)
      : e(builder, op->getLoc()), op(op), buffers(buffers) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    count = type.getNumElements();
    element = type.getElementType();
    lanes = std::max<int64_t>(1, target.vectorBytes * 8 /
                                     type.getElementTypeBitWidth());
  }

  void emit() {
    for (Value v : llvm::concat<Value>(SmallVector<Value>(op->getOperands()),
                                       SmallVector<Value>(op->getResults())))
      if (Value buffer = buffers.lookup(v))
        flat[v] = flatten(buffer);
    int64_t vectors = count / lanes, whole = vectors * lanes, tasks = taskCount();
    if (tasks == 1) {
      sweep(e.index(0), e.index(whole), e.index(whole));
      return;
    }
    e.forEachParallel(tasks, [&](Value task) {
      auto vectorsBefore = [&](Value t) {
        return e.mul(e.div(e.mul(t, vectors), tasks), lanes);
      };
      Value next = e.add(task, 1);
      // The last task has the remainder, too.
      Value rest = whole == count
                       ? e.index(count)
                       : Value(arith::SelectOp::create(
                             e.b, e.loc,
                             arith::CmpIOp::create(
                                 e.b, e.loc, arith::CmpIPredicate::eq, next,
                                 e.index(tasks)),
                             e.index(whole), e.index(count)));
      sweep(vectorsBefore(task), vectorsBefore(next), rest);
    });
  }

  nn::KernelRemarks remarks() const {
    nn::KernelRemarks r{"flat, vectors of " + std::to_string(lanes), {}};
    if (taskCount() > 1)
      r.schedule += ", " + std::to_string(taskCount()) + " tasks";
    if (count < lanes)
      r = {"flat, scalar",
           {"not vectorized: " + std::to_string(count) +
            " elements are fewer than a vector"}};
    return r;
  }

private:
  // A task moves several arrays of this length: much more than a barrier costs.
  static constexpr int64_t kElementsOfTask = 1 << 16;

  int64_t taskCount() const {
    return nn::KernelBuilder::taskCount(
        std::max<int64_t>(1, count / kElementsOfTask));
  }

  // Whole vectors from `begin` to `end`, and the remainder from `rest` on.
  void sweep(Value begin, Value end, Value rest) {
    e.loop(begin, end, lanes,
           [&](Value i) { step(i, VectorType::get({lanes}, element)); });
    e.loop(rest, e.index(count), 1, [&](Value i) { step(i, element); });
  }

  Value flatten(Value buffer) {
    auto type = cast<MemRefType>(buffer.getType());
    if (type.getRank() <= 1)
      return buffer;
    ReassociationIndices all;
    for (int64_t i = 0; i < type.getRank(); ++i)
      all.push_back(i);
    return memref::CollapseShapeOp::create(e.b, e.loc, buffer,
                                           ArrayRef<ReassociationIndices>{all});
  }

  Value loadElement(Value value, Value i, Type type) {
    Value buffer = flat.lookup(value);
    if (cast<RankedTensorType>(value.getType()).getNumElements() == 1)
      return e.splat(loadOne(e, buffer), type);
    if (auto vector = dyn_cast<VectorType>(type))
      return vector::LoadOp::create(e.b, e.loc, vector, buffer, ValueRange{i});
    return e.load(buffer, {i});
  }

  void step(Value i, Type type) {
    nn::PointwiseBlock pb(
        e, op, type, 1,
        [&](unsigned k, int64_t) -> Value {
          auto operand = cast<RankedTensorType>(op->getOperand(k).getType());
          if (!isa<FloatType>(operand.getElementType()))
            return {};
          return loadElement(op->getOperand(k), i, type);
        },
        [&](unsigned k, int64_t) {
          return e.load(flat.lookup(op->getOperand(k)), {});
        });
    op.emitBlock(pb);
    for (OpResult result : op->getResults()) {
      Value buffer = flat.lookup(result);
      if (!buffer)
        continue;
      Value value = pb.getResult(result.getResultNumber(), 0);
      if (cast<MemRefType>(buffer.getType()).getRank() == 0)
        e.store(value, buffer, {});
      else if (isa<VectorType>(type))
        vector::StoreOp::create(e.b, e.loc, value, buffer, ValueRange{i});
      else
        e.store(value, buffer, {i});
    }
  }

  nn::Emitter e;
  nn::PointwiseInterface op;
  const DenseMap<Value, Value> &buffers;
  DenseMap<Value, Value> flat;
  int64_t count, lanes;
  Type element;
};

} // namespace

LogicalResult emitKernel(OpBuilder &builder, ArrayRef<Operation *> ops,
                         const DenseMap<Value, Value> &buffers,
                         TargetShape target, nn::Accuracy accuracy,
                         nn::KernelRemarks &remarks) {
  ErrorWatch errors(builder.getContext()); // of formulas, which return nothing
  auto pointwise = dyn_cast<nn::PointwiseInterface>(ops.front());
  if (ops.size() == 1 && pointwise &&
      !isa<nn::LoweringInterface>(ops.front()) &&
      llvm::none_of(ops.front()->getOperands(), inLanes) &&
      llvm::none_of(ops.front()->getResults(), inLanes)) {
    DenseKernel kernel(builder, pointwise, buffers, target);
    remarks = kernel.remarks();
    kernel.emit();
    return failure(errors.sawError());
  }
  LanesKernel kernel(builder, ops, buffers, target, accuracy);
  if (failed(kernel.emit()))
    return failure();
  remarks = std::move(kernel.remarks);
  return failure(errors.sawError());
}

} // namespace gradmill
