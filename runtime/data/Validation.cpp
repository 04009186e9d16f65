#include "data/Validation.h"

#include "core/Number.h"
#include "core/Text.h"
#include "data/Elements.h"
#include "data/Random.h"
#include "data/sources/Split.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace gradmill::rt {
namespace {

// The samples of each class, in the order of the classes; one group unless
// exactly one target is a class number.
std::vector<std::vector<uint64_t>> strata(const Dataset &data) {
  const Column *label = nullptr;
  int64_t labels = 0;
  for (const Column &column : data.columns)
    if (column.target && column.classes > 0 && column.shape.empty())
      label = &column, ++labels;
  std::map<int64_t, std::vector<uint64_t>> groups;
  for (uint64_t i = 0; i < data.samples; ++i)
    groups[labels == 1 ? withType(label->dtype,
                                  [&](auto zero) {
                                    return int64_t(load<decltype(zero)>(
                                        label->values.data(), size_t(i)));
                                  })
                       : 0]
        .push_back(i);
  std::vector<std::vector<uint64_t>> list;
  for (auto &[number, samples] : groups)
    list.push_back(std::move(samples));
  return list;
}

// The share of each group in `count`, in proportion: the largest remainders are
// rounded up, of equal ones the first.
std::vector<uint64_t> shares(const std::vector<std::vector<uint64_t>> &groups,
                             uint64_t count, uint64_t samples) {
  using Wide = unsigned __int128;
  std::vector<uint64_t> taken;
  std::vector<std::pair<uint64_t, size_t>> remainders; // and whose
  uint64_t left = count;
  for (const auto &group : groups) {
    Wide exact = Wide(count) * group.size();
    taken.push_back(uint64_t(exact / samples));
    left -= taken.back();
    remainders.push_back({uint64_t(exact % samples), taken.size() - 1});
  }
  std::sort(remainders.begin(), remainders.end(), [](auto &a, auto &b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  for (uint64_t i = 0; i < left; ++i)
    ++taken[remainders[i].second];
  return taken;
}

} // namespace

std::string splitText(const ValidationSplit &split) {
  return exactText(split.amount) +
         (split.seed == 1 ? "" : ", seed " + std::to_string(split.seed));
}

Status holdOutValidation(DatasetSplit &data, const ValidationSplit &split) {
  if (!split)
    return ok;
  uint64_t samples = data.train.samples;
  uint64_t count = uint64_t(std::llround(
      split.amount < 1 ? split.amount * double(samples) : split.amount));
  if (count == 0 || count >= samples)
    return makeError(kUsage, "val_split",
                     {"--val-split ", exactText(split.amount), ": that is ",
                      count, " of the ", samples, " training samples of ",
                      data.source, "; some must be left to train with, and ",
                      "some to validate"});
  auto groups = strata(data.train);
  std::vector<uint64_t> counts = shares(groups, count, samples);
  std::vector<bool> drawn(samples);
  for (size_t g = 0; g < groups.size(); ++g) {
    std::vector<std::pair<uint64_t, uint64_t>> keyed;
    for (uint64_t sample : groups[g])
      keyed.push_back(
          {RandomStream(split.seed, Purpose::Validation, sample).bits(),
           sample});
    auto end = keyed.begin() + ptrdiff_t(counts[g]);
    std::nth_element(keyed.begin(), end, keyed.end());
    for (auto at = keyed.begin(); at != end; ++at)
      drawn[at->second] = true;
  }
  data.validation = chooseSamples(data.train, drawn, true,
                                  data.train.name + " (validation)");
  data.train = chooseSamples(data.train, drawn, false, data.train.name);
  return ok;
}

} // namespace gradmill::rt
