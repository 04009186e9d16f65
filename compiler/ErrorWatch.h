// Notices errors on a context, for code that must not fail without one.
#pragma once
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include <atomic>

namespace gradmill {

class ErrorWatch {
public:
  explicit ErrorWatch(mlir::MLIRContext *context)
      : engine(context->getDiagEngine()),
        id(engine.registerHandler([this](mlir::Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
            seen = true;
          return mlir::failure(); // somebody else prints it
        })) {}
  ~ErrorWatch() { engine.eraseHandler(id); }
  ErrorWatch(const ErrorWatch &) = delete;
  bool sawError() const { return seen; }

private:
  mlir::DiagnosticEngine &engine;
  mlir::DiagnosticEngine::HandlerID id;
  std::atomic<bool> seen = false;
};

} // namespace gradmill
