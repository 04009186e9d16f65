#include "shared/Loops.h"
#include "shared/ConvSchedule.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace gradmill::nn {

void choose(Emitter &e, Value condition, llvm::function_ref<void()> then,
            llvm::function_ref<void()> otherwise) {
  auto branch =
      scf::IfOp::create(e.b, e.loc, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(e.b);
  e.b.setInsertionPointToStart(branch.thenBlock());
  then();
  e.b.setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

SmallVector<Value>
chooseValues(Emitter &e, Value condition,
             llvm::function_ref<SmallVector<Value>()> then,
             llvm::function_ref<SmallVector<Value>()> otherwise) {
  if (std::optional<int64_t> constant = getConstantIntValue(condition))
    return *constant ? then() : otherwise();
  auto arm = [](llvm::function_ref<SmallVector<Value>()> values) {
    return [values](OpBuilder &b, Location loc) {
      scf::YieldOp::create(b, loc, values());
    };
  };
  auto branch =
      scf::IfOp::create(e.b, e.loc, condition, arm(then), arm(otherwise));
  return SmallVector<Value>(branch.getResults());
}

void cover(Emitter &e, int64_t size, int64_t part,
           llvm::function_ref<void(Value, int64_t)> body) {
  for (Run run : splitAxis(size, part))
    e.loop(e.index(run.first), e.index(run.first + run.count * run.size),
           run.size, [&](Value i) { body(i, run.size); });
}

void fetchAhead(Emitter &e, Value buffer, Value block, Value first,
                int64_t count) {
  auto type = cast<MemRefType>(buffer.getType());
  // The group stays a dimension of its own, so that a buffer used within one
  // task can shrink to one group (privatize-buffers).
  ReassociationIndices inside;
  for (int64_t i = 1; i < type.getRank(); ++i)
    inside.push_back(i);
  Value flat = inside.size() > 1 ? e.collapse(buffer, {{0}, inside}) : buffer;
  int64_t group = type.getNumElements() / type.getDimSize(0);
  int64_t step = elementsPerLine(type.getElementType());
  Value start = e.max(first, e.index(0));
  start = e.min(start, e.index(std::max<int64_t>(group - count, 0)));
  auto fetch = [&](Value at) {
    e.prefetch(flat, {block, at}, /*write=*/false, /*near=*/false);
  };
  int64_t vectors = std::min(count, group);
  // LLVM takes time with the square of a long row of instructions.
  constexpr int64_t kUnrolled = 32;
  if (llvm::divideCeil(vectors, step) > kUnrolled)
    e.loop(start, e.add(start, vectors), step, fetch);
  else
    for (int64_t i = 0; i < vectors; i += step)
      fetch(e.add(start, i));
}

void fetchShare(Emitter &e, Value buffer, Value block, Value first,
                int64_t vectors, const Share &share) {
  int64_t count = llvm::divideCeil(share.count * vectors, share.parts);
  Value start = e.div(e.mul(share.number, vectors), share.parts);
  fetchAhead(e, buffer, block, e.add(first, start), count);
}

} // namespace gradmill::nn
