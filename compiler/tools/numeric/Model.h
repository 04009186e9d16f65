// A compiled module in memory, run by the names in its manifest.
#pragma once
#include "compiler/driver/Compile.h"
#include "compiler/tools/numeric/Harness.h"
#include "nn/interfaces/Reference.h"
#include <map>

namespace gradmill::numeric {

using NamedTensors = std::map<std::string, nn::RefTensor>;

/// Inputs and outputs by name. A run reads `inputs`, updates `state`, and sets
/// `outputs`, in their order. The results of "prepare" are kept for other
/// entries.
struct Values {
  NamedTensors inputs, state;
  std::vector<std::pair<std::string, nn::RefTensor>> outputs;
  std::map<std::string, std::string> prepared;
  std::vector<std::string> floats; // of the inputs: where noise may go
};

/// A row of an entry's buffer table.
struct Row {
  std::string kind, name, dtype;
  llvm::SmallVector<int64_t> shape;
  int64_t bytes = 0;
};
std::vector<Row> tableOf(const llvm::json::Object &manifest,
                         llvm::StringRef entry);

/// The memory for the rows. It holds NaNs until it has a value, because nothing
/// may rely on its old content.
std::vector<Buffer> fillBuffers(const std::vector<Row> &rows,
                                const Values &values,
                                rt::GuardEdge edge = rt::GuardEdge::End);

struct RunOptions {
  int threads = 2;
  rt::GuardEdge edge = rt::GuardEdge::End;
};

class Model {
public:
  /// Links and loads compiled code.
  static llvm::Expected<std::unique_ptr<Model>>
  load(const CompileResult &result);
  ~Model();
  Model(const Model &) = delete;

  bool has(llvm::StringRef entry) const;
  /// Fails, with the reason, if an input was written to.
  llvm::Error run(llvm::StringRef entry, Values &values,
                  const RunOptions &options = {}) const;
  const llvm::json::Object &manifest() const { return description; }

private:
  Model(llvm::json::Object manifest, void *library)
      : description(std::move(manifest)), library(library) {}
  const gm_entry *find(llvm::StringRef entry) const;

  llvm::json::Object description;
  void *library;
};

} // namespace gradmill::numeric
