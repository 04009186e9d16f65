// The meaning of names while a net's text becomes a graph, and the values of
// expressions.
#pragma once

#include "Syntax.h"
#include "compiler/import/Import.h"
#include "mlir/IR/Builders.h"
#include "nn/NNDialect.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <variant>

namespace gradmill::net {

/// A tensor, or an expression of numbers: an i64, f64, bool or string
/// attribute, or an array of these.
using Thing = std::variant<mlir::Value, mlir::Attribute>;

struct Scope {
  Scope *outer = nullptr;
  llvm::StringMap<Thing> names = {};

  const Thing *find(llvm::StringRef name) const {
    for (const Scope *scope = this; scope; scope = scope->outer)
      if (auto it = scope->names.find(name); it != scope->names.end())
        return &it->second;
    return nullptr;
  }
};

/// The names of layers: "block2." and the numbers that are taken.
struct Naming {
  std::string prefix;
  bool isSharing = false; // parameters exist already
  llvm::StringMap<unsigned> counts = {};
  llvm::StringSet<> taken = {};
};

/// The scope of a line: the meaning of its names, and its input.
struct Frame {
  Scope *scope;
  Naming *naming;
  mlir::Value current;                  // null: nothing yet
  std::optional<mlir::Location> caller; // of a block
  bool isLibrary = false; // a built-in block, whose text the user does not see
};

/// Emits "[label] ..." at a place.
class Places {
public:
  Places(mlir::MLIRContext &context, llvm::StringRef file)
      : context(context), file(mlir::StringAttr::get(&context, file)) {}

  /// For the library's blocks, the place of their use.
  mlir::Location at(Place place, const Frame &frame) const {
    if (frame.isLibrary)
      return *frame.caller;
    mlir::Location here =
        mlir::FileLineColLoc::get(file, place.line, place.column);
    return frame.caller ? mlir::CallSiteLoc::get(here, *frame.caller) : here;
  }
  mlir::InFlightDiagnostic fail(Place place, const Frame &frame,
                                llvm::StringRef label) const {
    return mlir::emitError(at(place, frame)) << "[" << label << "] ";
  }

  mlir::MLIRContext &context;
  mlir::StringAttr file;
};

/// The value of an expression. Only a name may be a tensor. Empty after an
/// error.
llvm::FailureOr<Thing> evaluate(const Expression &expression,
                                const Frame &frame, const Places &places);
/// The same, but a tensor is an error.
llvm::FailureOr<mlir::Attribute> evaluateValue(const Expression &expression,
                                               const Frame &frame,
                                               const Places &places);
llvm::FailureOr<int64_t> evaluateWhole(const Expression &expression,
                                       const Frame &frame,
                                       const Places &places,
                                       llvm::StringRef what);
/// "conv{n}" with the values of the names in braces.
llvm::FailureOr<std::string> fillIn(llvm::StringRef label, Place place,
                                    const Frame &frame, const Places &places);

/// The value as an attribute of an op under a name; null, without an error, if
/// the op takes nothing like it. `isRepeatable` is set if a single number
/// became a list of one: the op may want one for each spatial dimension.
mlir::Attribute convertAttribute(mlir::OperationName op, llvm::StringRef name,
                                 mlir::Attribute value, bool &isRepeatable);
/// "a whole number, or a list of such": the values that the op takes under a
/// name.
std::string acceptedKinds(mlir::OperationName op, llvm::StringRef name,
                          mlir::MLIRContext *context);
/// Whether the op is the same without this attribute. The printer leaves such
/// attributes out.
bool isDefault(mlir::Operation *op, mlir::StringAttr name);
/// Removes attributes that have their defaults, as the printer leaves them out:
/// then the graph does not depend on how it was written.
void removeDefaults(mlir::Operation *op);
/// An op's name in a text: "conv2d", "my.op".
inline llvm::StringRef bareName(llvm::StringRef op) {
  op.consume_front("nn.");
  return op;
}
/// A value of nn.parameter's `init`; null if it is not one.
mlir::Attribute convertInit(mlir::Attribute value, mlir::RankedTensorType type);

/// "0.5", for messages and notes.
std::string textOf(mlir::Attribute value);

} // namespace gradmill::net
