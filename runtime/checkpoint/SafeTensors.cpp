#include "checkpoint/SafeTensors.h"

#include "checkpoint/AtomicFile.h"
#include "core/JsonFields.h"
#include "core/Manifest.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace gradmill::rt {

static constexpr const char *kChecksum = "gradmill.crc32";
static constexpr uint64_t kMaxHeader = 100'000'000; // the format's own limit
static constexpr uint64_t kPrefix = 8;

static const std::map<std::string, uint64_t> kDTypeBytes{
    {"F64", 8}, {"F32", 4}, {"F16", 2},  {"BF16", 2},    {"I64", 8},
    {"I32", 4}, {"I16", 2}, {"I8", 1},   {"U64", 8},     {"U32", 4},
    {"U16", 2}, {"U8", 1},  {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};

const StoredTensor *SafeTensors::find(const std::string &name) const {
  for (const StoredTensor &tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

// The checksum of header (as canonical JSON, without the checksum itself) and
// data.
static std::string checksum(Json header, const void *data, uint64_t bytes) {
  if (header.contains("__metadata__"))
    header["__metadata__"].erase(kChecksum);
  std::string text = jsonText(header);
  uLong crc =
      crc32_z(0, reinterpret_cast<const Bytef *>(text.data()), text.size());
  crc = crc32_z(crc, static_cast<const Bytef *>(data), bytes);
  char hex[9];
  std::snprintf(hex, sizeof hex, "%08lx", crc);
  return hex;
}

// --- Reading ---------------------------------------------------------------

static Result<AlignedBuffer> readWhole(const std::string &path) {
  // O_NONBLOCK: opening a FIFO without a writer must not hang.
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return Error{kIo, errno == ENOENT ? "file_not_found" : "read_failed",
                 path + ": cannot open: " + std::strerror(errno)};
  struct stat info;
  bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  auto buffer =
      AlignedBuffer::allocate(regular ? uint64_t(info.st_size) : 0, path);
  uint64_t done = 0;
  while (buffer && done < buffer->size()) {
    ssize_t part = read(fd, buffer->as<char>() + done, buffer->size() - done);
    if (part < 0 && errno == EINTR)
      continue;
    if (part <= 0)
      break;
    done += uint64_t(part);
  }
  close(fd);
  if (!regular)
    return Error{kBadInput, "bad_safetensors", path + ": not a regular file"};
  if (buffer && done != buffer->size())
    return Error{kIo, "read_failed", path + ": cannot read"};
  return buffer;
}

// nlohmann keeps the last of two equal keys; the format forbids them, and two
// readers that choose differently would load different weights.
static Json parseHeader(const char *begin, uint64_t size, bool &duplicate) {
  std::vector<std::set<std::string>> keys;
  auto watch = [&](int, Json::parse_event_t event, Json &parsed) {
    if (event == Json::parse_event_t::object_start)
      keys.emplace_back();
    else if (event == Json::parse_event_t::object_end)
      keys.pop_back();
    else if (event == Json::parse_event_t::key && !keys.empty())
      duplicate |= !keys.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  return Json::parse(begin, begin + size, watch, /*allow_exceptions=*/false);
}

static std::string readMetadata(const Json &json, Metadata &metadata) {
  if (!json.is_object())
    return "__metadata__ is not an object";
  for (const auto &item : json.items()) {
    if (!item.value().is_string())
      return "__metadata__ holds a value that is not a string";
    metadata[item.key()] = item.value().get<std::string>();
  }
  return {};
}

static StoredTensor readTensor(const std::string &name, const Json &json,
                               const char *data, uint64_t dataBytes,
                               std::string &problem) {
  StoredTensor tensor;
  tensor.name = name;
  JsonFields fields(json, "tensor \"" + name + "\"", problem);
  tensor.dtype = fields.string("dtype");
  auto known = kDTypeBytes.find(tensor.dtype);
  if (known == kDTypeBytes.end())
    fields.fail("dtype", "\"" + tensor.dtype + "\" is unknown");
  tensor.shape = fields.shape("shape");
  const Json *offsets = fields.get("data_offsets");
  if (fields.failed())
    return tensor;
  if (!offsets->is_array() || offsets->size() != 2 ||
      !(*offsets)[0].is_number_unsigned() ||
      !(*offsets)[1].is_number_unsigned()) {
    fields.fail("data_offsets", "is not a pair of offsets");
    return tensor;
  }
  auto begin = (*offsets)[0].get<uint64_t>();
  auto end = (*offsets)[1].get<uint64_t>();
  auto count = elementCount(tensor.shape);
  auto bytes = count ? checkedMul(*count, known->second) : std::nullopt;
  if (begin > end || end > dataBytes)
    fields.fail("data_offsets", "reach past the end of the file");
  else if (!bytes || end - begin != *bytes)
    fields.fail("data_offsets", "do not fit the shape and dtype");
  tensor.data = data + begin;
  tensor.bytes = end - begin;
  return tensor;
}

// The format demands data without holes and overlaps.
static std::string layoutProblem(std::vector<StoredTensor> tensors,
                                 const char *data, uint64_t dataBytes) {
  std::sort(tensors.begin(), tensors.end(), [](const auto &a, const auto &b) {
    return std::pair(a.data, a.bytes) < std::pair(b.data, b.bytes);
  });
  const char *expected = data;
  for (const StoredTensor &tensor : tensors) {
    if (tensor.data != expected)
      return "tensor \"" + tensor.name + "\" overlaps another or leaves a hole";
    expected += tensor.bytes;
  }
  return expected == data + dataBytes ? "" : "bytes after the last tensor";
}

static std::string interpret(SafeTensors &file) {
  uint64_t size = file.content.size();
  const char *begin = file.content.as<char>();
  uint64_t headerBytes = 0;
  if (size < kPrefix)
    return "shorter than its 8-byte prefix";
  for (int i = 0; i < 8; ++i)
    headerBytes |= uint64_t(uint8_t(begin[i])) << (8 * i);
  if (headerBytes > kMaxHeader || headerBytes > size - kPrefix)
    return "header of " + std::to_string(headerBytes) + " bytes in a file of " +
           std::to_string(size);
  bool duplicate = false;
  Json header = parseHeader(begin + kPrefix, headerBytes, duplicate);
  if (header.is_discarded() || !header.is_object())
    return "header is not a JSON object";
  if (duplicate)
    return "a name appears twice in the header";
  const char *data = begin + kPrefix + headerBytes;
  uint64_t dataBytes = size - kPrefix - headerBytes;
  std::string problem;
  for (const auto &item : header.items()) {
    if (item.key() == "__metadata__")
      problem = readMetadata(item.value(), file.metadata);
    else
      file.tensors.push_back(
          readTensor(item.key(), item.value(), data, dataBytes, problem));
    if (!problem.empty())
      return problem;
  }
  problem = layoutProblem(file.tensors, data, dataBytes);
  auto stored = file.metadata.find(kChecksum);
  if (problem.empty() && stored != file.metadata.end() &&
      stored->second != checksum(std::move(header), data, dataBytes))
    problem = "checksum mismatch: the content was altered after it was written";
  return problem;
}

Result<SafeTensors> readSafeTensors(const std::string &path) {
  auto content = readWhole(path);
  if (!content)
    return content.error();
  SafeTensors file;
  file.content = std::move(*content);
  std::string problem = interpret(file);
  if (!problem.empty())
    return Error{kBadInput, "bad_safetensors",
                 path + ": not a valid safetensors file: " + problem};
  return file;
}

// --- Writing ---------------------------------------------------------------

Status writeSafeTensors(const std::string &path,
                        const std::vector<StoredTensor> &tensors,
                        Metadata metadata) {
  Json header = Json::object();
  std::string data;
  for (const StoredTensor &tensor : tensors) {
    header[tensor.name] = {
        {"dtype", tensor.dtype},
        {"shape", tensor.shape},
        {"data_offsets", {data.size(), data.size() + tensor.bytes}}};
    data.append(static_cast<const char *>(tensor.data), tensor.bytes);
  }
  header["__metadata__"] = metadata;
  // Through text and back: the checksum must see what a reader will parse.
  header = Json::parse(jsonText(header));
  header["__metadata__"][kChecksum] =
      checksum(header, data.data(), data.size());
  std::string text = jsonText(header);
  // Data begins at a multiple of 64, so that it can be mapped and used in
  // place.
  text.resize((text.size() + kPrefix + kAlignment - 1) / kAlignment *
                      kAlignment -
                  kPrefix,
              ' ');
  char prefix[kPrefix];
  for (uint64_t i = 0; i < kPrefix; ++i)
    prefix[i] = char(uint64_t(text.size()) >> (8 * i));
  std::string_view parts[] = {{prefix, kPrefix}, text, data};
  return writeFileAtomically(path, parts);
}

} // namespace gradmill::rt
