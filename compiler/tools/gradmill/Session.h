// One run of the compiler for the command line: a host with plugins, a context
// whose errors are printed for people, a graph.
#pragma once
#include "Backend.h"
#include "compiler/driver/Compile.h"
#include "compiler/plugin/Host.h"

namespace gradmill::cli {

class Session {
public:
  /// Registers families and plugins; errors: plugin_*.
  /// `quiet`: what is wrong with a graph is not printed; the caller says so.
  rt::Status start(const std::vector<std::string> &plugins, bool quiet = false);
  /// Reads and verifies a graph; errors have been printed.
  rt::Result<mlir::OwningOpRef<mlir::ModuleOp>>
  load(const std::string &path, bool allowBytecode, bool allowUnknown = false,
       const std::vector<std::string> &settings = {});
  /// The graph of a command, with its --set.
  rt::Result<mlir::OwningOpRef<mlir::ModuleOp>> load(const GraphOptions &o) {
    return load(o.graph, o.allowBytecode, false, o.settings);
  }
  mlir::MLIRContext &context() { return *mlirContext; }
  Host &host() { return *pluginHost; }
  /// The plugin of an op that was carried along, or "".
  std::string carriedPlugin(llvm::StringRef op) const {
    return carried.lookup(op);
  }
  const Registry &registry() { return pluginHost->registry(); }

private:
  llvm::StringMap<std::string> carried;
  std::unique_ptr<Host> pluginHost;
  std::unique_ptr<mlir::MLIRContext> mlirContext;
  std::unique_ptr<mlir::ScopedDiagnosticHandler> handler;
};

/// A shared library of the objects, which goes with the returned object.
rt::Result<CompiledLibrary> linkTemporary(const std::string &name,
                                          llvm::ArrayRef<std::string> objects);

/// What went to llvm::outs() has arrived, or an error.
rt::Status flushOutput();

/// What was printed already needs no second message.
rt::Error alreadyReported(rt::ExitCode exit);
rt::Error toError(llvm::Error error, rt::ExitCode exit);
CompileOptions compileOptions(const GraphOptions &options,
                              llvm::ArrayRef<LoadedPlugin> plugins);
/// Usage errors for what only the registry and the target know: an unknown
/// optimizer, loss or CPU.
rt::Status checkOptions(const CompileOptions &options,
                        const Registry &registry);
/// "mnist" of "examples/mnist.mlir".
std::string modelName(const std::string &graph);

} // namespace gradmill::cli
