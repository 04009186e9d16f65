// The graph as explanations need it: its output are the scores in front of
// softmax, whose gradient does not vanish where the net is sure, and the layers
// that are asked about have names for the entry `gradients`.
#pragma once
#include "../Session.h"

namespace gradmill::cli {

struct Prepared {
  std::string layer;      // that Grad-CAM looks at, or ""
  std::string layerPort;  // and its port
  std::string activations, activationsPort;
  std::string filters, filtersParameter; // a layer's, or ""
  std::string image;                     // the input
};

/// requires: one picture goes in, one row of scores comes out. Errors:
/// no_classifier, unknown_layer.
rt::Result<Prepared> prepare(mlir::ModuleOp module, mlir::func::FuncOp func,
                             const ExplainCommand &command);

} // namespace gradmill::cli
