#include "data/Elements.h"

#include <bit>
#include <cmath>

namespace gradmill::rt {
namespace {

static_assert(std::endian::native == std::endian::little);

float fromHalf(uint16_t bits) {
  int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  float value = exponent == 31 ? (mantissa ? NAN : INFINITY)
                : exponent ? std::ldexp(float(1024 + mantissa), exponent - 25)
                           : std::ldexp(float(mantissa), -24);
  return bits & 0x8000 ? -value : value;
}

uint64_t rawBits(const uint8_t *from, const ElementType &type) {
  uint64_t bits = 0;
  for (int i = 0; i < type.bytes; ++i)
    bits = bits << 8 | from[type.bigEndian ? i : type.bytes - 1 - i];
  return bits;
}

int64_t signExtended(uint64_t bits, int bytes) {
  int unused = 64 - 8 * bytes;
  return int64_t(bits << unused) >> unused;
}

} // namespace

std::optional<DType> storedAs(ElementType type) {
  int bytes = type.bytes;
  bool power = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
  if (type.kind == 'g' && bytes == 2)
    return DType::F32;
  if (type.kind == 'f' && power && bytes > 1)
    return bytes == 8 ? DType::F64 : DType::F32;
  if (type.kind == 'u' && power)
    return bytes == 1 ? DType::U8 : bytes == 2 ? DType::I32 : DType::I64;
  if (type.kind == 'i' && power)
    return bytes == 8 ? DType::I64 : DType::I32;
  return std::nullopt;
}

std::string importElements(ElementType type, const uint8_t *from, size_t count,
                           uint8_t *to) {
  DType stored = *storedAs(type);
  size_t width = size_t(type.bytes), wide = size_t(dtypeBytes(stored));
  bool asIs = width == wide && (type.kind != 'u' || width == 1);
  if (asIs && (width == 1 || !type.bigEndian)) {
    std::memcpy(to, from, count * width);
    return {};
  }
  for (size_t i = 0; i < count; ++i, from += width, to += wide) {
    uint64_t bits = rawBits(from, type);
    if (type.kind == 'i')
      bits = uint64_t(signExtended(bits, type.bytes));
    if (type.kind == 'u' && bits >> 63)
      return "holds " + std::to_string(bits) + ", beyond 64 bits with a sign";
    if (type.kind == 'g')
      bits <<= 16;
    if (type.kind == 'f' && width == 2)
      bits = std::bit_cast<uint32_t>(fromHalf(uint16_t(bits)));
    std::memcpy(to, &bits, wide);
  }
  return {};
}

} // namespace gradmill::rt
