// Writes files whole or not at all. Bytes go to a temporary file in the
// target's folder, which is synced and renamed. On any failure, and on a signal
// (Cleanup.h), the temporary file is removed and the old file stays.
//
// Only a regular file is replaced, never a device, a pipe or a folder. Through
// a symbolic link its target is replaced, and the link stays. The new file has
// the permissions of the old one.
#pragma once

#include "core/Error.h"
#include "files/Cleanup.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace gradmill::rt {

class OutputFile {
public:
  // Error of all functions: write_failed.
  static Result<OutputFile> create(const std::string &path);
  OutputFile(OutputFile &&) noexcept = default;
  ~OutputFile(); // without commit() nothing has happened

  Status write(std::string_view bytes);
  // The place where another program may put the content, instead of write().
  const std::string &temporary() const { return content->path(); }
  // `executable`: everyone who may read it may run it.
  Status commit(bool executable = false);

private:
  struct Descriptor {
    int fd = -1;
    Descriptor() = default;
    explicit Descriptor(int fd) : fd(fd) {}
    Descriptor(Descriptor &&other) noexcept : fd(other.fd) { other.fd = -1; }
    ~Descriptor();
    int close();
  };

  OutputFile() = default;
  Error failed(int reason) const;

  std::string path, target; // as it was named; where that leads
  unsigned mode = 0;        // of the file that is replaced, or 0
  unsigned owner = 0, group = 0;
  Descriptor file;
  bool written = false;
  std::unique_ptr<UnfinishedFile> content;
};

// All at once.
Status writeFile(const std::string &path,
                 std::initializer_list<std::string_view> parts);

// Whether writeFile would succeed, as far as can be seen. For a check before
// hours of work.
Status checkWritable(const std::string &path);

// Opens a regular file, or makes it, with `flags` such as O_WRONLY | O_APPEND.
// For files that are written line by line or continued; use OutputFile for
// others. Returns the descriptor, or write_failed.
Result<int> openToUpdate(const std::string &path, int flags);

} // namespace gradmill::rt
