// How a family takes part in random graphs (compiler/tools/gradmill-fuzz): a
// function that adds one of its ops, with random attributes and parameters,
// after the current value.
//
//   registry.sample("nn.blur_pool", [](Sampler &s) {
//     return s.add("nn.blur_pool", s.input(),
//                  {s.number("size", s.between(2, 7))});
//   });
//
// The op's own constraints decide whether the attributes fit. `add` asks them
// and returns null if they are violated; then another op is drawn. An op needs
// no such function if its result has the type of its first operand, further
// operands have that type or are [C], and all attributes have defaults. Such
// ops are sampled automatically.
#pragma once
#include "nn/NNDialect.h"

namespace gradmill::nn {

class Sampler {
public:
  virtual ~Sampler();

  /// The current value, [N, C, H, W] or [N, C], with static shape.
  virtual mlir::Value input() = 0;
  /// Another value: of this type, or null if there is none; or of any type.
  virtual mlir::Value sameType(mlir::Type type) = 0;
  virtual mlir::Value anyValue() = 0;
  /// A tensor of the model: a new one, or an existing one of this shape and
  /// role.
  virtual mlir::Value parameter(llvm::ArrayRef<int64_t> shape,
                                llvm::StringRef role = "parameter") = 0;
  /// The number of channels of a layer, as suits the graph.
  virtual int64_t channels() = 0;
  /// 0 .. n-1. Failing graphs are reduced towards 0, so 0 should be the
  /// plainest case.
  virtual int64_t below(int64_t n) = 0;
  virtual mlir::OpBuilder &builder() = 0;

  int64_t between(int64_t low, int64_t high) {
    return low + below(high - low + 1);
  }
  /// The same, with each power of two as probable as the next.
  int64_t size(int64_t low, int64_t high);
  bool chance(int64_t percent) { return below(100) >= 100 - percent; }
  /// Height and width, which are mostly the same.
  llvm::SmallVector<int64_t, 2> pair(int64_t low, int64_t high);

  llvm::ArrayRef<int64_t> shape();
  bool isImage() { return shape().size() == 4; }

  mlir::NamedAttribute number(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute real(llvm::StringRef name, double value);
  mlir::NamedAttribute flag(llvm::StringRef name, bool value);
  mlir::NamedAttribute numbers(llvm::StringRef name,
                               llvm::ArrayRef<int64_t> values);

  /// Adds an op with the result types that it infers; returns its first result.
  /// Null if its own constraints are violated.
  mlir::Value add(llvm::StringRef op, mlir::ValueRange operands,
                  llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
};

} // namespace gradmill::nn
