#include "data/PackedFile.h"

#include "core/Text.h"
#include "files/Paths.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace gradmill::rt {

struct PackedFile::Stream {
  z_stream z{};
};

PackedFile::PackedFile() : stream(std::make_unique<Stream>()) {}

PackedFile::~PackedFile() {
  if (unpacking)
    inflateEnd(&stream->z);
}

Status PackedFile::open(const std::string &name) {
  path = name;
  Result<InputFile> opened = InputFile::open(path);
  if (!opened)
    return opened.error();
  file = std::move(*opened);
  if (Status bad = refill())
    return bad;
  if (left >= 2 && input[0] == 0x1f && input[1] == 0x8b) {
    if (inflateInit2(&stream->z, 15 + 16) != Z_OK) // 16: gzip wrapper only
      return fileError(kInternal, "gzip_damaged", path, "zlib does not start",
                       "check the zlib installation");
    unpacking = true;
  }
  return ok;
}

Result<size_t> PackedFile::read(uint8_t *out, size_t size) {
  return unpacking ? inflateInto(out, size) : copyInto(out, size);
}

Status PackedFile::refill() {
  Result<size_t> got = file->read(input.data(), input.size());
  if (!got)
    return got.error();
  left = *got;
  next = input.data();
  return ok;
}

Result<size_t> PackedFile::copyInto(uint8_t *out, size_t size) {
  size_t n = std::min(left, size);
  std::memcpy(out, next, n);
  next += n, left -= n;
  Result<size_t> rest = file->read(out + n, size - n);
  if (!rest)
    return rest;
  return n + *rest;
}

Result<size_t> PackedFile::inflateInto(uint8_t *out, size_t size) {
  z_stream &z = stream->z;
  z.next_out = out;
  z.avail_out = uInt(size);
  while (z.avail_out > 0) {
    if (left == 0) {
      if (Status bad = refill())
        return *bad;
      if (left == 0 && memberEnded)
        break;
      if (left == 0)
        return damaged("the gzip stream is cut off");
    }
    if (memberEnded) { // several gzip members in a row are one file
      inflateReset(&z);
      memberEnded = false;
    }
    z.next_in = next;
    z.avail_in = uInt(left);
    int state = inflate(&z, Z_NO_FLUSH);
    next = z.next_in;
    left = z.avail_in;
    if (state == Z_STREAM_END)
      memberEnded = true;
    else if (state != Z_OK)
      return damaged(std::string("the gzip stream is damaged (") +
                     (z.msg ? z.msg : "unexpected data") + ")");
  }
  return size - z.avail_out;
}

Error PackedFile::damaged(const std::string &cause) const {
  return badFile("gzip_damaged", path, {cause}, {"fetch the file again"});
}

Result<std::vector<uint8_t>> readPacked(const std::string &path,
                                        uint64_t maxUnpack) {
  constexpr size_t step = 1 << 20;
  PackedFile file;
  if (Status bad = file.open(path))
    return *bad;
  uint64_t limit =
      file.plain() ? UINT64_MAX : unpackLimit(file.fileSize(), maxUnpack);
  std::vector<uint8_t> bytes;
  if (file.plain())
    bytes.reserve(size_t(file.fileSize()) + step);
  for (;;) {
    size_t used = bytes.size();
    bytes.resize(used + step);
    Result<size_t> got = file.read(bytes.data() + used, step);
    if (!got)
      return got.error();
    bytes.resize(used + *got);
    if (bytes.size() > limit)
      return unpacksTooFar(path, file.fileSize(), bytes.size(), maxUnpack);
    if (*got < step)
      return bytes;
  }
}

Error unpacksTooFar(const std::string &path, uint64_t packed, uint64_t size,
                    uint64_t times) {
  return badFile("unpack_limit", path,
                 {packed, " bytes unpack to ", size, ", more than ", times,
                  " times as much"},
                 {"if that is right, raise --max-unpack"});
}

} // namespace gradmill::rt
