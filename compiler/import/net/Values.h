// What names stand for while a net's text becomes a graph, and the values of
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

/// A tensor, or something that is said with numbers: an i64, f64, bool or
/// string attribute, or an array of such.
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

/// How layers are named: "block2." and the numbers that are taken.
struct Naming {
  std::string prefix;
  bool isSharing = false; // parameters are there already
  llvm::StringMap<unsigned> counts = {};
  llvm::StringSet<> taken = {};
};

/// Where a line stands: what its names mean, and what flows into it.
struct Frame {
  Scope *scope;
  Naming *naming;
  mlir::Value current;                  // null: nothing yet
  std::optional<mlir::Location> caller; // of a block
  bool isLibrary = false; // a block of ours, whose text nobody sees
};

/// Emits "[label] ..." where something stands.
class Places {
public:
  Places(mlir::MLIRContext &context, llvm::StringRef file)
      : context(context), file(mlir::StringAttr::get(&context, file)) {}

  /// Of what the library holds, where it is used.
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

/// The value of an expression; a name may be a tensor, all else is not. A fault
/// was emitted.
llvm::FailureOr<Thing> evaluate(const Expression &expression,
                                const Frame &frame, const Places &places);
/// One that is no tensor.
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

/// The value as an attribute of an op under a name; null, without an error,
/// where the op takes nothing like it. `isRepeatable` is set if a single number
/// became a list of one: the op may want one for each spatial dimension.
mlir::Attribute convertAttribute(mlir::OperationName op, llvm::StringRef name,
                                 mlir::Attribute value, bool &isRepeatable);
/// "a whole number, or a list of such": what the op takes under a name.
std::string acceptedKinds(mlir::OperationName op, llvm::StringRef name,
                          mlir::MLIRContext *context);
/// Whether the op is the same without its attribute: the printer leaves it out.
bool isDefault(mlir::Operation *op, mlir::StringAttr name);
/// Leaves the op without attributes that say what goes without saying, as the
/// printer does: the same graph, whoever wrote it.
void removeDefaults(mlir::Operation *op);
/// An op as a text calls it: "conv2d", "my.op".
inline llvm::StringRef bareName(llvm::StringRef op) {
  op.consume_front("nn.");
  return op;
}
/// A value of nn.parameter's `init`; null if it is none.
mlir::Attribute convertInit(mlir::Attribute value, mlir::RankedTensorType type);

/// "0.5", for messages and notes.
std::string textOf(mlir::Attribute value);

} // namespace gradmill::net
