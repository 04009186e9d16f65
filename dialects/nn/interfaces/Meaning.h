// What the numbers of a tensor stand for, as far as an op says (Interfaces.td).
#pragma once

#include "mlir/IR/Value.h"
#include "llvm/ADT/StringRef.h"

namespace gradmill::nn {

/// Of one row of class scores: any numbers, numbers from 0 to 1 whose sum is 1,
/// or the logarithms of such.
enum class Meaning { Scores, Probabilities, LogProbabilities };

/// "log-probabilities", for messages.
llvm::StringRef meaningText(Meaning meaning);

/// What the op that gives `value` says of it; Scores if it says nothing.
Meaning meaningOf(mlir::Value value);

} // namespace gradmill::nn
