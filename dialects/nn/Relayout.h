#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// Emits the conversion of operand 0 from lanes to channels layout, or back.
void lowerRelayout(KernelBuilder &k, mlir::RankedTensorType from,
                   mlir::RankedTensorType to);

} // namespace gradmill::nn
