// Random graphs that a user could have written, of all ops that families and
// plugins offer (nn/Sampler.h).
#pragma once
#include "Case.h"
#include "Choices.h"
#include "mlir/IR/MLIRContext.h"

namespace gradmill::fuzz {

/// The size limits of graphs. Costs are per batch.
struct Size {
  llvm::StringRef name;
  int64_t batch, image, channels, depth; // at most
  double work;       // multiply-adds of the graph, forward
  double bytes;      // of all its values
  double parameters; // elements
  double leastBytes; // of its values; 0: none
  bool interpret;    // the interpreter is fast enough to judge
  int seconds;       // until a check is given up
};
const Size *findSize(llvm::StringRef name);

/// The graph that the decisions give. `cpus`: the choice of targets;
/// `inferOnly`: no training.
Case generate(Choices &choices, const Size &size,
              llvm::ArrayRef<std::string> cpus, bool inferOnly,
              mlir::MLIRContext &context);

} // namespace gradmill::fuzz
