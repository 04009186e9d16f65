#include "data/Pixels.h"

#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gradmill::rt {

Pixels Pixels::allocate(size_t size) {
  constexpr size_t page = 2 << 20;
  if (size < page)
    return std::vector<uint8_t>(size);
  size_t whole = (size + page) / page * page;
  auto *at =
      static_cast<uint8_t *>(::operator new(whole, std::align_val_t(page)));
#ifdef MADV_HUGEPAGE
  (void)::madvise(at, whole, MADV_HUGEPAGE); // a hint
#endif
  Pixels pixels;
  pixels.large = std::shared_ptr<uint8_t>(at, [](uint8_t *memory) {
    ::operator delete(memory, std::align_val_t(page));
  });
  pixels.length = size;
  return pixels;
}

Pixels Pixels::map(const std::string &file, size_t offset, size_t size) {
  Pixels pixels;
  size_t whole = offset + size;
  int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (opened < 0)
    return pixels;
  void *at = ::fstat(opened, &status) == 0 && size_t(status.st_size) == whole
                 ? ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE,
                          opened, 0)
                 : MAP_FAILED;
  ::close(opened);
  if (at == MAP_FAILED)
    return pixels;
  // Nobody owns it: it stays mapped as long as the program runs.
  pixels.large = std::shared_ptr<uint8_t>(std::shared_ptr<void>(),
                                          static_cast<uint8_t *>(at) + offset);
  pixels.length = size;
  return pixels;
}

} // namespace gradmill::rt
