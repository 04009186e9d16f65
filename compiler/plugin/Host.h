// Who knows what: the registry of ops, optimizers, losses and passes, filled
// from the built-in families and from plugins through one door.
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
  /// What a graph is written in: nn, func, and what plugins bring. The only
  /// dialects of a context while it reads a file.
  mlir::DialectRegistry &dialects() { return dialectRegistry; }
  /// What it becomes, and how that is lowered and translated.
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
