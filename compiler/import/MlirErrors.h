// Rewrites the errors of graph readers in the terms of graphs.
#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <vector>

namespace gradmill {

/// The first error of an op's own checks, or "" if they pass.
std::string firstFault(mlir::Operation *op);
/// Whether that error is about the number of operands.
bool isOperandCount(llvm::StringRef fault);

/// While this object exists it catches errors and passes them on with a label.
/// MLIR's parser and verifier write messages for compiler developers; these are
/// rewritten to say what was meant, what is near, and what to write. `text` is
/// the MLIR text being read, if any.
class GraphErrors {
public:
  GraphErrors(mlir::MLIRContext &context, llvm::StringRef text);
  ~GraphErrors();

private:
  void emit(mlir::Diagnostic &diagnostic);

  mlir::MLIRContext &context;
  llvm::StringRef text;
  std::vector<mlir::Diagnostic> collected;
  std::optional<mlir::ScopedDiagnosticHandler> handler;
  std::optional<mlir::Location> lastPlace;
};

} // namespace gradmill
