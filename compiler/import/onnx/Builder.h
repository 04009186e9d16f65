// A model's graph becomes a module, node by node.
#pragma once

#include "External.h"
#include "Tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace gradmill::onnx_format {
class Graph;
class Node;
class ValueInfo;
} // namespace gradmill::onnx_format

namespace gradmill::onnx {

class Node;
inline constexpr int kMaxNodes = 100'000;
inline constexpr size_t kMaxOps = 400'000;
using Convert = llvm::LogicalResult (*)(Node &);

/// An operator and what makes ops of nn of it.
struct Operator {
  llvm::StringLiteral name;
  Convert convert;
};
// In the files of these names.
llvm::ArrayRef<Operator> elementwiseOperators();
llvm::ArrayRef<Operator> windowOperators();
llvm::ArrayRef<Operator> resizeOperators();
llvm::ArrayRef<Operator> denseOperators();
llvm::ArrayRef<Operator> shapeOperators();
llvm::ArrayRef<Operator> normOperators();
/// On numbers that are known, which are then known of the result.
llvm::ArrayRef<Operator> foldOperators();

/// What a name of the model stands for: a value of the graph, or known numbers.
struct Entry {
  mlir::Value value = {};
  std::shared_ptr<const Constant> constant = {};
  /// Of numbers: the name that they have as a parameter.
  std::string name = {};
  /// They come from the file as weights, not as constants of the computation.
  bool isWeight = false;
  /// The order in which the dimensions of what `name` stands for are read; empty:
  /// theirs.
  llvm::SmallVector<int64_t> permutation = {};
};

class Builder {
public:
  Builder(const onnx_format::Graph &graph, int64_t opset, llvm::StringRef file,
          mlir::MLIRContext &context);
  /// Of a model that gradmill wrote: how its pictures are normalized, as settings
  /// would say (setInput).
  void addMetadata(llvm::StringRef key, llvm::StringRef value);
  mlir::OwningOpRef<mlir::ModuleOp>
  build(llvm::ArrayRef<std::pair<std::string, std::string>> settings);

private:
  friend class Node;

  mlir::LogicalResult checkOperators();
  mlir::LogicalResult readInitializers();
  mlir::LogicalResult buildInputs();
  mlir::LogicalResult buildInput(const onnx_format::ValueInfo &input);
  mlir::Type inputElement(const onnx_format::ValueInfo &input, bool &isBytes);
  mlir::LogicalResult buildNodes();
  mlir::LogicalResult buildNode(const onnx_format::Node &node, size_t number);
  mlir::LogicalResult setInput(llvm::StringRef input, mlir::NamedAttrList &attributes);
  /// The value of --set NAME, which then has been used.
  const std::string *setting(llvm::StringRef name);
  mlir::LogicalResult checkSettings();
  mlir::LogicalResult buildOutputs();
  mlir::LogicalResult define(llvm::StringRef name, Entry entry);
  mlir::InFlightDiagnostic fail(llvm::StringRef label);
  mlir::FailureOr<mlir::Value>
  parameter(const Entry &entry, llvm::ArrayRef<int64_t> shape,
            bool isTransposed, bool isBuffer, mlir::Location loc);
  /// Counts work, of which a small file may ask for much: numbers that are
  /// copied, or an op. An error is emitted at the limit.
  bool spend(size_t numbers, mlir::Location loc);

  const onnx_format::Graph &graph;
  int64_t opset;
  std::string file;
  ExternalData external{file};
  mlir::MLIRContext &context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  llvm::StringMap<Convert> operators, folds;
  llvm::StringMap<Entry> entries;
  llvm::StringMap<llvm::SmallVector<size_t, 1>> readers; // nodes, of a name
  llvm::StringSet<> outputs;
  std::vector<std::pair<std::string, std::string>> settings;
  llvm::StringSet<> known, used; // names of settings
  llvm::StringMap<std::string> metadata; // by the names of settings
  std::vector<bool> isDone; // nodes that another one has taken along
  llvm::StringMap<mlir::Value> parameters; // by name and form
  llvm::StringSet<> parameterNames;
  size_t numbersLeft = 0, opsLeft = kMaxOps;
  /// The first size of the inputs, if the model fixes it.
  std::optional<int64_t> fixedBatch;
};

} // namespace gradmill::onnx
