// What is looked at in MLIR text before MLIR's parser sees it: that parser is
// recursive, prints what was shared a million times over, and drops without a
// word what it does not know.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace gradmill {

/// Brackets inside each other in a graph's text; a filter's numbers in a
/// function in a module are 8 deep.
inline constexpr unsigned kMaxTextDepth = 64;

/// Whether brackets outside of strings nest at most `limit` deep, and signs
/// follow one another as often.
bool nestsWithin(llvm::StringRef text, unsigned limit);

struct TextFault {
  size_t offset;
  std::string message;
};
/// The first place that no graph has: deep nesting, an alias of a type or an
/// attribute (`!t = ...`; locations may have them), the generic form's
/// `<{...}>`, resources (`{-# ... #-}`), a zero byte.
std::optional<TextFault> findForeignText(llvm::StringRef text);

} // namespace gradmill
