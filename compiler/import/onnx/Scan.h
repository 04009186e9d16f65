// A look at the bytes before protobuf makes objects of them.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace gradmill::onnx {

/// Messages and strings of a file: an empty one takes two bytes of the file and
/// some hundred of memory.
inline constexpr size_t kMaxParts = 4'000'000;

/// What is wrong with the bytes as an ONNX model, or "": they are cut off or no
/// protobuf message, or have more than kMaxParts parts. Reads only; takes time
/// in proportion to the file.
std::string faultOf(llvm::StringRef bytes);

} // namespace gradmill::onnx
