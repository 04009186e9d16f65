// What a rule of `gradmill advise` sees, and how it reports. Rules come through
// the registry, those of plugins like our own:
//
//   registry.adviseRule({"swish_before_norm", "why, in a sentence", [](nn::Advisor &a) {
//     for (mlir::Operation *op : a.layers())
//       if (...)
//         a.report(op, "what is found, with numbers", "what to do");
//   }});
//
// A rule asks for kinds of layers (LayerKindInterface), not for ops by name.
#pragma once
#include "nn/ReceptiveField.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gradmill::nn {

/// A finding of a rule.
struct Advice {
  std::string rule;
  std::optional<mlir::Location> place; // none: of the run, not of the graph
  std::string layer;                   // its name, or ""
  std::string reason, fix;
};

/// The record of an epoch in a run's log: "loss", "test_loss",
/// "train_accuracy", "test_accuracy", "learning_rate", ...
struct EpochRecord {
  int64_t number = 0;
  std::map<std::string, double, std::less<>> values;

  std::optional<double> get(llvm::StringRef name) const;
};

class Advisor {
public:
  struct Question {
    std::optional<double> object; // pixels that what is looked for has
    std::vector<EpochRecord> epochs; // of a run, or none
    bool hasLoss = false; // somebody says what the output is trained by
  };
  /// requires: static shapes.
  Advisor(mlir::FunctionOpInterface graph, Question question);

  //===-- The graph ---------------------------------------------------------===//

  /// Inputs, with their attributes.
  mlir::FunctionOpInterface graph() const { return function; }
  /// All ops but parameters and constants, in order.
  llvm::ArrayRef<mlir::Operation *> layers() const { return ops; }
  /// Kinds of an op; LayerKind::Other if it does not say.
  static LayerKind kindOf(mlir::Operation *op);
  /// Whether it has trained weights over pixels, channels or features.
  static bool isMixing(mlir::Operation *op);
  /// "conv1", or what the op is called: "max_pool2d".
  static std::string nameOf(mlir::Operation *op);
  /// The operands that are no parameters and constants.
  static llvm::SmallVector<mlir::Value> dataOf(mlir::Operation *op);
  /// The one that a value is read by; null if there are none or several.
  static mlir::Operation *onlyUser(mlir::Value value);
  /// Values that the graph returns.
  llvm::ArrayRef<mlir::Value> outputs() const { return results; }
  /// How many mixing layers lie at least between a value and an output; none if
  /// no output depends on it.
  std::optional<int64_t> layersBehind(mlir::Value value) const;
  /// The sizes of a value, without the batch.
  static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value);
  /// Pixels of [N, C, H, W]: H*W; 1 of features.
  static int64_t pixelsOf(mlir::Value value);
  /// Trained numbers that an op reads.
  static int64_t parametersOf(mlir::Operation *op);
  /// Of the graph, each once.
  int64_t parameters() const { return allParameters; }
  const Reaches &reachOf(mlir::Value value) const { return fields.of(value); }

  //===-- What was asked ------------------------------------------------------===//

  std::optional<double> object() const { return question.object; }
  llvm::ArrayRef<EpochRecord> epochs() const { return question.epochs; }
  bool hasLoss() const { return question.hasLoss; }

  //===-- Reports ---------------------------------------------------------===//

  void report(mlir::Operation *op, std::string reason, std::string fix);
  void report(mlir::Location place, std::string reason, std::string fix);
  /// Of the run.
  void report(std::string reason, std::string fix);

  /// Runs a rule; what it reports goes by its name.
  void ask(const std::string &rule, const std::function<void(Advisor &)> &check);
  llvm::ArrayRef<Advice> advice() const { return found; }

private:
  mlir::FunctionOpInterface function;
  Question question;
  ReceptiveFields fields;
  std::vector<mlir::Operation *> ops;
  std::vector<mlir::Value> results;
  llvm::DenseMap<mlir::Value, int64_t> behind;
  int64_t allParameters = 0;
  std::string rule; // that is asked
  std::vector<Advice> found;
};

} // namespace gradmill::nn
