#include "compiler/driver/Compile.h"
#include "compiler/autodiff/OptimizerSpec.h"
#include "compiler/codegen/EmitLLVM.h"
#include "compiler/codegen/Manifest.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace mlir;

namespace gradmill {

static constexpr std::pair<Emit, llvm::StringLiteral> kEmits[] = {
    {Emit::NN, "nn"},         {Emit::Train, "train"},
    {Emit::Schedule, "schedule"}, {Emit::Fuse, "fuse"},
    {Emit::Vector, "vector"}, {Emit::LLVMDialect, "llvm-dialect"},
    {Emit::LLVM, "llvm"},     {Emit::Asm, "asm"},
    {Emit::Object, "obj"},    {Emit::Library, "lib"},
    {Emit::SharedLibrary, "so"}, {Emit::Executable, "exe"},
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

static llvm::Error alreadyReported() {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), "");
}

static LogicalResult runStages(ModuleOp module, const CompileOptions &options,
                               const Registry &registry, Stage first, Stage last) {
  PassManager pm(module.getContext());
  buildPipeline(pm, options.pipeline, registry, first, last);
  return pm.run(module);
}

static llvm::json::Object describeOptimizer(StringRef text, const Registry &registry) {
  auto spec = parseOptimizerSpec(text, registry);
  if (!spec) {
    llvm::consumeError(spec.takeError());
    return llvm::json::Object{{"name", text}};
  }
  llvm::json::Object description{{"name", spec->optimizer->name}};
  for (const OptimizerOption &option : spec->optimizer->options)
    description[option.name] = spec->options.lookup(option.name);
  return description;
}

static std::string print(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return text;
}

llvm::Expected<CompileResult> compile(ModuleOp module, const CompileOptions &request,
                                      const Registry &registry, Emit emit) {
  auto start = std::chrono::steady_clock::now();
  CompileOptions options = request;
  CompileResult result;
  llvm::Expected<Target> target = resolveTarget(options.cpu);
  if (!target)
    return target.takeError();
  result.target = *target;
  options.pipeline.target = target->shape;
  auto done = [&] {
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };

  if (failed(runStages(module, options, registry, Stage::Graph, lastStage(emit))))
    return alreadyReported();
  if (emit < Emit::Vector) {
    result.bytes = print(module);
    done();
    return result;
  }
  std::vector<char> data;
  auto manifest = buildManifest(module,
                                {options.name, options.pipeline.loss,
                                 describeOptimizer(options.pipeline.optimizer, registry),
                                 result.target},
                                data);
  if (failed(manifest))
    return alreadyReported();
  result.manifest = std::move(*manifest);
  if (emit == Emit::Vector) {
    result.bytes = print(module);
    done();
    return result;
  }
  if (failed(runStages(module, options, registry, Stage::LLVM, Stage::LLVM)))
    return alreadyReported();
  if (emit == Emit::LLVMDialect) {
    result.bytes = print(module);
    done();
    return result;
  }
  auto machine = createTargetMachine(result.target);
  if (!machine)
    return machine.takeError();
  std::string manifestText =
      llvm::formatv("{0}", llvm::json::Value(llvm::json::Object(result.manifest))).str();
  llvm::LLVMContext context;
  auto llvmModule = emitLLVM(module, context, **machine, result.target, manifestText, data);
  if (!llvmModule)
    return llvmModule.takeError();
  if (emit == Emit::LLVM) {
    llvm::raw_string_ostream os(result.bytes);
    (*llvmModule)->print(os, nullptr);
  } else {
    auto code = emitMachineCode(**llvmModule, **machine, emit == Emit::Asm);
    if (!code)
      return code.takeError();
    result.bytes = std::move(*code);
  }
  done();
  return result;
}

} // namespace gradmill
