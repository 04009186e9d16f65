// Checks MLIR text before MLIR's parser sees it. That parser is recursive,
// prints a shared attribute a million times over, and silently drops what it
// does not know.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace gradmill {

/// How deep brackets may nest in a graph's text; a filter's numbers in a
/// function in a module are 8 deep.
inline constexpr unsigned kMaxTextDepth = 64;

/// Whether brackets outside of strings nest at most `limit` deep, and no more
/// than `limit` signs follow one another.
bool nestsWithin(llvm::StringRef text, unsigned limit);

struct TextFault {
  size_t offset;
  std::string message;
};
/// The first place that no graph may have: deep nesting, an alias of a type or
/// an attribute (`!t = ...`; locations may have aliases), the generic form's
/// `<{...}>`, resources (`{-# ... #-}`), a zero byte.
std::optional<TextFault> findForeignText(llvm::StringRef text);

} // namespace gradmill
