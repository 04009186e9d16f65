// What LLVM cannot report to its caller, as errors like all others: it prints a
// line of its own otherwise, with a stack dump, and aborts.
#include "Backend.h"
#include "tools/CommandLine.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/ErrorHandling.h"

namespace gradmill::cli {

// Threads and memory are the machine's; anything else is a bug, ours or
// LLVM's.
static void onFatalError(void *, const char *reason, bool) {
  llvm::StringRef text(reason);
  if (text.contains("pthread_create"))
    rt::endWithError(rt::kFailure, "no_threads",
                     "cannot start a thread; raise the limits of processes and "
                     "memory (ulimit -u, -v)");
  if (text.contains("memory") || text.contains("alloc"))
    rt::endOutOfMemory();
  rt::endWithError(rt::kInternal, "codegen", reason);
}

static void onBadAlloc(void *, const char *, bool) { rt::endOutOfMemory(); }

void handleFatalErrors() {
  llvm::install_fatal_error_handler(onFatalError);
  llvm::install_bad_alloc_error_handler(onBadAlloc);
}

} // namespace gradmill::cli
