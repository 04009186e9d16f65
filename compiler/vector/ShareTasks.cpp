// Training on several processes: which parallel loops they share, and what they
// tell each other (docs/distributed.md).
//
// Every process runs the whole entry. Of a loop over groups of images it runs
// some of the tasks only, its own; every other loop it runs as a whole. So the
// rows of a buffer that an own task writes are right in one process alone. If
// code needs the rows of others, all processes exchange theirs first. From then
// on they hold equal bytes, and go on as a single process would.
//
// Tasks are dealt out in chunks: chunk c of C holds the tasks [c*T/C, (c+1)*T/C)
// of a loop of T tasks, for every shared loop. A buffer of U units, such as
// groups of images, is cut at c*U/C in the same way. This pass checks that a
// shared loop writes within its own chunks, and that it reads there what is not
// exchanged.
//
// requires: parallel loops as privatize-buffers leaves them, in the top block.
// maintains: the order of what depends on each other. On an entry: nn.chunks. On a
// shared loop: nn.own; on a loop after which an exchange can begin, nn.gives with
// four numbers for each buffer: its own, the rows of a unit, the units, and
// whether the rows are only added up; on the loop (or the entry) that needs it,
// nn.awaits. Exchanged buffers have numbers (nn.exchanged).
#include "compiler/vector/ShareTasks.h"
#include "compiler/autodiff/Ports.h"
#include "compiler/vector/TaskRanges.h"
#include "nn/interfaces/Lowering.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_SHARETASKS
#include "compiler/Passes.h.inc"

namespace {

// How the rows of a buffer are dealt out.
struct Cut {
  int64_t rows = 0, units = 0; // of a unit; all
};

// What processes hold of a buffer.
struct Holding {
  Cut cut;                    // rows == 0: all of it
  scf::ForallOp writer;       // of the last own rows
  bool isPartial() const { return cut.rows != 0; }
};

std::optional<int64_t> tasksOf(scf::ForallOp loop) {
  auto counts = loop.getStaticUpperBound();
  if (counts.size() != 1 || ShapedType::isDynamic(counts.front()))
    return std::nullopt;
  return counts.front();
}

// What a loop does to one buffer.
struct Use {
  SmallVector<const RowAccess *> reads, writes;
};

class Sharer {
public:
  explicit Sharer(func::FuncOp entry) : entry(entry), b(entry.getContext()) {}

  void run() {
    for (auto loop : entry.front().getOps<scf::ForallOp>())
      loops.push_back({loop, TaskRanges(loop)});
    chooseChunks();
    if (chunks < 2)
      return;
    for (BlockArgument argument : entry.getArguments())
      if (isSamples(argument))
        inputs.insert(argument);
    for (auto &[loop, ranges] : loops)
      visit(loop, ranges);
    for (auto &[buffer, holding] : held)
      if (isa<BlockArgument>(buffer) && holding.isPartial() && !isClocks(buffer))
        exchange(buffer, holding, entry);
    entry->setAttr(kChunksAttr, b.getI64IntegerAttr(chunks));
    if (!wholeInput && samples.rows)
      entry->setAttr(kSamplesAttr,
                     b.getDenseI64ArrayAttr({samples.rows, samples.units}));
    for (auto &[loop, numbers] : gives)
      loop->setAttr(kGivesAttr, b.getDenseI64ArrayAttr(numbers));
    for (auto &[op, numbers] : awaits)
      op->setAttr(kAwaitsAttr, b.getDenseI64ArrayAttr(numbers));
    for (auto &[loop, ranges] : llvm::reverse(loops))
      if (awaits.contains(loop) && !loop->hasAttr(kOwnAttr))
        delay(loop, ranges);
  }

private:
  // As many as possible, such that half of the loops over images can be shared. A
  // layer whose images are cut in another way must not limit the number of
  // processes.
  void chooseChunks() {
    llvm::MapVector<int64_t, int64_t> counts;
    int64_t all = 0;
    for (auto &[loop, ranges] : loops)
      if (auto tasks = tasksOf(loop);
          tasks && loop->hasAttr(nn::kBlocksAttr) && ranges.isKnown()) {
        ++counts[*tasks];
        ++all;
      }
    int64_t most = 0;
    for (bool isEnough : {false, true})
      for (auto &[candidate, own] : counts) {
        int64_t served = 0;
        for (auto &[tasks, loops] : counts)
          if (tasks % candidate == 0)
            served += loops;
        most = std::max(most, served);
        if (isEnough && served >= std::min(most, (all + 1) / 2))
          chunks = std::max(chunks, candidate);
      }
  }

  // Values of a port with a batch, which the host gives.
  bool isSamples(BlockArgument argument) {
    unsigned i = argument.getArgNumber();
    auto role = entry.getArgAttrOfType<StringAttr>(i, kPortAttr);
    return role && role != "control" && !entry.getArgAttr(i, kOutputAttr) &&
           !entry.getArgAttr(i, kWholeAttr) &&
           cast<MemRefType>(argument.getType()).getRank() > 0;
  }

  // A tensor of the model: all processes update it, so none is exchanged.
  bool isTensor(Value buffer) {
    auto argument = dyn_cast<BlockArgument>(buffer);
    return argument && entry.getArgAttr(argument.getArgNumber(), kStateAttr);
  }

  bool isClocks(Value buffer) {
    auto name = entry.getArgAttrOfType<StringAttr>(
        cast<BlockArgument>(buffer).getArgNumber(), kNameAttr);
    return name && name == kClocksName;
  }

  void visit(scf::ForallOp loop, TaskRanges &ranges) {
    llvm::MapVector<Value, Use> uses;
    for (const RowAccess &access : ranges.accesses())
      (access.writes ? uses[access.buffer].writes : uses[access.buffer].reads)
          .push_back(&access);
    llvm::DenseMap<Value, Cut> readCuts, writeCuts;
    bool isShared = canShare(loop, ranges, uses, readCuts, writeCuts);
    for (auto &[buffer, use] : uses) {
      Cut reads = readCuts.lookup(buffer), writes = writeCuts.lookup(buffer);
      if (inputs.contains(buffer)) {
        if (!use.reads.empty())
          noteInput(isShared ? reads : Cut());
        continue;
      }
      Holding &holding = held[buffer];
      checkSum(loop, buffer, use);
      bool needsOthers =
          holding.isPartial() &&
          ((!use.reads.empty() && !(isShared && equal(buffer, reads, holding.cut))) ||
           (!use.writes.empty() && !(isShared && equal(buffer, writes, holding.cut))));
      if (needsOthers) {
        exchange(buffer, holding, loop,
                 !isShared && use.writes.empty() &&
                     addsUp(loop, buffer, holding.cut));
        holding = {};
      }
      if (use.writes.empty())
        continue;
      holding = isShared ? Holding{writes, loop} : Holding();
    }
    if (isShared)
      loop->setAttr(kOwnAttr, b.getUnitAttr());
  }

  // A loop is shared if all that it writes are rows of its own. One that is no
  // loop over groups must also read such rows, and nothing that would have to be
  // exchanged for it: whether it pays is not known.
  bool canShare(scf::ForallOp loop, TaskRanges &ranges,
                llvm::MapVector<Value, Use> &uses,
                llvm::DenseMap<Value, Cut> &readCuts,
                llvm::DenseMap<Value, Cut> &writeCuts) {
    auto tasks = tasksOf(loop);
    if (!ranges.isKnown() || !tasks || *tasks < chunks || *tasks % chunks != 0)
      return false;
    auto blocks = loop->getAttrOfType<IntegerAttr>(nn::kBlocksAttr);
    SmallVector<int64_t> units{*tasks};
    if (blocks && blocks.getInt() != *tasks)
      units.insert(units.begin(), blocks.getInt());
    bool readsOwn = false, readsOthers = false;
    for (auto &[buffer, use] : uses) {
      if (!use.writes.empty()) {
        if (isTensor(buffer))
          return false;
        auto cut = cutOf(buffer, use.writes, ranges, *tasks, units);
        if (!cut)
          return false;
        writeCuts[buffer] = *cut;
      }
      if (use.reads.empty())
        continue;
      bool isInput = inputs.contains(buffer);
      const Holding holding = held.lookup(buffer);
      if (!isInput && !holding.isPartial() && use.writes.empty())
        continue; // all processes have all of it
      if (auto cut = cutOf(buffer, use.reads, ranges, *tasks, units))
        readCuts[buffer] = *cut;
      if (isInput || holding.isPartial()) {
        bool own = readCuts.count(buffer) &&
                   (isInput || equal(buffer, readCuts[buffer], holding.cut));
        (own ? readsOwn : readsOthers) = true;
      }
    }
    return blocks || (readsOwn && !readsOthers);
  }

  // The cut within which all of the accesses stay, if there is one.
  std::optional<Cut> cutOf(Value buffer, ArrayRef<const RowAccess *> accesses,
                           TaskRanges &ranges, int64_t tasks,
                           ArrayRef<int64_t> units) {
    int64_t size = sizeOf(buffer);
    SmallVector<Cut> candidates;
    for (int64_t count : units) {
      int64_t rows = llvm::divideCeil(size, count);
      candidates.push_back({rows, count});
      // The last group may be filled up: a vector's length is a power of two.
      if (!llvm::isPowerOf2_64(rows))
        candidates.push_back({int64_t(llvm::NextPowerOf2(rows)), count});
    }
    int64_t each = tasks / chunks;
    for (int64_t c = 0; c < chunks && !candidates.empty(); ++c) {
      Interval touched;
      for (const RowAccess *access : accesses) {
        auto rows = ranges.rows(*access, {c * each, (c + 1) * each - 1});
        if (!rows)
          return std::nullopt;
        touched = touched.hull(*rows);
      }
      llvm::erase_if(candidates, [&](Cut cut) {
        return !touched.isEmpty() && (touched.low < begin(size, cut, c) ||
                                      touched.high >= begin(size, cut, c + 1));
      });
    }
    return candidates.empty() ? std::nullopt : std::optional(candidates.front());
  }

  static int64_t sizeOf(Value buffer) {
    auto type = cast<MemRefType>(buffer.getType());
    return type.getRank() ? type.getDimSize(0) : 1;
  }

  int64_t begin(int64_t size, Cut cut, int64_t chunk) const {
    return std::min(size, cut.rows * (chunk * cut.units / chunks));
  }

  bool equal(Value buffer, Cut x, Cut y) const {
    return x.rows && y.rows && equal(sizeOf(buffer), x, y);
  }
  bool equal(int64_t size, Cut x, Cut y) const {
    return llvm::all_of(llvm::seq<int64_t>(0, chunks + 1), [&](int64_t c) {
      return begin(size, x, c) == begin(size, y, c);
    });
  }

  void noteInput(Cut cut) {
    if (!samples.rows)
      samples = cut;
    if (!cut.rows || !equal(batchOf(entry), cut, samples))
      wholeInput = true;
  }

  void exchange(Value buffer, Holding &holding, Operation *before,
                bool isSum = false) {
    int64_t number = numberOf(buffer);
    if (isSum)
      sums[buffer] = {holding.writer, gives[holding.writer].size() + 3,
                      holding.cut};
    llvm::append_range(gives[holding.writer],
                       ArrayRef{number, holding.cut.rows, holding.cut.units,
                                int64_t(isSum)});
    awaits[before].push_back(number);
  }

  // A buffer whose rows were exchanged as a sum holds that sum until it is
  // written again: all of its readers must add it up.
  void checkSum(scf::ForallOp loop, Value buffer, const Use &use) {
    auto sum = sums.find(buffer);
    if (sum == sums.end())
      return;
    if (!use.reads.empty() && !addsUp(loop, buffer, sum->second.cut))
      gives[sum->second.writer][sum->second.flag] = 0;
    if (!use.writes.empty())
      sums.erase(sum);
  }

  // Whether `loop`, which needs all rows of a buffer of floats, does nothing with
  // them but add them up, element by element: --reduce fast adds them up before.
  bool addsUp(scf::ForallOp loop, Value buffer, Cut cut) {
    Type element = cast<MemRefType>(buffer.getType()).getElementType();
    if (!getElementTypeOrSelf(element).isF32() || cut.rows != 1 ||
        cut.units != sizeOf(buffer))
      return false;
    bool adds = true, any = false;
    loop.getBody()->walk([&](Operation *op) {
      Value memref = llvm::TypeSwitch<Operation *, Value>(op)
                         .Case([](memref::LoadOp load) { return load.getMemRef(); })
                         .Case([](vector::LoadOp load) { return load.getBase(); })
                         .Default([](Operation *) { return Value(); });
      if (!memref || bufferOf(memref) != buffer)
        return;
      any = true;
      adds &= isAddedUp(op->getResult(0));
    });
    return adds && any;
  }

  static bool isAddedUp(Value value) {
    if (!value.hasOneUse())
      return false;
    Operation *user = *value.user_begin();
    if (isa<arith::ExtFOp>(user))
      return isAddedUp(user->getResult(0));
    return isa<arith::AddFOp>(user) && isSumOfOthers(user, value);
  }

  // Whether the other operand is a sum so far.
  static bool isSumOfOthers(Operation *add, Value value) {
    Value other = add->getOperand(add->getOperand(0) == value ? 1 : 0);
    if (auto carried = dyn_cast<BlockArgument>(other)) {
      auto inner = dyn_cast<scf::ForOp>(carried.getOwner()->getParentOp());
      return inner && carried != inner.getInductionVar();
    }
    return isa_and_present<arith::AddFOp, arith::ConstantOp>(
        other.getDefiningOp());
  }

  // Moves a loop that waits for an exchange behind the next shared loops, as far
  // as nothing depends on it: data travel meanwhile. The buffers live on, so
  // this is for small ones.
  void delay(scf::ForallOp loop, TaskRanges &ranges) {
    constexpr int kLoops = 2;
    constexpr int64_t kBytes = 4 << 20;
    llvm::DenseMap<Value, bool> mine; // does it write?
    for (const RowAccess &access : ranges.accesses()) {
      mine[access.buffer] |= access.writes || numbers.contains(access.buffer);
      if (numbers.contains(access.buffer) &&
          nn::bufferBytes(cast<MemRefType>(access.buffer.getType())) > kBytes)
        return;
    }
    auto blocks = [&](TaskRanges &other) {
      return llvm::any_of(other.accesses(), [&](const RowAccess &access) {
        auto known = mine.find(access.buffer);
        return known != mine.end() && (known->second || access.writes);
      });
    };
    Operation *last = nullptr;
    int passed = 0;
    for (Operation *op = loop->getNextNode(); op; op = op->getNextNode()) {
      auto other = dyn_cast<scf::ForallOp>(op);
      if (!other && !isMemoryEffectFree(op) &&
          !isa<memref::AllocOp, memref::GetGlobalOp>(op))
        break;
      if (!other)
        continue;
      auto found = llvm::find_if(
          loops, [&](auto &entry) { return entry.first == other; });
      if (found == loops.end() || !found->second.isKnown() ||
          blocks(found->second))
        break;
      if (other->hasAttr(kOwnAttr)) {
        last = other;
        if (++passed == kLoops)
          break;
      }
    }
    if (last)
      loop->moveAfter(last);
  }

  int64_t numberOf(Value buffer) {
    auto [it, isNew] = numbers.try_emplace(buffer, numbers.size());
    if (!isNew)
      return it->second;
    Attribute number = b.getI64IntegerAttr(it->second);
    if (auto argument = dyn_cast<BlockArgument>(buffer))
      entry.setArgAttr(argument.getArgNumber(), kExchangedAttr, number);
    else
      buffer.getDefiningOp()->setAttr(kExchangedAttr, number);
    return it->second;
  }

  func::FuncOp entry;
  Builder b;
  int64_t chunks = 0;
  std::vector<std::pair<scf::ForallOp, TaskRanges>> loops;
  llvm::SmallPtrSet<Value, 4> inputs;
  Cut samples; // of a port
  bool wholeInput = false;
  llvm::MapVector<Value, Holding> held;
  llvm::DenseMap<Value, int64_t> numbers;
  struct Sum {
    scf::ForallOp writer;
    size_t flag; // where it is said, in what the writer gives
    Cut cut;
  };
  llvm::DenseMap<Value, Sum> sums;
  llvm::MapVector<Operation *, SmallVector<int64_t>> gives, awaits;
};

struct ShareTasksPass : impl::ShareTasksBase<ShareTasksPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (StringRef does = entryOf(func); does == "train" || does == "accumulate")
        Sharer(func).run();
  }
};
} // namespace
} // namespace gradmill
