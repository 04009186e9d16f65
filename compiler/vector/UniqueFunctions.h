// Functions of equal code: keeps the first one.
#pragma once
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace gradmill {

/// A hash of the code, in one context: the ops in order, the values that they
/// use, and the blocks that they branch to.
inline llvm::hash_code hashOfCode(mlir::Region &body) {
  llvm::DenseMap<mlir::Value, unsigned> numbers;
  llvm::DenseMap<mlir::Block *, unsigned> blocks;
  auto number = [&](mlir::Value v) {
    return llvm::hash_code(
        numbers.try_emplace(v, numbers.size()).first->second);
  };
  llvm::hash_code hash = 0;
  body.walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    hash = llvm::hash_combine(
        hash, mlir::OperationEquivalence::computeHash(
                  op, number, mlir::OperationEquivalence::ignoreHashValue,
                  mlir::OperationEquivalence::IgnoreLocations));
    for (mlir::Block *next : op->getSuccessors())
      hash = llvm::hash_combine(
          hash, blocks.try_emplace(next, blocks.size()).first->second);
  });
  return hash;
}

class UniqueFunctions {
public:
  /// The function itself, or an earlier equal one; then the function is erased.
  /// Locations and names do not count.
  template <typename Function> Function unique(Function candidate) {
    mlir::Region &body = candidate.getFunctionBody();
    auto &same = known[hashOfCode(body)];
    for (mlir::FunctionOpInterface other : same)
      if (other->getName() == candidate->getName() &&
          other.getFunctionType() == candidate.getFunctionType() &&
          mlir::OperationEquivalence::isRegionEquivalentTo(
              &other.getFunctionBody(), &body, kSame)) {
        candidate.erase();
        return llvm::cast<Function>(other.getOperation());
      }
    same.push_back(candidate);
    return candidate;
  }

private:
  static constexpr auto kSame = mlir::OperationEquivalence::IgnoreLocations;

  llvm::DenseMap<size_t, llvm::SmallVector<mlir::FunctionOpInterface, 1>> known;
};

} // namespace gradmill
