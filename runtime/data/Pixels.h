// The pixels of a data set: bytes of our own, or those of a file, mapped. A
// mapping makes 47 MB of MNIST usable at once; reading them would take longer
// than many training steps. Writing to mapped bytes changes this copy only.
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

  // The bytes of a regular file behind the first `offset`; empty if it cannot
  // be mapped, or is shorter.
  static Pixels map(const std::string &path, size_t offset);

  uint8_t *data() { return file ? file.get() + skip : own.data(); }
  const uint8_t *data() const { return file ? file.get() + skip : own.data(); }
  size_t size() const { return file ? length : own.size(); }
  uint8_t &operator[](size_t i) { return data()[i]; }
  const uint8_t &operator[](size_t i) const { return data()[i]; }
  const uint8_t *begin() const { return data(); }
  const uint8_t *end() const { return data() + size(); }
  friend bool operator==(const Pixels &a, const Pixels &b) {
    return a.size() == b.size() &&
           (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size()) == 0);
  }

  // For bytes of our own.
  void resize(size_t size) { own.resize(size); }
  void push_back(uint8_t byte) { own.push_back(byte); }

private:
  std::vector<uint8_t> own;
  std::shared_ptr<uint8_t> file; // the mapping, whose first bytes are no pixels
  size_t skip = 0, length = 0;
};

} // namespace gradmill::rt
