#include "data/sources/Arrays.h"

#include "core/Manifest.h"
#include "core/Text.h"
#include "data/sources/Split.h"
#include "files/Paths.h"

#include <algorithm>

namespace gradmill::rt {
namespace {

enum Part { kWholePart, kTrainPart, kTestPart, kValidationPart };

// "x_train" and "train_x" are x of kTrainPart.
Part takePart(std::string &name) {
  static constexpr std::pair<const char *, Part> words[] = {
      {"train", kTrainPart},
      {"test", kTestPart},
      {"val", kValidationPart},
      {"valid", kValidationPart}};
  for (auto [word, part] : words) {
    std::string before = word + std::string("_"),
                after = "_" + std::string(word);
    if (name.size() > before.size() && name.starts_with(before)) {
      name.erase(0, before.size());
      return part;
    }
    if (name.size() > after.size() && name.ends_with(after)) {
      name.erase(name.size() - after.size());
      return part;
    }
  }
  return kWholePart;
}

// Pictures [H, W, C] become [C, H, W].
void toChannelsFirst(Column &column, uint64_t samples) {
  if (column.shape.size() != 3)
    return;
  size_t area = size_t(column.shape[0] * column.shape[1]);
  size_t channels = size_t(column.shape[2]), width = dtypeBytes(column.dtype);
  std::rotate(column.shape.begin(), column.shape.end() - 1, column.shape.end());
  std::vector<uint8_t> picture(size_t(column.bytes()));
  for (uint64_t i = 0; i < samples; ++i) {
    uint8_t *at = column.values.data() + i * picture.size();
    std::memcpy(picture.data(), at, picture.size());
    for (size_t p = 0; p < area; ++p)
      for (size_t c = 0; c < channels; ++c)
        std::memcpy(at + (c * area + p) * width,
                    &picture[(p * channels + c) * width], width);
  }
}

class Builder {
public:
  Builder(const DataSpec &spec, bool hwc) : hwc(hwc) {
    columns = SourceOptions(spec).list("columns");
    targets = SourceOptions(spec).list("target");
  }

  // The arrays of one part of a file.
  Result<Dataset> build(const ArrayFile &file, const std::string &from,
                        Part part) {
    path = from;
    Dataset data{part == kWholePart   ? path
                 : part == kTrainPart ? path + " (train)"
                                  : path + " (test)",
                 0,
                 {}};
    std::string first;
    for (const NamedArray &array : file.arrays) {
      std::string name = array.name;
      if (takePart(name) != part ||
          (!columns.empty() && !contains(columns, name)))
        continue;
      if (array.shape.empty() || array.bytes == 0)
        return bad({"array ", array.name, " has no samples"},
                   {"name the arrays to use with columns="});
      uint64_t samples = uint64_t(array.shape[0]);
      if (data.columns.empty())
        data.samples = samples, first = array.name;
      if (samples != data.samples)
        return bad({"array ", array.name, " has ", samples, " samples, but ",
                    first, " has ", data.samples},
                   {"name the arrays to use with columns="});
      if (Status problem = add(array, name, data))
        return *problem;
    }
    return checked(std::move(data));
  }

private:
  Status add(const NamedArray &array, const std::string &name, Dataset &data) {
    constexpr size_t most = 10000;
    if (data.columns.size() == most)
      return bad({"it holds more than ", most, " arrays"},
                 {"name the arrays to use with columns="});
    if (data.find(name))
      return bad({"two arrays are column ", name}, {"rename one"});
    auto stored = storedAs(array.type);
    if (!stored)
      return bad({"array ", array.name, " holds no numbers that are read"},
                 {"save it as float32 or int64"});
    Column column{.name = name, .dtype = *stored};
    column.shape.assign(array.shape.begin() + 1, array.shape.end());
    column.target =
        targets.empty() ? looksLikeTarget(name) : contains(targets, name);
    size_t count = size_t(array.bytes) / size_t(array.type.bytes);
    column.values = Pixels::allocate(count * dtypeBytes(*stored));
    std::string problem =
        importElements(array.type, array.data, count, column.values.data());
    if (!problem.empty())
      return bad({"array ", array.name, " ", problem}, {"save it as int64"});
    if (hwc)
      toChannelsFirst(column, data.samples);
    data.columns.push_back(std::move(column));
    return ok;
  }

  Result<Dataset> checked(Dataset data) {
    std::vector<std::string> names;
    for (const Column &column : data.columns)
      names.push_back(column.name);
    for (const auto *wanted : {&columns, &targets})
      for (const std::string &name : *wanted)
        if (!contains(names, name))
          return bad({"there is no array ", name}, {"it has ", listed(names)});
    if (data.columns.empty() || data.samples == 0)
      return bad({"it holds no samples"}, {"give a file with at least one"});
    return data;
  }

  Error bad(Pieces cause, Pieces fix) const {
    return badFile("data_columns", path, cause, fix);
  }

  std::string path;
  std::vector<std::string> columns, targets;
  bool hwc;
};

bool hasPart(const ArrayFile &file, Part part) {
  return std::any_of(file.arrays.begin(), file.arrays.end(),
                     [&](const NamedArray &array) {
                       std::string name = array.name;
                       return takePart(name) == part;
                     });
}

// The parts of a file for training and test.
Part choosePart(const ArrayFile &file, bool test) {
  static constexpr Part toTrain[] = {kTrainPart, kWholePart, kTestPart, kValidationPart};
  static constexpr Part toTest[] = {kTestPart, kValidationPart, kWholePart, kTrainPart};
  for (Part part : test ? toTest : toTrain)
    if (hasPart(file, part))
      return part;
  return kWholePart;
}

} // namespace

Result<DatasetSplit> openArrays(const DataSpec &spec,
                                const DataOptions &options, ReadArrays read) {
  SourceOptions given(spec);
  bool hwc = given.text("layout", "hwc") == "hwc" && given.has("layout");
  if (given.has("layout") && !hwc)
    given.fail("layout", "hwc");
  if (given.problem())
    return *given.problem();
  Result<ArrayFile> file = read(spec.path, options);
  if (!file)
    return file.error();
  Part train = choosePart(*file, false), test = choosePart(*file, true);
  Builder builder(spec, hwc);
  if (train == kTrainPart && (test == kTestPart || test == kValidationPart) &&
      !saysSplit(spec)) {
    if (Status bad = checkOwnSplit(spec))
      return *bad;
    auto first = builder.build(*file, spec.path, train);
    auto second = builder.build(*file, spec.path, test);
    if (!first || !second)
      return first ? second.error() : first.error();
    auto data = joinSplit(std::move(*first), std::move(*second), spec.path);
    if (data)
      data->files = {spec.path};
    return data;
  }
  return openSplit(
      spec,
      [&](const std::string &path, const Dataset *like) -> Result<Dataset> {
        if (!like)
          return builder.build(*file, path, train);
        Result<ArrayFile> other = read(path, options);
        if (!other)
          return other.error();
        return builder.build(*other, path, choosePart(*other, true));
      });
}

} // namespace gradmill::rt
