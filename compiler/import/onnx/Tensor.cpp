#include "Tensor.h"
#include "External.h"
#include "onnx.pb.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include <charconv>
#include <cmath>

namespace gradmill::onnx {

std::string typeName(int32_t type) {
  switch (type) {
  case kFloat: return "float";
  case kUInt8: return "uint8";
  case kInt8: return "int8";
  case kUInt16: return "uint16";
  case kInt16: return "int16";
  case kInt32: return "int32";
  case kInt64: return "int64";
  case kBool: return "bool";
  case kFloat16: return "float16";
  case kDouble: return "double";
  case kUInt32: return "uint32";
  case kUInt64: return "uint64";
  case kBFloat16: return "bfloat16";
  case 8: return "string";
  default: return "type " + std::to_string(type);
  }
}

static size_t bytesOf(int32_t type) {
  switch (type) {
  case kUInt8: case kInt8: case kBool: return 1;
  case kUInt16: case kInt16: case kFloat16: case kBFloat16: return 2;
  case kFloat: case kInt32: case kUInt32: return 4;
  case kInt64: case kDouble: case kUInt64: return 8;
  default: return 0;
  }
}

static bool isFloatType(int32_t type) {
  return type == kFloat || type == kFloat16 || type == kDouble ||
         type == kBFloat16;
}

static float floatOfHalf(uint16_t bits, int32_t type) {
  const llvm::fltSemantics &from = type == kFloat16
                                       ? llvm::APFloat::IEEEhalf()
                                       : llvm::APFloat::BFloat();
  return llvm::APFloat(from, llvm::APInt(16, bits)).convertToFloat();
}

template <typename T> static T at(const std::string &raw, size_t i) {
  return llvm::support::endian::read<T, llvm::endianness::little>(
      raw.data() + i * sizeof(T));
}

static float floatAt(const std::string &raw, size_t i, int32_t type) {
  switch (type) {
  case kFloat: return llvm::bit_cast<float>(at<uint32_t>(raw, i));
  case kDouble: return float(llvm::bit_cast<double>(at<uint64_t>(raw, i)));
  default: return floatOfHalf(at<uint16_t>(raw, i), type);
  }
}

static int64_t intAt(const std::string &raw, size_t i, int32_t type) {
  switch (type) {
  case kUInt8: return uint8_t(raw[i]);
  case kInt8: return int8_t(raw[i]);
  case kBool: return raw[i] != 0;
  case kUInt16: return at<uint16_t>(raw, i);
  case kInt16: return at<int16_t>(raw, i);
  case kInt32: return at<int32_t>(raw, i);
  case kUInt32: return at<uint32_t>(raw, i);
  default: return at<int64_t>(raw, i);
  }
}

// The numbers of a field of their own, which is another one for each type.
static size_t typedSize(const onnx_format::Tensor &tensor) {
  switch (tensor.data_type()) {
  case kFloat: return tensor.float_data_size();
  case kDouble: return tensor.double_data_size();
  case kInt64: return tensor.int64_data_size();
  case kUInt32: case kUInt64: return tensor.uint64_data_size();
  default: return tensor.int32_data_size();
  }
}

static void readTyped(const onnx_format::Tensor &tensor, Constant &to) {
  int32_t type = tensor.data_type();
  for (size_t i = 0; i < typedSize(tensor); ++i) {
    if (type == kFloat)
      to.floats.push_back(tensor.float_data(i));
    else if (type == kDouble)
      to.floats.push_back(float(tensor.double_data(i)));
    else if (type == kFloat16 || type == kBFloat16)
      to.floats.push_back(floatOfHalf(uint16_t(tensor.int32_data(i)), type));
    else if (type == kInt64)
      to.ints.push_back(tensor.int64_data(i));
    else if (type == kUInt32 || type == kUInt64)
      to.ints.push_back(int64_t(tensor.uint64_data(i)));
    else
      to.ints.push_back(tensor.int32_data(i));
  }
}

TensorResult readTensor(const onnx_format::Tensor &tensor, ExternalData &external) {
  int32_t type = tensor.data_type();
  size_t width = bytesOf(type);
  if (!width)
    return {nullptr, "onnx_type", "has elements of " + typeName(type) +
                                      ", which are not read"};
  auto constant = std::make_shared<Constant>();
  constant->shape.assign(tensor.dims().begin(), tensor.dims().end());
  auto elements = llvm::any_of(tensor.dims(), [](int64_t d) { return d < 0; })
                      ? std::nullopt
                      : nn::countElements(constant->shape);
  if (!elements)
    return {nullptr, "onnx_tensor",
            "has a size below 0, more than 16 dimensions, or more than 2^40 "
            "elements"};
  // Before anything is allocated: there are no more numbers than the file has.
  bool isExternal = tensor.data_location() != 0 || tensor.external_data_size();
  std::string elsewhere;
  if (isExternal)
    if (std::string fault = external.read(tensor, uint64_t(*elements) * width, elsewhere);
        !fault.empty())
      return {nullptr, "onnx_external", fault};
  const std::string &raw = isExternal ? elsewhere : tensor.raw_data();
  size_t there = raw.empty() ? typedSize(tensor) : raw.size() / width;
  if (there != size_t(*elements) || raw.size() % width)
    return {nullptr, "onnx_tensor",
            "has " + std::to_string(*elements) + " elements by its shape, and " +
                (raw.empty() ? std::to_string(there) + " numbers"
                             : std::to_string(raw.size()) + " bytes of " +
                                   std::to_string(width) + " each")};
  constant->isFloat = isFloatType(type);
  if (raw.empty()) {
    readTyped(tensor, *constant);
  } else if (constant->isFloat) {
    constant->floats.reserve(there);
    for (size_t i = 0; i < there; ++i)
      constant->floats.push_back(floatAt(raw, i, type));
  } else {
    constant->ints.reserve(there);
    for (size_t i = 0; i < there; ++i)
      constant->ints.push_back(intAt(raw, i, type));
  }
  return {constant, "", ""};
}

Constant transposed(const Constant &from, llvm::ArrayRef<int64_t> permutation) {
  size_t rank = from.shape.size();
  Constant to;
  to.isFloat = from.isFloat;
  llvm::SmallVector<int64_t> strides(rank, 1), steps;
  for (size_t i = rank; i-- > 1;)
    strides[i - 1] = strides[i] * from.shape[i];
  for (int64_t axis : permutation) {
    to.shape.push_back(from.shape[axis]);
    steps.push_back(strides[axis]);
  }
  llvm::SmallVector<int64_t> index(rank, 0);
  size_t at = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    if (from.isFloat)
      to.floats.push_back(from.floats[at]);
    else
      to.ints.push_back(from.ints[at]);
    for (size_t axis = rank; axis-- > 0;) {
      at += steps[axis];
      if (++index[axis] < to.shape[axis])
        break;
      at -= steps[axis] * to.shape[axis];
      index[axis] = 0;
    }
  }
  return to;
}

double decimal(float number) {
  if (!std::isfinite(number))
    return number;
  char text[64];
  auto end = std::to_chars(text, text + sizeof text, number).ptr;
  double exact = number;
  std::from_chars(text, end, exact);
  return exact;
}

} // namespace gradmill::onnx
