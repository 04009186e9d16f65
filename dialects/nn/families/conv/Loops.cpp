#include "Loops.h"
#include "ConvSchedule.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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

void cover(Emitter &e, int64_t size, int64_t part,
           llvm::function_ref<void(Value, int64_t)> body) {
  for (Run run : splitAxis(size, part))
    e.loop(e.index(run.first), e.index(run.first + run.count * run.size),
           run.size, [&](Value i) { body(i, run.size); });
}

} // namespace gradmill::nn
