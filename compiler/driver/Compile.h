// The compiler as a library: a graph in, an artifact out. The tools are thin shells
// around it.
#pragma once
#include "compiler/codegen/Target.h"
#include "compiler/pipeline/Pipeline.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

namespace gradmill {

/// The forms in which a compilation can be looked at, in the order of the pipeline.
enum class Emit { NN, Train, Schedule, Fuse, Vector, LLVMDialect, LLVM, Asm, Object, Library, SharedLibrary, Executable };
std::optional<Emit> parseEmit(llvm::StringRef name);
/// "nn, train, ..." for messages.
std::string emitNames();

struct CompileOptions {
  std::string name = "model"; // of the model: the manifest's
  std::string cpu = "native";
  PipelineOptions pipeline;
};

struct CompileResult {
  std::string bytes;          // IR text, assembly or object, by what was asked for
  llvm::json::Object manifest; // from Emit::Vector on
  Target target;
  double seconds = 0;
};

/// Compiles `module` (which is consumed) up to `emit`; for libraries and executables,
/// which need a linker, up to the object. Errors in the graph were emitted as
/// diagnostics; the returned error then is empty text.
llvm::Expected<CompileResult> compile(mlir::ModuleOp module, const CompileOptions &options,
                                      const Registry &registry, Emit emit);

/// Links an object into a shared library at `path` (atomically).
llvm::Error linkSharedLibrary(llvm::StringRef object, llvm::StringRef path);
/// Links an object and the runtime into a stand-alone executable at `path`;
/// `isStatic`: one that needs no shared library at all.
llvm::Error linkExecutable(llvm::StringRef object, llvm::StringRef path, bool isStatic);
/// Puts an object into a static library at `path`.
llvm::Error archiveLibrary(llvm::StringRef object, llvm::StringRef path);

} // namespace gradmill
