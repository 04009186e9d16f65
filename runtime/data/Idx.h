// The IDX format of the MNIST files: a big-endian header (magic number, one
// size per dimension), then the elements. Plain or gzip (PackedFile.h).
//
//   00 00 TYPE RANK   TYPE 08: u8, 0B: i16, 0C: i32
//   images            rank 3, [count, rows, columns], or rank 4, [count,
//                     channels, rows, columns], of u8
//   labels            rank 1, [count], of any of the types
//
// All claims of a header are checked against the file's contents. Memory grows
// with what the file holds, never with a size that a header promises. A packed
// file may hold `maxUnpack` times its size (Unpack.h).
#pragma once

#include "core/Error.h"
#include "data/Dataset.h"
#include "data/Unpack.h"

#include <string>

namespace gradmill::rt {

struct IdxPaths {
  std::string trainImages, trainLabels, testImages, testLabels;
};

struct IdxOptions {
  int64_t classes = 0;     // 0: the largest label decides
  int64_t base = 0;        // the label of class 0; EMNIST's letters begin at 1
  bool transposed = false; // pictures lie column by column, as EMNIST's
  std::string prefix{};    // of file names: "emnist-letters"
  uint64_t maxUnpack = kMaxUnpack;
};

// One pair of files: columns "image" ([C, H, W], u8) and "label" (u8 or i32).
// Errors: those of PackedFile, idx_magic, idx_truncated, idx_trailing,
// idx_empty, idx_too_large, unpack_limit, idx_count_mismatch, idx_label_range.
Result<Dataset> readIdx(const std::string &imagesPath,
                        const std::string &labelsPath, const std::string &name,
                        const IdxOptions &options = {});

// The four files of a directory, as
// [PREFIX-]{train,t10k,test}-{images-idx3,images-idx4,labels-idx1}-ubyte, with
// "-short" or "-int" for wider labels, or with a dot before "idx", each with or
// without .gz; also in the MNIST/raw or raw folder below it, where torchvision
// puts them. Error: idx_missing, which lists what was not found.
Result<IdxPaths> findIdxFiles(const std::string &directory,
                              const std::string &prefix = "");

// Both splits of a directory. Errors: those above, idx_shape_mismatch.
Result<DatasetSplit> readIdxDirectory(const std::string &directory,
                                      const std::string &name = "mnist",
                                      const IdxOptions &options = {});
Result<DatasetSplit> readIdxFiles(const IdxPaths &paths,
                                  const std::string &name,
                                  const IdxOptions &options);

} // namespace gradmill::rt
