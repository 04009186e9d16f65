// Numbers of a model that lie in other files beside it (external_data).
//
// A model may come from anyone, and says itself which files to read. So these lie
// in the model's folder or below it: no absolute path, no "..", no link that leads
// out. Of each file not more than twice its size is read in all.
#pragma once

#include "llvm/ADT/StringMap.h"
#include <string>

namespace gradmill::onnx_format {
class Tensor;
}

namespace gradmill::onnx {

class ExternalData {
public:
  /// `model` is the path of the model's file, or "-".
  explicit ExternalData(llvm::StringRef model) : model(model) {}

  /// The bytes of a tensor, of which there must be `size`. What is wrong, or "".
  std::string read(const onnx_format::Tensor &tensor, uint64_t size, std::string &bytes);

private:
  struct File {
    std::string path;
    uint64_t size = 0, left = 0;
  };
  std::string open(llvm::StringRef location, File *&file);

  std::string model;
  llvm::StringMap<File> files; // by location
};

} // namespace gradmill::onnx
