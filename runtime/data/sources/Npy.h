// NumPy's array format: a magic number, a Python dictionary in text that gives
// element type, order and shape, then the elements.
#pragma once

#include "data/sources/Arrays.h"

#include <string_view>

namespace gradmill::rt {

struct NpyHeader {
  ElementType type;
  std::vector<int64_t> shape;
  size_t offset = 0;  // of the elements
  uint64_t bytes = 0; // of the elements: all that follow
};

bool isNpy(std::string_view file);
// What is wrong, or "". Numbers in C order only; the elements fill the file.
std::string parseNpy(std::string_view file, NpyHeader &header);

} // namespace gradmill::rt
