// What readers and writers of graph files are told (struct Importer and struct
// Exporter in Registry.h).
#pragma once

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gradmill {

class Registry;

struct ImportOptions {
  /// The newest version of an op that this program knows; a file with a newer
  /// one is refused. As the registry has it unless set.
  std::function<uint32_t(llvm::StringRef op)> newestVersion;
  /// Called for an unknown op that is carried along, with the plugin that the
  /// file names for it, so that a file written from the module can name it
  /// again.
  std::function<void(llvm::StringRef op, llvm::StringRef plugin)> carriedOp;
  /// The caller trusts the file, if it is bytecode.
  bool allowBytecode = false;
  /// Values for the settings of a net's text: {"dropout", "0.05"}.
  std::vector<std::pair<std::string, std::string>> settings = {};
};

struct ExportOptions {
  /// The plugin that brings an op, or "" for built-in ops. The file names it,
  /// so that a reader without the plugin can name it as well. Without this
  /// function, ops of an unregistered dialect belong to a plugin with the
  /// dialect's name.
  std::function<std::string(llvm::StringRef op)> pluginOf;
  /// The version of an op's definition; as the registry has it unless set.
  std::function<uint32_t(llvm::StringRef op)> versionOf;
  /// Keeps the places where ops were written. MLIR text then has loc(...) on
  /// every op.
  bool locations = true;
  /// Knows the forms of ops in ONNX. Without it no op has one.
  const Registry *registry = nullptr;
};

} // namespace gradmill
