// What an op may use while its adjoint is built (GradientInterface), and while
// it is turned into its training form (ModeInterface).
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include <functional>

namespace gradmill::nn {

/// The adjoint of one op under construction. New ops go through `builder`.
class Gradient {
public:
  Gradient(mlir::OpBuilder &builder, mlir::Operation *op,
           llvm::ArrayRef<mlir::Value> cotangents, llvm::ArrayRef<bool> needed)
      : builder(builder), op(op), cotangents(cotangents), needed(needed),
        grads(op->getNumOperands()), none(op->getNumOperands()) {}

  mlir::OpBuilder &builder;
  mlir::Location loc() const { return op->getLoc(); }
  /// The cotangent of a result, or null if nothing flows back.
  mlir::Value cotangent(unsigned result = 0) const {
    return cotangents[result];
  }
  /// Whether the cotangent of an operand is needed.
  bool needs(unsigned operand) const { return needed[operand]; }
  void set(unsigned operand, mlir::Value value) { grads[operand] = value; }
  mlir::Value get(unsigned operand) const { return grads[operand]; }
  /// Nothing flows back to an operand: its gradient is zero. An operand that
  /// needs a cotangent and gets neither is an error, because a forgotten one
  /// would leave all layers before it untrained.
  void setNone(unsigned operand) { none[operand] = true; }
  bool isNone(unsigned operand) const { return none[operand]; }

private:
  mlir::Operation *op;
  llvm::ArrayRef<mlir::Value> cotangents;
  llvm::ArrayRef<bool> needed;
  llvm::SmallVector<mlir::Value> grads;
  llvm::SmallVector<bool> none;
};

/// What training offers to an op: the step's random key, a stream of its own,
/// and updates of the model's state.
class TrainingContext {
public:
  mlir::RewriterBase &rewriter;
  mlir::Value seed, step; // tensor<i64>
  /// A stream number that no other op of this graph has. It stays the same
  /// after edits elsewhere as long as the order of random ops does not change.
  unsigned nextStream() { return streams++; }
  /// Sets the parameter that `read` reads to `value` at the end of the step.
  std::function<mlir::LogicalResult(mlir::Value read, mlir::Value value)>
      assign;

  TrainingContext(mlir::RewriterBase &rewriter, mlir::Value seed,
                  mlir::Value step)
      : rewriter(rewriter), seed(seed), step(step) {}

private:
  unsigned streams = 0;
};

} // namespace gradmill::nn
