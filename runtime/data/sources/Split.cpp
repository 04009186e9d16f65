#include "data/sources/Split.h"

#include "core/Manifest.h"
#include "core/Number.h"
#include "core/Text.h"
#include "data/Random.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace gradmill::rt {
namespace {

// The samples in the test set, a flag for each.
std::vector<bool> drawTest(uint64_t samples, double part, uint64_t seed) {
  uint64_t count = uint64_t(std::llround(part * double(samples)));
  if (part > 0 && part < 1 && samples > 1) // neither part is empty
    count = std::clamp<uint64_t>(count, 1, samples - 1);
  std::vector<uint64_t> order(samples);
  std::iota(order.begin(), order.end(), uint64_t(0));
  RandomStream random(seed, Purpose::Holdout, 0);
  std::vector<bool> drawn(samples);
  for (uint64_t i = 0; i < count; ++i) {
    std::swap(order[i], order[i + random.below(samples - i)]);
    drawn[order[i]] = true;
  }
  return drawn;
}

std::string columnsText(const Dataset &data) {
  std::vector<std::string> texts;
  for (const Column &column : data.columns)
    texts.push_back(column.name + " " + shapeText(column.shape));
  return listed(texts);
}

} // namespace

Dataset chooseSamples(const Dataset &all, const std::vector<bool> &drawn,
                      bool wanted, const std::string &name) {
  Dataset data{
      name, uint64_t(std::count(drawn.begin(), drawn.end(), wanted)), {}};
  for (const Column &from : all.columns) {
    Column column = from;
    size_t bytes = size_t(from.bytes());
    column.values = Pixels::allocate(size_t(data.samples) * bytes);
    uint8_t *to = column.values.data();
    for (size_t i = 0; i < drawn.size(); ++i)
      if (drawn[i] == wanted) {
        std::memcpy(to, from.values.data() + i * bytes, bytes);
        to += bytes;
      }
    data.columns.push_back(std::move(column));
  }
  return data;
}

bool saysSplit(const DataSpec &spec) {
  SourceOptions given(spec);
  return given.has("test") || given.has("holdout");
}

Status checkOwnSplit(const DataSpec &spec) {
  SourceOptions given(spec);
  if (given.has("seed"))
    given.fail("seed", "nothing, since the data has a test set of its own; "
                       "holdout= would draw another");
  return given.problem();
}

DatasetSplit holdOut(Dataset all, double part, uint64_t seed) {
  std::vector<bool> drawn = drawTest(all.samples, part, seed);
  return {chooseSamples(all, drawn, false, all.name + " (train)"),
          chooseSamples(all, drawn, true, all.name + " (test)"),
          all.name,
          {}};
}

Result<DatasetSplit> joinSplit(Dataset train, Dataset test,
                               const std::string &source) {
  bool same = train.columns.size() == test.columns.size();
  for (size_t i = 0; same && i < train.columns.size(); ++i) {
    Column &a = train.columns[i], &b = test.columns[i];
    same = a.name == b.name && a.shape == b.shape && a.target == b.target;
    a.classes = b.classes = std::max(a.classes, b.classes);
  }
  if (!same)
    return makeError(kBadInput, "data_split",
                     {train.name, " and ", test.name,
                      " differ in their columns: ", columnsText(train),
                      "; and ", columnsText(test)});
  return DatasetSplit{std::move(train), std::move(test), source, {}};
}

Result<DatasetSplit> openSplit(const DataSpec &spec, const ReadSamples &read) {
  SourceOptions given(spec);
  double part = given.fraction("holdout", 0.1);
  uint64_t seed = uint64_t(given.whole("seed", 1, 0, INT64_MAX));
  std::string test = given.text("test");
  for (const char *key : {"holdout", "seed"})
    if (given.has("test") && given.has(key))
      given.fail(key, "nothing, since test= names the test set");
  if (given.problem())
    return *given.problem();
  Result<Dataset> train = read(spec.path, nullptr);
  if (!train)
    return train.error();
  if (!given.has("test")) {
    DatasetSplit data = holdOut(std::move(*train), part, seed);
    data.source = join({data.source, " (", exactText(100 * part),
                        " % held out to test, seed ", seed, ")"});
    data.files = {spec.path};
    return data;
  }
  Result<Dataset> second = read(test, &*train);
  if (!second)
    return second.error();
  auto data = joinSplit(std::move(*train), std::move(*second), spec.path);
  if (data)
    data->files = {spec.path, test};
  return data;
}

} // namespace gradmill::rt
