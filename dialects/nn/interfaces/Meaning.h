// What the numbers of a tensor mean, as far as an op says (Interfaces.td).
#pragma once

#include "mlir/IR/Value.h"
#include "llvm/ADT/StringRef.h"

namespace gradmill::nn {

/// The meaning of a row of class scores: any numbers, numbers from 0 to 1 whose
/// sum is 1, or the logarithms of such numbers.
enum class Meaning { Scores, Probabilities, LogProbabilities };

/// "log-probabilities", for messages.
llvm::StringRef meaningText(Meaning meaning);

/// What the op of `value` says; Scores if it says nothing.
Meaning meaningOf(mlir::Value value);

} // namespace gradmill::nn
