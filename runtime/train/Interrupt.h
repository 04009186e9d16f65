// Ctrl-C during training: the first signal asks to stop after the current step,
// a second one ends the process at once.
#pragma once

#include <csignal>

namespace gradmill::rt {

inline constexpr int kInterruptedExit = 130;

// Handles SIGINT and SIGTERM while it lives, and ignores SIGXFSZ, so that a
// file-size limit is a write error and not a death. One at a time.
class InterruptGuard {
public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard &) = delete;

  bool requested() const;

private:
  struct sigaction oldInt, oldTerm, oldFileSize;
};

} // namespace gradmill::rt
