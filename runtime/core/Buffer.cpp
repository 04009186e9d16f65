#include "core/Buffer.h"

#include <cstdlib>
#include <sys/mman.h>

namespace gradmill::rt {

std::optional<uint64_t> checkedMul(uint64_t a, uint64_t b) {
  uint64_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return std::nullopt;
  return product;
}

std::optional<uint64_t> elementCount(const std::vector<int64_t> &shape) {
  uint64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    auto product = checkedMul(count, uint64_t(extent));
    if (!product)
      return std::nullopt;
    count = *product;
  }
  return count;
}

AlignedBuffer::AlignedBuffer(AlignedBuffer &&other) noexcept
    : storage(std::exchange(other.storage, nullptr)),
      aligned(std::exchange(other.aligned, nullptr)),
      bytes(std::exchange(other.bytes, 0)) {}

AlignedBuffer &AlignedBuffer::operator=(AlignedBuffer &&other) noexcept {
  std::swap(storage, other.storage);
  std::swap(aligned, other.aligned);
  std::swap(bytes, other.bytes);
  return *this;
}

AlignedBuffer::~AlignedBuffer() { std::free(storage); }

// Large arenas are walked linearly, many times a second: huge pages save TLB
// misses. Only a hint; its failure changes nothing.
static void adviseHugePages(void *begin, uint64_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr uintptr_t page = 4096;
  constexpr uint64_t worthwhile = 4u << 20;
  if (bytes < worthwhile)
    return;
  uintptr_t first = (uintptr_t(begin) + page - 1) & ~(page - 1);
  uintptr_t last = (uintptr_t(begin) + bytes) & ~(page - 1);
  (void)madvise(reinterpret_cast<void *>(first), last - first, MADV_HUGEPAGE);
#else
  (void)begin, (void)bytes;
#endif
}

Result<AlignedBuffer> AlignedBuffer::allocate(uint64_t bytes,
                                              const std::string &what) {
  AlignedBuffer buffer;
  // calloc rather than aligned_alloc: fresh pages come zeroed without touching.
  // Rounded up to whole vectors, so that a masked tail load stays inside.
  uint64_t padded = (bytes + 2 * kAlignment - 1) & ~uint64_t(kAlignment - 1);
  if (bytes <= kMaxBufferBytes)
    buffer.storage = std::calloc(1, padded + kAlignment);
  if (!buffer.storage)
    return Error{kFailure, "out_of_memory",
                 what + ": cannot allocate " + std::to_string(bytes) +
                     " bytes"};
  uintptr_t address = reinterpret_cast<uintptr_t>(buffer.storage);
  buffer.aligned = reinterpret_cast<void *>((address + kAlignment - 1) &
                                            ~uintptr_t(kAlignment - 1));
  buffer.bytes = bytes;
  adviseHugePages(buffer.aligned, bytes);
  return buffer;
}

} // namespace gradmill::rt
