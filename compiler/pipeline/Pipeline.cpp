// The whole compiler on one screen.
#include "compiler/pipeline/Pipeline.h"
#include "compiler/Passes.h"
#include "compiler/autodiff/Spec.h"
#include "compiler/pipeline/CheckStage.h"
#include "compiler/plugin/Silence.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace gradmill {

// The meaning of the graph: types and shapes are known.
static void addGraph(PassManager &pm, const PipelineOptions &o) {
  pm.addPass(createSpecializeBatch({o.batch.value_or(kDefaultBatch)}));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

// From the graph to programs: a training step, inference, the loss.
static void addTrain(PassManager &pm, const PipelineOptions &o) {
  if (o.infer || o.train) {
    pm.addPass(createCheckGraph({o.entry, o.batch.value_or(0)}));
    pm.addPass(createBuildLoss(
        {o.entry, o.loss, o.metrics, /*optional=*/!o.train, o.uncheckedLoss}));
  }
  if (o.infer)
    pm.addPass(createBuildInference({o.entry}));
  if (o.infer)
    pm.addPass(createBuildSingle({o.single}));
  if (!o.gradients.empty())
    pm.addPass(createBuildGradients({o.entry, o.gradients}));
  if (o.train)
    pm.addPass(createBuildTrainingStep({o.entry, o.optimizer, o.groups,
                                        o.transforms, o.accumulate, o.ema,
                                        o.mixup}));
  pm.addPass(createCSEPass());
}

// The order of ops, and how tensors lie in memory.
static void addSchedule(PassManager &pm, const PipelineOptions &o) {
  pm.addPass(createExpandOps());
  pm.addPass(createExpandLinalg());
  pm.addPass(createCSEPass());
  pm.addPass(createJoinKernels());
  pm.addPass(createOrderSections());
  if (o.rematerialize)
    pm.addPass(createRematerialize({o.maxMemory}));
  pm.addPass(createAssignLayouts({o.target.vectorBytes, o.exactConv}));
  pm.addPass(createSplitPrepare());
}

// The ops that share one sweep.
static void addFuse(PassManager &pm, const PipelineOptions &o) {
  if (o.fuse)
    pm.addPass(createFuseKernels());
}

// Our loops have one block, so there are no regions to simplify.
static GreedyRewriteConfig keepRegions() {
  return GreedyRewriteConfig().setRegionSimplificationLevel(
      GreedySimplifyRegionLevel::Disabled);
}

// Loops and vectors over buffers in one arena.
static void addVector(PassManager &pm, const PipelineOptions &o) {
  pm.addPass(createLowerKernels(o.target, o.exactConv, o.rejected));
  // AArch64 does not let programs read its counter of cycles.
  StringRef clock =
      o.steadyClock ? "llvm.readsteadycounter" : "llvm.readcyclecounter";
  if (o.mergeTasks)
    pm.addPass(createMergeTasks({o.clocks ? clock.str() : ""}));
  pm.addPass(createPrivatizeBuffers());
  pm.addPass(createNarrowStorage());
  pm.addPass(createShareTasks());
  pm.addPass(createOutlineKernels());
  OpPassManager &each = pm.nest<func::FuncOp>();
  each.addPass(createCanonicalizerPass(keepRegions()));
  each.addPass(createCSEPass());
  pm.addPass(createPlanArena());
}

// Down to LLVM's dialect, each task on its own: there are many, and they use
// all threads. After the conversion only repeated and unused values are
// removed, which is fast. LLVM folds the rest as quickly as patterns would.
static void addLLVM(PassManager &pm, const PipelineOptions &) {
  pm.addPass(createOutlineTasks());
  OpPassManager &each = pm.nest<LLVM::LLVMFuncOp>();
  each.addPass(createApproximateMath());
  each.addPass(createLoopInvariantCodeMotionPass());
  each.addPass(createCanonicalizerPass(keepRegions()));
  each.addPass(createCSEPass());
  each.addPass(createLowerAccesses());
  each.addPass(createSCFToControlFlowPass());
  each.addPass(createConvertVectorToLLVMPass());
  each.addPass(createConvertToLLVMPass());
  each.addPass(createReconcileUnrealizedCastsPass());
  each.addPass(createCSEPass());
  pm.addPass(createConvertToLLVMPass()); // constants, outside of the functions
}

void buildPipeline(PassManager &pm, const PipelineOptions &options,
                   const Registry &registry, Stage first, Stage last) {
  using Add = void (*)(PassManager &, const PipelineOptions &);
  static constexpr std::pair<Stage, Add> stages[] = {
      {Stage::Graph, addGraph},       {Stage::Train, addTrain},
      {Stage::Schedule, addSchedule}, {Stage::Fuse, addFuse},
      {Stage::Vector, addVector},     {Stage::LLVM, addLLVM},
  };
  std::vector<PassSpec> plugins;
  if (auto specs = parsePasses(options.passes, registry))
    plugins = std::move(*specs);
  else
    llvm::reportFatalInternalError(specs.takeError());
  for (auto [stage, add] : stages) {
    if (stage < first || stage > last)
      continue;
    add(pm, options);
    for (const PassSpec &plugin : plugins)
      if (plugin.pass->stage == stage)
        pm.addPass(plugin.pass->create(plugin.options));
    pm.addPass(createCheckStage(stage));
  }
}

// "a,b{x=1},func.func(c)" has the passes a, b and c.
static std::vector<std::string> passNames(OpPassManager &pm) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  pm.printAsTextualPipeline(stream);
  std::vector<std::string> names;
  std::string word;
  int braces = 0;
  for (char c : text + ",") {
    braces += (c == '{') - (c == '}');
    if (braces > 0 || c == '}')
      continue;
    if (c != ',' && c != '(' && c != ')') {
      word += c;
      continue;
    }
    if (c != '(' && !word.empty() && !llvm::is_contained(names, word))
      names.push_back(word);
    word.clear();
  }
  return names;
}

std::string printAfterFault(const PipelineOptions &options,
                            const Registry &registry) {
  MLIRContext context;
  PassManager pm(&context);
  buildPipeline(pm, options, registry, Stage::Graph, Stage::LLVM);
  std::vector<std::string> names = passNames(pm);
  SmallVector<StringRef> wanted;
  StringRef(options.printAfter).split(wanted, ',');
  for (StringRef name : wanted)
    if (name != "all" && !llvm::is_contained(names, name))
      return "this compilation runs no pass \"" + name.str() +
             "\"; it runs: " + llvm::join(names, ", ") + "; or all";
  return "";
}

// On stderr, after each of the named passes, and after the one that fails.
static void printIR(PassManager &pm, StringRef names) {
  SmallVector<StringRef> wanted;
  names.split(wanted, ',');
  auto isWanted = [wanted](Pass *pass, Operation *) {
    return llvm::is_contained(wanted, "all") ||
           llvm::is_contained(wanted, pass->getArgument());
  };
  pm.enableIRPrinting(nullptr, isWanted, /*printModuleScope=*/false,
                      /*printAfterOnlyOnChange=*/false);
}

LogicalResult runStages(ModuleOp module, const PipelineOptions &options,
                        const Registry &registry, Stage first, Stage last,
                        TimingScope &timing) {
  if (auto specs = parsePasses(options.passes, registry); !specs)
    return module.emitError() << llvm::toString(specs.takeError());
  PassManager pm(module.getContext());
  pm.enableVerifier(false); // check-stage does
  pm.enableTiming(timing);
  ErrorWatch errors(module.getContext());
  reportSilentPasses(pm, errors);
  buildPipeline(pm, options, registry, first, last);
  if (!options.printAfter.empty())
    printIR(pm, options.printAfter);
  // A plugin's pass may forget to say which dialects it makes ops of.
  if (!registry.passes().empty())
    for (StringRef dialect : module.getContext()->getAvailableDialects())
      module.getContext()->getOrLoadDialect(dialect);
  return pm.run(module);
}

} // namespace gradmill
