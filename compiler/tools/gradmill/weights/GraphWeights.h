// Weights of a file and parameters of a graph.
#pragma once
#include "../Backend.h"
#include "mlir/IR/BuiltinOps.h"
#include "weights/EditWeights.h"

namespace gradmill::cli {

/// The parameters and buffers of a graph, each once.
std::vector<rt::WantedTensor> tensorsOf(mlir::ModuleOp module);

/// The file's numbers become the initial values of the graph's parameters and
/// buffers. Of a checkpoint these are the averages, where there are some. Errors:
/// those of readWeights; weights_mismatch.
rt::Status putWeights(mlir::ModuleOp module, const std::string &path);

/// Lines on standard error.
void printNotes(const rt::WeightsFile &file);

} // namespace gradmill::cli
