// The rules of `gradmill advise`, asked about a graph.
#pragma once
#include "nn/Advice.h"
#include "nn/Registry.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace gradmill {

/// What the rules find, by line, what is of the run last. The graph is for one
/// sample afterwards. Fails after an error of the graph, which was emitted.
mlir::FailureOr<std::vector<nn::Advice>>
askRules(mlir::func::FuncOp graph, nn::Advisor::Question question,
         llvm::ArrayRef<AdviceRule> rules);

} // namespace gradmill
