// One kernel: an anchor with a loop nest of its own, if any, and the pointwise
// ops and channel reductions in the same sweep.
#pragma once
#include "compiler/Passes.h"
#include <string>

namespace gradmill {

/// The target, for code generation.
using TargetShape = nn::Machine;

/// A rejected schedule of a kernel: it was too large for the registers.
struct RejectedSchedule {
  std::string entry;
  int64_t kernel;    // its index in nn.kernels of the entry
  int64_t registers; // that the next schedule shall count on
  std::string why;
};

/// lower-kernels for a target, without the schedules that were rejected.
std::unique_ptr<mlir::Pass>
createLowerKernels(const TargetShape &target, bool exactConv,
                   const std::vector<RejectedSchedule> &rejected);

/// Emits the kernel made of `ops` at `builder`. `buffers` maps every value from
/// outside of the kernel, and every value to be stored, to its memref.
/// `remarks` receives the kernel's own report.
mlir::LogicalResult
emitKernel(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Operation *> ops,
           const llvm::DenseMap<mlir::Value, mlir::Value> &buffers,
           TargetShape target, nn::Accuracy accuracy,
           nn::KernelRemarks &remarks);

} // namespace gradmill
