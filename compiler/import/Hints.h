// The op that was probably meant. Both text forms ask here.
#pragma once

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace gradmill {

/// The op of a graph that is nearest to `word`, or that other tools call so
/// (Registry::alsoCalled; `BatchNorm2d`, `nn.permute`): "nn.batch_norm"; "" if
/// there is none.
std::string meantOp(llvm::StringRef word, mlir::MLIRContext *context);
/// "; did you mean nn.relu?", or "".
std::string suggestOp(llvm::StringRef op, mlir::MLIRContext *context);
/// "a, b or c"
std::string listed(llvm::ArrayRef<std::string> words);

} // namespace gradmill
