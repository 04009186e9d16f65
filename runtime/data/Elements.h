// Typed access to bytes: one template per loop instead of a switch per value.
#pragma once

#include "core/Port.h"

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

namespace gradmill::rt {

// Calls `use` with a zero of the type that `dtype` names.
template <typename Use> auto withType(DType dtype, Use use) {
  switch (dtype) {
  case DType::F32:
    return use(float());
  case DType::F64:
    return use(double());
  case DType::I32:
    return use(int32_t());
  case DType::I64:
    return use(int64_t());
  case DType::U8:
    break;
  }
  return use(uint8_t());
}

template <typename T> T load(const uint8_t *bytes, size_t index) {
  T value;
  std::memcpy(&value, bytes + index * sizeof value, sizeof value);
  return value;
}

template <typename T> void store(uint8_t *bytes, size_t index, T value) {
  std::memcpy(bytes + index * sizeof value, &value, sizeof value);
}

// --- Elements of files -------------------------------------------------------

// kind: u (natural numbers), i (integers), f (IEEE floats), g (bfloat16).
struct ElementType {
  char kind = 'u';
  int bytes = 1;
  bool bigEndian = false;
};

// The type that holds all its values; nullopt: not read. u64 becomes i64, and
// importElements says so where a value does not fit.
std::optional<DType> storedAs(ElementType type);
// What is wrong, or "". `to` has room for `count` values of storedAs(type).
std::string importElements(ElementType type, const uint8_t *from, size_t count,
                           uint8_t *to);

} // namespace gradmill::rt
