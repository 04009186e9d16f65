// An op of a function on its own: where a wrong number comes from, and whether
// the op's gradient is one.
#pragma once
#include "compiler/Passes.h"
#include "compiler/tools/numeric/Check.h"

namespace gradmill::numeric {

/// A module with the function @f(operands) -> results, which is the op alone.
mlir::OwningOpRef<mlir::ModuleOp> isolate(mlir::Operation *op);

/// Equal for ops that do the same: name, attributes, types.
std::string signatureOf(mlir::Operation *op);

/// "net.net:4:16", or "".
std::string placeOf(mlir::Location loc);

/// Index of element `i` of a tensor.
std::vector<int64_t> indexOf(size_t i, llvm::ArrayRef<int64_t> shape);

bool hasFloat(mlir::TypeRange types);

/// The worst of `func`'s gradients by its float arguments against central
/// differences: `gradients` are the cotangents of the arguments for
/// `cotangents` of the results. At a kink the gradient may be any slope between
/// those of the two sides.
struct Finite {
  double worst = 0;
  std::optional<Fault> fault;
};
Finite finiteDifferences(mlir::func::FuncOp func, Inputs inputs,
                         llvm::ArrayRef<nn::RefTensor> cotangents,
                         llvm::ArrayRef<nn::RefTensor> gradients,
                         int64_t samples, double seconds, Random &random);

/// The gradient of one op at `operands`. None if it has none, or after an error
/// that has been reported.
mlir::FailureOr<std::optional<Finite>>
checkOpGradient(mlir::Operation *op, llvm::ArrayRef<const nn::RefTensor *> operands,
                int64_t samples, double seconds, Random &random);

} // namespace gradmill::numeric
