// Buffers between pages that nothing may touch, for tests: code that reads or
// writes outside of one stops there and then, with the buffer's name, instead
// of spoiling another one. GRADMILL_GUARD turns it on for all memory that
// compiled code works in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gradmill::rt {

// Where a buffer touches the forbidden pages. Between its other end and the
// pages there lies up to a page of slack, filled with a pattern.
enum class GuardEdge { End, Begin };

// GRADMILL_GUARD: nullopt if unset, empty or 0; 1 and end mean End, begin means
// Begin. Any other value counts as End, so that a typing error guards, too.
std::optional<GuardEdge> guardEdge();

class GuardedBuffer {
public:
  // Zero-filled, aligned to 64 bytes, so that with GuardEdge::End up to 63
  // bytes of slack lie behind it. Null if there is no memory. `name` is what
  // messages call it.
  static std::unique_ptr<GuardedBuffer> allocate(uint64_t bytes, GuardEdge edge,
                                                 std::string name);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer &) = delete;

  void *data() const { return begin; }
  // What was written to the slack, as "arena: byte 12 past its end was
  // written"; empty if nothing was.
  std::string trespass() const;
  // Aborts with a message if the slack of any buffer alive was written to.
  static void checkAll();

private:
  GuardedBuffer() = default;
  char *reserved = nullptr, *pages = nullptr, *begin = nullptr;
  uint64_t reservedBytes = 0, pageBytes = 0, bytes = 0;
  std::string name;
  friend struct Guards;
};

} // namespace gradmill::rt
