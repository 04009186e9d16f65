// The pipeline: every pass in order, in named stages.
#pragma once
#include "compiler/vector/Kernel.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "nn/Registry.h"

namespace gradmill {

/// The default batch of a graph that leaves it open.
inline constexpr int64_t kDefaultBatch = 128;

struct PipelineOptions {
  bool train = true, infer = true;
  std::optional<int64_t> batch; // else the graph's own, or kDefaultBatch
  std::string entry = "main";
  // Specifications (autodiff/Spec.h); empty: the defaults.
  std::string loss, metrics, optimizer, groups, transforms, passes;
  int64_t accumulate = 0; // batches to an update; 0: one, in one program
  double ema = 0;         // decay of the model's average; 0: no average
  bool mixup = false;     // the step takes a second target, and its share
  std::string gradients;  // names of values to differentiate by
  TargetShape target = nn::defaultMachine();
  bool steadyClock = false; // programs may not read the counter of cycles
  /// Schedules that kept vectors in memory: see driver/RejectSpills.h.
  std::vector<RejectedSchedule> rejected;
  bool fuse = true;
  bool rematerialize = true;
  int64_t maxMemory = 0;  // bytes of temporaries per entry; 0: no limit
  bool mergeTasks = true; // one parallel loop for a chain of kernels on the same images
  bool clocks = false;    // with clocks between the kernels
  bool single = false; // also inference for one sample
  bool exactConv =
      false; // no algorithm that rounds differently from the defining sum
  bool uncheckedLoss = false; // take the output for what the loss needs
  std::string printAfter; // passes, "all": the IR after each, on stderr
};

/// Adds the stages up to and including `last`, with plugins' passes after each.
/// requires: the options of plugins' passes are right (parsePasses).
void buildPipeline(mlir::PassManager &pm, const PipelineOptions &options,
                   const Registry &registry, Stage first, Stage last);
/// Says what is wrong with `printAfter`; "" if nothing.
std::string printAfterFault(const PipelineOptions &options,
                            const Registry &registry);
/// Runs them; check-stage verifies the module once per stage.
mlir::LogicalResult runStages(mlir::ModuleOp module,
                              const PipelineOptions &options,
                              const Registry &registry, Stage first, Stage last,
                              mlir::TimingScope &timing);

} // namespace gradmill
