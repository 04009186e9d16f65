// What must not stay behind when a program is interrupted: its unfinished
// files.
#pragma once

#include <string>

namespace gradmill::rt {

// A file that is removed when this goes, when a signal ends the program (after
// cleanUpOnSignals), and by removeUnfinishedFiles, unless keep() came first.
class UnfinishedFile {
public:
  // It need not exist yet: named first and made then, it is never forgotten.
  explicit UnfinishedFile(std::string path);
  UnfinishedFile(const UnfinishedFile &) = delete;
  ~UnfinishedFile();

  const std::string &path() const { return name; }
  void keep();

private:
  std::string name;
  int slot = -1;
};

// For main(): from here on a signal that ends the program removes unfinished
// files first, and writing past a limit of file sizes (ulimit -f) is an error
// of the write, not a death. A library leaves signals to its host.
void cleanUpOnSignals();

// For whoever ends the program without returning. Async-signal-safe.
void removeUnfinishedFiles();

} // namespace gradmill::rt
