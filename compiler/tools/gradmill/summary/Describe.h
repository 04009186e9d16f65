// From a graph to its summary.
#pragma once
#include "../Session.h"
#include "Summary.h"

namespace gradmill::cli {

/// The ops of the graph that are rows, in order.
std::vector<mlir::Operation *> layerOps(mlir::func::FuncOp func);

/// requires: static shapes.
Summary describe(mlir::func::FuncOp func, llvm::ArrayRef<mlir::Operation *> ops);

/// Marks each op by its row, as a line of a file that there is not: what the
/// compiler makes of an op has its place.
void markRows(llvm::ArrayRef<mlir::Operation *> ops);
/// The row that a place stands for; none if it is no mark.
std::optional<size_t> markedRow(mlir::Location place);
std::optional<size_t> markedRow(llvm::StringRef at);

/// What training keeps for the backward pass, for one sample: compiles the graph,
/// whose rows are marked, up to the training step, and looks which values of the
/// forward pass are read after it. Without a loss it fills `summary.untrainable`.
void addTraining(Summary &summary, std::vector<Layer *> rows,
                 mlir::ModuleOp marked, const GraphOptions &graph,
                 Session &session);

/// Runs the graph and adds what each layer took. Errors: those of compiling.
rt::Status addTimes(Summary &summary, std::vector<Layer *> rows,
                    mlir::ModuleOp marked, const GraphOptions &graph,
                    Session &session, bool train);

/// The layers of the graph in `path` as they are written: nothing is simplified.
/// Errors: no_entry, and those of reading.
rt::Result<Summary> summaryOf(const SummaryCommand &command,
                              const std::string &path);

/// The layers of a tree that are ops, in order.
std::vector<Layer *> rowsOf(Summary &summary);

} // namespace gradmill::cli
