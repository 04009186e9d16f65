#include "compiler/tools/Rules.h"
#include "compiler/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace gradmill {

static uint64_t lineOf(const nn::Advice &advice) {
  if (!advice.place)
    return UINT64_MAX;
  auto place = dyn_cast<FileLineColLoc>(*advice.place);
  return place ? place.getLine() : 0;
}

FailureOr<std::vector<nn::Advice>> askRules(func::FuncOp graph,
                                            nn::Advisor::Question question,
                                            ArrayRef<AdviceRule> rules) {
  PassManager passes(graph.getContext());
  passes.addPass(createSpecializeBatch({1}));
  if (failed(passes.run(graph->getParentOfType<ModuleOp>())))
    return failure();
  nn::Advisor advisor(graph, std::move(question));
  for (const AdviceRule &rule : rules)
    advisor.ask(rule.name, rule.check);
  std::vector<nn::Advice> advice = advisor.advice().vec();
  llvm::stable_sort(advice, [](const nn::Advice &x, const nn::Advice &y) {
    return lineOf(x) < lineOf(y);
  });
  return advice;
}

} // namespace gradmill
