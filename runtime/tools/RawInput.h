// Values of ports from files (NumPy's .npy and headerless little-endian bytes),
// or random ones.
#pragma once

#include "core/Error.h"
#include "core/Philox.h"
#include "core/Port.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

// The samples of a port from a .npy (of the port's dtype, C order) or raw file,
// one or more, as bytes. Errors: those of readFile, bad_npy, bad_size.
Result<std::vector<char>> readPort(const std::string &path,
                                   const PortSpec &port);

// Random values for a port: class numbers for a target, otherwise from -1 to 1.
void fillPort(const PortSpec &port, const PhiloxStream &random,
              uint64_t elements, void *values);

} // namespace gradmill::rt
