// A schedule whose tile is too large for the registers is known only once LLVM
// has assigned these. Then the kernel is lowered again, to count on fewer
// registers.
#pragma once
#include "compiler/driver/Compile.h"

namespace gradmill {

/// What a task of a module computes, after the vector stage.
struct TaskKernel {
  std::string entry;
  int64_t index; // in the entry's list of kernels
  std::string name, schedule;
  int64_t registers;   // that the schedule counted on
  bool spillsAccepted; // KernelBuilder::acceptSpills
  double share;        // of the entry's multiply-adds, or bytes if that is more
};
/// By the name of the task's function.
using TaskKernels = llvm::StringMap<std::vector<TaskKernel>>;
TaskKernels kernelsOfTasks(mlir::ModuleOp module);

/// Says of each spill which kernels it may be in, and how much they matter.
void nameSpills(std::vector<Spill> &spills, const TaskKernels &tasks);

/// Looks for better schedules for the kernels of functions that spill: those
/// are compiled alone, with fewer registers to count on, at most twice again.
/// What is returned belongs into PipelineOptions::rejected; nothing, if the
/// first schedules stay. `source` is the module before all stages.
llvm::Expected<std::vector<RejectedSchedule>>
rejectSpills(mlir::ModuleOp source, const CompileOptions &options,
             const Registry &registry, const Target &target,
             llvm::ArrayRef<Spill> spills, const TaskKernels &tasks);

} // namespace gradmill
