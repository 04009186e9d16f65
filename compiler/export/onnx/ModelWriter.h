// The parts of a model while ops write themselves: tensors, nodes, weights.
#pragma once

#include "compiler/import/Format.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/Onnx.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include <map>

namespace gradmill::onnx_format {
class Graph;
class Tensor;
class ValueInfo;
} // namespace gradmill::onnx_format

namespace gradmill::onnx {

class ModelWriter : public nn::OnnxWriter {
public:
  explicit ModelWriter(onnx_format::Graph &graph) : graph(graph) {}

  /// An input of the model. requires: the name is new.
  void addInput(llvm::StringRef name, mlir::Value value);
  /// A weight; a second one of the same name is the same tensor.
  void addWeight(llvm::StringRef name, mlir::DenseElementsAttr numbers,
                 mlir::Value value);
  /// The op that the following nodes are of.
  void beginOp(mlir::Operation *op);
  /// An output of the model, after all ops. requires: the name is new.
  void addOutput(llvm::StringRef name, mlir::Value value);
  /// No other tensor gets this name.
  void reserve(llvm::StringRef name) { used.insert(name); }
  /// Gives all tensors their names.
  void finish();

  /// "nn.huber (2), nn.resize2d of ... (1)"; empty: all ops were written.
  std::string refused() const;
  void refuseOp(llvm::StringRef op) { ++refusals[op.str()]; }
  bool isUsed(llvm::StringRef name) const { return used.contains(name); }

  // For the forms of ops.
  nn::OnnxValue value(mlir::Value value) override;
  nn::OnnxValue node(llvm::StringRef onnxOperator,
                     llvm::ArrayRef<nn::OnnxValue> inputs,
                     llvm::ArrayRef<nn::OnnxAttribute> attributes = {}) override;
  nn::OnnxValue constant(mlir::DenseElementsAttr numbers) override;
  nn::OnnxValue ints(llvm::ArrayRef<int64_t> numbers) override;
  void setResult(mlir::Value result, nn::OnnxValue value) override;
  llvm::LogicalResult refuse(llvm::StringRef reason) override;

private:
  struct Tensor {
    std::string name; // empty: its node's, in the end
    bool isFree = false; // the output of a node, whose name nobody has asked for
    std::string hint;
  };
  struct Node {
    int index; // in the graph
    llvm::SmallVector<unsigned> inputs;
    unsigned output;
  };
  nn::OnnxValue newTensor(std::string name, bool isFree);
  nn::OnnxValue constantNode(const std::function<void(onnx_format::Tensor &)> &fill);
  void addPort(onnx_format::ValueInfo &info, llvm::StringRef name, mlir::Type type);
  std::string unused(llvm::StringRef wanted);

  onnx_format::Graph &graph;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  llvm::DenseMap<mlir::Value, nn::OnnxValue> values;
  llvm::StringMap<nn::OnnxValue> weights;
  llvm::StringSet<> used; // names of tensors
  llvm::StringSet<> usedNodes;
  std::map<std::string, size_t> refusals;
  mlir::Operation *op = nullptr;
  std::string layer; // its name
};

} // namespace gradmill::onnx
