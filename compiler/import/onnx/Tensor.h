// Numbers that a model has, or that follow from them.
#pragma once

#include "compiler/import/Format.h"
#include "llvm/ADT/SmallVector.h"
#include <memory>
#include <string>
#include <vector>

namespace gradmill::onnx_format {
class Tensor;
}

namespace gradmill::onnx {

class ExternalData;

/// ONNX's numbers of the types that are read.
enum ElementType : int32_t {
  kFloat = 1, kUInt8 = 2, kInt8 = 3, kUInt16 = 4, kInt16 = 5, kInt32 = 6, kInt64 = 7,
  kBool = 9, kFloat16 = 10, kDouble = 11, kUInt32 = 12, kUInt64 = 13, kBFloat16 = 16
};
/// "float16"; "type 8" of those that are not read.
std::string typeName(int32_t type);

/// In whole numbers: the size of the batch, which is open. It can become the
/// first size of a shape; nothing else can be computed with it.
inline constexpr int64_t kBatch = INT64_MIN + 0x0B47C8;

/// A tensor of known numbers: floats of any width as f32, all else as i64.
struct Constant {
  llvm::SmallVector<int64_t> shape;
  bool isFloat = false;
  std::vector<float> floats;
  std::vector<int64_t> ints;

  static Constant ofInts(llvm::ArrayRef<int64_t> numbers) {
    return {{int64_t(numbers.size())}, false, {}, numbers.vec()};
  }
  static Constant ofFloat(float number) { return {{}, true, {number}, {}}; }
  size_t size() const { return isFloat ? floats.size() : ints.size(); }
  bool isVectorOfInts() const { return !isFloat && shape.size() == 1; }
};

/// Of what is made at reading; the numbers of the file are as many as it has.
inline constexpr int64_t kMaxFolded = 1 << 20;

/// The numbers of a tensor, or why they cannot be read.
struct TensorResult {
  std::shared_ptr<const Constant> constant;
  std::string label, fault;
};
TensorResult readTensor(const onnx_format::Tensor &tensor, ExternalData &external);

/// The same numbers with the dimensions in another order.
/// requires: `permutation` is one of the shape.
Constant transposed(const Constant &from, llvm::ArrayRef<int64_t> permutation);

/// A decimal number as it was written, not its nearest float: 0.1.
double decimal(float number);

} // namespace gradmill::onnx
