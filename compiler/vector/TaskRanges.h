// Which rows of its buffers a parallel loop touches: rows are the places along
// a buffer's first dimension, and the answer is an interval for a range of
// tasks.
#pragma once

#include "compiler/Passes.h"

namespace gradmill {

/// Whole numbers from `low` to `high`; none if low > high.
struct Interval {
  int64_t low = 0, high = -1;
  bool isEmpty() const { return low > high; }
  Interval hull(Interval other) const;
};

/// Whether code reads or writes a buffer, and where.
struct RowAccess {
  mlir::Value buffer; // an argument or what made the memory, never a view
  bool writes = false;
  mlir::Value row;     // null: any row
  int64_t inner = 1;   // how many steps of `row` a row has
  int64_t width = 1;   // how many steps are accessed
};

/// The accesses of a parallel loop of constant size to memory from outside.
class TaskRanges {
public:
  explicit TaskRanges(mlir::scf::ForallOp loop);

  /// False if the loop has code that this class does not understand. The list
  /// then names the buffers, without rows.
  bool isKnown() const { return known; }
  llvm::ArrayRef<RowAccess> accesses() const { return list; }
  /// The rows that the tasks of `tasks` touch; nullopt: unknown.
  std::optional<Interval> rows(const RowAccess &access, Interval tasks);

private:
  void add(mlir::Value memref, mlir::ValueRange indices, bool writes,
           int64_t width);
  void collect(mlir::Operation *op);
  void touchAll(mlir::Operation *op);
  std::optional<Interval> evaluate(mlir::Value value);
  std::optional<Interval> evaluateNew(mlir::Value value);

  mlir::scf::ForallOp loop;
  bool known = true;
  llvm::SmallVector<RowAccess> list;
  Interval tasks; // of the current question
  llvm::DenseMap<mlir::Value, std::optional<Interval>> values; // for `tasks`
};

/// The buffer of which `memref` is a view; null if that cannot be told.
mlir::Value bufferOf(mlir::Value memref);

} // namespace gradmill
