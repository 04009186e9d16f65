#include "compiler/driver/Compile.h"
#include "compiler/Error.h"
#include "compiler/autodiff/Spec.h"
#include "compiler/codegen/EmitLLVM.h"
#include "compiler/codegen/Manifest.h"
#include "compiler/driver/Fingerprint.h"
#include "compiler/driver/RejectSpills.h"
#include "core/Manifest.h"
#include "distributed/SharedSpec.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <limits>

using namespace mlir;

namespace gradmill {

static constexpr std::pair<Emit, llvm::StringLiteral> kEmits[] = {
    {Emit::NN, "nn"},
    {Emit::Train, "train"},
    {Emit::Schedule, "schedule"},
    {Emit::Fuse, "fuse"},
    {Emit::Vector, "vector"},
    {Emit::LLVMDialect, "llvm-dialect"},
    {Emit::LLVM, "llvm"},
    {Emit::Asm, "asm"},
    {Emit::Object, "obj"},
    {Emit::Library, "lib"},
    {Emit::SharedLibrary, "so"},
    {Emit::Executable, "exe"},
};

std::optional<Emit> parseEmit(StringRef name) {
  for (auto [emit, text] : kEmits)
    if (text == name)
      return emit;
  return std::nullopt;
}

std::string emitNames() {
  std::string names;
  for (auto [emit, text] : kEmits)
    names += (names.empty() ? "" : ", ") + text.str();
  return names;
}

static Stage lastStage(Emit emit) {
  switch (emit) {
  case Emit::NN:
    return Stage::Graph;
  case Emit::Train:
    return Stage::Train;
  case Emit::Schedule:
    return Stage::Schedule;
  case Emit::Fuse:
    return Stage::Fuse;
  default:
    return Stage::Vector;
  }
}

static ManifestInfo describe(const CompileOptions &options,
                             const Registry &registry, const Target &target,
                             const std::string &fingerprint) {
  const PipelineOptions &p = options.pipeline;
  ManifestInfo info{options.name,    fingerprint, {},
                    options.plugins, p.exactConv, target};
  auto spec = parseOptimizerSpec(p.optimizer, registry);
  if (!spec) {
    llvm::consumeError(spec.takeError());
    info.optimizer["name"] = p.optimizer;
    return info;
  }
  info.optimizer["name"] = spec->optimizer->name;
  for (const Option &option : spec->optimizer->options)
    info.optimizer[option.name] = spec->options.number(option.name);
  if (!p.groups.empty())
    info.optimizer["groups"] = p.groups;
  if (auto transforms = parseTransforms(p.transforms, registry); !transforms)
    llvm::consumeError(transforms.takeError());
  else if (!transforms->empty())
    info.optimizer["transforms"] = transformsText(*transforms);
  if (p.train && p.accumulate)
    info.optimizer["accumulate"] = info.accumulate = p.accumulate;
  if (p.train && p.ema)
    info.optimizer["ema"] = p.ema;
  if (p.train && p.mixup)
    info.optimizer["mixup"] = 1;
  if (spec->optimizer->learningRate)
    info.learningRate = [spec = *spec](int64_t batch) {
      return spec.optimizer->learningRate(spec.options, batch);
    };
  return info;
}

static std::string print(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return text;
}

namespace {

// Runs the pipeline for one target. `result` receives text or objects.
class TargetCompiler {
public:
  TargetCompiler(ModuleOp module, const CompileOptions &request,
                 const Registry &registry, Emit emit, const Target &target,
                 CompileResult &result)
      : module(module), options(request), registry(registry), emit(emit),
        target(target), result(result) {
    options.pipeline.target = target.shape;
    options.pipeline.steadyClock = !llvm::Triple(target.triple).isX86();
  }

  // `variant` and `others`: see ArtifactInfo.
  llvm::Error run(StringRef variant, ArrayRef<std::string> others) {
    if (emit < Emit::Asm)
      return compileModule(variant, others);
    OwningOpRef<ModuleOp> source(module.clone());
    PipelineOptions first = options.pipeline;
    // Spills are known from machine code only, so compile it for text as well.
    Emit wanted = std::exchange(emit, std::max(emit, Emit::Object));
    if (llvm::Error error = compileModule(variant, others))
      return error;
    auto rejected =
        rejectSpills(*source, options, registry, target, code.spills, tasks);
    if (!rejected)
      return rejected.takeError();
    if (!rejected->empty() || wanted != emit) {
      emit = wanted;
      options.pipeline = first;
      options.pipeline.rejected = std::move(*rejected);
      module = *source;
      before = std::move(code);
      if (llvm::Error error = compileModule(variant, others))
        return error;
    }
    if (emit == Emit::Asm)
      return llvm::Error::success();
    for (ObjectPart &part : code.parts)
      result.objects.push_back(std::move(part.object));
    llvm::append_range(result.spills, std::move(code.spills));
    return llvm::Error::success();
  }

private:
  LogicalResult run(ModuleOp module, Stage first, Stage last) {
    TimingScope scope = options.time("MLIR passes");
    return runStages(module, options.pipeline, registry, first, last, scope);
  }

  llvm::Error compileModule(StringRef variant, ArrayRef<std::string> others) {
    if (llvm::Error error = schedule())
      return error;
    if (emit < Emit::Vector)
      return printed();
    tasks = kernelsOfTasks(module);
    data.clear();
    auto manifest =
        buildManifest(module,
                      describe(options, registry, target, result.fingerprint),
                      data);
    if (failed(manifest))
      return alreadyReported();
    result.manifest = std::move(*manifest);
    manifestText =
        llvm::formatv("{0}",
                      llvm::json::Value(llvm::json::Object(result.manifest)))
            .str();
    if (llvm::Error error = checkManifest())
      return error;
    if (emit == Emit::Vector)
      return printed();
    if (failed(run(module, Stage::LLVM, Stage::LLVM)))
      return alreadyReported();
    if (emit == Emit::LLVMDialect)
      return printed();
    return generate(variant, others);
  }

  // Checked by the rules of the runtime that will load the artifact. A
  // violation should have been refused earlier, at its line
  // (autodiff/CheckGraph.cpp).
  llvm::Error checkManifest() const {
    if (!options.pipeline.train && !options.pipeline.infer)
      return llvm::Error::success(); // functions of a test, not a model
    std::string problem = rt::manifestProblem(manifestText, data.size());
    if (problem.empty()) {
      auto manifest = rt::parseManifest(manifestText, data.size(), "");
      problem = rt::sharedProblem(manifestText.c_str(), *manifest);
    }
    if (problem.empty())
      return llvm::Error::success();
    return fail("[internal] the compiled model would not load: its manifest "
                "breaks the rule \"" +
                problem +
                "\"; this is a bug of the compiler or of a plugin: please "
                "report it with the graph");
  }

  // The stages that decide how much memory is needed. With a limit they run
  // again, with a lower limit for the estimate, until the plan fits.
  llvm::Error schedule() {
    int64_t limit = options.pipeline.maxMemory;
    if (!limit || emit < Emit::Vector) {
      if (failed(run(module, Stage::Graph, lastStage(emit))))
        return alreadyReported();
      return llvm::Error::success();
    }
    int64_t smallest = std::numeric_limits<int64_t>::max();
    while (true) {
      attempt = module.clone();
      if (failed(run(*attempt, Stage::Graph, lastStage(emit))))
        return alreadyReported();
      int64_t needed = 0;
      bool exhausted = false;
      for (auto func : attempt->getOps<func::FuncOp>()) {
        needed = std::max(needed, temporaries(func));
        exhausted |= func->hasAttr(kMemoryExhaustedAttr);
      }
      smallest = std::min(smallest, needed);
      if (needed <= limit) {
        module = *attempt;
        return llvm::Error::success();
      }
      if (exhausted || options.pipeline.maxMemory <= 1)
        return fail("[max_memory] --max-memory " + std::to_string(limit) +
                    ": the least that was reached by computing again is " +
                    std::to_string(smallest) +
                    " bytes; allow that, or take a smaller --batch");
      options.pipeline.maxMemory = std::max<int64_t>(
          1, options.pipeline.maxMemory - std::max(needed - limit, limit / 16));
    }
  }

  // The arena, and the scratch memory of one thread.
  static int64_t temporaries(func::FuncOp func) {
    int64_t bytes = 0;
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      if (func.getArgAttr(i, kArenaAttr) || func.getArgAttr(i, kScratchAttr))
        bytes += cast<MemRefType>(func.getArgumentTypes()[i]).getDimSize(0);
    return bytes;
  }

  llvm::Error printed() {
    result.bytes = print(module);
    return llvm::Error::success();
  }

  llvm::Error generate(StringRef variant, ArrayRef<std::string> others) {
    ArtifactInfo artifact{manifestText, data, variant.str(), others.vec(),
                          options.symbol};
    if (emit >= Emit::Object) {
      TimingScope scope = options.time("LLVM, in parts");
      auto emitted = emitObjects(module, target, artifact, scope, std::move(before));
      if (!emitted)
        return emitted.takeError();
      code = std::move(*emitted);
      nameSpills(code.spills, tasks);
      return llvm::Error::success();
    }
    auto machine = createTargetMachine(target);
    if (!machine)
      return machine.takeError();
    llvm::LLVMContext context;
    auto llvmModule = translate(module, context, **machine, target);
    if (!llvmModule)
      return llvmModule.takeError();
    addDescriptor(**llvmModule, entryNames(module), artifact);
    optimizeLLVM(**llvmModule, **machine);
    if (emit == Emit::LLVM) {
      llvm::raw_string_ostream os(result.bytes);
      (*llvmModule)->print(os, nullptr);
      return llvm::Error::success();
    }
    auto text = emitMachineCode(**llvmModule, **machine, /*text=*/true);
    if (!text)
      return text.takeError();
    result.bytes = std::move(*text);
    return llvm::Error::success();
  }

  ModuleOp module;
  CompileOptions options;
  const Registry &registry;
  Emit emit;
  const Target &target;
  CompileResult &result;
  std::string manifestText; // as the artifact holds it
  std::vector<char> data;
  TaskKernels tasks;
  ObjectCode code, before; // of this and of the first compilation
  OwningOpRef<ModuleOp> attempt; // `module`, compiled with a limit of memory
};

// A name that is valid in a symbol.
std::string symbolOf(const Target &target) {
  std::string name = target.name;
  for (char &c : name)
    c = llvm::isAlnum(c) ? c : '_';
  return name;
}
} // namespace

llvm::Expected<CompileResult> compile(ModuleOp module,
                                      const CompileOptions &options,
                                      const Registry &registry, Emit emit) {
  auto start = std::chrono::steady_clock::now();
  CompileResult result;
  auto targets = resolveTargets(options.cpu, registry, options.triple);
  if (!targets)
    return targets.takeError();
  if (const TargetKind *other = registry.findTarget(options.machine))
    for (Target &target : *targets)
      target.shape = other->machine;
  else if (!options.machine.empty())
    return fail("[unknown_machine] there is no machine \"" + options.machine +
                "\"; use " +
                llvm::join(llvm::map_range(registry.targets(),
                                           [](const TargetKind &kind) {
                                             return kind.name;
                                           }),
                           ", "));
  if (options.vectorBytes)
    for (Target &target : *targets)
      target.shape.vectorBytes = options.vectorBytes;
  if (targets->size() > 1 && emit < Emit::Object)
    return fail("[one_cpu] --cpu " + options.cpu +
                ": several go into an object, a library or an executable; name "
                "one for --emit");
  result.targets = std::move(*targets);
  result.fingerprint = graphFingerprint(module, options.pipeline.entry);
  // Printed functions must not mix.
  module.getContext()->enableMultithreading(options.pipeline.printAfter.empty());
  // The last target is the least demanding one: its artifact lists the others.
  std::vector<std::string> others;
  for (const Target &target : llvm::drop_end(result.targets)) {
    others.push_back(symbolOf(target));
    OwningOpRef<ModuleOp> copy(module.clone());
    if (llvm::Error error =
            TargetCompiler(*copy, options, registry, emit, target, result)
                .run(others.back(), {}))
      return error;
  }
  if (llvm::Error error = TargetCompiler(module, options, registry, emit,
                                         result.targets.back(), result)
                              .run("", others))
    return error;
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return result;
}

} // namespace gradmill
