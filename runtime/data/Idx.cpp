#include "data/Idx.h"

#include "core/Manifest.h"
#include "core/Text.h"
#include "data/Elements.h"
#include "data/PackedFile.h"
#include "files/Paths.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>

namespace gradmill::rt {
namespace {

constexpr size_t kStep = 1 << 20;                 // bytes read at once
constexpr uint64_t kMaxBytes = uint64_t(1) << 32; // of one unpacked file
constexpr uint32_t kMaxSide = 4096;
const char *const kAgain = "fetch the file again";

struct IdxArray {
  int width = 1; // bytes of an element
  std::vector<uint32_t> dims;
  Pixels bytes;
};

std::string shapeOf(const IdxArray &array) {
  std::string text;
  for (uint32_t dim : array.dims)
    text += (text.empty() ? "" : " x ") + std::to_string(dim);
  return text;
}

// 0: a type that is not read.
int widthOf(uint32_t magic) {
  uint32_t type = magic >> 8;
  return type == 0x08 ? 1 : type == 0x0b ? 2 : type == 0x0c ? 4 : 0;
}

bool isImages(uint32_t magic) { return magic == 0x803 || magic == 0x804; }
bool isLabels(uint32_t magic) {
  return widthOf(magic) > 0 && (magic & 0xff) == 1;
}

Status checkMagic(const std::string &path, uint32_t magic, bool images) {
  if (images ? isImages(magic) : isLabels(magic))
    return ok;
  char cause[96];
  std::snprintf(cause, sizeof cause, "magic number 0x%08x, not 0x%08x", magic,
                images ? 0x803 : 0x801);
  const char *fix = images ? "give an IDX file of unsigned bytes"
                           : "give an IDX file of whole numbers";
  if (isLabels(magic))
    fix = "this is a file of labels, give the images";
  if (isImages(magic))
    fix = "this is a file of images, give the labels";
  return badFile("idx_magic", path, {cause}, {fix});
}

// In bytes; 0 if that exceeds the limit.
uint64_t sizeOf(const IdxArray &array) {
  uint64_t sample = uint64_t(array.width);
  for (size_t i = 1; i < array.dims.size(); ++i) {
    if (array.dims[i] > kMaxSide)
      return 0;
    sample *= array.dims[i];
  }
  return array.dims[0] <= kMaxBytes / sample ? array.dims[0] * sample : 0;
}

Status checkSizes(const std::string &path, const IdxArray &array) {
  for (uint32_t dim : array.dims)
    if (dim == 0)
      return badFile("idx_empty", path,
                     {"a size in the header is 0 (", shapeOf(array), ")"},
                     {"give a file with at least one entry"});
  if (sizeOf(array) == 0)
    return badFile("idx_too_large", path,
                   {"the header says ", shapeOf(array),
                    ", beyond 4096 pixels a side or 4 GiB in all"},
                   {"the header is damaged or the data must be split"});
  return ok;
}

Error truncated(const std::string &path, uint64_t wanted, uint64_t found) {
  return badFile("idx_truncated", path,
                 {wanted, " bytes expected, ", found, " found"}, {kAgain});
}

// All at once, if the file holds as much as its header says.
Status readPlain(PackedFile &source, const std::string &path, uint64_t header,
                 uint64_t size, IdxArray &array) {
  if (source.fileSize() < header + size)
    return truncated(path, header + size, source.fileSize());
  array.bytes = Pixels::allocate(size);
  Result<size_t> got = source.read(array.bytes.data(), size);
  if (!got)
    return got.error();
  if (*got < size) // the file is being shortened now
    return truncated(path, header + size, header + *got);
  return ok;
}

// As much as arrives, perhaps less than the header says.
Status unpack(PackedFile &source, const std::string &path, uint64_t header,
              uint64_t size, uint64_t times, IdxArray &array) {
  if (size > unpackLimit(source.fileSize(), times))
    return unpacksTooFar(path, source.fileSize(), size, times);
  std::vector<uint8_t> bytes;
  bytes.reserve(size);
  while (bytes.size() < size) {
    size_t used = bytes.size();
    size_t step = size_t(std::min<uint64_t>(kStep, size - used));
    bytes.resize(used + step);
    Result<size_t> got = source.read(bytes.data() + used, step);
    if (!got)
      return got.error();
    if (*got < step)
      return truncated(path, header + size, header + used + *got);
  }
  array.bytes = std::move(bytes);
  return ok;
}

uint32_t bigEndian(const uint8_t *p) {
  return uint32_t(p[0]) << 24 | uint32_t(p[1]) << 16 | uint32_t(p[2]) << 8 |
         p[3];
}

// Magic number and sizes.
Status readHeader(PackedFile &source, const std::string &path, bool images,
                  IdxArray &array) {
  uint8_t words[20];
  Result<size_t> got = source.read(words, 4);
  if (!got)
    return got.error();
  if (*got < 4)
    return truncated(path, 4, *got);
  uint32_t magic = bigEndian(words);
  if (Status bad = checkMagic(path, magic, images))
    return bad;
  array.width = widthOf(magic);
  array.dims.resize(magic & 0xff);
  size_t size = 4 * array.dims.size();
  got = source.read(words, size);
  if (!got)
    return got.error();
  if (*got < size)
    return truncated(path, 4 + size, 4 + *got);
  for (size_t i = 0; i < array.dims.size(); ++i)
    array.dims[i] = bigEndian(words + 4 * i);
  return checkSizes(path, array);
}

Result<IdxArray> readArray(const std::string &path, bool images,
                           uint64_t times) {
  PackedFile source;
  if (Status bad = source.open(path))
    return *bad;
  IdxArray array;
  if (Status bad = readHeader(source, path, images, array))
    return *bad;
  uint64_t header = 4 + 4 * array.dims.size(), size = sizeOf(array);
  if (Pixels::mapFile && source.plain() && size >= kStep) {
    array.bytes = Pixels::mapFile(path, header, size);
    if (array.bytes.size() == size)
      return array;
  }
  Status bad = source.plain()
                   ? readPlain(source, path, header, size, array)
                   : unpack(source, path, header, size, times, array);
  if (bad)
    return *bad;
  // There must not be one byte more; asking for it also makes zlib check its
  // checksum.
  uint8_t more;
  Result<size_t> got = source.read(&more, 1);
  if (!got)
    return got.error();
  if (*got)
    return badFile("idx_trailing", path,
                   {"bytes follow the ", shapeOf(array),
                    " entries that the header declares"},
                   {kAgain});
  return array;
}

// --- Columns -----------------------------------------------------------------

int64_t labelAt(const IdxArray &array, size_t i) {
  const uint8_t *p = array.bytes.data() + i * size_t(array.width);
  if (array.width == 1)
    return *p;
  return array.width == 2 ? int16_t(p[0] << 8 | p[1]) : int32_t(bigEndian(p));
}

// Class numbers from 0; bytes stay bytes.
Result<Column> labelColumn(IdxArray array, const std::string &path,
                           const IdxOptions &options) {
  constexpr int64_t most = 1'000'000;
  int64_t classes = options.classes > 0 ? options.classes : most, largest = 0;
  Column column{.name = "label", .target = true};
  bool bytes = array.width == 1;
  column.dtype = bytes ? DType::U8 : DType::I32;
  Pixels wide = bytes ? Pixels() : Pixels::allocate(4 * size_t(array.dims[0]));
  for (size_t i = 0; i < array.dims[0]; ++i) {
    int64_t label = labelAt(array, i), number = label - options.base;
    if (number < 0 || number >= classes)
      return badFile("idx_label_range", path,
                     {"label ", label, " at position ", i, ", but classes are ",
                      options.base, " to ", options.base + classes - 1},
                     {"check the file, or say base= and classes="});
    largest = std::max(largest, number);
    if (bytes)
      array.bytes[i] = uint8_t(number);
    else
      store(wide.data(), i, int32_t(number));
  }
  column.classes = options.classes > 0 ? classes : largest + 1;
  column.values = bytes ? std::move(array.bytes) : std::move(wide);
  return column;
}

// Each plane [columns, rows] becomes [rows, columns].
void transpose(Pixels &pixels, size_t rows, size_t columns) {
  std::vector<uint8_t> plane(rows * columns);
  for (uint8_t *at = pixels.data(), *end = at + pixels.size(); at < end;
       at += plane.size()) {
    std::memcpy(plane.data(), at, plane.size());
    for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < columns; ++x)
        at[y * columns + x] = plane[x * rows + y];
  }
}

Column imageColumn(IdxArray array, bool transposed) {
  Column column{.name = "image"};
  column.shape = {1};
  if (array.dims.size() == 4)
    column.shape = {array.dims[1]};
  int64_t rows = array.dims[array.dims.size() - 2], columns = array.dims.back();
  if (transposed) {
    std::swap(rows, columns);
    transpose(array.bytes, size_t(rows), size_t(columns));
  }
  column.shape.insert(column.shape.end(), {rows, columns});
  column.values = std::move(array.bytes);
  return column;
}

// --- Names -------------------------------------------------------------------

std::string findOne(const std::string &directory, const std::string &stem,
                    std::initializer_list<const char *> kinds) {
  for (const char *kind : kinds)
    for (const char *dot : {"-", "."})
      for (const char *suffix : {"", ".gz"}) {
        std::string path = joinPath(directory, stem + dot + kind + suffix);
        if (isRegularFile(path))
          return path;
      }
  return "";
}

std::string findImages(const std::string &directory, const std::string &stem) {
  return findOne(directory, stem + "-images", {"idx3-ubyte", "idx4-ubyte"});
}

std::string findLabels(const std::string &directory, const std::string &stem) {
  return findOne(directory, stem + "-labels",
                 {"idx1-ubyte", "idx1-short", "idx1-int"});
}

// The test set may have labels that the training set lacks, and the reverse.
void shareClasses(DatasetSplit &data) {
  Column &train = data.train.columns[1], &test = data.test.columns[1];
  train.classes = test.classes = std::max(train.classes, test.classes);
}

} // namespace

Result<Dataset> readIdx(const std::string &imagesPath,
                        const std::string &labelsPath, const std::string &name,
                        const IdxOptions &options) {
  // Labels first: they are small, so a wrong pair of files fails at once.
  Result<IdxArray> labels = readArray(labelsPath, false, options.maxUnpack);
  if (!labels)
    return labels.error();
  uint32_t count = labels->dims[0];
  Result<Column> label = labelColumn(std::move(*labels), labelsPath, options);
  if (!label)
    return label.error();
  Result<IdxArray> images = readArray(imagesPath, true, options.maxUnpack);
  if (!images)
    return images.error();
  if (images->dims[0] != count)
    return badFile(
        "idx_count_mismatch", imagesPath,
        {images->dims[0], " images, but ", count, " labels in ", labelsPath},
        {"give two files of the same set"});
  Dataset data{name, count, {}};
  data.columns.push_back(imageColumn(std::move(*images), options.transposed));
  data.columns.push_back(std::move(*label));
  return data;
}

Result<IdxPaths> findIdxFiles(const std::string &directory,
                              const std::string &prefix) {
  std::string missing, before = prefix.empty() ? "" : prefix + "-";
  for (const char *below : {"", "MNIST/raw", "raw"}) {
    std::string place = *below ? joinPath(directory, below) : directory;
    IdxPaths paths{findImages(place, before + "train"),
                   findLabels(place, before + "train"),
                   findImages(place, before + "t10k"),
                   findLabels(place, before + "t10k")};
    if (paths.testImages.empty())
      paths.testImages = findImages(place, before + "test");
    if (paths.testLabels.empty())
      paths.testLabels = findLabels(place, before + "test");
    std::string absent;
    auto check = [&](const std::string &path, const char *name) {
      if (path.empty())
        absent += " " + before + name;
    };
    check(paths.trainImages, "train-images-idx3-ubyte");
    check(paths.trainLabels, "train-labels-idx1-ubyte");
    check(paths.testImages, "t10k-images-idx3-ubyte");
    check(paths.testLabels, "t10k-labels-idx1-ubyte");
    if (absent.empty())
      return paths;
    if (missing.empty() || absent.size() < missing.size())
      missing = absent;
  }
  if (!isDirectory(directory))
    return fileError(kIo, "idx_missing", directory, "no such directory",
                     "name a directory with the four MNIST files");
  return fileError(kIo, "idx_missing", directory, "not found:" + missing,
                   "put them there, plain or with .gz");
}

Result<DatasetSplit> readIdxFiles(const IdxPaths &paths,
                                  const std::string &name,
                                  const IdxOptions &options) {
  // At the same time: unpacking takes longer than everything else before
  // training.
  std::optional<Result<Dataset>> test;
  std::exception_ptr thrown; // out of memory
  auto readTest = [&] {
    try {
      test =
          readIdx(paths.testImages, paths.testLabels, name + "/test", options);
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  std::jthread beside;
  try {
    beside = std::jthread(readTest);
  } catch (const std::system_error &) {
    readTest(); // no thread available: read it afterwards
  }
  Result<Dataset> train =
      readIdx(paths.trainImages, paths.trainLabels, name + "/train", options);
  if (beside.joinable())
    beside.join();
  if (thrown)
    std::rethrow_exception(thrown);
  if (!train)
    return train.error();
  if (!*test)
    return test->error();
  const auto &shape = train->columns[0].shape,
             &other = (*test)->columns[0].shape;
  if (shape != other)
    return badFile("idx_shape_mismatch", paths.testImages,
                   {"images of ", shapeText(other), ", but those in ",
                    paths.trainImages, " are ", shapeText(shape)},
                   {"give four files of the same set"});
  DatasetSplit data{std::move(*train),
                    std::move(**test),
                    folderOf(paths.trainImages),
                    {paths.trainImages, paths.trainLabels, paths.testImages,
                     paths.testLabels}};
  shareClasses(data);
  return data;
}

Result<DatasetSplit> readIdxDirectory(const std::string &directory,
                                      const std::string &name,
                                      const IdxOptions &options) {
  Result<IdxPaths> paths = findIdxFiles(directory, options.prefix);
  if (!paths)
    return paths.error();
  Result<DatasetSplit> data = readIdxFiles(*paths, name, options);
  if (data)
    data->source = directory;
  return data;
}

} // namespace gradmill::rt
