// As in Hypothesis (MacIver and Donaldson, 2020, "Test-case reduction via
// test-case generation"), the decisions are shrunk from which the generator
// makes a graph. So each attempt is a valid graph, and this code needs to know
// nothing about graphs.
#include "Shrink.h"
#include <algorithm>

namespace gradmill::fuzz {
namespace {

class Shrinker {
public:
  Shrinker(std::vector<int64_t> choices, int attempts,
           const std::function<bool(std::vector<int64_t> &)> &fails)
      : best(std::move(choices)), attempts(attempts), fails(fails) {}

  std::vector<int64_t> run() {
    for (bool better = true; better && attempts > 0;) {
      better = false;
      // Large parts first: a layer is some tens of decisions.
      for (size_t part = std::max<size_t>(1, best.size() / 2); part > 0;
           part /= 2) {
        better |= forParts(part, [](auto &choices, size_t at, size_t count) {
          choices.erase(choices.begin() + long(at),
                        choices.begin() + long(at + count));
        });
        better |= forParts(part, [](auto &choices, size_t at, size_t count) {
          std::fill_n(choices.begin() + long(at), count, 0);
        });
      }
      better |= lower();
    }
    return best;
  }

private:
  static bool simpler(const std::vector<int64_t> &a,
                      const std::vector<int64_t> &b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }

  bool attempt(std::vector<int64_t> choices) {
    if (attempts <= 0 || !simpler(choices, best))
      return false;
    --attempts;
    std::vector<int64_t> taken = choices;
    if (!fails(taken))
      return false;
    // The decisions taken may be more; the rest are zeros.
    while (!taken.empty() && taken.back() == 0)
      taken.pop_back();
    best = simpler(taken, choices) ? taken : choices;
    return true;
  }

  template <typename Edit> bool forParts(size_t part, Edit edit) {
    bool better = false;
    for (size_t at = 0; at < best.size();) {
      std::vector<int64_t> choices = best;
      edit(choices, at, std::min(part, choices.size() - at));
      if (attempt(choices))
        better = true;
      else
        at += part;
    }
    return better;
  }

  // Each decision by itself: half, or one less.
  bool lower() {
    bool better = false;
    for (size_t at = 0; at < best.size(); ++at)
      for (int64_t next : {int64_t(2), int64_t(0)}) {
        while (at < best.size() && best[at] > 0) {
          std::vector<int64_t> choices = best;
          choices[at] = next ? choices[at] / next : choices[at] - 1;
          if (!attempt(choices))
            break;
          better = true;
        }
      }
    return better;
  }

  std::vector<int64_t> best;
  int attempts;
  const std::function<bool(std::vector<int64_t> &)> &fails;
};

} // namespace

std::vector<int64_t>
shrink(std::vector<int64_t> choices, int attempts,
       const std::function<bool(std::vector<int64_t> &)> &fails) {
  return Shrinker(std::move(choices), attempts, fails).run();
}

} // namespace gradmill::fuzz
