// What IR may exist after each stage, as a check that runs: an op that should
// have been gone by then is reported there, not by LLVM.
#pragma once
#include "mlir/Pass/Pass.h"
#include "nn/Registry.h"

namespace gradmill {
std::unique_ptr<mlir::Pass> createCheckStage(Stage stage);
}
