// The rows of a summary as texts in columns.
#pragma once
#include "Summary.h"

namespace gradmill::cli {

/// Indices of rowText's columns.
enum : size_t { kName, kOp, kOutput, kParameters, kShare, kMacs, kPadded, kField,
                kJump, kStart, kForward, kKept, kTime };

std::vector<std::string> headings(const Summary &all);
std::vector<std::string> rowText(const Layer &layer, const Summary &all);
/// The last row, and its text: sums of what can be added up.
Layer totalLayer(const Summary &all);
std::vector<std::string> totalText(const Summary &all);

} // namespace gradmill::cli
