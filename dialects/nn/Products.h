// Products of matrices whose columns are in the vector lanes, as wide layers
// need them: rows x inner by inner x columns. A tile of rows x vectors of
// columns stays in registers. Per inner element it takes a vector for each of
// its vectors of columns, and an element of each row, broadcast from memory.
//
// The columns' matrix is packed: vector after vector of columns, and in each
// the inner elements in their order. So a tile reads a few streams, and none
// of them competes for sets of a cache with itself.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

struct ProductTile {
  int64_t rows, vectors;
};

/// The best tile for `rows` x `vectors` of columns that fits in the registers.
/// It has six rows at most: they often lie a power of two apart, and a set of
/// the first-level cache holds eight lines.
ProductTile chooseProductTile(int64_t rows, int64_t vectors,
                              const Machine &machine, int64_t mostRows = 6);

/// Loops over the rows [begin, begin + count) in tiles of `most` at most, as
/// equal as possible, larger ones first. `body` gets the first row and the size.
void forEachRowTile(Emitter &e, mlir::Value begin, int64_t count, int64_t most,
                    llvm::function_ref<void(mlir::Value, int64_t)> body);

/// `body` for group number `group` of `count` things in groups of `size`; the
/// last group may have less.
void forGroup(Emitter &e, mlir::Value group, int64_t count, int64_t size,
              llvm::function_ref<void(mlir::Value first, int64_t size)> body);

/// `sums[row * vectors + v]` plus the products over the inner elements [from,
/// from + size): `row(r, i)` is a scalar, `column(v, i)` a vector.
llvm::SmallVector<mlir::Value> addProducts(
    Emitter &e, ProductTile tile, mlir::Value from, int64_t size,
    mlir::ValueRange sums,
    llvm::function_ref<mlir::Value(int64_t row, mlir::Value inner)> row,
    llvm::function_ref<mlir::Value(int64_t vector, mlir::Value inner)> column);

} // namespace gradmill::nn
