// safetensors: tensors of one file, whose dimension 0 is the sample.
#include "checkpoint/SafeTensors.h"

#include "data/sources/Arrays.h"

namespace gradmill::rt {
namespace {

// "F32", "BF16", "U8"; a type that is not read has size 0.
ElementType typeNamed(const std::string &name) {
  if (name == "BF16")
    return {'g', 2};
  if (name == "BOOL")
    return {'u', 1};
  int bits = 0;
  for (char c : name.substr(1))
    bits = c >= '0' && c <= '9' ? bits * 10 + (c - '0') : 0;
  char kind = name[0] == 'F' ? 'f' : name[0] == 'I' ? 'i' : 'u';
  return {kind, name.find('_') == name.npos ? bits / 8 : 0};
}

Result<ArrayFile> readTensors(const std::string &path, const DataOptions &) {
  Result<SafeTensors> read = readSafeTensors(path);
  if (!read)
    return read.error();
  auto content = std::make_shared<SafeTensors>(std::move(*read));
  ArrayFile file{{}, content};
  for (const StoredTensor &tensor : content->tensors)
    file.arrays.push_back({tensor.name, typeNamed(tensor.dtype), tensor.shape,
                           static_cast<const uint8_t *>(tensor.data),
                           tensor.bytes});
  return file;
}

bool recognizes(const std::string &path) {
  return path.ends_with(".safetensors");
}

Result<DatasetSplit> open(const DataSpec &spec, const DataOptions &options) {
  return openArrays(spec, options, readTensors);
}

} // namespace

extern const DataSource kSafeTensorsSource;
const DataSource kSafeTensorsSource = {
    "safetensors",
    "safetensors:FILE",
    "tensors whose dimension 0 is the sample",
    kArrayOptions,
    true,
    recognizes,
    open};

} // namespace gradmill::rt
