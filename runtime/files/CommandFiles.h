// The files that a command reads and writes, so that it writes none over
// another: `-o` over the graph, the weights over the checkpoint.
#pragma once

#include "core/Error.h"

#include <string>
#include <vector>

namespace gradmill::rt {

class CommandFiles {
public:
  // `what` is for messages: "--header", "the graph". Empty paths are none.
  void reads(const std::string &what, const std::string &path);
  void writes(const std::string &what, const std::string &path);
  // May replace the file that was read as `input`, which is over by then.
  void replaces(const std::string &what, const std::string &path,
                const std::string &input);

  // Whether a file that is written is another one of them, this program, or
  // where standard output goes; by whatever name or link. Error: same_file.
  Status check() const;

private:
  struct File {
    std::string what, path;
    bool output = false;
    std::string input; // that it may replace
  };
  std::vector<File> files;
};

} // namespace gradmill::rt
