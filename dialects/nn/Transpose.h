// Transposes vectors: lane j of vector i becomes lane i of vector j.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// As many vectors as lanes: a power of two, 4 or more.
llvm::SmallVector<mlir::Value> transpose(Emitter &e,
                                         llvm::ArrayRef<mlir::Value> rows);

} // namespace gradmill::nn
