// How the compiler's library reports errors: "[label] what and why".
#pragma once
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace gradmill {

inline llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// A failure that has already been reported.
inline llvm::Error alreadyReported() { return fail(""); }

} // namespace gradmill
