// Files of named arrays (NumPy's, safetensors) as data sets: dimension 0 of
// each array is the sample.
//
// x, y                        columns; split as Split.h says
// x_train, y_train, x_test    a split of the file's own: columns x and y; also
//                             train_x, and val for test
#pragma once

#include "data/Elements.h"
#include "data/Source.h"

#include <functional>
#include <memory>

namespace gradmill::rt {

struct NamedArray {
  std::string name;
  ElementType type;
  std::vector<int64_t> shape; // [samples, ...]
  const uint8_t *data = nullptr;
  uint64_t bytes = 0; // as computed from the shape and the type
};

struct ArrayFile {
  std::vector<NamedArray> arrays;
  std::shared_ptr<void> content; // what the arrays point into
};

using ReadArrays = Result<ArrayFile> (*)(const std::string &path,
                                         const DataOptions &options);

inline constexpr SourceOption kArrayOptions[] = {
    {"target",
     "NAME[,NAME]: what to predict (y, label, target and their plurals)"},
    {"columns", "NAME[,NAME]: use these arrays only"},
    {"layout", "hwc: pictures are [height, width, channels]"},
};

Result<DatasetSplit> openArrays(const DataSpec &spec,
                                const DataOptions &options, ReadArrays read);

} // namespace gradmill::rt
