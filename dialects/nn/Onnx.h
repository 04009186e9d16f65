// How an op is written into an ONNX model: a function of the family that adds
// nodes of ONNX and says which output is the op's result.
//
//   registry.onnx<LeakyReluOp>([](LeakyReluOp op, OnnxWriter &w) {
//     return w.give(op, w.node("LeakyRelu", w.operands(op),
//                              {{"alpha", op.getNegativeSlope().convertToDouble()}}));
//   });
//
// An op that is one operator without attributes needs no function:
//
//   registry.onnx<ReluOp>("Relu");
//
// Models are written for inference, in the version of ONNX's operators that
// kOnnxOpset says. Types and shapes of tensors are those of the op's: floats of
// its element type, the batch open if it is open.
#pragma once
#include "nn/NNDialect.h"
#include <concepts>
#include <variant>

namespace gradmill::nn {

inline constexpr int64_t kOnnxOpset = 20;

/// A tensor of the model; made by OnnxWriter. The default one stands for an input
/// that is left out.
struct OnnxValue {
  static constexpr unsigned kNone = ~0u;
  unsigned index = kNone;
};

/// An attribute of a node: a whole number (also of a flag), a number, a text, or
/// a list of whole numbers.
struct OnnxAttribute {
  std::string name;
  std::variant<int64_t, double, std::string, llvm::SmallVector<int64_t>> value;

  template <std::integral T>
  OnnxAttribute(llvm::StringRef name, T value)
      : name(name), value(int64_t(value)) {}
  OnnxAttribute(llvm::StringRef name, double value) : name(name), value(value) {}
  OnnxAttribute(llvm::StringRef name, const char *value)
      : name(name), value(std::string(value)) {}
  OnnxAttribute(llvm::StringRef name, llvm::StringRef value)
      : name(name), value(value.str()) {}
  OnnxAttribute(llvm::StringRef name, llvm::ArrayRef<int64_t> value)
      : name(name), value(llvm::SmallVector<int64_t>(value)) {}
};

class OnnxWriter {
public:
  virtual ~OnnxWriter();

  /// The tensor that a value of the graph is.
  virtual OnnxValue value(mlir::Value value) = 0;
  /// Adds a node; returns its first output.
  virtual OnnxValue node(llvm::StringRef onnxOperator,
                         llvm::ArrayRef<OnnxValue> inputs,
                         llvm::ArrayRef<OnnxAttribute> attributes = {}) = 0;
  /// Known numbers: constants of the computation, not weights.
  virtual OnnxValue constant(mlir::DenseElementsAttr numbers) = 0;
  /// Whole numbers [n] of i64, as ONNX wants axes and shapes.
  virtual OnnxValue ints(llvm::ArrayRef<int64_t> numbers) = 0;
  /// The result of an op is this tensor.
  virtual void setResult(mlir::Value result, OnnxValue value) = 0;
  /// Why this op, as it is, cannot be written: "with a window of ...". All ops
  /// that cannot be are listed in one error.
  virtual mlir::LogicalResult refuse(llvm::StringRef reason) = 0;

  /// The tensors of all operands.
  llvm::SmallVector<OnnxValue> operands(mlir::Operation *op);
  /// The only result of an op is this tensor.
  mlir::LogicalResult give(mlir::Operation *op, OnnxValue value) {
    setResult(op->getResult(0), value);
    return mlir::success();
  }
  /// A number without dimensions, of the element type of `like`.
  OnnxValue scalar(mlir::Value like, double number);
  /// The same elements in a shape; 0 stands for the size that is there, such as
  /// the batch.
  OnnxValue reshape(OnnxValue value, llvm::ArrayRef<int64_t> shape);
  /// Numbers of the element type of `like`, by a function of their place.
  OnnxValue table(mlir::Value like, llvm::ArrayRef<int64_t> shape,
                  llvm::function_ref<double(int64_t place)> number);
};

} // namespace gradmill::nn
