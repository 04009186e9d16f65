// The ustar format: blocks of 512 bytes, a header before each member, numbers in
// octal digits.
#include "data/Tar.h"

#include "core/Text.h"
#include "data/PackedFile.h"
#include "files/Output.h"
#include "files/Paths.h"

#include <algorithm>
#include <string_view>

namespace gradmill::rt {
namespace {

constexpr size_t kBlock = 512;

std::string_view field(const uint8_t *header, size_t at, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(header) + at, size);
  return text.substr(0, text.find('\0'));
}

// Octal digits, perhaps with spaces around; false if there are others.
bool octal(std::string_view text, uint64_t &value) {
  value = 0;
  bool digits = false;
  for (char c : text) {
    if (c == ' ' && !digits)
      continue;
    if (c == ' ')
      break;
    if (c < '0' || c > '7' || value >> 60)
      return false;
    value = value * 8 + uint64_t(c - '0');
    digits = true;
  }
  return digits;
}

// The sum of the header's bytes, those of the sum counting as spaces.
bool sumFits(const uint8_t *header) {
  uint64_t stored = 0, sum = 0;
  for (size_t i = 0; i < kBlock; ++i)
    sum += i >= 148 && i < 156 ? ' ' : header[i];
  return octal(field(header, 148, 8), stored) && stored == sum;
}

} // namespace

Status extractFiles(const std::string &archive,
                    const std::vector<std::string> &names,
                    const std::string &directory, uint64_t maxUnpack) {
  auto bytes = readPacked(archive, maxUnpack);
  if (!bytes)
    return bytes.error();
  auto damaged = [&](const std::string &cause) {
    return badFile("tar_damaged", archive, {cause}, {"fetch it again"});
  };
  std::vector<std::string> missing = names;
  for (size_t at = 0; at + kBlock <= bytes->size() && !missing.empty();) {
    const uint8_t *header = bytes->data() + at;
    if (std::all_of(header, header + kBlock, [](uint8_t b) { return b == 0; }))
      break; // the end
    uint64_t size = 0;
    if (!sumFits(header) || !octal(field(header, 124, 12), size))
      return damaged(join({"a damaged header at byte ", at}));
    at += kBlock;
    if (size > bytes->size() - at)
      return damaged(join({"a member is cut off at byte ", bytes->size()}));
    std::string path(field(header, 0, 100));
    std::string name = path.substr(path.rfind('/') + 1);
    char kind = char(header[156]);
    auto wanted = std::find(missing.begin(), missing.end(), name);
    if (wanted != missing.end() && (kind == '0' || kind == '\0')) {
      std::string_view content(
          reinterpret_cast<const char *>(bytes->data() + at), size_t(size));
      if (Status error = writeFile(joinPath(directory, name), {content}))
        return error;
      missing.erase(wanted);
    }
    at += size_t((size + kBlock - 1) / kBlock * kBlock);
  }
  return missing.empty() ? ok
                         : Status(damaged("there is no " + missing.front() +
                                          " in it"));
}

} // namespace gradmill::rt
