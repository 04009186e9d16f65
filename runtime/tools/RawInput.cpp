#include "tools/RawInput.h"
#include "core/Text.h"

#include "data/Elements.h"
#include "data/sources/Npy.h"
#include "files/Input.h"

#include <bit>
#include <cstring>

namespace gradmill::rt {

static_assert(std::endian::native == std::endian::little);
static constexpr uint64_t kMaxBytes = uint64_t(8) << 30;

static Result<std::vector<char>> readNpy(std::string_view file,
                                         const std::string &path,
                                         const PortSpec &port) {
  NpyHeader header;
  std::string problem = parseNpy(file, header);
  auto stored = problem.empty() ? storedAs(header.type) : std::nullopt;
  if (problem.empty() && stored != port.dtype)
    problem = std::string("its elements are ") +
              (stored ? dtypeName(*stored) : "of another type") + ", but \"" +
              port.name + "\" is " + dtypeName(port.dtype);
  // Samples, or one sample alone.
  if (std::vector<int64_t> shape = header.shape;
      problem.empty() && shape != port.shape) {
    if (!shape.empty())
      shape.erase(shape.begin());
    if (shape != port.shape || header.shape.empty() || !port.batched)
      problem = "its shape is " + shapeText(header.shape) + ", but " +
                (port.batched ? "a sample of \"" : "\"") + port.name +
                "\" is " + portText(port);
  }
  std::vector<char> values;
  if (problem.empty()) {
    size_t count = header.bytes / uint64_t(header.type.bytes);
    values.resize(count * dtypeBytes(port.dtype));
    problem = importElements(
        header.type,
        reinterpret_cast<const uint8_t *>(file.data()) + header.offset, count,
        reinterpret_cast<uint8_t *>(values.data()));
  }
  if (!problem.empty())
    return makeError(kBadInput, "bad_npy", {path, ": ", problem});
  return values;
}

Result<std::vector<char>> readPort(const std::string &path,
                                   const PortSpec &port) {
  auto bytes = readFile(path, kMaxBytes);
  if (!bytes)
    return bytes.error();
  std::string_view file(reinterpret_cast<const char *>(bytes->data()),
                        bytes->size());
  std::vector<char> values;
  if (isNpy(file)) {
    auto read = readNpy(file, path, port);
    if (!read)
      return read;
    values = std::move(*read);
  } else {
    values.assign(file.begin(), file.end());
  }
  if (values.empty() || values.size() % port.bytes() != 0)
    return makeError(kBadInput, "bad_size",
                     {path, ": ", values.size(),
                      " bytes of data are no multiple of one \"", port.name,
                      "\", ", portText(port)});
  return values;
}

void fillPort(const PortSpec &port, const PhiloxStream &random,
              uint64_t elements, void *values) {
  auto *bytes = static_cast<uint8_t *>(values);
  uint64_t classes = uint64_t(std::max<int64_t>(port.classes, 1));
  withType(port.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (uint64_t i = 0; i < elements; ++i)
      if constexpr (std::is_floating_point_v<T>)
        store(bytes, i, T(2 * random.uniform(i) - 1));
      else
        store(bytes, i, T(random.word(i) % classes));
  });
}

} // namespace gradmill::rt
