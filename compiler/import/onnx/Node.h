// A node while it becomes ops: what it reads, how it is set, what it gives.
#pragma once

#include "Builder.h"

namespace gradmill::onnx_format {
class Attribute;
}

namespace gradmill::onnx {

/// Of an op of nn.
class Attributes {
public:
  explicit Attributes(mlir::MLIRContext *context) : builder(context) {}
  Attributes &ints(llvm::StringRef name, llvm::ArrayRef<int64_t> numbers);
  Attributes &floats(llvm::StringRef name, llvm::ArrayRef<double> numbers);
  Attributes &number(llvm::StringRef name, double number);
  Attributes &whole(llvm::StringRef name, int64_t number);
  Attributes &flag(llvm::StringRef name, bool flag);
  Attributes &text(llvm::StringRef name, llvm::StringRef text);

  mlir::NamedAttrList list;

private:
  mlir::Builder builder;
};

using MaybeValue = mlir::FailureOr<mlir::Value>;
using Sizes = llvm::SmallVector<int64_t>;

class Node {
public:
  Node(Builder &builder, const onnx_format::Node &proto, size_t number);

  //===-- What it reads ----------------------------------------------------===//
  llvm::StringRef op() const;
  int64_t opset() const { return builder.opset; }
  /// The batch's size, if the model fixes it.
  std::optional<int64_t> fixedBatch() const { return builder.fixedBatch; }
  size_t inputs() const;
  bool has(size_t input) const;
  /// The numbers of an input, if they are known; null otherwise.
  const Constant *constant(size_t input) const;
  bool isWeight(size_t input) const;
  /// An input as a tensor of the graph: weights as parameters, other numbers as
  /// constants.
  MaybeValue value(size_t input);
  /// The same of numbers of any type: `value` wants floats.
  MaybeValue anyValue(size_t input);
  /// An input as a parameter or, if it is none, as a tensor. With `shape`, it has
  /// the same elements in this shape. With `isTransposed`, the two dimensions of a
  /// matrix are exchanged.
  MaybeValue weight(size_t input, llvm::ArrayRef<int64_t> shape = {},
                    bool isTransposed = false);
  MaybeValue buffer(size_t input, llvm::ArrayRef<int64_t> shape);
  MaybeValue scalar(double number);
  /// Known whole numbers, from an input or (in old versions) an attribute of
  /// that name; none if there are none. An error is emitted if an input is not
  /// known.
  mlir::FailureOr<std::optional<Sizes>> known(size_t input,
                                              llvm::StringRef attribute = "");
  /// A known number.
  mlir::FailureOr<std::optional<double>> knownNumber(size_t input,
                                                     llvm::StringRef attribute = "");

  //===-- How it is set ------------------------------------------------------===//
  int64_t whole(llvm::StringRef name, int64_t otherwise);
  std::optional<float> real(llvm::StringRef name);
  double number(llvm::StringRef name, double otherwise);
  std::string text(llvm::StringRef name, llvm::StringRef otherwise);
  std::optional<Sizes> sizes(llvm::StringRef name);
  std::optional<std::vector<float>> reals(llvm::StringRef name);
  const onnx_format::Attribute *attribute(llvm::StringRef name, int32_t type);
  TensorResult tensorOf(const onnx_format::Attribute &attribute);
  /// Says nothing about the numbers.
  void ignore(llvm::StringRef name) { used.insert(name); }

  //===-- What it gives -----------------------------------------------------===//
  size_t outputs() const;
  bool isRead(size_t output) const;
  llvm::LogicalResult give(MaybeValue value, size_t output = 0);
  llvm::LogicalResult give(Constant numbers);
  /// The same numbers as those of an input, seen in another way.
  llvm::LogicalResult giveView(size_t input, Constant numbers,
                               llvm::ArrayRef<int64_t> permutation = {});
  llvm::LogicalResult giveSame(size_t input);
  MaybeValue create(llvm::StringRef op, mlir::ValueRange operands,
                    const Attributes &attributes);
  MaybeValue create(llvm::StringRef op, mlir::ValueRange operands);
  /// As the same elements of each sample in another shape; 0 in front is the
  /// batch.
  MaybeValue reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  Attributes attributes() const;
  mlir::InFlightDiagnostic error(llvm::StringRef label);
  /// The only node that reads this one's first output, if it is one that adds
  /// a known vector of so many elements: taken along, it needs not be converted.
  std::optional<size_t> takeBias(int64_t size, const Entry *&bias);
  MaybeValue parameterOf(const Entry &entry);
  llvm::LogicalResult giveAs(size_t node, mlir::Value value);

  /// Attributes that nothing has asked for, or of the wrong type.
  llvm::LogicalResult checkAttributes();

private:
  const Entry *entry(size_t input) const;

  Builder &builder;
  const onnx_format::Node &proto;
  size_t index;
  mlir::Location loc;
  llvm::StringSet<> used;
  std::string wrongType; // the name of an attribute
};

inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}
inline int64_t rankOf(mlir::Value value) { return typeOf(value).getRank(); }
/// Whether the batch is the value's first dimension.
inline bool hasBatch(mlir::Value value) {
  return rankOf(value) > 0 && typeOf(value).isDynamicDim(0);
}
/// From 0, of one that may count from the end; none if there is no such one.
inline std::optional<int64_t> axisOf(int64_t axis, int64_t rank) {
  if (axis < 0)
    axis += rank;
  return axis >= 0 && axis < rank ? std::optional(axis) : std::nullopt;
}

} // namespace gradmill::onnx
