// The op that was probably meant: both forms of text ask here.
#pragma once

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace gradmill {

/// The op of a graph that `word` comes close to, or that others call so
/// (Registry::alsoCalled; `BatchNorm2d`, `nn.permute`): "nn.batch_norm"; "" if
/// there is none.
std::string meantOp(llvm::StringRef word, mlir::MLIRContext *context);
/// "; did you mean nn.relu?", or "".
std::string suggestOp(llvm::StringRef op, mlir::MLIRContext *context);
/// "a, b or c"
std::string listed(llvm::ArrayRef<std::string> words);

} // namespace gradmill
