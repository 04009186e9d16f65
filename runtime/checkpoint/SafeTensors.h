// The safetensors format: 8 bytes of little-endian header length, a JSON header
// {name: {dtype, shape, data_offsets}, __metadata__: {string: string}}, data.
// PyTorch, NumPy and others open these files.
//
// This reader is our own because files come from anyone: every offset is
// checked against the size of the file before use, and nothing is allocated
// beyond that size.
#pragma once

#include "core/Buffer.h"
#include "core/Error.h"

#include <map>
#include <string>
#include <vector>

namespace gradmill::rt {

struct StoredTensor {
  std::string name, dtype; // dtype in the format's spelling: "F32"
  std::vector<int64_t> shape;
  const void *data = nullptr;
  uint64_t bytes = 0;
};

using Metadata = std::map<std::string, std::string>;

struct SafeTensors {
  std::vector<StoredTensor> tensors; // data points into `content` or `owners`
  Metadata metadata;
  AlignedBuffer content;
  std::vector<std::shared_ptr<void>> owners; // of what other formats hold

  const StoredTensor *find(const std::string &name) const;
};

// Errors: those of InputFile; bad_safetensors. A file by Gradmill is checked
// against its checksum of every byte; other programs' files have none.
Result<SafeTensors> readSafeTensors(const std::string &path);

// Adds "gradmill.file_crc32" to the metadata. A damaged byte may hit that name,
// so metadata with another key of "gradmill." but without this one is an error
// too. Errors: write_failed.
Status writeSafeTensors(const std::string &path,
                        const std::vector<StoredTensor> &tensors,
                        Metadata metadata);

} // namespace gradmill::rt
