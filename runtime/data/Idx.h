// The IDX format of the MNIST files: a big-endian header (magic number, one
// size per dimension), then unsigned bytes. Plain or gzip, told apart by the
// first two bytes and not by the name.
//
//   magic 0x00000803: count, rows, columns, then [count, rows, columns] pixels
//   magic 0x00000801: count, then [count] labels
//
// Everything a header says is checked against what the file holds, and memory
// grows with what the file holds, never with a size that a header promises:
// a packed file may hold `maxUnpack` times its size (Unpack.h).
#pragma once

#include "core/Error.h"
#include "data/Dataset.h"
#include "data/Unpack.h"

#include <string>

namespace gradmill::rt {

struct IdxPaths {
  std::string trainImages, trainLabels, testImages, testLabels;
};

// One pair of files. Errors: those of InputFile, idx_magic, idx_truncated,
// idx_trailing, idx_empty, idx_too_large, idx_gzip, unpack_limit,
// idx_count_mismatch, idx_label_range.
Result<Dataset> readIdx(const std::string &imagesPath,
                        const std::string &labelsPath, const std::string &name,
                        int classes = 10, uint64_t maxUnpack = kMaxUnpack);

// The four files of a directory, as
// {train,t10k}-{images-idx3,labels-idx1}-ubyte or with a dot before "idx", each
// with or without .gz; also in the MNIST/raw or raw folder below it, where
// torchvision puts them. Error: idx_missing, which lists what was not found.
Result<IdxPaths> findIdxFiles(const std::string &directory);

// Both splits of a directory. Errors: those above, idx_shape_mismatch.
Result<DatasetSplit> readIdxDirectory(const std::string &directory,
                                      const std::string &name = "mnist",
                                      int classes = 10,
                                      uint64_t maxUnpack = kMaxUnpack);

} // namespace gradmill::rt
