#include "core/Buffer.h"

#include <cstdlib>
#include <sys/mman.h>

namespace gradmill::rt {

AlignedBuffer::AlignedBuffer(AlignedBuffer &&other) noexcept
    : guarded(std::move(other.guarded)),
      storage(std::exchange(other.storage, nullptr)),
      aligned(std::exchange(other.aligned, nullptr)),
      bytes(std::exchange(other.bytes, 0)) {}

AlignedBuffer &AlignedBuffer::operator=(AlignedBuffer &&other) noexcept {
  std::swap(guarded, other.guarded);
  std::swap(storage, other.storage);
  std::swap(aligned, other.aligned);
  std::swap(bytes, other.bytes);
  return *this;
}

AlignedBuffer::~AlignedBuffer() { std::free(storage); }

// Huge pages save TLB misses, and they are contiguous in the caches behind the
// first level, which use physical addresses. Single pages of a buffer that fits
// such a cache would fall on each other's sets. This is only a hint; its
// failure changes nothing.
constexpr uint64_t kHugePage = 2u << 20;
static bool wantsHugePages(uint64_t bytes) { return bytes >= kHugePage / 4; }

static void adviseHugePages(void *begin, uint64_t bytes) {
#ifdef MADV_HUGEPAGE
  (void)madvise(begin, bytes, MADV_HUGEPAGE);
#else
  (void)begin, (void)bytes;
#endif
}

Result<AlignedBuffer> AlignedBuffer::allocate(uint64_t bytes,
                                              const std::string &what) {
  auto none = [&] {
    return Error{kFailure, "out_of_memory",
                 what + ": cannot allocate " + std::to_string(bytes) +
                     " bytes"};
  };
  AlignedBuffer buffer;
  buffer.bytes = bytes;
  if (bytes > kMaxBufferBytes)
    return none();
  if (std::optional<GuardEdge> edge = guardEdge()) {
    buffer.guarded = GuardedBuffer::allocate(bytes, *edge, what);
    if (!buffer.guarded)
      return none();
    buffer.aligned = buffer.guarded->data();
    return buffer;
  }
  // calloc instead of aligned_alloc: fresh pages are zero without being
  // touched. Rounded up to whole vectors, so that a masked tail load stays
  // inside.
  bool huge = wantsHugePages(bytes);
  uint64_t alignment = huge ? kHugePage : kAlignment;
  uint64_t padded =
      (bytes + kAlignment + alignment - 1) & ~uint64_t(alignment - 1);
  buffer.storage = std::calloc(1, padded + alignment);
  if (!buffer.storage)
    return none();
  uintptr_t address = reinterpret_cast<uintptr_t>(buffer.storage);
  buffer.aligned = reinterpret_cast<void *>((address + alignment - 1) &
                                            ~uintptr_t(alignment - 1));
  if (huge)
    adviseHugePages(buffer.aligned, padded);
  return buffer;
}

} // namespace gradmill::rt
