// Ctrl-C during training: the first signal asks for a stop after the current
// step, a second one ends the process at once.
#pragma once

#include <csignal>

namespace gradmill::rt {

inline constexpr int kInterruptedExit = 130;

// While it exists it handles SIGINT and SIGTERM. It ignores SIGXFSZ, so that a
// file-size limit is a write error and does not end the program. One at a time.
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
