// Buffers between guard pages, for tests. Code that reads or writes outside of
// one stops at once, with the buffer's name, instead of damaging another
// buffer. GRADMILL_GUARD turns this on for all memory of compiled code.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gradmill::rt {

// The end of the buffer that touches the guard pages. Up to a page of slack,
// filled with a pattern, lies between its other end and the pages.
enum class GuardEdge { End, Begin };

// GRADMILL_GUARD: nullopt if unset, empty or 0. 1 and end mean End, begin means
// Begin. Any other value counts as End, so that a misspelt value guards too.
std::optional<GuardEdge> guardEdge();

class GuardedBuffer {
public:
  // Zero-filled, aligned to 64 bytes. So with GuardEdge::End up to 63 bytes of
  // slack follow it. Null if there is no memory. Messages call it `name`.
  static std::unique_ptr<GuardedBuffer> allocate(uint64_t bytes, GuardEdge edge,
                                                 std::string name);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer &) = delete;

  void *data() const { return begin; }
  // A write to the slack, as "arena: byte 12 past its end was written"; empty
  // if there was none.
  std::string trespass() const;
  // Aborts with a message if the slack of a living buffer was written to.
  static void checkAll();

private:
  GuardedBuffer() = default;
  char *reserved = nullptr, *pages = nullptr, *begin = nullptr;
  uint64_t reservedBytes = 0, pageBytes = 0, bytes = 0;
  std::string name;
  friend struct Guards;
};

} // namespace gradmill::rt
