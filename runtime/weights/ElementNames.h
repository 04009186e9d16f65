// Element types by their names in safetensors.
#pragma once

#include "data/Elements.h"

#include <string_view>

namespace gradmill::rt {

struct ElementName {
  std::string_view name;
  ElementType type;
};
inline constexpr ElementName kElementNames[] = {
    {"F64", {'f', 8}}, {"F32", {'f', 4}}, {"F16", {'f', 2}}, {"BF16", {'g', 2}},
    {"I64", {'i', 8}}, {"I32", {'i', 4}}, {"I16", {'i', 2}}, {"I8", {'i', 1}},
    {"U64", {'u', 8}}, {"U32", {'u', 4}}, {"U16", {'u', 2}}, {"U8", {'u', 1}},
    {"BOOL", {'u', 1}}};

// Null: no type of numbers that are read.
inline const ElementName *elementNamed(std::string_view name) {
  for (const ElementName &each : kElementNames)
    if (each.name == name)
      return &each;
  return nullptr;
}
// 0: likewise.
inline uint64_t elementBytes(std::string_view name) {
  const ElementName *element = elementNamed(name);
  return element ? uint64_t(element->type.bytes) : 0;
}
inline bool isFloat(std::string_view name) {
  const ElementName *element = elementNamed(name);
  return element && (element->type.kind == 'f' || element->type.kind == 'g');
}

} // namespace gradmill::rt
