// Reads files: only regular ones, into memory of our own, as much as arrives
// and not as much as a size promised. Nothing is mapped, because the program
// gets SIGBUS if somebody shortens a mapped file.
#pragma once

#include "core/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

class InputFile {
public:
  // Never waits: a FIFO without a writer is refused like any other FIFO.
  // Errors: file_not_found, file_unreadable, not_a_file.
  static Result<InputFile> open(const std::string &path);
  InputFile(InputFile &&other) noexcept;
  InputFile &operator=(InputFile &&other) noexcept;
  ~InputFile();

  // The size when it was opened; it may change.
  uint64_t size() const { return bytes; }
  // Fills `out`; fewer bytes than asked for mean the end. Error:
  // file_unreadable.
  Result<size_t> read(void *out, size_t size);

private:
  InputFile() = default;
  std::string path;
  int fd = -1;
  uint64_t bytes = 0;
};

// The whole file. Errors: those above, file_too_large (more than `limit`).
Result<std::vector<uint8_t>> readFile(const std::string &path, uint64_t limit);

} // namespace gradmill::rt
