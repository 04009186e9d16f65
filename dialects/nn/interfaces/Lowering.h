// How an op becomes loops: the vocabulary of LoweringInterface and the
// interfaces beside it (layout, epilogue, prologue), of PointwiseInterface and
// of ChannelReductionInterface.
//
// Memory: a tensor in lanes layout `[N, C, S...]` is a `memref<N/V x S... x C x
// vector<V>>`. A vector holds one element of V images, so a kernel reads like
// the scalar loops of the textbook. If V does not divide N, the last group is
// filled up with copies of the last image. The copies are computed like any
// image, and sums over the batch leave them out (`KernelBuilder::present`). In
// channels layout, above all for single images, it is a `memref<N x S... x Cpad
// x element>`, Cpad the next multiple of V; lanes past C hold anything.
// Everything else is dense and row-major. A "block" is an index into the N/V
// groups of images; in channels layout an image.
#pragma once

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "nn/interfaces/Machine.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>

namespace gradmill::nn {

enum class Layout { Dense, Lanes, Channels };

/// The layout that a tensor type states.
Layout layoutOf(mlir::Type type);
/// V of a lanes or channels type; 1 for a dense one.
int64_t lanesOf(mlir::Type type);
/// The vectors that a tensor in lanes or channels layout is accessed by.
mlir::VectorType vectorTypeOf(mlir::RankedTensorType type);
/// The number of vectors of a pixel: one per channel, or one per V channels.
int64_t vectorsPerPixel(mlir::RankedTensorType type);
/// The type of a tensor's elements in memory. The element type is the type of
/// the computation. Memory has the same type unless the layout names another.
mlir::Type storageOf(mlir::RankedTensorType type);
/// A tensor in lanes or channels layout, with another type in memory.
mlir::RankedTensorType withStorage(mlir::RankedTensorType type,
                                   mlir::Type storage);
/// The buffer for a tensor of this type. Kernels load and store its elements.
/// If memory has another type, the memory space names it.
mlir::MemRefType bufferType(mlir::RankedTensorType type);
/// The type of a buffer's elements in memory, scalars or vectors.
mlir::Type storedElement(mlir::MemRefType type);
/// Bytes of an element, a scalar or a vector. A mask has one bit per lane, and
/// takes whole bytes.
int64_t elementBytes(mlir::Type element);
/// Bytes of a buffer, by the type in memory.
int64_t bufferBytes(mlir::MemRefType type);
/// The number of a buffer's elements in a cache line, at least one.
int64_t elementsPerLine(mlir::Type element);

/// The layouts that an op with loops of its own reads and writes: lanes, unless
/// it has LayoutInterface.
Layout operandLayout(mlir::Operation *op, unsigned index);
Layout resultLayout(mlir::Operation *op, unsigned index);
/// Whether ops can be fused after it (EpilogueInterface), and before operand
/// `index` (PrologueInterface).
bool supportsEpilogue(mlir::Operation *op);
bool readsOnce(mlir::Operation *op, unsigned index);

/// How a kernel that walks over a formula's elements reads an operand.
enum class Reading {
  Element,    // an element for each, in the layout of the elements
  PerChannel, // [C], dense
  One,        // a single number, dense
  Repeated,   // along axes, dense
  PerSample,  // the same for a tensor with a batch, in lanes
};
Reading readingOf(mlir::Operation *formula, unsigned operand);
/// The default of PointwiseInterface::getOperandAxes.
llvm::SmallVector<int64_t> axesByRank(mlir::Operation *formula,
                                      unsigned operand);

/// Checks the promises of PointwiseInterface and ChannelReductionInterface
/// about shapes and element types, on which kernels rely.
mlir::LogicalResult verifyPointwise(mlir::Operation *op);
mlir::LogicalResult verifyChannelReduction(mlir::Operation *op);

/// On a parallel loop over tasks: the number of groups of images that it
/// covers. On the loop over a task's groups: a mark.
inline constexpr llvm::StringLiteral kBlocksAttr = "nn.blocks";
inline constexpr llvm::StringLiteral kBlockLoopAttr = "nn.block_loop";
/// On an op: the number of vector registers that its kernel's schedule counts
/// on, whatever the target has. For tests and measurements.
inline constexpr llvm::StringLiteral kRegistersAttr = "nn.registers";

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
  /// Independent iterations in parallel, no partial results.
  void forEachParallel(int64_t count, Body body);
  llvm::SmallVector<mlir::Value> reduce(mlir::Value lo, mlir::Value hi,
                                        int64_t step, mlir::ValueRange init,
                                        ReduceBody body);
  /// Nested loops over all of `counts`.
  void nest(llvm::ArrayRef<int64_t> counts,
            llvm::function_ref<void(mlir::ValueRange ivs)> body);

  mlir::Value load(mlir::Value memref, mlir::ValueRange indices);
  void store(mlir::Value value, mlir::Value memref, mlir::ValueRange indices);
  /// A view in which neighbouring dimensions are joined.
  mlir::Value collapse(mlir::Value memref,
                       llvm::ArrayRef<mlir::ReassociationIndices> dimensions);
  /// A vector of a buffer in lanes or channels layout; the last index counts
  /// vectors.
  mlir::Value loadVector(mlir::VectorType type, mlir::Value memref,
                         mlir::ValueRange indices);
  void storeVector(mlir::Value vector, mlir::Value memref,
                   mlir::ValueRange indices);
  /// Vector `number` of a dense `[C]`: channels number*V and following, 0 past
  /// C.
  mlir::Value loadChannels(mlir::VectorType type, mlir::Value memref,
                           mlir::Value number);
  /// Prefetches the cache line of an element, for a later `write` or read;
  /// `near`: into the first-level cache.
  void prefetch(mlir::Value memref, mlir::ValueRange indices, bool write,
                bool near);
  /// A scalar in every lane of `like`'s type; a value of that type as it is.
  mlir::Value splat(mlir::Value scalar, mlir::Type like);
  /// The sum over the lanes of a vector (ordered), or the scalar itself.
  mlir::Value sumLanes(mlir::Value vector);
  /// One vector whose lane j is the sum over the lanes of rows[j], in a fixed
  /// order; as many rows as lanes.
  mlir::Value sumRows(llvm::SmallVector<mlir::Value> rows);
};

/// `count` neighbouring channels from `first` on, which is a constant or a
/// multiple of `alignment`; in channels layout, vectors of V channels.
struct ChannelBlock {
  mlir::Value first;
  int64_t count;
  int64_t alignment = 1;
};

/// A pixel: one index per dimension of space.
using Position = llvm::SmallVector<mlir::Value, 3>;

/// A kernel's own report, for `gradmill compile --report`.
struct KernelRemarks {
  std::string schedule; // "2 pixels x 4 channels"
  llvm::SmallVector<std::string>
      notes;                   // why something is slower than it could be
  bool spillsAccepted = false; // vectors kept in memory are no reason to
                               // reject the schedule
};

/// The rounding that an op's algorithm may have beyond that of the defining
/// sum: none, one small enough for training, or the most that inference
/// accepts.
enum class Accuracy { Exact, Training, Inference };

/// The kernel of one op under construction, perhaps with ops fused after it.
class KernelBuilder : public Emitter {
public:
  using Sink = std::function<void(
      KernelBuilder &, mlir::Value block, llvm::ArrayRef<Position> pixels,
      ChannelBlock channels, llvm::ArrayRef<mlir::Value> values)>;
  KernelBuilder(mlir::OpBuilder &b, mlir::Operation *op,
                mlir::ValueRange operands, mlir::ValueRange results,
                const Machine &machine, int64_t channelAlignment, Sink sink)
      : Emitter(b, op->getLoc()), op(op), operands(operands), results(results),
        target(machine), alignment(channelAlignment), sink(std::move(sink)) {}

  mlir::Operation *const op;
  /// The buffer of an operand, in the layout that the op asked for; null if the
  /// operand is computed where it is read.
  mlir::Value operand(unsigned i) const { return operands[i]; }
  bool isComputed(unsigned i) const { return !operands[i]; }
  /// The type that the buffer has, or would have.
  mlir::MemRefType operandType(unsigned i) const;
  /// An element of each image of a group, of an operand in lanes layout:
  /// loaded, or computed.
  mlir::Value element(unsigned i, mlir::Value block, mlir::ValueRange pixel,
                      mlir::Value channel);
  /// The buffers that this reads, with the operand's shape, for prefetching.
  llvm::SmallVector<mlir::Value> sources(unsigned i) const;
  /// The buffer of a dense result; null for one handed over by `emit`.
  mlir::Value result(unsigned i) const { return results[i]; }
  /// The target. It may have fewer registers than the machine if a schedule for
  /// all of them was rejected.
  const Machine &machine() const { return target; }
  /// Vector registers: what a tile of accumulators must fit in.
  int64_t vectorRegisters() const { return target.registers; }
  /// The epilogue prefers channel blocks that start at multiples of this.
  int64_t channelAlignment() const { return alignment; }
  /// Scratch memory that lives as long as this kernel, shared by its tasks.
  mlir::Value scratch(mlir::MemRefType type);

  /// The number of partial results into which `blocks` groups of images are
  /// split. It depends on nothing but their number. So results are bitwise
  /// equal for every number of threads.
  static int64_t taskCount(int64_t blocks);
  /// Runs `body(task, begin, end)` in parallel, each for a range of blocks.
  void forEachTask(int64_t blocks,
                   llvm::function_ref<void(mlir::Value task, mlir::Value begin,
                                           mlir::Value end)>
                       body);
  /// The loop over the blocks of a task. Lanes buffers may be accessed at this
  /// block only. Then consecutive kernels can be merged, block by block.
  void loopBlocks(mlir::Value begin, mlir::Value end,
                  llvm::function_ref<void(mlir::Value block)> body);
  /// forEachTask with loopBlocks.
  void forEachBlock(int64_t blocks,
                    llvm::function_ref<void(mlir::Value block)> body);

  /// Hands over elements of result 0, for each pixel one vector per channel of
  /// the block: values[pixel * channels.count + j]. The first pixel of each
  /// group of images must be pixel 0.
  void emitTile(mlir::Value block, llvm::ArrayRef<Position> pixels,
                ChannelBlock channels, llvm::ArrayRef<mlir::Value> values) {
    sink(*this, block, pixels, channels, values);
  }
  /// The same for one pixel.
  void emit(mlir::Value block, mlir::ValueRange pixel, ChannelBlock channels,
            llvm::ArrayRef<mlir::Value> values) {
    emitTile(block, {Position(pixel)}, channels, values);
  }
  /// Calls `body` for blocks of up to `width` channels that cover all of them.
  void forEachChannelBlock(int64_t channels,
                           llvm::function_ref<void(ChannelBlock)> body,
                           int64_t width = 4);

  /// How the loops are cut, for people: tile, order, values in registers.
  void setSchedule(std::string text) { remarks.schedule = std::move(text); }
  /// Why part of the kernel is not at full speed; a repeated reason counts
  /// once.
  void note(std::string text) {
    if (!llvm::is_contained(remarks.notes, text))
      remarks.notes.push_back(std::move(text));
  }
  /// Declares that the vectors which an innermost loop keeps in memory cost
  /// less, as measured, than a schedule without them; `why` gives the reason.
  void acceptSpills(std::string why) {
    remarks.spillsAccepted = true;
    note("vectors may be kept in memory: " + std::move(why));
  }
  KernelRemarks remarks;

  /// Which images of a group the batch really has, as a vector of i1, for a
  /// tensor in lanes layout; null if V divides the batch.
  mlir::Value presentImages(mlir::RankedTensorType type, mlir::Value block);
  /// One element of each image of a group, with 0 for the copies that fill up
  /// the last group. Every sum over the batch needs it, on one factor of each
  /// product.
  mlir::Value present(mlir::Value vector, mlir::Value block);

  /// Announces a later call of `emit` there, so that its memory is fetched
  /// meanwhile. For kernels that hand over results in bursts.
  void announce(mlir::Value block, mlir::ValueRange spatial,
                ChannelBlock channels) {
    if (onAnnounce)
      onAnnounce(*this, block, spatial, channels);
  }

  /// The algorithms that may be chosen.
  Accuracy accuracy = Accuracy::Exact;

  // The task under construction, for partial sums.
  mlir::Value task, taskBegin, taskEnd;
  /// How an operand without a buffer is computed, and from which values.
  std::function<mlir::Value(KernelBuilder &, unsigned, mlir::Value block,
                            mlir::ValueRange pixel, mlir::Value channel)>
      onElement;
  std::function<llvm::SmallVector<mlir::Value>(unsigned)> onSources;
  /// Called at the start of each task, before its first block.
  std::function<void(KernelBuilder &)> onTaskStart;
  std::function<void(KernelBuilder &, mlir::Value block,
                     mlir::ValueRange spatial, ChannelBlock channels)>
      onAnnounce;

private:
  llvm::SmallVector<mlir::Value> operands, results;
  Machine target;
  int64_t alignment;
  Sink sink;
};

/// One step of a pointwise op: a block of channels at one position (lanes
/// layout), or a few consecutive elements (dense).
class PointwiseBlock {
public:
  using Load = std::function<mlir::Value(unsigned operand, int64_t element)>;
  PointwiseBlock(Emitter &e, mlir::Operation *op, mlir::Type elementType,
                 int64_t count, Load load, Load raw)
      : e(e), op(op), elementType(elementType), count(count),
        load(std::move(load)), raw(std::move(raw)), out(op->getNumResults()) {
    for (auto &o : out)
      o.resize(count);
  }

  mlir::OpBuilder &builder() { return e.b; }
  mlir::Location loc() { return e.loc; }
  Emitter &emitter() { return e; }
  int64_t size() const { return count; }
  /// The type of the computation: a vector with one element per lane, or a
  /// scalar.
  mlir::Type type() const { return elementType; }
  /// Element `j` of the block of operand `i`; per-channel and 0-d operands are
  /// splat.
  mlir::Value operand(unsigned i, int64_t j) { return load(i, j); }
  /// A 0-d operand as a scalar.
  mlir::Value scalar(unsigned i) { return raw(i, 0); }
  void setResult(unsigned i, int64_t j, mlir::Value value) {
    out[i][j] = value;
  }
  mlir::Value getResult(unsigned i, int64_t j) const { return out[i][j]; }

  using Element = llvm::function_ref<void(
      mlir::ValueRange operands, llvm::SmallVectorImpl<mlir::Value> &results)>;
  /// Computes every element of the block on its own.
  void emitElements(Element formula);

  // The place of the block; null in dense layout.
  mlir::Value imageBlock; // group of images
  Position spatial;       // in the image
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
  /// `accumulators(k, task)` loads a partial sum (a vector). `elements(task)`
  /// gives the number of elements in each of its lanes, as a vector of floats;
  /// some may be 0 only if `someEmpty`.
  ReductionFinalizer(
      Emitter &e, int64_t tasks, double total, mlir::Type scalar,
      std::function<mlir::Value(unsigned, mlir::Value)> accumulator,
      std::function<mlir::Value(mlir::Value)> elements, bool someEmpty,
      std::function<mlir::Value(unsigned)> channelOperand,
      llvm::MutableArrayRef<mlir::Value> results)
      : Emitter(e.b, e.loc), tasks(tasks), total(total), scalar(scalar),
        accumulator(std::move(accumulator)), elements(std::move(elements)),
        someEmpty(someEmpty), channelOperand(std::move(channelOperand)),
        results(results) {}

  /// Elements per channel: batch times space.
  double elementCount() const { return total; }
  mlir::Type scalarType() const { return scalar; }
  /// Sums `term` over all partial sums and lanes. `term` gets the accumulators
  /// of one task and the number of elements in each lane, as vectors.
  mlir::Value
  sum(llvm::function_ref<mlir::Value(mlir::ValueRange acc, mlir::Value n)> term,
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
  bool someEmpty;
  std::function<mlir::Value(unsigned)> channelOperand;
  llvm::MutableArrayRef<mlir::Value> results;
};

} // namespace gradmill::nn
