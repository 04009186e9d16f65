// Arrays of floats from files: NumPy's .npy and headerless little-endian f32.
#pragma once

#include "core/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

// The elements of a .npy (f32, C order) or raw file, a positive multiple of
// `multiple`. Errors: those of readFile, bad_npy, bad_size.
Result<std::vector<float>> readFloats(const std::string &path,
                                      uint64_t multiple);

} // namespace gradmill::rt
