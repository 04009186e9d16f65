// The bytes of a plain or gzip file, in order. The first two bytes decide
// which, not the name.
#pragma once

#include "core/Error.h"
#include "data/Unpack.h"
#include "files/Input.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gradmill::rt {

class PackedFile {
public:
  PackedFile();
  ~PackedFile();
  // Errors: those of InputFile, gzip_damaged.
  Status open(const std::string &path);
  bool plain() const { return !unpacking; }
  uint64_t fileSize() const { return file->size(); }
  // Fills `out`; fewer bytes than asked for mean the end of the file. Error:
  // gzip_damaged.
  Result<size_t> read(uint8_t *out, size_t size);

private:
  struct Stream;
  Status refill();
  Result<size_t> copyInto(uint8_t *out, size_t size);
  Result<size_t> inflateInto(uint8_t *out, size_t size);
  Error damaged(const std::string &cause) const;

  std::string path;
  std::optional<InputFile> file;
  std::array<uint8_t, 1 << 16> input;
  uint8_t *next = nullptr;
  size_t left = 0;
  std::unique_ptr<Stream> stream;
  bool unpacking = false, memberEnded = false;
};

// Announces that `packed` bytes will become `size`.
Error unpacksTooFar(const std::string &path, uint64_t packed, uint64_t size,
                    uint64_t times);

// All of it, unpacked. Errors: those above, unpack_limit.
Result<std::vector<uint8_t>> readPacked(const std::string &path,
                                        uint64_t maxUnpack);

} // namespace gradmill::rt
