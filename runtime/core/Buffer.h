// Memory for compiled code: 64-byte aligned, zeroed, and sized with overflow
// checks, because the sizes come from files.
#pragma once

#include "core/Error.h"
#include "core/GuardedMemory.h"
#include "core/ManifestLimits.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

inline constexpr size_t kAlignment = 64;

class AlignedBuffer {
public:
  AlignedBuffer() = default;
  AlignedBuffer(AlignedBuffer &&other) noexcept;
  AlignedBuffer &operator=(AlignedBuffer &&other) noexcept;
  ~AlignedBuffer();

  // Zero-filled; pages are touched lazily. `what` names it in the error. With
  // GRADMILL_GUARD it lies between guard pages.
  static Result<AlignedBuffer> allocate(uint64_t bytes,
                                        const std::string &what);

  // Never null once allocated, not even for 0 bytes.
  void *data() const { return aligned; }
  uint64_t size() const { return bytes; }
  template <typename T> T *as() const { return static_cast<T *>(aligned); }

private:
  std::unique_ptr<GuardedBuffer> guarded; // instead of `storage`
  void *storage = nullptr;
  void *aligned = nullptr;
  uint64_t bytes = 0;
};

} // namespace gradmill::rt
