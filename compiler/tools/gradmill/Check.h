// gradmill check, without MLIR's types (Backend.h says why).
#pragma once
#include "Backend.h"

namespace gradmill::cli {

struct CheckCommand {
  GraphOptions graph;
  int64_t samples = 16; // elements of an operand for finite differences
  double seconds = 2;   // of an op's finite differences, about
  bool inferOnly = false, json = false;
};

/// Compiled code against references and finite differences; on stdout. Wrong
/// numbers are the exit status kFailure.
rt::Status checkNumbers(const CheckCommand &command);

} // namespace gradmill::cli
