#include "data/Pixels.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gradmill::rt {

Pixels Pixels::map(const std::string &path, size_t offset) {
  Pixels bytes;
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return bytes;
  struct stat info;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
      uint64_t(info.st_size) > offset) {
    size_t whole = size_t(info.st_size);
    void *at =
        ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (at != MAP_FAILED) {
      bytes.file = std::shared_ptr<uint8_t>(
          static_cast<uint8_t *>(at),
          [whole](uint8_t *mapped) { ::munmap(mapped, whole); });
      bytes.skip = offset;
      bytes.length = whole - offset;
    }
  }
  ::close(fd);
  return bytes;
}

} // namespace gradmill::rt
