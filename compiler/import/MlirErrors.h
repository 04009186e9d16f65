// The errors of whatever reads a graph, said in the terms of graphs.
#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <vector>

namespace gradmill {

/// What an op's own checks say of it first, or "" if they pass.
std::string firstFault(mlir::Operation *op);
/// Whether that is about the number of operands.
bool isOperandCount(llvm::StringRef fault);

/// While it lives it holds back errors, which it hands on with a label each.
/// Those that MLIR's parser and verifier word for their own authors say what
/// was meant instead, what is near, and what to write. `text` is the MLIR text
/// that is read, if it is.
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
