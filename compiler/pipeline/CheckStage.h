// The IR that may exist after each stage, as a check that runs. An op that
// should be gone is reported there and not by LLVM.
#pragma once
#include "mlir/Pass/Pass.h"
#include "nn/Registry.h"

namespace gradmill {
std::unique_ptr<mlir::Pass> createCheckStage(Stage stage);
}
