// Tensors of a file that torch.save wrote: a zip archive of a pickle, which says
// what there is, and of storages, which hold the numbers.
#pragma once

#include "weights/WeightsFile.h"

#include "data/sources/Zip.h"

namespace gradmill::rt {

// Whether the archive is one of torch.save.
bool isPyTorch(const std::vector<ZipEntry> &entries);

// The tensors of the dictionary `key` ("model", "a/b"), or of the only one that
// has some; the notes say which. Errors: bad_pytorch (with the name of whatever
// else than dictionaries of tensors the file holds), weights_key.
Result<WeightsFile> readPyTorch(const std::string &path,
                                std::vector<ZipEntry> entries,
                                const std::string &key, uint64_t maxCopied);

} // namespace gradmill::rt
