// The pipeline: every pass in order, in named stages.
#pragma once
#include "compiler/vector/Kernel.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "nn/Registry.h"

namespace gradmill {

/// Images per step of a graph that leaves them open, if nobody says.
inline constexpr int64_t kDefaultBatch = 128;

struct PipelineOptions {
  bool train = true, infer = true;
  std::optional<int64_t> batch; // else the graph's own, or kDefaultBatch
  std::string entry = "main";
  // Specifications (autodiff/Spec.h); empty: what goes without saying.
  std::string loss, metrics, optimizer, groups, transforms;
  int64_t accumulate = 0; // batches to an update; 0: one, in one program
  double ema = 0;         // decay of the model's average; 0: there is none
  std::string gradients;  // names of values to differentiate by
  TargetShape target = nn::defaultMachine();
  /// Schedules that kept vectors in memory: see driver/RejectSpills.h.
  std::vector<RejectedSchedule> rejected;
  bool fuse = true;
  bool rematerialize = true;
  int64_t maxMemory = 0;  // bytes of temporaries per entry; 0: no limit
  bool mergeTasks = true; // kernels of one chain of images in one parallel loop
  bool clocks = false;    // which say what each of them took
  bool single = false; // with an inference for one sample beside a batch's
  bool exactConv =
      false; // no algorithm with other rounding than the defining sum
  bool uncheckedLoss = false; // the output is what the loss takes
};

/// Adds the stages up to and including `last`, with plugins' passes after each.
void buildPipeline(mlir::PassManager &pm, const PipelineOptions &options,
                   const Registry &registry, Stage first, Stage last);
/// Runs them; check-stage verifies the module once per stage.
mlir::LogicalResult runStages(mlir::ModuleOp module,
                              const PipelineOptions &options,
                              const Registry &registry, Stage first, Stage last,
                              mlir::TimingScope &timing);

} // namespace gradmill
