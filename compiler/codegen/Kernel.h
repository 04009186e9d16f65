// One kernel: an anchor with a loop nest of its own, if any, and the pointwise
// ops and channel reductions that are computed in the same sweep.
#pragma once
#include "compiler/Passes.h"

namespace gradmill {

/// What code generation needs to know of the target.
struct TargetShape {
  int64_t vectorBytes, registers;
};

/// Emits the kernel made of `ops` at `builder`. `buffers` maps every value that
/// comes from outside of the kernel, and every value that must be stored, to
/// its memref. `remarks` becomes what the kernel says of itself.
mlir::LogicalResult
emitKernel(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Operation *> ops,
           const llvm::DenseMap<mlir::Value, mlir::Value> &buffers,
           TargetShape target, nn::Accuracy accuracy,
           nn::KernelRemarks &remarks);

} // namespace gradmill
