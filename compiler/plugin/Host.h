// Owns the registry of ops, optimizers, losses and passes. The built-in
// families and plugins fill it through the same function.
#pragma once
#include "nn/Registry.h"
#include "llvm/Support/Error.h"

namespace gradmill {

/// A plugin that was loaded, for `gradmill plugins` and error messages.
struct LoadedPlugin {
  std::string name, version, path;
  std::string digest; // of the file's content
};

class Host {
public:
  Host();
  Registry &registry() { return families; }
  /// The dialects of graphs: nn, func, and those of plugins. A context has no
  /// others while it reads a file.
  mlir::DialectRegistry &dialects() { return dialectRegistry; }
  /// The dialects that a graph is lowered to, and how these are lowered and
  /// translated.
  static mlir::DialectRegistry compilerDialects();

  /// Loads a plugin's library. Refuses one that was built for another plugin
  /// API, LLVM or set of interface headers; the error shows both values.
  /// Plugins are native code and are loaded only because the user named them.
  llvm::Error load(llvm::StringRef path);
  llvm::ArrayRef<LoadedPlugin> plugins() const { return loaded; }

private:
  mlir::DialectRegistry dialectRegistry;
  Registry families;
  std::vector<LoadedPlugin> loaded;
};

} // namespace gradmill
