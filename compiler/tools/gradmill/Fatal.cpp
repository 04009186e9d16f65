// Reports errors that LLVM cannot return to its caller like all others.
// Otherwise LLVM prints a line of its own, with a stack dump, and aborts.
#include "Backend.h"
#include "Reproducer.h"
#include "tools/CommandLine.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/ErrorHandling.h"
#include <csignal>
#include <sys/resource.h>

namespace gradmill::cli {

// Threads and memory depend on the machine; anything else is a bug, ours or
// LLVM's.
static void onFatalError(void *, const char *reason, bool) {
  llvm::StringRef text(reason);
  if (text.contains("pthread_create"))
    rt::endWithError(rt::kFailure, "no_threads",
                     "cannot start a thread; raise the limits of processes and "
                     "memory (ulimit -u, -v)");
  if (text.contains("memory") || text.contains("alloc"))
    rt::endOutOfMemory();
  writeReproducer();
  rt::endWithError(rt::kInternal, "codegen",
                   (reason + std::string(kBugHint)).c_str());
}

static void onBadAlloc(void *, const char *, bool) { rt::endOutOfMemory(); }

static void onFault(int) { rt::endOutOfMemory(); }

// With limited memory, a stack that cannot grow is a fault. So is code in LLVM
// that does not check an allocation.
static void handleFaultsOfLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return;
  struct sigaction action = {};
  action.sa_handler = onFault;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (int signal : {SIGSEGV, SIGBUS})
    sigaction(signal, &action, nullptr);
}

// For handlers of a stack that is full.
static bool addSignalStack() {
  static char memory[64 << 10];
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = sizeof memory;
  return sigaltstack(&stack, nullptr) == 0;
}

void handleFatalErrors() {
  llvm::install_fatal_error_handler(onFatalError);
  llvm::install_bad_alloc_error_handler(onBadAlloc);
  if (!addSignalStack())
    return;
  reproduceCrashes();
  handleFaultsOfLimit();
}

} // namespace gradmill::cli
