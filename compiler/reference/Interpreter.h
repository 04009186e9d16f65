// Runs nn IR op by op on the naive references: the reference for compiled code.
#pragma once
#include "compiler/Passes.h"
#include "nn/interfaces/Reference.h"
#include <map>

namespace gradmill {

/// The results of a function.
struct InterpreterResult {
  std::vector<nn::RefTensor> results;
  std::map<std::string, nn::RefTensor> assigned; // parameters set by nn.assign
};

/// A hook that sees an op's operands, and may change its results before others
/// read them.
using AfterOp = std::function<void(mlir::Operation &,
                                   llvm::ArrayRef<const nn::RefTensor *>,
                                   llvm::MutableArrayRef<nn::RefTensor>)>;

/// Evaluates a function of one block. `state` holds the parameters by name.
mlir::FailureOr<InterpreterResult>
interpret(mlir::func::FuncOp func, llvm::ArrayRef<nn::RefTensor> arguments,
          const std::map<std::string, nn::RefTensor> &state,
          const AfterOp &afterOp = nullptr);

} // namespace gradmill
