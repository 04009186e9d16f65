// The whole compiler on one screen.
#include "compiler/pipeline/Pipeline.h"
#include "compiler/Passes.h"
#include "compiler/pipeline/CheckStage.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace gradmill {

// What the graph means: types and shapes are known.
static void addGraph(PassManager &pm, const PipelineOptions &o) {
  pm.addPass(createSpecializeBatch({o.batch}));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

// From the graph to programs: one training step, one inference.
static void addTrain(PassManager &pm, const PipelineOptions &o) {
  if (o.infer)
    pm.addPass(createBuildInference({o.entry, o.loss}));
  if (o.infer && o.single)
    pm.addPass(createBuildSingleInference());
  if (o.train)
    pm.addPass(createBuildTrainingStep({o.entry, o.loss, o.optimizer}));
  pm.addPass(createCSEPass());
}

// How tensors lie in memory.
static void addSchedule(PassManager &pm, const PipelineOptions &o) {
  pm.addPass(createExpandOps());
  pm.addPass(createCSEPass());
  if (o.rematerialize)
    pm.addPass(createRematerialize({o.maxMemory}));
  pm.addPass(createAssignLayouts({o.target.vectorBytes, o.exactConv}));
  pm.addPass(createSplitPrepare());
}

// What is computed in one sweep.
static void addFuse(PassManager &pm, const PipelineOptions &o) {
  if (o.fuse)
    pm.addPass(createFuseKernels());
}

// Loops and vectors over buffers in one arena.
static void addVector(PassManager &pm, const PipelineOptions &o) {
  pm.addPass(createLowerKernels(o.target, o.exactConv, o.rejected));
  if (o.mergeTasks)
    pm.addPass(createMergeTasks());
  pm.addPass(createPrivatizeBuffers());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createPlanArena());
}

// Down to LLVM's dialect.
static void addLLVM(PassManager &pm, const PipelineOptions &) {
  pm.addPass(createOutlineTasks());
  pm.addPass(createApproximateMath());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
}

void buildPipeline(PassManager &pm, const PipelineOptions &options,
                   const Registry &registry, Stage first, Stage last) {
  using Add = void (*)(PassManager &, const PipelineOptions &);
  static constexpr std::pair<Stage, Add> stages[] = {
      {Stage::Graph, addGraph},       {Stage::Train, addTrain},
      {Stage::Schedule, addSchedule}, {Stage::Fuse, addFuse},
      {Stage::Vector, addVector},     {Stage::LLVM, addLLVM},
  };
  for (auto [stage, add] : stages) {
    if (stage < first || stage > last)
      continue;
    add(pm, options);
    for (const StagePass &plugin : registry.passes())
      if (plugin.stage == stage)
        pm.addPass(plugin.create());
    pm.addPass(createCheckStage(stage));
  }
}

} // namespace gradmill
