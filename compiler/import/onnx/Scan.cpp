#include "Scan.h"

namespace gradmill::onnx {
namespace {

// Messages nest at most so: model, graph, node, attribute, tensor.
enum class Kind { Model, Graph, Node, Attribute, Tensor, Info, Type, TensorType, Shape, Flat, Bytes };

// What a field of a message holds, as onnx.proto says.
Kind kindOf(Kind kind, uint64_t field) {
  switch (kind) {
  case Kind::Model:
    return field == 7                  ? Kind::Graph
           : field == 8 || field == 14 ? Kind::Flat
                                       : Kind::Bytes;
  case Kind::Graph:
    return field == 1    ? Kind::Node
           : field == 5  ? Kind::Tensor
           : field == 11 || field == 12 ? Kind::Info
                                        : Kind::Bytes;
  case Kind::Node:
    return field == 5 ? Kind::Attribute : Kind::Bytes;
  case Kind::Attribute:
    return field == 5 ? Kind::Tensor : Kind::Bytes;
  case Kind::Tensor:
    return field == 13 ? Kind::Flat : Kind::Bytes;
  case Kind::Info:
    return field == 2 ? Kind::Type : Kind::Bytes;
  case Kind::Type:
    return field == 1 ? Kind::TensorType : Kind::Bytes;
  case Kind::TensorType:
    return field == 2 ? Kind::Shape : Kind::Bytes;
  case Kind::Shape:
    return field == 1 ? Kind::Flat : Kind::Bytes;
  default:
    return Kind::Bytes;
  }
}

class Scanner {
public:
  bool message(llvm::StringRef bytes, Kind kind) {
    while (!bytes.empty()) {
      uint64_t tag, length;
      if (!varint(bytes, tag) || tag >> 3 == 0)
        return false;
      switch (tag & 7) {
      case 0:
        if (!varint(bytes, length))
          return false;
        break;
      case 1:
      case 5:
        length = (tag & 7) == 1 ? 8 : 4;
        if (bytes.size() < length)
          return false;
        bytes = bytes.drop_front(length);
        break;
      case 2: {
        if (!varint(bytes, length) || length > bytes.size())
          return false;
        if (++parts > kMaxParts)
          return true;
        Kind inner = kindOf(kind, tag >> 3);
        if (inner != Kind::Bytes && !message(bytes.take_front(length), inner))
          return false;
        bytes = bytes.drop_front(length);
        break;
      }
      default: // groups, which ONNX never had
        return false;
      }
    }
    return true;
  }

  size_t parts = 0;

private:
  static bool varint(llvm::StringRef &bytes, uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 70 && !bytes.empty(); shift += 7) {
      uint8_t byte = bytes.front();
      bytes = bytes.drop_front();
      if (shift < 64)
        value |= uint64_t(byte & 127) << shift;
      if (byte < 128)
        return true;
    }
    return false;
  }
};

} // namespace

std::string faultOf(llvm::StringRef bytes) {
  Scanner scanner;
  if (!scanner.message(bytes, Kind::Model))
    return "the file is cut off, damaged, or no ONNX model";
  if (scanner.parts > kMaxParts)
    return "the model has more than " + std::to_string(kMaxParts) +
           " nodes, tensors, attributes and names";
  return "";
}

} // namespace gradmill::onnx
