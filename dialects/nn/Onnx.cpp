#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {

OnnxWriter::~OnnxWriter() = default;

llvm::SmallVector<OnnxValue> OnnxWriter::operands(Operation *op) {
  return llvm::map_to_vector(op->getOperands(),
                             [&](Value operand) { return value(operand); });
}

OnnxValue OnnxWriter::scalar(Value like, double number) {
  return table(like, {}, [&](int64_t) { return number; });
}

OnnxValue OnnxWriter::table(Value like, ArrayRef<int64_t> shape,
                            llvm::function_ref<double(int64_t)> number) {
  auto element = cast<FloatType>(typeOf(like).getElementType());
  auto type = RankedTensorType::get(shape, element);
  SmallVector<Attribute> numbers;
  for (int64_t place = 0; place < type.getNumElements(); ++place)
    numbers.push_back(FloatAttr::get(element, number(place)));
  return constant(DenseElementsAttr::get(type, numbers));
}

OnnxValue OnnxWriter::reshape(OnnxValue value, ArrayRef<int64_t> shape) {
  return node("Reshape", {value, ints(shape)});
}

} // namespace gradmill::nn
