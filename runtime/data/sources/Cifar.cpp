// cifar10, cifar100: the binary files of CIFAR. A record is one label
// (CIFAR-10) or two (CIFAR-100: coarse, fine), then 3 x 32 x 32 bytes.
#include "core/Text.h"
#include "data/Folder.h"
#include "data/Source.h"
#include "files/Input.h"
#include "files/Paths.h"

#include <cstring>

namespace gradmill::rt {
namespace {

constexpr size_t kPixels = 3 * 32 * 32;
constexpr uint64_t kMaxFile = uint64_t(4) << 30;

constexpr SourceOption kHundredOptions[] = {
    {"labels",
     "fine (100 classes), coarse (20), or both: columns label, coarse"},
};

struct LabelByte {
  const char *column, *names; // the file with the classes' names
  int classes;
};

struct Layout {
  const char *below; // the folder in the archive
  std::span<const LabelByte> labels;
  std::span<const char *const> train;
  const char *test;
};

constexpr LabelByte kTenLabels[] = {{"label", "batches.meta.txt", 10}};
constexpr const char *kTenFiles[] = {"data_batch_1.bin", "data_batch_2.bin",
                                     "data_batch_3.bin", "data_batch_4.bin",
                                     "data_batch_5.bin"};
constexpr Layout kTen = {"cifar-10-batches-bin", kTenLabels, kTenFiles,
                         "test_batch.bin"};

constexpr LabelByte kHundredLabels[] = {
    {"coarse", "coarse_label_names.txt", 20},
    {"label", "fine_label_names.txt", 100}};
constexpr const char *kHundredFiles[] = {"train.bin"};
constexpr Layout kHundred = {"cifar-100-binary", kHundredLabels, kHundredFiles,
                             "test.bin"};

std::string placeOf(const Layout &layout, const std::string &path) {
  std::string below = joinPath(path, layout.below);
  return isDirectory(below) ? below : path;
}

bool holds(const Layout &layout, const std::string &path) {
  std::string place = placeOf(layout, path);
  return isRegularFile(joinPath(place, layout.train[0])) &&
         isRegularFile(joinPath(place, layout.test));
}

// One name a line; none if the file has another number of names than there are
// classes.
std::vector<std::string> readNames(const std::string &path, size_t classes) {
  Result<std::vector<uint8_t>> file = readFile(path, 1 << 16);
  if (!file)
    return {};
  auto names = splitAt(std::string(file->begin(), file->end()), '\n');
  for (std::string &name : names)
    if (name.ends_with('\r'))
      name.pop_back();
  while (!names.empty() && names.back().empty())
    names.pop_back();
  return names.size() == classes ? names : std::vector<std::string>();
}

Status addFile(const std::string &path, const Layout &layout,
               std::vector<uint8_t> &pixels,
               std::vector<std::vector<uint8_t>> &labels) {
  Result<std::vector<uint8_t>> file = readFile(path, kMaxFile);
  if (!file)
    return file.error();
  size_t record = layout.labels.size() + kPixels;
  if (file->empty() || file->size() % record != 0)
    return badFile(
        "cifar_size", path,
        {file->size(), " bytes are no whole number of records of ", record},
        {"fetch the file again"});
  for (size_t at = 0; at < file->size(); at += record) {
    const uint8_t *bytes = file->data() + at;
    for (size_t k = 0; k < labels.size(); ++k) {
      if (bytes[k] >= layout.labels[k].classes)
        return badFile("cifar_label", path,
                       {"record ", at / record, " has label ", bytes[k], " of ",
                        layout.labels[k].classes, " classes"},
                       {"fetch the file again"});
      labels[k].push_back(bytes[k]);
    }
    bytes += labels.size();
    pixels.insert(pixels.end(), bytes, bytes + kPixels);
  }
  return ok;
}

// `wanted`: a bit for each label byte.
Result<Dataset> readFiles(const std::string &place, const Layout &layout,
                          std::span<const char *const> files,
                          const std::string &name, int wanted) {
  std::vector<uint8_t> pixels;
  std::vector<std::vector<uint8_t>> labels(layout.labels.size());
  for (const char *file : files)
    if (Status bad = addFile(joinPath(place, file), layout, pixels, labels))
      return *bad;
  Dataset data{name, labels[0].size(), {}};
  Column &image = data.columns.emplace_back();
  image.name = "image";
  image.shape = {3, 32, 32};
  image.values = std::move(pixels);
  for (size_t k = 0; k < labels.size(); ++k) {
    if (!(wanted >> k & 1))
      continue;
    const LabelByte &byte = layout.labels[k];
    Column &label = data.columns.emplace_back();
    label.name = byte.column;
    label.target = true;
    label.classes = byte.classes;
    label.classNames =
        readNames(joinPath(place, byte.names), size_t(byte.classes));
    label.values = std::move(labels[k]);
  }
  return data;
}

Result<DatasetSplit> openFolder(const DataSpec &spec, const Layout &layout,
                                int wanted) {
  std::string place = placeOf(layout, spec.path);
  auto train =
      readFiles(place, layout, layout.train, place + " (train)", wanted);
  if (!train)
    return train.error();
  auto test =
      readFiles(place, layout, {&layout.test, 1}, place + " (test)", wanted);
  if (!test)
    return test.error();
  DatasetSplit data{std::move(*train), std::move(*test), place, {}};
  for (const char *file : layout.train)
    data.files.push_back(joinPath(place, file));
  data.files.push_back(joinPath(place, layout.test));
  return data;
}

bool isTen(const std::string &path) { return holds(kTen, path); }
bool isHundred(const std::string &path) { return holds(kHundred, path); }

Result<DatasetSplit> openTen(const DataSpec &spec, const DataOptions &) {
  return openFolder(spec, kTen, 1);
}

Result<DatasetSplit> openHundred(const DataSpec &spec, const DataOptions &) {
  SourceOptions given(spec);
  std::string labels = given.text("labels", "fine");
  int wanted = labels == "coarse" ? 1 : labels == "fine" ? 2 : 3;
  if (wanted == 3 && labels != "both")
    given.fail("labels", "fine, coarse or both");
  if (given.problem())
    return *given.problem();
  return openFolder(spec, kHundred, wanted);
}

} // namespace

extern const DataSource kCifar10Source, kCifar100Source;
const DataSource kCifar10Source = {
    "cifar10", "cifar10:FOLDER", "CIFAR-10's binary files", {}, false,
    isTen,     openTen};
const DataSource kCifar100Source = {"cifar100",
                                    "cifar100:FOLDER",
                                    "CIFAR-100's binary files",
                                    kHundredOptions,
                                    false,
                                    isHundred,
                                    openHundred};

} // namespace gradmill::rt
