// Only LLVM's register allocation shows that a schedule's tile is too large.
// The kernel is then lowered again, to count on fewer registers.
#pragma once
#include "compiler/driver/Compile.h"

namespace gradmill {

/// The work of a module's task, after the vector stage.
struct TaskKernel {
  std::string entry;
  int64_t index; // in the entry's list of kernels
  std::string name, schedule;
  int64_t registers;   // that the schedule counted on
  bool spillsAccepted; // KernelBuilder::acceptSpills
  double share;        // of the entry's multiply-adds, or of its bytes if that is more
};
/// By the name of the task's function.
using TaskKernels = llvm::StringMap<std::vector<TaskKernel>>;
TaskKernels kernelsOfTasks(mlir::ModuleOp module);

/// Adds to each spill the kernels that it may belong to, and their share of the
/// work.
void nameSpills(std::vector<Spill> &spills, const TaskKernels &tasks);

/// Looks for better schedules for kernels whose functions spill. They are
/// compiled alone, with fewer registers, at most twice again. The result
/// belongs into PipelineOptions::rejected; it is empty if the first schedules
/// stay. `source` is the module before all stages.
llvm::Expected<std::vector<RejectedSchedule>>
rejectSpills(mlir::ModuleOp source, const CompileOptions &options,
             const Registry &registry, const Target &target,
             llvm::ArrayRef<Spill> spills, const TaskKernels &tasks);

} // namespace gradmill
