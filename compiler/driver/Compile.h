// The compiler as a library: from a graph to an artifact. The tools are thin
// shells around it.
#pragma once
#include "compiler/codegen/EmitLLVM.h"
#include "compiler/codegen/Target.h"
#include "compiler/pipeline/Pipeline.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/Timing.h"
#include "llvm/Support/JSON.h"

namespace gradmill {

/// The forms of a compilation that can be printed, in the order of the
/// pipeline.
enum class Emit {
  NN,
  Train,
  Schedule,
  Fuse,
  Vector,
  LLVMDialect,
  LLVM,
  Asm,
  Object,
  Library,
  SharedLibrary,
  Executable
};
std::optional<Emit> parseEmit(llvm::StringRef name);
/// "nn, train, ..." for messages.
std::string emitNames();

struct CompileOptions {
  std::string name = "model"; // of the model: the manifest's
  std::string cpu = "native"; // or several, for executables and libraries
  std::string triple;         // of another architecture
  /// Of objects and libraries: what the model is called in C.
  std::string symbol = kArtifactSymbol.str();
  /// For tests: tiles and layouts of another machine of the table, or for
  /// vectors of another width, in code for `cpu`.
  std::string machine;
  int64_t vectorBytes = 0;
  std::vector<std::string> plugins; // by name, version and content
  PipelineOptions pipeline;
  mlir::TimingScope *timing = nullptr; // where to add times, if anywhere

  mlir::TimingScope time(llvm::StringRef step) const {
    return timing ? timing->nest(step) : mlir::TimingScope();
  }
};

struct CompileResult {
  std::string bytes; // IR text, assembly or object, as requested
  std::vector<std::string>
      objects;                 // instead of `bytes`, if a linker follows
  llvm::json::Object manifest; // from Emit::Vector on; of the last target
  std::vector<Target> targets; // in the order in which the runtime tries them
  std::vector<Spill> spills;
  std::string fingerprint; // of the graph
  double seconds = 0;
};

/// Compiles `module` (which is consumed) up to `emit`; up to objects in parts
/// if a linker follows. Errors in the graph are emitted as diagnostics; the
/// returned error then has an empty text.
llvm::Expected<CompileResult> compile(mlir::ModuleOp module,
                                      const CompileOptions &options,
                                      const Registry &registry, Emit emit);

// A linker's output is complete only if the linker succeeded, so `path` is a
// temporary file.

/// Joins objects into one at `path`.
llvm::Error linkObject(llvm::ArrayRef<std::string> objects,
                       llvm::StringRef path);
/// Links objects into a shared library at `path`.
llvm::Error linkSharedLibrary(llvm::ArrayRef<std::string> objects,
                              llvm::StringRef path);
/// Links objects and the runtime into a stand-alone executable at `path`;
/// `isStatic`: one that needs no shared library at all.
llvm::Error linkExecutable(llvm::ArrayRef<std::string> objects,
                           llvm::StringRef path, llvm::StringRef triple,
                           bool isStatic);
/// The bytes of a static library of the objects.
llvm::Expected<std::string>
archiveLibrary(llvm::ArrayRef<std::string> objects);

} // namespace gradmill
