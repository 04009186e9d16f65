#include "files/Cleanup.h"

#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>
#include <unistd.h>

namespace gradmill::rt {
namespace {

// Of fixed size, because a signal handler may not allocate. A command writes
// one or two files at a time, a library's host perhaps one per thread. Only
// destructors remove further ones.
struct Slot {
  std::atomic<int> state{kFree};
  char path[PATH_MAX];

  static constexpr int kFree = 0, kTaken = 1, kReady = 2;
};
Slot slots[16];

void onSignal(int signal) {
  removeUnfinishedFiles();
  // As if there had been no handler: SA_RESETHAND has restored the default.
  std::raise(signal);
}

} // namespace

UnfinishedFile::UnfinishedFile(std::string path) : name(std::move(path)) {
  if (name.size() >= PATH_MAX)
    return;
  for (int i = 0; i < int(std::size(slots)) && slot < 0; ++i) {
    int expected = Slot::kFree;
    if (slots[i].state.compare_exchange_strong(expected, Slot::kTaken))
      slot = i;
  }
  if (slot < 0)
    return;
  std::memcpy(slots[slot].path, name.c_str(), name.size() + 1);
  slots[slot].state = Slot::kReady;
}

UnfinishedFile::~UnfinishedFile() {
  if (name.empty())
    return;
  ::unlink(name.c_str());
  keep();
}

void UnfinishedFile::keep() {
  name.clear();
  if (slot >= 0)
    slots[slot].state = Slot::kFree;
  slot = -1;
}

void cleanUpOnSignals() {
  struct sigaction action{};
  action.sa_handler = onSignal;
  action.sa_flags = SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU,
                     SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    struct sigaction old;
    // An ignored signal stays ignored (nohup), and a sanitizer keeps its
    // handlers.
    if (sigaction(signal, nullptr, &old) == 0 &&
        !(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_DFL)
      sigaction(signal, &action, nullptr);
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

void removeUnfinishedFiles() {
  for (Slot &slot : slots)
    if (slot.state == Slot::kReady)
      ::unlink(slot.path);
}

} // namespace gradmill::rt
