#include "tools/DataCommand.h"

#include "core/Json.h"
#include "core/Number.h"
#include "data/Elements.h"
#include "data/Png.h"
#include "data/augment/Augment.h"
#include "files/CommandFiles.h"
#include "report/Table.h"
#include "report/Terminal.h"
#include "tools/CommandLine.h"
#include "tools/Data.h"
#include "tools/OptionChecks.h"
#include "train/Mixup.h"

#include <algorithm>
#include <cstdio>

namespace gradmill::rt {

void addDataCommandOptions(CLI::App &app, DataCommandOptions &o) {
  auto option = [&](CLI::Option *added, const char *type) {
    return added->take_last()->type_name(type);
  };
  option(app.add_option("--data", o.data,
                        "mnist, digits (drawn), a file or directory, or auto"),
         "SOURCE");
  option(app.add_option("--data-cache", o.cacheDir, "Where downloads are kept"),
         "DIR");
  app.add_flag_callback(
      "--no-download", [&o] { o.allowDownload = false; },
      "Use only data at hand");
  option(app.add_option("--max-unpack", o.maxUnpack,
                        "Compressed files may become so many times larger (100)"),
         "N")
      ->check(CLI::Range(1, int64_t(kMostUnpack)));
  option(app.add_option("--preview", o.preview,
                        "Write a contact sheet: samples, and what becomes of "
                        "them"),
         "FILE.png");
  option(app.add_option("--augment", o.augment,
                        "Steps: 'rotate(10) | shift(2) | cutout(8)'"),
         "STEPS");
  option(app.add_option("--samples", o.samples, "Rows of the sheet (8)"), "N")
      ->check(CLI::Range(1, 100));
  option(app.add_option("--versions", o.versions,
                        "Augmented versions of a sample (8)"),
         "N")
      ->check(CLI::Range(0, 100));
  option(app.add_option("--seed", o.seed, "Of the augmentation (1)"), "N")
      ->check(anySeed());
  app.add_flag("--json", o.json, "Print JSON");
}

namespace {

// --- What there is ------------------------------------------------------------

std::vector<int64_t> countsOf(const Dataset &data, const Column &column) {
  std::vector<int64_t> counts(static_cast<size_t>(column.classes));
  withType(column.dtype, [&](auto zero) {
    for (uint64_t i = 0; i < data.samples; ++i) {
      int64_t label =
          int64_t(load<decltype(zero)>(column.values.data(), size_t(i)));
      if (label >= 0 && label < column.classes)
        ++counts[size_t(label)];
    }
  });
  return counts;
}

bool isLabel(const Column &column) {
  return column.target && column.classes > 0 && column.shape.empty();
}

// "7 (airplane)".
std::string className(const Column &column, size_t label) {
  return label < column.classNames.size() ? printable(column.classNames[label])
                                          : std::to_string(label);
}

void print(const DatasetSplit &data) {
  std::printf("%s: %llu samples to train, %llu to test\n\n",
              printable(data.source).c_str(),
              (unsigned long long)data.train.samples,
              (unsigned long long)data.test.samples);
  std::vector<TableRow> rows = {{"column", "type", "shape", "kind", "classes"}};
  for (const Column &column : data.train.columns)
    rows.push_back({printable(column.name), dtypeName(column.dtype),
                    shapeText(column.shape), column.target ? "target" : "data",
                    column.classes ? std::to_string(column.classes) : "-"});
  std::fputs(tableText(rows, {0, 1, 2, 3}).c_str(), stdout);
  for (const Column &column : data.train.columns) {
    if (!isLabel(column) || column.classes > 100)
      continue;
    const Column *tested = data.test.find(column.name);
    std::vector<int64_t> train = countsOf(data.train, column);
    std::vector<int64_t> test =
        tested && tested->classes == column.classes
            ? countsOf(data.test, *tested)
            : std::vector<int64_t>(train.size());
    std::vector<TableRow> classes = {{printable(column.name), "train", "test"}};
    for (size_t c = 0; c < train.size(); ++c)
      classes.push_back({className(column, c), std::to_string(train[c]),
                         std::to_string(test[c])});
    std::printf("\n%s", tableText(classes).c_str());
  }
}

Json jsonOf(const DatasetSplit &data) {
  Json json = Json::object({{"data", data.source},
                            {"train", data.train.samples},
                            {"test", data.test.samples}});
  Json columns = Json::array();
  for (const Column &column : data.train.columns) {
    Json one = Json::object({{"name", column.name},
                             {"dtype", dtypeName(column.dtype)},
                             {"shape", column.shape},
                             {"target", column.target},
                             {"classes", column.classes}});
    if (isLabel(column))
      one["train"] = countsOf(data.train, column);
    columns.push_back(std::move(one));
  }
  json["columns"] = std::move(columns);
  return json;
}

// --- The contact sheet ----------------------------------------------------------

// Pictures side by side in a grid of equal cells, enlarged by whole numbers.
class Sheet {
public:
  Sheet(int channels, int height, int width, size_t rows, size_t columns)
      : channels(channels), height(height), width(width),
        zoom(std::max(1, 64 / std::max(height, width))),
        sheetHeight(int(rows) * (height * zoom + kGap) + kGap),
        sheetWidth(int(columns) * (width * zoom + kGap) + kGap),
        bytes(size_t(channels) * size_t(sheetHeight) * size_t(sheetWidth), 96) {}

  void put(size_t row, size_t column, const std::vector<float> &planes) {
    int top = kGap + int(row) * (height * zoom + kGap);
    int left = kGap + int(column) * (width * zoom + kGap);
    for (int y = 0; y < height * zoom; ++y)
      for (int x = 0; x < width * zoom; ++x)
        for (int c = 0; c < channels; ++c)
          bytes[(size_t(top + y) * size_t(sheetWidth) + size_t(left + x)) *
                    size_t(channels) +
                size_t(c)] =
              uint8_t(std::clamp(
                  planes[(size_t(c) * size_t(height) + size_t(y / zoom)) *
                             size_t(width) +
                         size_t(x / zoom)] +
                      0.5f,
                  0.0f, 255.0f));
  }

  Status write(const std::string &path) const {
    return writePng(path, channels, sheetHeight, sheetWidth, bytes);
  }

private:
  static constexpr int kGap = 4;
  int channels, height, width, zoom, sheetHeight, sheetWidth;
  std::vector<uint8_t> bytes; // [height, width, channels], grey at first
};

const Column *pictureOf(const Dataset &data) {
  for (const Column &column : data.columns) {
    const auto &shape = column.shape;
    bool picture = shape.size() == 2 || (shape.size() == 3 &&
                                         (shape[0] == 1 || shape[0] == 3));
    if (picture && column.dtype == DType::U8 && !column.target)
      return &column;
  }
  return nullptr;
}

// Of each channel, over at most 1000 samples: the meaning of `fill=mean` here.
std::vector<float> meansOf(const Dataset &data, const Column &column,
                           size_t channels) {
  size_t count = size_t(std::min<uint64_t>(data.samples, 1000));
  size_t plane = size_t(column.elements()) / channels;
  std::vector<float> means;
  for (size_t c = 0; c < channels; ++c) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i)
      for (size_t p = 0; p < plane; ++p)
        sum += column.values[i * size_t(column.elements()) + c * plane + p];
    means.push_back(float(sum / double(std::max<size_t>(count * plane, 1))));
  }
  return means;
}

Status writeSheet(const DataCommandOptions &options, const DatasetSplit &data,
                  const Augmenter *augmenter) {
  const Column *picture = pictureOf(data.train);
  if (!picture)
    return Error{kUsage, "augmentation",
                 "--preview: there are no pictures of bytes [C, H, W] in " +
                     data.source};
  const auto &shape = picture->shape;
  int channels = shape.size() == 3 ? int(shape[0]) : 1;
  int height = int(shape[shape.size() - 2]), width = int(shape.back());
  std::vector<float> means = meansOf(data.train, *picture, size_t(channels));
  size_t rows = size_t(std::min<uint64_t>(data.train.samples,
                                          uint64_t(options.samples)));
  size_t versions = augmenter ? size_t(options.versions) : 0;
  Sheet sheet(channels, height, width, rows, versions + 1);
  size_t size = size_t(picture->elements());
  std::vector<float> pictures(rows * size), mixed(rows * size);
  auto putColumn = [&](size_t column, const std::vector<float> &from) {
    for (size_t i = 0; i < rows; ++i)
      sheet.put(i, column, {from.begin() + ptrdiff_t(i * size),
                            from.begin() + ptrdiff_t((i + 1) * size)});
  };
  std::copy_n(picture->values.data(), rows * size, pictures.begin());
  putColumn(0, pictures);
  for (size_t v = 0; v < versions; ++v) {
    std::copy_n(picture->values.data(), rows * size, pictures.begin());
    for (size_t i = 0; i < rows; ++i)
      augmenter->apply(pictures.data() + i * size, channels, height, width,
                       means.data(), options.seed, int64_t(v), i);
    mixNeighbours(pictures.data(), mixed.data(), int64_t(rows), int64_t(size),
                  augmenter->mixedShare(options.seed, int64_t(v)));
    putColumn(v + 1, mixed);
  }
  return sheet.write(options.preview);
}

Status preview(const DataCommandOptions &options, const DatasetSplit &data) {
  std::shared_ptr<const Augmenter> augmenter;
  if (!options.augment.empty()) {
    auto parsed = parseAugment(options.augment);
    if (!parsed)
      return parsed.error();
    augmenter = std::move(*parsed);
  }
  if (options.preview.empty())
    return ok;
  CommandFiles files;
  for (const std::string &file : data.files)
    files.reads("the data set's " + file, file);
  files.writes("--preview", options.preview);
  if (Status error = files.check())
    return error;
  return writeSheet(options, data, augmenter.get());
}

} // namespace

int runDataCommand(const DataCommandOptions &options) {
  auto data = openDataFor(options.data, options.cacheDir, options.allowDownload,
                          options.maxUnpack, options.json);
  if (!data)
    return reportError(data.error());
  if (Status error = preview(options, *data))
    return reportError(*error);
  if (options.json)
    std::printf("%s\n", jsonText(jsonOf(*data), 2).c_str());
  else
    print(*data);
  return finishOutput(kOk);
}

} // namespace gradmill::rt
