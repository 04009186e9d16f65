#include "tools/RawInput.h"

#include "files/Input.h"
#include "tools/Npy.h"

#include <bit>
#include <cstring>

namespace gradmill::rt {

static_assert(std::endian::native == std::endian::little);
static constexpr uint64_t kMaxBytes = uint64_t(8) << 30;

Result<std::vector<char>> readPort(const std::string &path,
                                   const PortSpec &port) {
  auto bytes = readFile(path, kMaxBytes);
  if (!bytes)
    return bytes.error();
  std::string_view file(reinterpret_cast<const char *>(bytes->data()),
                        bytes->size());
  size_t offset = 0;
  if (isNpy(file)) {
    std::string problem;
    offset = npyDataOffset(file, port.dtype, problem);
    if (!problem.empty())
      return Error{kBadInput, "bad_npy", path + ": " + problem};
  }
  file.remove_prefix(offset);
  if (file.empty() || file.size() % port.bytes() != 0)
    return Error{kBadInput, "bad_size",
                 path + ": " + std::to_string(file.size()) +
                     " bytes of data are no multiple of one \"" + port.name +
                     "\", " + portText(port)};
  return std::vector<char>(file.begin(), file.end());
}

template <typename T, typename Draw>
static void fill(void *values, uint64_t elements, Draw draw) {
  for (uint64_t i = 0; i < elements; ++i)
    static_cast<T *>(values)[i] = T(draw(i));
}

void fillPort(const PortSpec &port, const PhiloxStream &random,
              uint64_t elements, void *values) {
  auto number = [&](uint64_t i) { return 2 * random.uniform(i) - 1; };
  auto whole = [&](uint64_t i) {
    return random.word(i) % uint64_t(std::max<int64_t>(port.classes, 1));
  };
  switch (port.dtype) {
  case DType::F32:
    return fill<float>(values, elements, number);
  case DType::F64:
    return fill<double>(values, elements, number);
  case DType::I32:
    return fill<int32_t>(values, elements, whole);
  case DType::I64:
    return fill<int64_t>(values, elements, whole);
  case DType::U8:
    return fill<uint8_t>(values, elements, whole);
  }
}

} // namespace gradmill::rt
