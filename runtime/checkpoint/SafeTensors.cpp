#include "checkpoint/SafeTensors.h"

#include "core/Crc32.h"
#include "core/JsonFields.h"
#include "core/Manifest.h"
#include "core/Text.h"
#include "files/Input.h"
#include "files/Output.h"
#include "files/Paths.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace gradmill::rt {

static constexpr const char *kChecksum = "gradmill.file_crc32";
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

// --- The checksum ----------------------------------------------------------
// CRC-32 of every byte of the file, in which the digits of the checksum itself
// count as zeros. It stands in the header's text as `"KEY":"DIGITS"`, where no
// string of JSON can fake it: a quote within a string is escaped.

static constexpr std::string_view kNoDigits = "00000000";

static std::string checksumField(std::string_view digits) {
  return std::string("\"") + kChecksum + "\":\"" + std::string(digits) + "\"";
}

// The position of the digits, or npos.
static size_t digitsAt(std::string_view header, std::string_view digits) {
  size_t field = header.find(checksumField(digits));
  return field == header.npos ? field
                              : field + checksumField(digits).size() -
                                    digits.size() - 1;
}

static std::string checksum(std::string_view prefix, std::string header,
                            size_t at, std::string_view data) {
  header.replace(at, kNoDigits.size(), kNoDigits);
  uint32_t crc = 0;
  for (std::string_view part : {prefix, std::string_view(header), data})
    crc = crc32(crc, part.data(), part.size());
  char hex[9];
  std::snprintf(hex, sizeof hex, "%08x", crc);
  return hex;
}

static bool isOurs(const Metadata &metadata) {
  return std::any_of(metadata.begin(), metadata.end(), [](const auto &entry) {
    return entry.first.rfind("gradmill.", 0) == 0;
  });
}

// A damaged byte may have renamed the checksum, so a file of ours must have
// one.
static std::string checksumProblem(const Metadata &metadata,
                                   std::string_view prefix,
                                   std::string_view header,
                                   std::string_view data) {
  auto stored = metadata.find(kChecksum);
  if (stored == metadata.end())
    return isOurs(metadata) ? "its checksum is missing: it was damaged, or "
                              "written by an older version"
                            : "";
  size_t at = stored->second.size() == kNoDigits.size()
                  ? digitsAt(header, stored->second)
                  : header.npos;
  if (at == header.npos ||
      checksum(prefix, std::string(header), at, data) != stored->second)
    return "checksum mismatch: the content was altered after it was written";
  return {};
}

// --- Reading ---------------------------------------------------------------

static Result<AlignedBuffer> readWhole(const std::string &path) {
  auto file = InputFile::open(path);
  if (!file)
    return file.error();
  auto buffer = AlignedBuffer::allocate(file->size(), path);
  if (!buffer)
    return buffer;
  auto got = file->read(buffer->data(), buffer->size());
  if (!got)
    return got.error();
  if (*got != buffer->size())
    return fileError(kIo, "file_unreadable", path,
                     "it became shorter while it was read", "try again");
  return buffer;
}

static std::string readMetadata(const Json &json, Metadata &metadata) {
  if (!json.is_object())
    return "__metadata__ is not an object";
  for (const auto &[key, value] : json.items()) {
    if (!value.is_string())
      return "__metadata__ holds a value that is not a string";
    metadata[key] = value.get<std::string>();
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
  std::string_view text(begin + kPrefix, headerBytes);
  Json header = parseJson(text, &duplicate);
  if (!header.is_object())
    return "header is not a JSON object";
  // The format forbids it: two readers that choose differently would load
  // different weights.
  if (duplicate)
    return "a name appears twice in the header";
  const char *data = begin + kPrefix + headerBytes;
  uint64_t dataBytes = size - kPrefix - headerBytes;
  std::string problem;
  for (const auto &[key, value] : header.items()) {
    if (key == "__metadata__")
      problem = readMetadata(value, file.metadata);
    else
      file.tensors.push_back(
          readTensor(key, value, data, dataBytes, problem));
    if (!problem.empty())
      return problem;
  }
  problem = layoutProblem(file.tensors, data, dataBytes);
  if (problem.empty())
    problem = checksumProblem(file.metadata, {begin, kPrefix}, text,
                              {data, dataBytes});
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
    return makeError(kBadInput, "bad_safetensors",
                     {path, ": not a valid safetensors file: ", problem});
  return file;
}

// --- Writing ---------------------------------------------------------------

Status writeSafeTensors(const std::string &path,
                        const std::vector<StoredTensor> &tensors,
                        Metadata metadata) {
  Json header = Json::object();
  std::string data;
  for (const StoredTensor &tensor : tensors) {
    auto begin = int64_t(data.size()), end = begin + int64_t(tensor.bytes);
    header[tensor.name] =
        Json::object({{"dtype", tensor.dtype},
                      {"shape", tensor.shape},
                      {"data_offsets", Json::array({begin, end})}});
    data.append(static_cast<const char *>(tensor.data), tensor.bytes);
  }
  metadata[kChecksum] = kNoDigits;
  header["__metadata__"] = metadata;
  std::string text = jsonText(header);
  // Data begins at a multiple of 64, so that it can be mapped and used in
  // place.
  text.resize((text.size() + kPrefix + kAlignment - 1) / kAlignment *
                      kAlignment -
                  kPrefix,
              ' ');
  char bytes[kPrefix];
  for (uint64_t i = 0; i < kPrefix; ++i)
    bytes[i] = char(uint64_t(text.size()) >> (8 * i));
  std::string_view prefix(bytes, kPrefix);
  size_t at = digitsAt(text, kNoDigits);
  text.replace(at, kNoDigits.size(), checksum(prefix, text, at, data));
  return writeFile(path, {prefix, text, data});
}

} // namespace gradmill::rt
