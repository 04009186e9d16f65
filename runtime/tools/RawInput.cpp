#include "tools/RawInput.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>

namespace gradmill::rt {

static_assert(std::endian::native == std::endian::little);
static constexpr char kMagic[] = "\x93NUMPY";
static constexpr size_t kMagicBytes = 6;

static Result<std::string> readAll(const std::string &path) {
  std::FILE *file = std::fopen(path.c_str(), "rbe");
  if (!file)
    return Error{kIo, errno == ENOENT ? "file_not_found" : "read_failed",
                 path + ": cannot open: " + std::strerror(errno)};
  struct stat info;
  bool regular = fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode) &&
                 info.st_size < (int64_t(1) << 33);
  std::string bytes(regular ? size_t(info.st_size) : 0, '\0');
  size_t got = std::fread(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  if (!regular || got != bytes.size())
    return Error{kIo, "read_failed",
                 path + ": not a readable file below 8 GiB"};
  return bytes;
}

// Where the data of a .npy file begins; 0 and a problem if it cannot be read.
static size_t npyDataOffset(const std::string &bytes, std::string &problem) {
  size_t lengthBytes = bytes.size() > kMagicBytes && bytes[6] == 1 ? 2 : 4;
  size_t start = kMagicBytes + 2 + lengthBytes;
  if (bytes.size() < start) {
    problem = "truncated";
    return 0;
  }
  uint64_t length = 0;
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= uint64_t(uint8_t(bytes[kMagicBytes + 2 + i])) << (8 * i);
  if (length > bytes.size() - start) {
    problem = "truncated";
    return 0;
  }
  std::string header = bytes.substr(start, length);
  if (header.find("'<f4'") == std::string::npos)
    problem = "its elements are not little-endian f32; save it with "
              "astype('float32')";
  else if (header.find("'fortran_order': False") == std::string::npos)
    problem = "it is not in C order";
  return start + length;
}

Result<std::vector<float>> readFloats(const std::string &path,
                                      uint64_t multiple) {
  auto bytes = readAll(path);
  if (!bytes)
    return bytes.error();
  size_t offset = 0;
  if (bytes->compare(0, kMagicBytes, kMagic, kMagicBytes) == 0) {
    std::string problem;
    offset = npyDataOffset(*bytes, problem);
    if (!problem.empty())
      return Error{kBadInput, "bad_npy", path + ": " + problem};
  }
  size_t size = bytes->size() - offset;
  if (size == 0 || size % (multiple * sizeof(float)) != 0)
    return Error{kBadInput, "bad_size",
                 path + ": " + std::to_string(size) +
                     " bytes of data are no multiple of one input, " +
                     std::to_string(multiple) + " f32"};
  std::vector<float> values(size / sizeof(float));
  std::memcpy(values.data(), bytes->data() + offset, size);
  return values;
}

} // namespace gradmill::rt
