#include "tools/RawInput.h"

#include "files/Input.h"
#include "tools/Npy.h"

#include <bit>
#include <cstring>

namespace gradmill::rt {

static_assert(std::endian::native == std::endian::little);
static constexpr uint64_t kMaxBytes = uint64_t(8) << 30;

Result<std::vector<float>> readFloats(const std::string &path,
                                      uint64_t multiple) {
  auto bytes = readFile(path, kMaxBytes);
  if (!bytes)
    return bytes.error();
  std::string_view file(reinterpret_cast<const char *>(bytes->data()),
                        bytes->size());
  size_t offset = 0;
  if (isNpy(file)) {
    std::string problem;
    offset = npyDataOffset(file, problem);
    if (!problem.empty())
      return Error{kBadInput, "bad_npy", path + ": " + problem};
  }
  size_t size = file.size() - offset;
  if (size == 0 || size % (multiple * sizeof(float)) != 0)
    return Error{kBadInput, "bad_size",
                 path + ": " + std::to_string(size) +
                     " bytes of data are no multiple of one input, " +
                     std::to_string(multiple) + " f32"};
  std::vector<float> values(size / sizeof(float));
  std::memcpy(values.data(), file.data() + offset, size);
  return values;
}

} // namespace gradmill::rt
