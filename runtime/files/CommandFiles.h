// The files that a command reads and writes. It must not write one over
// another, such as `-o` over the graph or the weights over the checkpoint.
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
  // This output may replace the file that was read as `input`, because reading
  // is over by then.
  void replaces(const std::string &what, const std::string &path,
                const std::string &input);

  // Whether an output is another file of the command, this program, or the
  // target of standard output, by whatever name or link. Error: same_file.
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
