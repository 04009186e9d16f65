// Failures that nobody explains. An op's functions and passes report an error
// and then fail. A plugin that only fails would end the program without a word.
#pragma once
#include "compiler/ErrorWatch.h"
#include "mlir/IR/Operation.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace gradmill {

/// Calls a function of `op`, such as "buildGradient". If it fails without an
/// error, reports [silent_failure] at the op, with the function and the family.
mlir::LogicalResult
reportSilence(mlir::Operation *op, llvm::StringRef function,
              llvm::function_ref<mlir::LogicalResult()> call);

/// For `pm`: a pass that fails without an error is reported by its name.
void reportSilentPasses(mlir::PassManager &pm, const ErrorWatch &errors);

} // namespace gradmill
