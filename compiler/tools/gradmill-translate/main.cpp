// mlir-translate with our formats: each importer and exporter of the registry, those
// of plugins among them, as --import-NAME and --export-NAME; and LLVM IR, of graphs
// (--graph-to-llvmir) and of the LLVM dialect (--mlir-to-llvmir).
#include "compiler/driver/Compile.h"
#include "compiler/import/CheckGraph.h"
#include "compiler/tools/Setup.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "nn/Formats.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace gradmill;

static llvm::cl::opt<std::string> cpu("cpu", llvm::cl::init("native"),
                                      llvm::cl::desc("--graph-to-llvmir: the target"));
static llvm::cl::opt<int64_t> batch("batch", llvm::cl::init(kDefaultBatch),
                                    llvm::cl::desc("--graph-to-llvmir: images a step"));
static llvm::cl::opt<bool> infer("infer", llvm::cl::desc("--graph-to-llvmir: no training step"));
static llvm::cl::opt<bool>
    allowBytecode("allow-bytecode", llvm::cl::desc("Read MLIR bytecode of a trusted file"));

static OwningOpRef<Operation *> read(const Importer &format, llvm::SourceMgr &sources,
                                     MLIRContext *context) {
  const llvm::MemoryBuffer *file = sources.getMemoryBuffer(sources.getMainFileID());
  context->getOrLoadDialect<nn::NNDialect>();
  ImportOptions options;
  options.allowBytecode = allowBytecode;
  // The readers want a buffer of their own, with an end and aligned.
  auto copy = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      file->getBufferSize(), file->getBufferIdentifier(), llvm::Align(64));
  llvm::copy(file->getBuffer(), copy->getBufferStart());
  OwningOpRef<ModuleOp> module =
      format.read(std::move(copy), file->getBufferIdentifier(), *context, options);
  if (!module || failed(verify(*module)) || failed(checkGraph(*module)))
    return {};
  return module.release().getOperation();
}

static LogicalResult write(const Exporter &format, const Registry &registry,
                           Operation *op, llvm::raw_ostream &out) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    return op->emitError("[translate] expected a module");
  ExportOptions options;
  options.registry = &registry;
  options.locations = format.extension == ".gmg" || format.extension == ".json";
  std::optional<std::string> bytes = format.write(module, options);
  if (!bytes)
    return failure();
  out << *bytes;
  return success();
}

static LogicalResult toLLVM(const Registry &registry, Operation *op,
                            llvm::raw_ostream &out) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module || failed(checkGraph(module)))
    return op->emitError("[translate] expected a graph");
  CompileOptions options;
  options.cpu = cpu;
  options.pipeline.batch = batch;
  options.pipeline.train = !infer;
  op->getContext()->appendDialectRegistry(Host::compilerDialects());
  auto result = compile(module, options, registry, Emit::LLVM);
  if (!result) {
    std::string text = llvm::toString(result.takeError());
    return text.empty() ? failure() : op->emitError(text);
  }
  out << result->bytes;
  return success();
}

// The options of the host's formats. `host` outlives them.
static void registerFormats(Host &host) {
  const Registry &registry = host.registry();
  auto dialects = [&host](DialectRegistry &all) { host.dialects().appendTo(all); };
  for (const Importer &format : registry.importers())
    TranslateToMLIRRegistration(
        ("import-" + format.extension.substr(1)), "Read " + format.name,
        TranslateRawSourceMgrToMLIRFunction(
            [&format](llvm::SourceMgr &sources, MLIRContext *context) {
              return read(format, sources, context);
            }),
        dialects, llvm::Align(64));
  for (const Exporter &format : registry.exporters())
    TranslateFromMLIRRegistration(
        ("export-" + format.extension.substr(1)), "Write " + format.name,
        TranslateFromMLIRFunction(
            [&format, &registry](Operation *op, llvm::raw_ostream &out) {
              return write(format, registry, op, out);
            }),
        dialects);
  TranslateFromMLIRRegistration(
      "graph-to-llvmir", "Compile a graph to LLVM IR",
      TranslateFromMLIRFunction([&registry](Operation *op, llvm::raw_ostream &out) {
        return toLLVM(registry, op, out);
      }),
      dialects);
}

int main(int argc, char **argv) {
  Host host;
  std::vector<const char *> arguments(argv, argv + argc);
  if (llvm::Error error = setUp(host, arguments)) {
    llvm::errs() << "gradmill-translate: error: " << llvm::toString(std::move(error))
                 << "\n";
    return 2;
  }
  registerFormats(host);
  registerAllTranslations();
  return failed(mlirTranslateMain(int(arguments.size()),
                                  const_cast<char **>(arguments.data()),
                                  "Gradmill's formats, and MLIR's translations"));
}
