// The model's description of itself (docs/manifest.md), from planned functions.
#pragma once
#include "compiler/codegen/Target.h"
#include "llvm/Support/JSON.h"

namespace gradmill {

struct ManifestInfo {
  std::string name;
  std::string graph; // its fingerprint
  llvm::json::Object optimizer; // its name and options
  std::vector<std::string> plugins;
  bool exactConv = false;
  Target target;
  // What the optimizer recommends for a batch; empty: nothing.
  std::function<double(int64_t batch)> learningRate = nullptr;
  int64_t accumulate = 0; // batches to an update; 0: one, in one program
};

/// Reads the signatures of the entry functions (after plan-arena). Initial
/// values of `dense<...>` parameters are appended to `data`, each aligned to 64
/// bytes.
mlir::FailureOr<llvm::json::Object> buildManifest(mlir::ModuleOp module,
                                                  const ManifestInfo &info,
                                                  std::vector<char> &data);

} // namespace gradmill
