// Decides what ConvPhases.cpp computes together, and its tiles.
#pragma once
#include "shared/ConvAxis.h"
#include "nn/interfaces/Machine.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>
#include <vector>

namespace gradmill::nn {

/// A tap along a row. For column j of the result it reads column j + offset of
/// the cotangent, and belongs to one phase.
struct ColumnTap {
  int64_t phase, offset, filter;
};

/// A column of the result is a pixel of each phase.
struct PhaseColumns {
  explicit PhaseColumns(const ConvShape &s);
  std::vector<Axis> phases;
  llvm::SmallVector<ColumnTap> taps; // neighbours read the same columns
  int64_t count, inCount;            // columns of the result, of the cotangent

  /// Columns [lo, hi) where every phase has a pixel and no tap leaves the
  /// cotangent.
  std::pair<int64_t, int64_t> inside() const;
};

struct PhasesTile {
  int64_t columns, channels;
  int64_t phases; // of a row
  /// Filter rows are unrolled too, if the loop stays short: up to this many
  /// taps in all.
  static bool unrolls(int64_t taps) { return taps <= 16; }
  /// "2 columns of 2 phases x 3 channels, taps unrolled".
  std::string describe() const;
};

/// Whether few tiles are at a border of a row; each of them has code of its
/// own.
bool hasCompactBorder(const PhaseColumns &columns);

/// None if one kernel for each phase is better, unless it is `forced`.
std::optional<PhasesTile> choosePhases(const ConvShape &s,
                                       const Machine &machine,
                                       int64_t alignment, bool forced);

} // namespace gradmill::nn
