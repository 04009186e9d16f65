#include "data/sources/Zip.h"

#include "core/Text.h"
#include "data/PackedFile.h"
#include "files/Input.h"
#include "files/Paths.h"

#include <algorithm>
#include <zlib.h>

namespace gradmill::rt {
namespace {

constexpr uint64_t kMaxFile = uint64_t(4) << 30;

// Reads little-endian numbers of a record; the caller has checked its length.
uint32_t number(const uint8_t *at, int bytes) {
  uint32_t value = 0;
  for (int i = bytes; i-- > 0;)
    value = value << 8 | at[i];
  return value;
}

// One record of the directory.
struct Record {
  uint32_t flags, method, crc, packed, size, start;
  std::string name;
};

class Reader {
public:
  Reader(const std::vector<uint8_t> &file, uint64_t allowed,
         const std::vector<std::string> &names)
      : file(file), allowed(allowed), names(names) {}

  // What is wrong, or "".
  std::string run(std::vector<ZipEntry> &entries) {
    size_t end = findEnd();
    if (end == kNone)
      return "it has no directory: it is no zip archive, or cut off";
    size_t count = number(&file[end + 10], 2);
    size_t at = number(&file[end + 16], 4);
    if (count == 0xffff || at == 0xffffffff)
      return "it is larger than 4 GiB or has more than 65,534 files, which is "
             "not read";
    for (size_t i = 0; i < count; ++i) {
      Record record;
      if (!readRecord(at, record))
        return "its directory is damaged";
      if (!isWanted(record.name))
        continue;
      ZipEntry entry{record.name, {}};
      std::string problem = leadsOut(record.name)
                                ? "its name leads out of the archive"
                                : unpack(record, entry.bytes);
      if (!problem.empty())
        return join({record.name, ": ", problem});
      entries.push_back(std::move(entry));
    }
    // The same bytes as several files: small archives that become large.
    std::sort(taken.begin(), taken.end());
    for (size_t i = 1; i < taken.size(); ++i)
      if (taken[i].first < taken[i - 1].second)
        return "files in it overlap";
    return {};
  }

  uint64_t unpacked = 0; // bytes so far

private:
  static constexpr size_t kNone = size_t(-1);

  bool fits(size_t at, size_t size) const {
    return at <= file.size() && size <= file.size() - at;
  }

  bool isWanted(const std::string &path) const {
    return names.empty() ||
           std::find(names.begin(), names.end(),
                     path.substr(path.rfind('/') + 1)) != names.end();
  }

  // The end record stands before a comment of at most 64 KiB.
  size_t findEnd() const {
    constexpr size_t record = 22, comment = 65535;
    for (size_t back = record; back <= file.size() && back <= record + comment;
         ++back) {
      size_t at = file.size() - back;
      if (number(&file[at], 4) == 0x06054b50 &&
          number(&file[at + 20], 2) == back - record)
        return at;
    }
    return kNone;
  }

  bool readRecord(size_t &at, Record &record) const {
    constexpr size_t fixed = 46;
    if (!fits(at, fixed) || number(&file[at], 4) != 0x02014b50)
      return false;
    const uint8_t *p = &file[at];
    size_t name = number(p + 28, 2),
           more = number(p + 30, 2) + number(p + 32, 2);
    if (!fits(at, fixed + name + more))
      return false;
    record = {number(p + 8, 2),
              number(p + 10, 2),
              number(p + 16, 4),
              number(p + 20, 4),
              number(p + 24, 4),
              number(p + 42, 4),
              std::string(p + fixed, p + fixed + name)};
    at += fixed + name + more;
    return true;
  }

  std::string unpack(const Record &record, std::vector<uint8_t> &out) {
    constexpr size_t fixed = 30;
    size_t at = record.start;
    if (record.size == 0xffffffff || record.start == 0xffffffff)
      return "it is larger than 4 GiB, which is not read";
    if (record.flags & 1)
      return "it is encrypted";
    if (!fits(at, fixed) || number(&file[at], 4) != 0x04034b50)
      return "its header is damaged";
    at += fixed + number(&file[at + 26], 2) + number(&file[at + 28], 2);
    if (!fits(at, record.packed))
      return "it is cut off";
    taken.emplace_back(record.start, at + record.packed);
    unpacked += record.size;
    if (unpacked > allowed)
      return "it unpacks too far";
    out.resize(record.size);
    bool good = record.method == 0   ? copy(at, record, out)
                : record.method == 8 ? inflateAll(at, record, out)
                                     : false;
    if (!good)
      return record.method == 0 || record.method == 8
                 ? "its data is damaged"
                 : "its compression method " + std::to_string(record.method) +
                       " is not read";
    if (crc32_z(0, out.data(), out.size()) != record.crc)
      return "its checksum does not fit";
    return {};
  }

  bool copy(size_t at, const Record &record, std::vector<uint8_t> &out) const {
    if (record.packed != record.size)
      return false;
    out.assign(file.begin() + ptrdiff_t(at),
               file.begin() + ptrdiff_t(at + record.size));
    return true;
  }

  bool inflateAll(size_t at, const Record &record,
                  std::vector<uint8_t> &out) const {
    z_stream z{};
    if (inflateInit2(&z, -15) != Z_OK) // no wrapper
      return false;
    uint8_t none;
    z.next_in = const_cast<uint8_t *>(file.data() + at);
    z.avail_in = record.packed;
    z.next_out = out.empty() ? &none : out.data();
    z.avail_out = record.size;
    int state = inflate(&z, Z_FINISH);
    bool whole = state == Z_STREAM_END && z.avail_out == 0 && z.avail_in == 0;
    inflateEnd(&z);
    return whole;
  }

  // Nothing is written under these names, but whoever does so should not find
  // them. "../x", "/x", "C:x".
  static bool leadsOut(std::string_view name) {
    return name.empty() || name[0] == '/' || ("/" + std::string(name) + "/").find("/../") != std::string::npos ||
           name.find_first_of("\\:") != name.npos;
  }

  const std::vector<uint8_t> &file;
  uint64_t allowed;
  const std::vector<std::string> &names;
  std::vector<std::pair<size_t, size_t>> taken; // bytes of the archive
};

} // namespace

Result<std::vector<ZipEntry>> readZip(const std::string &path,
                                      uint64_t maxUnpack,
                                      const std::vector<std::string> &names) {
  Result<std::vector<uint8_t>> file = readFile(path, kMaxFile);
  if (!file)
    return file.error();
  uint64_t allowed = unpackLimit(file->size(), maxUnpack);
  Reader reader(*file, allowed, names);
  std::vector<ZipEntry> entries;
  std::string problem = reader.run(entries);
  if (reader.unpacked > allowed)
    return unpacksTooFar(path, file->size(), reader.unpacked, maxUnpack);
  if (!problem.empty())
    return badFile("zip_damaged", path, {problem}, {"save it again"});
  return entries;
}

} // namespace gradmill::rt
