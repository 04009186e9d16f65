// The input of gradmill-replay, which runs what was recorded on a machine
// without LLVM.
#pragma once
#include "compiler/reference/Interpreter.h"
#include "compiler/tools/numeric/Values.h"

namespace gradmill::numeric {

/// Writes STEM.case and STEM.so (replay.cpp describes the format). A state that
/// is not assigned must stay as it is.
llvm::Error record(const CompileResult &result, mlir::func::FuncOp func,
                   const Inputs &inputs, const InterpreterResult &expected,
                   llvm::StringRef what, double tolerance,
                   const std::string &stem);

} // namespace gradmill::numeric
