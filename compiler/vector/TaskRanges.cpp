// Intervals of index arithmetic. They forget how two values depend on each
// other, which costs nothing here: a row is a group's number times a constant,
// plus a position inside of the group.
#include "compiler/vector/TaskRanges.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace gradmill {

Interval Interval::hull(Interval other) const {
  if (isEmpty())
    return other;
  if (other.isEmpty())
    return *this;
  return {std::min(low, other.low), std::max(high, other.high)};
}

Value bufferOf(Value memref) {
  while (Operation *def = memref.getDefiningOp()) {
    if (isa<memref::AllocOp, memref::GetGlobalOp>(def))
      return memref;
    auto collapse = dyn_cast<memref::CollapseShapeOp>(def);
    if (!collapse)
      return {};
    memref = collapse.getSrc();
  }
  return memref;
}

TaskRanges::TaskRanges(scf::ForallOp loop) : loop(loop) {
  loop.getBody()->walk([&](Operation *op) { collect(op); });
  if (!known) {
    list.clear();
    touchAll(loop);
  }
}

void TaskRanges::add(Value memref, ValueRange indices, bool writes,
                     int64_t width) {
  RowAccess access{bufferOf(memref), writes, {}, 1, width};
  if (!access.buffer) {
    known = false;
    return;
  }
  if (loop->isAncestor(access.buffer.getParentRegion()->getParentOp()))
    return; // the thread's own
  auto type = cast<MemRefType>(memref.getType());
  if (indices.size() > 1)
    access.width = 1;
  // A view whose first dimension is several of the buffer's counts smaller
  // steps.
  auto whole = cast<MemRefType>(access.buffer.getType());
  if (!indices.empty() && whole.getRank() && type.getDimSize(0) &&
      type.getDimSize(0) % whole.getDimSize(0) == 0) {
    access.row = indices.front();
    access.inner = type.getDimSize(0) / whole.getDimSize(0);
  }
  auto same = [&](const RowAccess &other) {
    return other.buffer == access.buffer && other.writes == writes &&
           other.row == access.row && other.inner == access.inner &&
           other.width == access.width;
  };
  // An unrolled loop accesses the same row many times in succession.
  if (!llvm::any_of(llvm::reverse(ArrayRef(list).take_back(16)), same))
    list.push_back(access);
}

static int64_t widthOf(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 1;
}

void TaskRanges::collect(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](memref::LoadOp load) {
        add(load.getMemRef(), load.getIndices(), false, 1);
      })
      .Case([&](memref::StoreOp store) {
        add(store.getMemRef(), store.getIndices(), true, 1);
      })
      .Case<vector::LoadOp, vector::MaskedLoadOp>([&](auto load) {
        add(load.getBase(), load.getIndices(), false,
            widthOf(load.getResult().getType()));
      })
      .Case<vector::StoreOp, vector::MaskedStoreOp>([&](auto store) {
        add(store.getBase(), store.getIndices(), true,
            widthOf(store.getValueToStore().getType()));
      })
      .Case([&](memref::CopyOp copy) {
        add(copy.getSource(), {}, false, 1);
        add(copy.getTarget(), {}, true, 1);
      })
      .Case<memref::AllocOp, memref::PrefetchOp>([](auto) {})
      .Default([&](Operation *other) {
        if (!isMemoryEffectFree(other) &&
            !other->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
          known = false;
      });
}

// Of a loop that is not understood: everything that it names.
void TaskRanges::touchAll(Operation *top) {
  llvm::SmallPtrSet<Value, 16> seen;
  top->walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      if (!isa<MemRefType>(operand.getType()))
        continue;
      Value buffer = bufferOf(operand);
      if (buffer && seen.insert(buffer).second &&
          !top->isAncestor(buffer.getParentRegion()->getParentOp())) {
        list.push_back({buffer, false, {}, 1, 1});
        list.push_back({buffer, true, {}, 1, 1});
      }
    }
  });
}

std::optional<Interval> TaskRanges::rows(const RowAccess &access,
                                         Interval range) {
  if (!access.row)
    return std::nullopt;
  if (range.low != tasks.low || range.high != tasks.high) {
    values.clear();
    tasks = range;
  }
  auto steps = evaluate(access.row);
  if (!steps || steps->isEmpty())
    return steps;
  int64_t size = cast<MemRefType>(access.buffer.getType()).getDimSize(0);
  Interval rows{steps->low / access.inner,
                (steps->high + access.width - 1) / access.inner};
  // No code leaves its buffer; a sum of intervals may.
  return Interval{std::clamp<int64_t>(rows.low, 0, size - 1),
                  std::clamp<int64_t>(rows.high, 0, size - 1)};
}

std::optional<Interval> TaskRanges::evaluate(Value value) {
  if (auto known = values.find(value); known != values.end())
    return known->second;
  auto result = evaluateNew(value);
  values[value] = result;
  return result;
}

std::optional<Interval> TaskRanges::evaluateNew(Value value) {
  if (auto number = getConstantIntValue(value))
    return Interval{*number, *number};
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (parent == loop.getOperation())
      return tasks;
    auto inner = dyn_cast<scf::ForOp>(parent);
    if (!inner || argument != inner.getInductionVar())
      return std::nullopt;
    auto low = evaluate(inner.getLowerBound()),
         high = evaluate(inner.getUpperBound());
    if (!low || !high)
      return std::nullopt;
    return low->isEmpty() || high->isEmpty()
               ? Interval()
               : Interval{low->low, high->high - 1};
  }
  Operation *def = value.getDefiningOp();
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp>(def))
    return evaluate(def->getOperand(0));
  if (auto select = dyn_cast<arith::SelectOp>(def)) {
    auto x = evaluate(select.getTrueValue()),
         y = evaluate(select.getFalseValue());
    return x && y ? std::optional(x->hull(*y)) : std::nullopt;
  }
  if (def->getNumOperands() != 2 || def->getNumRegions() ||
      !value.getType().isIntOrIndex())
    return std::nullopt;
  auto x = evaluate(def->getOperand(0)), y = evaluate(def->getOperand(1));
  if (!x || !y)
    return std::nullopt;
  if (x->isEmpty() || y->isEmpty())
    return Interval();
  using Range = std::optional<Interval>;
  bool divides = y->low > 0 && y->low == y->high && x->low >= 0;
  return llvm::TypeSwitch<Operation *, Range>(def)
      .Case([&](arith::AddIOp) {
        return Interval{x->low + y->low, x->high + y->high};
      })
      .Case([&](arith::SubIOp) {
        return Interval{x->low - y->high, x->high - y->low};
      })
      .Case([&](arith::MulIOp) -> Range {
        if (x->low < 0 || y->low < 0)
          return std::nullopt;
        return Interval{x->low * y->low, x->high * y->high};
      })
      .Case<arith::MinSIOp, arith::MinUIOp>([&](auto) {
        return Interval{std::min(x->low, y->low), std::min(x->high, y->high)};
      })
      .Case<arith::MaxSIOp, arith::MaxUIOp>([&](auto) {
        return Interval{std::max(x->low, y->low), std::max(x->high, y->high)};
      })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>(
          [&](auto) -> Range {
            if (!divides)
              return std::nullopt;
            return Interval{x->low / y->low, x->high / y->low};
          })
      .Case<arith::RemSIOp, arith::RemUIOp>([&](auto) -> Range {
        if (!divides)
          return std::nullopt;
        if (x->low / y->low == x->high / y->low)
          return Interval{x->low % y->low, x->high % y->low};
        return Interval{0, y->low - 1};
      })
      .Default([](Operation *) { return Range(); });
}

} // namespace gradmill
