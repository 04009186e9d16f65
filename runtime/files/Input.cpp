#include "files/Input.h"

#include "files/Paths.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gradmill::rt {

static Error unreadable(const std::string &path, int reason) {
  if (reason == ENOENT || reason == ENOTDIR)
    return fileError(kIo, "file_not_found", path, std::strerror(reason),
                     "check the path");
  return fileError(kIo, "file_unreadable", path, std::strerror(reason),
                   "check the path and its permissions");
}

static const char *kindOf(mode_t mode) {
  return S_ISDIR(mode)    ? "is a directory"
         : S_ISFIFO(mode) ? "is a pipe"
         : S_ISSOCK(mode) ? "is a socket"
                          : "is a device";
}

Result<InputFile> InputFile::open(const std::string &path) {
  InputFile file;
  file.path = path;
  file.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file.fd < 0)
    return errno == ENXIO // a socket
               ? fileError(kIo, "not_a_file", path, "is no regular file",
                           "name a regular file")
               : unreadable(path, errno);
  struct stat info;
  if (::fstat(file.fd, &info) != 0)
    return unreadable(path, errno);
  if (!S_ISREG(info.st_mode))
    return fileError(kIo, "not_a_file", path, kindOf(info.st_mode),
                     "name a regular file");
  file.bytes = uint64_t(info.st_size);
  return file;
}

InputFile::InputFile(InputFile &&other) noexcept { *this = std::move(other); }

InputFile &InputFile::operator=(InputFile &&other) noexcept {
  std::swap(path, other.path);
  std::swap(fd, other.fd);
  std::swap(bytes, other.bytes);
  return *this;
}

InputFile::~InputFile() {
  if (fd >= 0)
    ::close(fd);
}

Result<size_t> InputFile::read(void *out, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t part = ::read(fd, static_cast<char *>(out) + done, size - done);
    if (part < 0 && errno == EINTR)
      continue;
    if (part < 0)
      return unreadable(path, errno);
    if (part == 0)
      break;
    done += size_t(part);
  }
  return done;
}

Result<std::vector<uint8_t>> readFile(const std::string &path, uint64_t limit) {
  Result<InputFile> file = InputFile::open(path);
  if (!file)
    return file.error();
  Error tooLarge = fileError(kBadInput, "file_too_large", path,
                             "more than " + std::to_string(limit) + " bytes",
                             "give a smaller file");
  if (file->size() > limit)
    return tooLarge;
  // One byte more than the file's size, so that a file that does not grow is
  // read in one call.
  std::vector<uint8_t> bytes(size_t(file->size()) + 1);
  for (size_t used = 0;;) {
    Result<size_t> got = file->read(bytes.data() + used, bytes.size() - used);
    if (!got)
      return got.error();
    used += *got;
    if (used > limit)
      return tooLarge;
    if (used < bytes.size()) {
      bytes.resize(used);
      return bytes;
    }
    bytes.resize(used + std::max<size_t>(used / 2, 1 << 16));
  }
}

} // namespace gradmill::rt
