// How the compiler's library says that something went wrong: "[label] what and
// why".
#pragma once
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace gradmill {

inline llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Failure of something that has said why.
inline llvm::Error alreadyReported() { return fail(""); }

} // namespace gradmill
