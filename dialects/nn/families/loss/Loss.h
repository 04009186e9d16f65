#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "Loss.h.inc"

namespace gradmill::nn {

/// Whether nll_loss takes these types; if not, the violated constraint was
/// reported.
mlir::LogicalResult checkNllLoss(std::optional<mlir::Location> loc,
                                 mlir::Type logProbs, mlir::Type labels);

} // namespace gradmill::nn
