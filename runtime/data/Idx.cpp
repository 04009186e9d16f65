#include "data/Idx.h"

#include "files/Input.h"
#include "files/Paths.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <zlib.h>

namespace gradmill::rt {
namespace {

constexpr size_t kStep = 1 << 20;                 // bytes read at once
constexpr uint64_t kMaxBytes = uint64_t(1) << 32; // of one unpacked file
constexpr uint32_t kMaxSide = 4096;
const char *const kAgain = "fetch the file again";

// The bytes of a plain or gzip file, in order.
class ByteSource {
public:
  ~ByteSource() {
    if (unpacking)
      inflateEnd(&stream);
  }

  Status open(const std::string &name) {
    path = name;
    Result<InputFile> opened = InputFile::open(path);
    if (!opened)
      return opened.error();
    file = std::move(*opened);
    if (Status bad = refill())
      return bad;
    if (left >= 2 && input[0] == 0x1f && input[1] == 0x8b) {
      if (inflateInit2(&stream, 15 + 16) != Z_OK) // 16: gzip wrapper only
        return fileError(kInternal, "idx_gzip", path, "zlib does not start",
                         "check the zlib installation");
      unpacking = true;
    }
    return ok;
  }

  bool plain() const { return !unpacking; }
  uint64_t fileSize() const { return file->size(); }
  // Fills `out`; fewer bytes than asked for mean the end of the file.
  Result<size_t> read(uint8_t *out, size_t size) {
    return unpacking ? inflateInto(out, size) : copyInto(out, size);
  }

private:
  Status refill() {
    Result<size_t> got = file->read(input.data(), input.size());
    if (!got)
      return got.error();
    left = *got;
    next = input.data();
    return ok;
  }

  Result<size_t> copyInto(uint8_t *out, size_t size) {
    size_t n = std::min(left, size);
    std::memcpy(out, next, n);
    next += n, left -= n;
    Result<size_t> rest = file->read(out + n, size - n);
    return rest ? Result<size_t>(n + *rest) : rest;
  }

  Result<size_t> inflateInto(uint8_t *out, size_t size) {
    stream.next_out = out;
    stream.avail_out = uInt(size);
    while (stream.avail_out > 0) {
      if (left == 0) {
        if (Status bad = refill())
          return *bad;
        if (left == 0 && memberEnded)
          break;
        if (left == 0)
          return gzipError("the gzip stream is cut off");
      }
      if (memberEnded) { // several gzip members in a row are one file
        inflateReset(&stream);
        memberEnded = false;
      }
      stream.next_in = next;
      stream.avail_in = uInt(left);
      int state = inflate(&stream, Z_NO_FLUSH);
      next = stream.next_in;
      left = stream.avail_in;
      if (state == Z_STREAM_END)
        memberEnded = true;
      else if (state != Z_OK)
        return gzipError(std::string("the gzip stream is damaged (") +
                         (stream.msg ? stream.msg : "unexpected data") + ")");
    }
    return size - stream.avail_out;
  }

  Error gzipError(const std::string &cause) const {
    return fileError(kBadInput, "idx_gzip", path, cause, kAgain);
  }

  std::string path;
  std::optional<InputFile> file;
  std::array<uint8_t, 1 << 16> input;
  uint8_t *next = nullptr;
  size_t left = 0;
  z_stream stream{};
  bool unpacking = false, memberEnded = false;
};

struct IdxArray {
  std::array<uint32_t, 3> dims{1, 1, 1};
  Pixels bytes;
};

std::string shapeText(const IdxArray &array, int rank) {
  std::string text = std::to_string(array.dims[0]);
  for (int i = 1; i < rank; ++i)
    text += " x " + std::to_string(array.dims[i]);
  return text;
}

Status checkMagic(const std::string &path, uint32_t magic, int rank) {
  uint32_t wanted = 0x800u + uint32_t(rank);
  if (magic == wanted)
    return ok;
  char cause[96];
  std::snprintf(cause, sizeof cause, "magic number 0x%08x, not 0x%08x", magic,
                wanted);
  const char *fix = "give an IDX file of unsigned bytes";
  if (magic == 0x801)
    fix = "this is a file of labels, give the images";
  if (magic == 0x803)
    fix = "this is a file of images, give the labels";
  return fileError(kBadInput, "idx_magic", path, cause, fix);
}

Status checkSizes(const std::string &path, const IdxArray &array, int rank) {
  const auto &d = array.dims;
  for (int i = 0; i < rank; ++i)
    if (d[i] == 0)
      return fileError(kBadInput, "idx_empty", path,
                       "a size in the header is 0 (" + shapeText(array, rank) +
                           ")",
                       "give a file with at least one entry");
  if (d[1] > kMaxSide || d[2] > kMaxSide ||
      uint64_t(d[0]) * (uint64_t(d[1]) * d[2]) > kMaxBytes)
    return fileError(kBadInput, "idx_too_large", path,
                     "the header says " + shapeText(array, rank) +
                         ", beyond 4096 pixels a side or 4 GiB in all",
                     "the header is damaged or the data must be split");
  return ok;
}

Error truncated(const std::string &path, uint64_t wanted, uint64_t found) {
  return fileError(kBadInput, "idx_truncated", path,
                   std::to_string(wanted) + " bytes expected, " +
                       std::to_string(found) + " found",
                   kAgain);
}

// All at once, if the file holds what its header says.
Status readPlain(ByteSource &source, const std::string &path, uint64_t header,
                 uint64_t size, IdxArray &array) {
  if (source.fileSize() < header + size)
    return truncated(path, header + size, source.fileSize());
  array.bytes = Pixels::allocate(size);
  Result<size_t> got = source.read(array.bytes.data(), size);
  if (!got)
    return got.error();
  if (*got < size) // somebody shortens it just now
    return truncated(path, header + size, header + *got);
  return ok;
}

// As much as arrives, which may be less than the header says.
Status unpack(ByteSource &source, const std::string &path, uint64_t header,
              uint64_t size, uint64_t times, IdxArray &array) {
  if (size > unpackLimit(source.fileSize(), times))
    return fileError(kBadInput, "unpack_limit", path,
                     std::to_string(source.fileSize()) + " bytes unpack to " +
                         std::to_string(size) + ", more than " +
                         std::to_string(times) + " times as much",
                     "if that is right, raise --max-unpack");
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

Result<IdxArray> readArray(const std::string &path, int rank, uint64_t times) {
  ByteSource source;
  if (Status bad = source.open(path))
    return *bad;
  uint8_t header[16];
  size_t headerSize = 4 + 4 * size_t(rank);
  Result<size_t> got = source.read(header, headerSize);
  if (!got)
    return got.error();
  auto word = [&](int i) {
    const uint8_t *p = header + 4 * i;
    return uint32_t(p[0]) << 24 | uint32_t(p[1]) << 16 | uint32_t(p[2]) << 8 |
           p[3];
  };
  if (*got >= 4)
    if (Status bad = checkMagic(path, word(0), rank))
      return *bad;
  if (*got < headerSize)
    return truncated(path, headerSize, *got);

  IdxArray array;
  for (int i = 0; i < rank; ++i)
    array.dims[i] = word(1 + i);
  if (Status bad = checkSizes(path, array, rank))
    return *bad;

  uint64_t size = uint64_t(array.dims[0]) * array.dims[1] * array.dims[2];
  Status bad = source.plain() ? readPlain(source, path, headerSize, size, array)
                              : unpack(source, path, headerSize, size, times,
                                       array);
  if (bad)
    return *bad;
  // One byte more must not exist; asking also makes zlib check its checksum.
  got = source.read(header, 1);
  if (!got)
    return got.error();
  if (*got)
    return fileError(kBadInput, "idx_trailing", path,
                     "bytes follow the " + shapeText(array, rank) +
                         " entries that the header declares",
                     kAgain);
  return array;
}

std::string findOne(const std::string &directory, const std::string &stem,
                    const std::string &kind) {
  for (const char *dot : {"-", "."})
    for (const char *suffix : {"", ".gz"}) {
      std::string path =
          joinPath(directory, stem + dot + kind + "-ubyte" + suffix);
      if (isRegularFile(path))
        return path;
    }
  return "";
}

} // namespace

Result<Dataset> readIdx(const std::string &imagesPath,
                        const std::string &labelsPath, const std::string &name,
                        int classes, uint64_t maxUnpack) {
  // Labels first: they are small, so a wrong pair of files fails at once.
  Result<IdxArray> labels = readArray(labelsPath, 1, maxUnpack);
  if (!labels)
    return labels.error();
  for (size_t i = 0; i < labels->bytes.size(); ++i)
    if (labels->bytes[i] >= classes)
      return fileError(kBadInput, "idx_label_range", labelsPath,
                       "label " + std::to_string(labels->bytes[i]) +
                           " at position " + std::to_string(i) + ", but " +
                           std::to_string(classes) + " classes",
                       "check that the file holds labels below " +
                           std::to_string(classes));
  Result<IdxArray> images = readArray(imagesPath, 3, maxUnpack);
  if (!images)
    return images.error();
  if (images->dims[0] != labels->dims[0])
    return fileError(kBadInput, "idx_count_mismatch", imagesPath,
                     std::to_string(images->dims[0]) + " images, but " +
                         std::to_string(labels->dims[0]) + " labels in " +
                         labelsPath,
                     "give two files of the same set");
  Dataset data;
  data.name = name;
  data.height = int(images->dims[1]);
  data.width = int(images->dims[2]);
  data.classes = classes;
  data.images = std::move(images->bytes);
  data.labels.assign(labels->bytes.begin(), labels->bytes.end());
  return data;
}

Result<IdxPaths> findIdxFiles(const std::string &directory) {
  std::string missing;
  for (const char *below : {"", "MNIST/raw", "raw"}) {
    std::string place = *below ? joinPath(directory, below) : directory;
    IdxPaths paths{findOne(place, "train-images", "idx3"),
                   findOne(place, "train-labels", "idx1"),
                   findOne(place, "t10k-images", "idx3"),
                   findOne(place, "t10k-labels", "idx1")};
    std::string absent;
    if (paths.trainImages.empty())
      absent += " train-images-idx3-ubyte";
    if (paths.trainLabels.empty())
      absent += " train-labels-idx1-ubyte";
    if (paths.testImages.empty())
      absent += " t10k-images-idx3-ubyte";
    if (paths.testLabels.empty())
      absent += " t10k-labels-idx1-ubyte";
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

Result<DatasetSplit> readIdxDirectory(const std::string &directory,
                                      const std::string &name, int classes,
                                      uint64_t maxUnpack) {
  Result<IdxPaths> paths = findIdxFiles(directory);
  if (!paths)
    return paths.error();
  // Beside each other: unpacking takes longer than all else before training.
  std::optional<Result<Dataset>> test;
  std::exception_ptr thrown; // out of memory
  auto readTest = [&] {
    try {
      test = readIdx(paths->testImages, paths->testLabels, name + "/test",
                     classes, maxUnpack);
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  std::jthread beside;
  try {
    beside = std::jthread(readTest);
  } catch (const std::system_error &) {
    readTest(); // no thread to be had: later, not never
  }
  Result<Dataset> train =
      readIdx(paths->trainImages, paths->trainLabels, name + "/train", classes,
              maxUnpack);
  if (beside.joinable())
    beside.join();
  if (thrown)
    std::rethrow_exception(thrown);
  if (!train)
    return train.error();
  if (!*test)
    return test->error();
  const Dataset &second = **test;
  if (train->height != second.height || train->width != second.width)
    return fileError(kBadInput, "idx_shape_mismatch", paths->testImages,
                     "images of " + std::to_string(second.height) + " x " +
                         std::to_string(second.width) + ", but those in " +
                         paths->trainImages + " are " +
                         std::to_string(train->height) + " x " +
                         std::to_string(train->width),
                     "give four files of the same set");
  return DatasetSplit{std::move(*train),
                      std::move(**test),
                      directory,
                      {paths->trainImages, paths->trainLabels,
                       paths->testImages, paths->testLabels}};
}

} // namespace gradmill::rt
