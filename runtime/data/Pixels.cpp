#include "data/Pixels.h"

#include <new>
#include <sys/mman.h>

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

} // namespace gradmill::rt
