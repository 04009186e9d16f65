#include "Loops.h"
#include "ConvSchedule.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace gradmill::nn {

static constexpr int64_t kLineBytes = 64; // of a cache

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

void cover(Emitter &e, int64_t size, int64_t part,
           llvm::function_ref<void(Value, int64_t)> body) {
  for (Run run : splitAxis(size, part))
    e.loop(e.index(run.first), e.index(run.first + run.count * run.size),
           run.size, [&](Value i) { body(i, run.size); });
}

void fetchAhead(Emitter &e, Value buffer, Value block, Value first,
                int64_t count) {
  auto type = cast<MemRefType>(buffer.getType());
  ReassociationIndices all;
  for (int64_t i = 0; i < type.getRank(); ++i)
    all.push_back(i);
  Value flat = type.getRank() > 1 ? e.collapse(buffer, {all}) : buffer;
  int64_t total = type.getNumElements(), group = total / type.getDimSize(0);
  int64_t step =
      std::max<int64_t>(1, kLineBytes / elementBytes(type.getElementType()));
  Value last = e.index(std::max<int64_t>(total - count, 0));
  Value start = e.max(e.add(e.mul(block, group), first), e.index(0));
  start = e.min(start, last);
  for (int64_t i = 0; i < std::min(count, total); i += step)
    e.prefetch(flat, {e.add(start, i)}, /*write=*/false, /*near=*/false);
}

void fetchShare(Emitter &e, Value buffer, Value block, Value first,
                int64_t vectors, const Share &share) {
  int64_t count = llvm::divideCeil(share.count * vectors, share.parts);
  Value start = e.div(e.mul(share.number, vectors), share.parts);
  fetchAhead(e, buffer, block, e.add(first, start), count);
}

} // namespace gradmill::nn
