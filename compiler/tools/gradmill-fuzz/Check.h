// Checks that compiled code computes what its graph says.
#pragma once
#include "Case.h"
#include "mlir/IR/MLIRContext.h"

namespace gradmill::fuzz {

struct Verdict {
  std::string finding; // what is wrong; empty: nothing
  int64_t tensors = 0; // that were compared
  int64_t blind = 0;   // of these, where rounding alone changes much
  int64_t arena = 0;   // bytes of the largest one
};

/// Compiles the case, runs inference and three training steps, and compares all
/// results with a judge: the interpreter of naive references in double
/// precision, or code by another schedule. Diagnostics go to stderr.
Verdict check(const Case &c, const Registry &registry,
              mlir::MLIRContext &context);

} // namespace gradmill::fuzz
