// The second and third part of a training step: what is done to the gradients,
// and the updates. The first part, the gradients, is BuildStep.cpp's.
#pragma once
#include "compiler/autodiff/Spec.h"
#include "nn/NNDialect.h"
#include <map>

namespace gradmill {

/// What a training step does, as its options say.
struct StepSpec {
  OptimizerSpec optimizer;
  std::vector<ParameterGroup> groups;
  std::vector<TransformSpec> transforms;
  int64_t accumulate = 0; // batches to an update; 0: one, in one program
  double ema = 0;         // decay of the model's average; 0: there is none
  bool mixup = false;     // two targets, and the share of the second

  /// The last group that matches a parameter's name; null: none does.
  const ParameterGroup *groupOf(llvm::StringRef name) const;
  bool isFrozen(nn::ParameterOp parameter) const;
};

/// New values of the model's tensors by name, in order: the IR must not depend
/// on hashing.
using Assignments = std::map<std::string, mlir::Value>;

/// The graph's own tensors, by name.
using GraphTensors = llvm::StringMap<nn::ParameterOp>;

/// The name of a tensor that the compiler adds to one of the graph's:
/// "conv1.weight/velocity". Null, and an error at its line, if the graph has one
/// of that name itself.
nn::ParameterOp addTensor(mlir::OpBuilder &builder, nn::ParameterOp of,
                          llvm::StringRef what, llvm::StringRef role,
                          const GraphTensors &graph);

/// Builds updates at the builder's insertion point.
class Updates {
public:
  Updates(mlir::OpBuilder &builder, const StepSpec &spec,
          const GraphTensors &graph, mlir::Value learningRate, mlir::Value step,
          Assignments &assignments)
      : builder(builder), spec(spec), graph(graph), learningRate(learningRate),
        step(step), assignments(assignments) {}

  /// New values of `parameters` and of the optimizer's state.
  mlir::LogicalResult update(llvm::ArrayRef<nn::ParameterOp> parameters,
                             llvm::SmallVector<mlir::Value> gradients);
  /// Moves the average of a tensor of the model towards its new value.
  mlir::LogicalResult average(nn::ParameterOp of, mlir::Value value);

private:
  mlir::LogicalResult transform(llvm::ArrayRef<nn::ParameterOp> parameters,
                                llvm::MutableArrayRef<mlir::Value> gradients);
  mlir::LogicalResult updateOne(nn::ParameterOp parameter,
                                mlir::Value gradient);
  mlir::FailureOr<OptionValues> optionsOf(nn::ParameterOp parameter);
  mlir::Value rateOf(nn::ParameterOp parameter);

  mlir::OpBuilder &builder;
  const StepSpec &spec;
  const GraphTensors &graph;
  mlir::Value learningRate, step;
  Assignments &assignments;
  llvm::DenseMap<const ParameterGroup *, mlir::Value> rates;
};

} // namespace gradmill
