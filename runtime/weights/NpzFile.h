// Weights as NumPy's savez writes them: an array for each tensor.
#pragma once

#include "weights/WeightsFile.h"

#include "data/sources/Zip.h"

namespace gradmill::rt {

// Error: bad_npy.
Result<WeightsFile> readNpz(const std::string &path, std::vector<ZipEntry> entries);

// Stored, not compressed. BF16, which NumPy does not have, is an error. Errors:
// write_failed, npz_too_large (4 GiB), npz_type.
Status writeNpz(const std::string &path, const std::vector<StoredTensor> &tensors);

} // namespace gradmill::rt
