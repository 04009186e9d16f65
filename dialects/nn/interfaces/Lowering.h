// How an op becomes loops: the vocabulary that LoweringInterface,
// PointwiseInterface and ChannelReductionInterface speak.
//
// Memory: a tensor in lanes layout `[N, C, S...]` is a
// `memref<N/V x S... x C x vector<V>>`; a vector holds one element of V images,
// so a kernel reads like the scalar loops of the textbook. Everything else is
// dense and row-major. A "block" is an index into the N/V groups of images.
#pragma once

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>

namespace gradmill::nn {

enum class Layout { Dense, Lanes };

/// The layout that a tensor type states.
Layout layoutOf(mlir::Type type);
/// V of a lanes type, 1 of a dense one.
int64_t lanesOf(mlir::Type type);
/// The buffer that holds a tensor of this type.
mlir::MemRefType bufferType(mlir::RankedTensorType type);

/// Arithmetic, loops and memory accesses at an insertion point; constants fold.
class Emitter {
public:
  Emitter(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}
  mlir::OpBuilder &b;
  mlir::Location loc;

  using Body = llvm::function_ref<void(mlir::Value iv)>;
  using ReduceBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value iv, mlir::ValueRange carried)>;

  mlir::Value index(int64_t value);
  mlir::Value constant(mlir::Type type, double value); // scalar or splat
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value add(mlir::Value x, int64_t y) { return add(x, index(y)); }
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, int64_t y) { return mul(x, index(y)); }
  mlir::Value div(mlir::Value x, int64_t y);     // of non-negative values
  mlir::Value ceilDiv(mlir::Value x, int64_t y); // of any sign, y > 0
  mlir::Value max(mlir::Value x, mlir::Value y); // signed
  mlir::Value min(mlir::Value x, mlir::Value y); // signed
  /// i1 conjunction of `lo <= x < hi`.
  mlir::Value inRange(mlir::Value x, mlir::Value lo, mlir::Value hi);

  /// A loop from lo to hi; one that runs at most once is not emitted as a loop.
  void loop(mlir::Value lo, mlir::Value hi, int64_t step, Body body);
  void loop(int64_t count, Body body) { loop(index(0), index(count), 1, body); }
  llvm::SmallVector<mlir::Value> reduce(mlir::Value lo, mlir::Value hi, int64_t step,
                                        mlir::ValueRange init, ReduceBody body);
  /// Nested loops over all of `counts`.
  void nest(llvm::ArrayRef<int64_t> counts,
            llvm::function_ref<void(mlir::ValueRange ivs)> body);

  mlir::Value load(mlir::Value memref, mlir::ValueRange indices);
  void store(mlir::Value value, mlir::Value memref, mlir::ValueRange indices);
  /// Fetches the cache line of an element, for a `write` or a read to come; `near`: into
  /// the first-level cache.
  void prefetch(mlir::Value memref, mlir::ValueRange indices, bool write, bool near);
  /// A scalar in every lane of `like`'s type; a value of that type as it is.
  mlir::Value splat(mlir::Value scalar, mlir::Type like);
  /// The sum over the lanes of a vector (ordered), or the scalar itself.
  mlir::Value sumLanes(mlir::Value vector);
};

/// `count` neighbouring channels from `first` on. If `aligned`, `first` is a constant
/// or a multiple of 4.
struct ChannelBlock {
  mlir::Value first;
  int64_t count;
  bool aligned = true;
};

/// On a kernel's parallel loop: what was noted of it.
constexpr llvm::StringLiteral kAlgorithmAttr = "nn.algorithm";

/// What rounding an op's algorithm may have beside that of the sum that defines it:
/// none other, one small enough to train with, or the most that inference accepts.
enum class Accuracy { Exact, Training, Inference };

/// The kernel of one op under construction, possibly with ops fused behind it.
class KernelBuilder : public Emitter {
public:
  using Sink = std::function<void(KernelBuilder &, mlir::Value block,
                                  mlir::ValueRange spatial, ChannelBlock channels,
                                  llvm::ArrayRef<mlir::Value> values)>;
  KernelBuilder(mlir::OpBuilder &b, mlir::Operation *op, mlir::ValueRange operands,
                mlir::ValueRange results, int64_t registers, Sink sink)
      : Emitter(b, op->getLoc()), op(op), operands(operands), results(results),
        registers(registers), sink(std::move(sink)) {}

  mlir::Operation *const op;
  /// The buffer of an operand, in the layout that the op asked for.
  mlir::Value operand(unsigned i) const { return operands[i]; }
  /// The buffer of a dense result; null for one handed over by `emit`.
  mlir::Value result(unsigned i) const { return results[i]; }
  /// Vector registers of the target: what a tile of accumulators must fit in.
  int64_t vectorRegisters() const { return registers; }
  /// Scratch memory that lives as long as this kernel, shared by its tasks.
  mlir::Value scratch(mlir::MemRefType type);

  /// Into how many partial results `blocks` groups of images are split. Depends
  /// on nothing but their number: this is what makes results bitwise equal for
  /// every thread count.
  static int64_t taskCount(int64_t blocks);
  /// Runs `body(task, begin, end)` in parallel, each for a range of blocks.
  void forEachTask(int64_t blocks,
                   llvm::function_ref<void(mlir::Value task, mlir::Value begin,
                                           mlir::Value end)> body);
  /// Like forEachTask with a loop over the blocks of each task.
  void forEachBlock(int64_t blocks, llvm::function_ref<void(mlir::Value block)> body);
  /// Independent iterations, no partial results.
  void forEachParallel(int64_t count, llvm::function_ref<void(mlir::Value)> body);

  /// Hands over elements of result 0: one vector per channel of the block.
  void emit(mlir::Value block, mlir::ValueRange spatial, ChannelBlock channels,
            llvm::ArrayRef<mlir::Value> values) {
    sink(*this, block, spatial, channels, values);
  }
  /// Calls `body` for blocks of up to 4 channels that cover all of them.
  void forEachChannelBlock(int64_t channels, llvm::function_ref<void(ChannelBlock)> body);

  /// Says that `emit` will soon be called there, so that the memory it will touch is
  /// fetched meanwhile. For kernels that hand over in bursts.
  void announce(mlir::Value block, mlir::ValueRange spatial, ChannelBlock channels) {
    if (onAnnounce)
      onAnnounce(*this, block, spatial, channels);
  }

  /// Says, within a parallel loop, by which algorithm the kernel computes; for people.
  void note(llvm::StringRef algorithm);

  /// Which algorithms may be chosen.
  Accuracy accuracy = Accuracy::Exact;

  // The task under construction, for partial sums.
  mlir::Value task, taskBegin, taskEnd;
  /// Called at the start of each task, before its first block.
  std::function<void(KernelBuilder &)> onTaskStart;
  std::function<void(KernelBuilder &, mlir::Value block, mlir::ValueRange spatial,
                     ChannelBlock channels)>
      onAnnounce;

private:
  llvm::SmallVector<mlir::Value> operands, results;
  int64_t registers;
  Sink sink;
};

/// One step of a pointwise op: a block of channels at one position (lanes
/// layout), or a few consecutive elements (dense).
class PointwiseBlock {
public:
  using Load = std::function<mlir::Value(unsigned operand, int64_t element)>;
  PointwiseBlock(Emitter &e, mlir::Operation *op, mlir::Type elementType, int64_t count,
                 Load load, Load raw)
      : e(e), op(op), elementType(elementType), count(count), load(std::move(load)),
        raw(std::move(raw)), out(op->getNumResults()) {
    for (auto &o : out)
      o.resize(count);
  }

  mlir::OpBuilder &builder() { return e.b; }
  mlir::Location loc() { return e.loc; }
  Emitter &emitter() { return e; }
  int64_t size() const { return count; }
  /// The type computed on: a vector with one element per lane, or a scalar.
  mlir::Type type() const { return elementType; }
  /// Element `j` of the block of operand `i`; per-channel and 0-d operands are splat.
  mlir::Value operand(unsigned i, int64_t j) { return load(i, j); }
  /// A 0-d operand as the scalar that it is.
  mlir::Value scalar(unsigned i) { return raw(i, 0); }
  void setResult(unsigned i, int64_t j, mlir::Value value) { out[i][j] = value; }
  mlir::Value getResult(unsigned i, int64_t j) const { return out[i][j]; }

  using Element = llvm::function_ref<void(mlir::ValueRange operands,
                                          llvm::SmallVectorImpl<mlir::Value> &results)>;
  /// Computes every element of the block on its own.
  void emitElements(Element formula);

  // Where the block is; null in dense layout.
  mlir::Value imageBlock;                   // group of images
  llvm::SmallVector<mlir::Value, 3> spatial; // position in the image
  ChannelBlock channels;

private:
  Emitter &e;
  mlir::Operation *op;
  mlir::Type elementType;
  int64_t count;
  Load load, raw;
  llvm::SmallVector<llvm::SmallVector<mlir::Value, 4>> out;
};

/// The end of a channel reduction, for one channel.
class ReductionFinalizer : public Emitter {
public:
  /// `accumulators(k, task)` loads a partial sum (a vector), `elements(task)` says
  /// how many elements went into each of its lanes (a float scalar).
  ReductionFinalizer(Emitter &e, int64_t tasks, double total, mlir::Type scalar,
                     std::function<mlir::Value(unsigned, mlir::Value)> accumulator,
                     std::function<mlir::Value(mlir::Value)> elements,
                     std::function<mlir::Value(unsigned)> channelOperand,
                     llvm::MutableArrayRef<mlir::Value> results)
      : Emitter(e.b, e.loc), tasks(tasks), total(total), scalar(scalar),
        accumulator(std::move(accumulator)), elements(std::move(elements)),
        channelOperand(std::move(channelOperand)), results(results) {}

  /// Elements per channel: batch times space.
  double elementCount() const { return total; }
  mlir::Type scalarType() const { return scalar; }
  /// Sums `term` over all partial sums and lanes. `term` sees the accumulators of
  /// one task and how many elements each lane holds, as vectors.
  mlir::Value sum(llvm::function_ref<mlir::Value(mlir::ValueRange acc, mlir::Value n)> term,
                  unsigned accumulatorCount);
  /// A `[C]` operand of the op at this channel.
  mlir::Value operand(unsigned i) { return channelOperand(i); }
  void setResult(unsigned i, mlir::Value value) { results[i] = value; }

private:
  int64_t tasks;
  double total;
  mlir::Type scalar;
  std::function<mlir::Value(unsigned, mlir::Value)> accumulator;
  std::function<mlir::Value(mlir::Value)> elements;
  std::function<mlir::Value(unsigned)> channelOperand;
  llvm::MutableArrayRef<mlir::Value> results;
};

} // namespace gradmill::nn
