// Finds misspelt options, data sets, ops and attributes. A header alone,
// because the compiler's importer, which links no runtime, uses it too.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

// Levenshtein distance.
inline size_t editDistance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

// The most likely candidate for a misspelt `word`, or "".
inline std::string nearest(const std::string &word,
                           const std::vector<std::string> &candidates) {
  std::string best;
  if (word.size() > 64) // no typing mistake
    return best;
  size_t limit = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string &candidate : candidates) {
    // The beginning of a word for the whole, or the reverse, is more likely
    // than a misspelling.
    bool prefix = (word.size() >= 3 && candidate.rfind(word, 0) == 0) ||
                  (candidate.size() >= 3 && word.rfind(candidate, 0) == 0);
    size_t far = prefix ? 0 : editDistance(word, candidate);
    if (far < limit && far < std::max(word.size(), candidate.size())) {
      limit = far;
      best = candidate;
    }
  }
  return best;
}

} // namespace gradmill::rt
