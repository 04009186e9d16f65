// Recorded random decisions. The same graph can be made from them again, and a
// simpler one from fewer and smaller decisions.
#pragma once
#include <cstdint>
#include <vector>

namespace gradmill::fuzz {

/// splitmix64: the same numbers everywhere.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next();
  int64_t below(int64_t n) { return int64_t(next() % uint64_t(n)); }
  double uniform() { return double(next() >> 11) * 0x1p-53; } // [0, 1)

private:
  uint64_t state;
};

class Choices {
public:
  explicit Choices(uint64_t seed) : random(seed) {}
  /// Replays decisions as far as possible, and then takes the first possibility
  /// each time.
  explicit Choices(std::vector<int64_t> given)
      : random(0), given(std::move(given)), replays(true) {}

  int64_t below(int64_t n);
  const std::vector<int64_t> &taken() const { return list; }

private:
  Random random;
  std::vector<int64_t> given, list;
  bool replays = false;
};

} // namespace gradmill::fuzz
