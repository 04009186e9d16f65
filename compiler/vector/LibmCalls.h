// Functions in a kernel's code that become calls to libm, a lane at a time.
#pragma once
#include "mlir/IR/Operation.h"
#include <string>

namespace gradmill {

/// "math.tan, math.powf": the vector functions of f32 in `code` for which there
/// is neither an instruction nor a polynomial (codegen/ApproximateMath.cpp);
/// each once, "" if there is none.
std::string libmCalls(llvm::ArrayRef<mlir::Operation *> code);

} // namespace gradmill
