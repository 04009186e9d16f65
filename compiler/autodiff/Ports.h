// What the arguments and results of a function mean to the host
// (docs/ports.md). They carry it as attributes, down to the manifest.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/interfaces/Meaning.h"

namespace gradmill {

/// On arguments and results: "data", "target", "cotangent", "control";
/// "prediction", "loss", "metric", "value", "gradient".
inline constexpr llvm::StringLiteral kPortAttr = "nn.port";
/// On a target: class numbers 0..classes-1, and one that means none.
inline constexpr llvm::StringLiteral kClassesAttr = "nn.classes";
inline constexpr llvm::StringLiteral kIgnoreAttr = "nn.ignore";
/// On a target of numbers: [low, high].
inline constexpr llvm::StringLiteral kRangeAttr = "nn.range";
/// On a prediction: what its numbers are (nn::meaningText).
inline constexpr llvm::StringLiteral kMeaningAttr = "nn.meaning";
/// On a metric that lies between 0 and 1.
inline constexpr llvm::StringLiteral kShareAttr = "nn.share";
/// On results without a batch, other than the loss and the metrics: a
/// parameter's gradient.
inline constexpr llvm::StringLiteral kWholeAttr = "nn.whole";

/// The name of an argument or a result; without one, "input", "input1", ... and
/// "output", "output1", ...
std::string argumentName(mlir::func::FuncOp func, unsigned index);
std::string resultName(mlir::func::FuncOp func, unsigned index);

/// The argument or result of that name, if there is one.
std::optional<unsigned> argumentNamed(mlir::func::FuncOp func,
                                      llvm::StringRef name);
std::optional<unsigned> resultNamed(mlir::func::FuncOp func,
                                    llvm::StringRef name);

/// The role of an argument; empty if it has none.
llvm::StringRef portOf(mlir::func::FuncOp func, unsigned argument);

/// The attributes for an argument or result that does not exist yet.
mlir::DictionaryAttr portAttributes(llvm::StringRef name, llvm::StringRef port,
                                    mlir::Builder builder);
/// Writes the names and roles of the values.
void markArgument(mlir::func::FuncOp func, unsigned index, llvm::StringRef port);
void markResult(mlir::func::FuncOp func, unsigned index, llvm::StringRef port);

} // namespace gradmill
