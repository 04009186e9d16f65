// How a family describes its op as a layer of a net's text (LayerInterface,
// docs/net-text.md). For example, "conv2d(16, 3)" has the sizes `channels` and
// `kernel_size`, which determine the shapes of its parameters.
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>
#include <vector>

namespace gradmill::nn {

/// A tensor of the model that a layer makes.
struct LayerParameter {
  std::string name; // "weight": the last part of its name in checkpoints
  llvm::SmallVector<int64_t> shape;
  mlir::Attribute init = {}; // as of nn.parameter; null: its default
  int64_t fanIn = 0;         // of what is drawn; 0: by the shape
  bool isBuffer = false;
};

/// A size of an op, for writing the text.
struct LayerSize {
  std::string name;
  llvm::SmallVector<int64_t> values;
};

/// One use of a layer: its data, the values in parentheses, and what the op
/// makes of them.
class Layer {
public:
  /// A value in parentheses. The kinds are i64, f64, bool, string and, for a
  /// list, array.
  struct Argument {
    std::string name; // empty: unnamed
    mlir::Attribute value;
    mlir::Location loc;
    bool isUsed = false;
  };
  /// A tensor that the text gives for a parameter: "weight=table".
  struct Given {
    std::string parameter;
    mlir::RankedTensorType type;
  };

  Layer(mlir::Location loc, mlir::OperationName op,
        llvm::ArrayRef<mlir::Type> inputs, std::vector<Argument> arguments,
        std::vector<Given> given)
      : arguments(std::move(arguments)), given(std::move(given)), location(loc),
        op(op), inputTypes(inputs) {}

  //===-- For families ---------------------------------------------------===//

  mlir::Location loc() const { return location; }
  /// The type of a data operand.
  mlir::RankedTensorType input(unsigned index = 0) const {
    return llvm::cast<mlir::RankedTensorType>(inputTypes[index]);
  }
  /// A size by its name, otherwise the next unnamed value, otherwise
  /// `otherwise`, otherwise an error.
  llvm::FailureOr<int64_t>
  size(llvm::StringRef name, std::optional<int64_t> otherwise = std::nullopt);
  /// `count` sizes; one number stands for all.
  llvm::FailureOr<llvm::SmallVector<int64_t>>
  sizes(llvm::StringRef name, unsigned count,
        std::optional<llvm::SmallVector<int64_t>> otherwise = std::nullopt);
  /// Whether the layer has an optional parameter: "bias=false".
  bool has(llvm::StringRef parameter, bool otherwise = true);
  /// A whole number in the text for one of the op's attributes.
  int64_t attribute(llvm::StringRef name, int64_t otherwise);
  /// The shape of a tensor in the text for a parameter; none if the text gives
  /// none.
  std::optional<llvm::ArrayRef<int64_t>>
  givenShape(llvm::StringRef parameter) const;
  /// The attributes that further unnamed values set.
  void order(llvm::ArrayRef<llvm::StringRef> attributes) {
    for (llvm::StringRef attribute : attributes)
      attributeOrder.push_back(attribute.str());
  }
  /// The name of layers that the net does not name, followed by a number; by
  /// default the op's name up to its digits.
  void called(llvm::StringRef name) { stem = name.str(); }
  /// In the order of the op's operands, after the data.
  void parameter(LayerParameter parameter) {
    parameters.push_back(std::move(parameter));
  }

  //===-- For the reader ---------------------------------------------------===//

  std::vector<Argument> arguments;
  std::vector<Given> given;
  std::vector<LayerParameter> parameters;
  std::vector<std::string> attributeOrder;
  std::vector<std::string> asked; // names of sizes and of optional parameters
  std::string stem;

private:
  Argument *find(llvm::StringRef name, bool orUnnamed);

  mlir::Location location;
  mlir::OperationName op;
  llvm::ArrayRef<mlir::Type> inputTypes;
};

} // namespace gradmill::nn
