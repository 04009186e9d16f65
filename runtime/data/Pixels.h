// The pixels of a data set: a vector for small sets, memory to read into for
// large ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

class Pixels {
public:
  Pixels() = default;
  Pixels(std::vector<uint8_t> bytes) : own(std::move(bytes)) {}
  Pixels(std::initializer_list<uint8_t> bytes) : own(bytes) {}

  // Uninitialized, in huge pages if there are some. Reading MNIST into it takes
  // a quarter of the time that a vector takes, which is written twice and
  // faults for each 4 KB. Throws std::bad_alloc.
  static Pixels allocate(size_t size);

  // The last `size` bytes of a file, from `offset` on, which are read when they are
  // used and leave memory when it is short. Only in memory can they be changed.
  // Empty: they cannot be mapped.
  static Pixels map(const std::string &file, size_t offset, size_t size);
  // `map` where sources shall map files if they can, else null. For one of
  // several processes, which does not need all samples. A file that gets shorter
  // while it is in use ends the program.
  static inline Pixels (*mapFile)(const std::string &, size_t, size_t) = nullptr;

  uint8_t *data() { return large ? large.get() : own.data(); }
  const uint8_t *data() const { return large ? large.get() : own.data(); }
  size_t size() const { return large ? length : own.size(); }
  uint8_t &operator[](size_t i) { return data()[i]; }
  const uint8_t &operator[](size_t i) const { return data()[i]; }
  const uint8_t *begin() const { return data(); }
  const uint8_t *end() const { return data() + size(); }
  friend bool operator==(const Pixels &a, const Pixels &b) {
    return a.size() == b.size() &&
           (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size()) == 0);
  }

  // For those in a vector.
  void resize(size_t size) { own.resize(size); }
  void push_back(uint8_t byte) { own.push_back(byte); }

private:
  std::vector<uint8_t> own;
  std::shared_ptr<uint8_t> large;
  size_t length = 0;
};

} // namespace gradmill::rt
