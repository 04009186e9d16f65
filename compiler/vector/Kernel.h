// One kernel: an anchor with a loop nest of its own, if any, and the pointwise
// ops and channel reductions that are computed in the same sweep.
#pragma once
#include "compiler/Passes.h"
#include <string>

namespace gradmill {

/// What code generation needs to know of the target.
using TargetShape = nn::Machine;

/// A kernel whose schedule has been tried and was too large for the registers.
struct RejectedSchedule {
  std::string entry;
  int64_t kernel;    // in the entry, counted as in nn.kernels
  int64_t registers; // that the next one shall count on
  std::string why;
};

/// lower-kernels for a target, without the schedules that were rejected.
std::unique_ptr<mlir::Pass>
createLowerKernels(const TargetShape &target, bool exactConv,
                   const std::vector<RejectedSchedule> &rejected);

/// Emits the kernel made of `ops` at `builder`. `buffers` maps every value that
/// comes from outside of the kernel, and every value that must be stored, to
/// its memref. `remarks` becomes what the kernel says of itself.
mlir::LogicalResult
emitKernel(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Operation *> ops,
           const llvm::DenseMap<mlir::Value, mlir::Value> &buffers,
           TargetShape target, nn::Accuracy accuracy,
           nn::KernelRemarks &remarks);

} // namespace gradmill
