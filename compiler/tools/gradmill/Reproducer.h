// What reproduces a failure of the compiler: the graph, the options and the pipeline
// in a file, and the command that runs it again. It is written if the compiler
// crashes, if LLVM gives up, or if a pass breaks its promise; never for what is wrong
// with a graph.
#pragma once
#include "Backend.h"
#include "compiler/driver/Compile.h"

namespace gradmill::cli {

class Reproducer {
public:
  /// Of the compilation that begins.
  Reproducer(const CompileCommand &command, const CompileOptions &options,
             const Registry &registry);
  ~Reproducer();
  Reproducer(const Reproducer &) = delete;

  /// A compilation has failed: writes the file if it was the compiler's fault, which
  /// a diagnostic (noteFault) or the error's code says. Returns the error.
  rt::Error failed(rt::Error error);
};

/// Tells of an error's code, "stage_vector": some are the compiler's fault.
void noteFault(llvm::StringRef code);

/// Writes the file, if a graph is being compiled, and says so. Async-signal-safe.
void writeReproducer();

/// For main(), once: crashes of the compiler.
void reproduceCrashes();

} // namespace gradmill::cli
