#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "Loss.h.inc"

#include <optional>
#include <vector>

namespace gradmill::nn {

/// Whether nll_loss takes these types. If not, the violated constraint has been
/// reported.
mlir::LogicalResult checkNllLoss(std::optional<mlir::Location> loc,
                                 mlir::Type logProbs, mlir::Type labels);
/// Whether `scores`, called `name`, is [N, C, ...], and `labels` of i32 [N,
/// ...]: constraints 1 and 2 of `op`.
mlir::LogicalResult checkLabels(std::optional<mlir::Location> loc,
                                llvm::StringRef op, llvm::StringRef name,
                                mlir::Type scores, mlir::Type labels);

/// Whether an ignore_index, if there is one, fits into i32.
mlir::LogicalResult checkIgnored(std::optional<mlir::Location> loc,
                                 llvm::StringRef label,
                                 std::optional<int64_t> ignored);

/// Losses and metrics as ops, for the registry: from a prediction and its
/// target to a 0-d tensor. Null, with an error, if types or options do not fit.
namespace losses {

struct CrossEntropyOptions {
  double labelSmoothing = 0;          // 0 to 1
  std::vector<double> classWeights;   // none, or one per class, not below 0
  std::optional<int64_t> ignoreIndex; // labels that do not count
};

/// PyTorch's cross_entropy of logits [N, C, ...] and labels [N, ...] of i32.
mlir::Value crossEntropy(mlir::OpBuilder &b, mlir::Location loc,
                         mlir::Value logits, mlir::Value labels,
                         const CrossEntropyOptions &options = {});
/// The same of log-probabilities: nll_loss, if labels are not smoothed.
mlir::Value negativeLogLikelihood(mlir::OpBuilder &b, mlir::Location loc,
                                  mlir::Value logProbs, mlir::Value labels,
                                  const CrossEntropyOptions &options = {});
/// The mean of (prediction - target)^2.
mlir::Value mse(mlir::OpBuilder &b, mlir::Location loc, mlir::Value prediction,
                mlir::Value target);
/// The mean of |prediction - target|.
mlir::Value l1(mlir::OpBuilder &b, mlir::Location loc, mlir::Value prediction,
               mlir::Value target);
/// PyTorch's huber_loss; delta > 0.
mlir::Value huber(mlir::OpBuilder &b, mlir::Location loc,
                  mlir::Value prediction, mlir::Value target, double delta = 1);
/// PyTorch's smooth_l1_loss: huber/beta; with beta = 0, l1.
mlir::Value smoothL1(mlir::OpBuilder &b, mlir::Location loc,
                     mlir::Value prediction, mlir::Value target,
                     double beta = 1);
/// PyTorch's binary_cross_entropy_with_logits. `posWeight` has no number, one,
/// or one per channel.
mlir::Value bceWithLogits(mlir::OpBuilder &b, mlir::Location loc,
                          mlir::Value logits, mlir::Value targets,
                          llvm::ArrayRef<double> posWeight = {});
/// The share of labels that are among the k highest scores.
mlir::Value accuracy(mlir::OpBuilder &b, mlir::Location loc, mlir::Value scores,
                     mlir::Value labels, int64_t k = 1,
                     std::optional<int64_t> ignoreIndex = std::nullopt);

} // namespace losses
} // namespace gradmill::nn
