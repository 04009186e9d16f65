// Runs code in a process of its own, so that a crash or an endless loop there
// is a normal result here.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>

namespace gradmill::fuzz {

class Child {
public:
  /// Forks. `run` sends text through `report` to the parent, and returns
  /// whether all is well. Its stderr is kept too. It is killed after `seconds`
  /// of processor time, or after ten times that in real time.
  Child(std::function<bool(std::string &report)> run, int seconds);
  Child(const Child &) = delete;
  ~Child();

  /// Whether it has ended; waits for at most `milliseconds`.
  bool wait(int milliseconds);
  /// After its end: whether all is well, its report, its stderr.
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
