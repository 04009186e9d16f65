// Tensors of the naive reference (ReferenceInterface): dense, row-major,
// double.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <vector>

namespace gradmill::nn {

struct RefTensor {
  llvm::SmallVector<int64_t> shape;
  std::vector<double> data; // integers too: exact up to 2^53

  RefTensor() = default;
  explicit RefTensor(llvm::ArrayRef<int64_t> shape)
      : shape(shape), data(numElements(shape), 0.0) {}

  static int64_t numElements(llvm::ArrayRef<int64_t> shape) {
    int64_t n = 1;
    for (int64_t d : shape)
      n *= d;
    return n;
  }
  int64_t dim(unsigned i) const { return shape[i]; }
  /// Element [i0, i1, ...]. Missing indices count as 0, at the end.
  double &at(llvm::ArrayRef<int64_t> index) { return data[offset(index)]; }
  double at(llvm::ArrayRef<int64_t> index) const { return data[offset(index)]; }

private:
  int64_t offset(llvm::ArrayRef<int64_t> index) const {
    int64_t o = 0;
    for (unsigned i = 0; i < shape.size(); ++i)
      o = o * shape[i] + (i < index.size() ? index[i] : 0);
    return o;
  }
};

/// An operand repeated to `shape` by NumPy's rule: its element i.
class BroadcastReader {
public:
  BroadcastReader(const RefTensor &tensor, llvm::ArrayRef<int64_t> shape)
      : tensor(tensor) {
    size_t missing = shape.size() - tensor.shape.size();
    int64_t stride = 1, own = 1;
    for (size_t d = shape.size(); d-- > 0;) {
      int64_t size = d >= missing ? tensor.shape[d - missing] : 1;
      axes.push_back({stride, shape[d], size == 1 ? 0 : own});
      stride *= shape[d];
      own *= size;
    }
  }
  /// The place in the tensor of element i of the shape.
  size_t offset(size_t i) const {
    size_t o = 0;
    for (const Axis &axis : axes)
      o += i / axis.stride % axis.size * axis.own;
    return o;
  }
  double operator[](size_t i) const { return tensor.data[offset(i)]; }

private:
  struct Axis {
    int64_t stride, size, own;
  };
  const RefTensor &tensor;
  llvm::SmallVector<Axis> axes;
};

} // namespace gradmill::nn
