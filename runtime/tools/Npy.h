// The header of NumPy's .npy files: a magic number, a version, a length, and
// the text of a Python dictionary,
//   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 784), }
#pragma once

#include "core/Port.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gradmill::rt {

bool isNpy(std::string_view file);

// Where the data of a .npy file begins, which fills the rest of it. 0 and a
// `problem` if it is not little-endian, of that type and in C order.
size_t npyDataOffset(std::string_view file, DType dtype, std::string &problem);

} // namespace gradmill::rt
