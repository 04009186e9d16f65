// Runs something in a process of its own, so that a crash or an endless loop
// there is a result like another.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>

namespace gradmill::fuzz {

class Child {
public:
  /// Forks. `run` says what goes through `report` to the parent, and whether
  /// all is well; what it writes to stderr is kept, too. It is killed after
  /// `seconds` of the processor's time, or ten times that.
  Child(std::function<bool(std::string &report)> run, int seconds);
  Child(const Child &) = delete;
  ~Child();

  /// Whether it has ended; waits for at most `milliseconds`.
  bool wait(int milliseconds);
  /// Once it has: whether all is well, what it reported, what it wrote to
  /// stderr.
  bool good = false;
  std::string report, messages;
  std::string death; // "killed by signal 11"; empty if it ended by itself

private:
  void read();
  void finish();

  pid_t pid = -1;
  int reports = -1, errors = -1; // pipes
  bool ended = false, late = false;
  int seconds;
  std::chrono::steady_clock::time_point deadline;
};

} // namespace gradmill::fuzz
