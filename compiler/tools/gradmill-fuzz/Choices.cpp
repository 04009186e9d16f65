#include "Choices.h"
#include <algorithm>

namespace gradmill::fuzz {

uint64_t Random::next() {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

int64_t Choices::below(int64_t n) {
  int64_t choice = 0;
  if (n > 1) {
    if (!replays)
      choice = random.below(n);
    else if (list.size() < given.size())
      choice = std::min(given[list.size()], n - 1);
  }
  list.push_back(choice);
  return choice;
}

} // namespace gradmill::fuzz
