#include "train/Interrupt.h"

#include "files/Cleanup.h"

#include <unistd.h>

namespace gradmill::rt {

static volatile std::sig_atomic_t signalCount = 0;

static void onSignal(int) {
  if (signalCount) {
    removeUnfinishedFiles();
    _exit(kInterruptedExit);
  }
  signalCount = 1;
}

InterruptGuard::InterruptGuard() {
  signalCount = 0;
  struct sigaction action{};
  action.sa_handler = onSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &oldInt);
  sigaction(SIGTERM, &action, &oldTerm);
  action.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &action, &oldFileSize);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &oldInt, nullptr);
  sigaction(SIGTERM, &oldTerm, nullptr);
  sigaction(SIGXFSZ, &oldFileSize, nullptr);
}

bool InterruptGuard::requested() const { return signalCount != 0; }

} // namespace gradmill::rt
