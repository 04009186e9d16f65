// Removes the unfinished files of an interrupted program.
#pragma once

#include <string>

namespace gradmill::rt {

// A file that is removed by this object's destructor, by a signal that ends the
// program (after cleanUpOnSignals), and by removeUnfinishedFiles, unless keep()
// came first.
class UnfinishedFile {
public:
  // The file need not exist yet: name it first and make it then, and it is
  // never forgotten.
  explicit UnfinishedFile(std::string path);
  UnfinishedFile(const UnfinishedFile &) = delete;
  ~UnfinishedFile();

  const std::string &path() const { return name; }
  void keep();

private:
  std::string name;
  int slot = -1;
};

// For main(). From here on a signal that ends the program first removes
// unfinished files. Writing beyond a limit of file sizes (ulimit -f) becomes an
// error of the write and does not end the program. A library leaves signals to
// its host.
void cleanUpOnSignals();

// For code that ends the program without returning. Async-signal-safe.
void removeUnfinishedFiles();

} // namespace gradmill::rt
