// The rules of a graph, as a list. Errors: graph_function, graph_op,
// graph_type, graph_attribute, graph_name, unknown_attribute.
#include "compiler/import/CheckGraph.h"
#include "compiler/import/Format.h"
#include "core/ManifestLimits.h"
#include "core/Nearest.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace gradmill {
namespace {

// Attributes that an op may have without defining them. Docs: file-format.md.
using Kind = std::string (*)(Attribute); // what is wrong, or ""
struct KnownAttribute {
  StringRef name;
  Kind check;
};

std::string checkName(Attribute value) {
  auto text = dyn_cast<StringAttr>(value);
  return text ? nn::nameFault(text.getValue()) : "is no string";
}

std::string checkNumbers(Attribute value) {
  auto list = dyn_cast<ArrayAttr>(value);
  return list && llvm::all_of(list, llvm::IsaPred<FloatAttr>)
             ? ""
             : "is no list of floats such as [0.5, 0.5]";
}

template <int64_t min, int64_t max> std::string checkWhole(Attribute value) {
  auto number = dyn_cast<IntegerAttr>(value);
  return number && number.getType().isSignlessInteger(64) &&
                 number.getInt() >= min && number.getInt() <= max
             ? ""
             : "is no i64 of " + std::to_string(min) + " to " +
                   std::to_string(max);
}

std::string checkUnit(Attribute value) {
  return isa<UnitAttr>(value) ? "" : "has a value, and takes none";
}

constexpr KnownAttribute kOp[] = {{nn::kRegistersAttr, checkWhole<1, 128>},
                                  {"nn.name", checkName}};
// A parameter has a name already, and an op without a result needs none.
ArrayRef<KnownAttribute> attributesOf(Operation *op) {
  bool named = op->getNumResults() > 0 && !isa<nn::ParameterOp>(op);
  return ArrayRef(kOp).take_front(named ? 2 : 1);
}
// Of the graph.
constexpr KnownAttribute kArgument[] = {{"nn.name", checkName},
                                        {"nn.mean", checkNumbers},
                                        {"nn.std", checkNumbers},
                                        {"nn.classes",
                                         checkWhole<1, rt::kMaxClasses>},
                                        {"nn.preprocess", checkName}};
constexpr KnownAttribute kResult[] = {{"nn.name", checkName}};
// Of @loss.
constexpr KnownAttribute kLossArgument[] = {
    {"nn.name", checkName},
    {"nn.classes", checkWhole<1, rt::kMaxClasses>},
    {"nn.ignore", checkWhole<INT32_MIN, INT32_MAX>}};
constexpr KnownAttribute kLossResult[] = {{"nn.name", checkName},
                                          {"nn.share", checkUnit}};
constexpr StringRef kLossFunction = "loss";

std::vector<std::string> namesOf(ArrayRef<KnownAttribute> attributes) {
  std::vector<std::string> names;
  for (const KnownAttribute &attribute : attributes)
    names.push_back(attribute.name.str());
  return names;
}

// A name comes from the file and may have any length.
std::string shown(StringRef name) {
  return "'" + (name.size() > 64 ? name.take_front(64) + "..." : name).str() +
         "'";
}

class Checker {
public:
  explicit Checker(ModuleOp module) : module(module) {}

  LogicalResult run() {
    module->setLoc(plainLocation(module.getLoc()));
    // The module's name, if any, is the model's.
    checkAttributes(module, "the module", module->getDiscardableAttrs(), {},
                    {});
    if (module.getSymVisibilityAttr())
      unknown(module, "the module", "sym_visibility", {});
    if (std::optional<StringRef> name = module.getSymName())
      checkFault(module, "the module's name ", nn::nameFault(*name));
    func::FuncOp graph, loss;
    for (Operation &op : *module.getBody()) {
      op.setLoc(plainLocation(op.getLoc()));
      auto function = dyn_cast<func::FuncOp>(op);
      if (!function)
        return error(&op, "graph_op")
               << shown(op.getName().getStringRef())
               << " beside the function; a graph file holds the graph, perhaps a "
                  "function @loss, and nothing else";
      func::FuncOp &place = function.getName() == kLossFunction ? loss : graph;
      if (place)
        return error(&op, "graph_function")
               << "another function, " << shown(function.getName())
               << "; a graph is one function, with perhaps @loss beside it";
      place = function;
    }
    if (!graph)
      return error(module, "graph_function")
             << (loss ? "there is no function beside @loss"
                      : "there is no function");
    checkFunction(graph, kArgument, kResult);
    if (loss)
      checkFunction(loss, kLossArgument, kLossResult);
    return failure(errors > 0);
  }

private:
  InFlightDiagnostic error(Operation *op, StringRef label) {
    return error(op->getLoc(), label);
  }
  InFlightDiagnostic error(Location location, StringRef label) {
    ++errors;
    return emitError(location) << "[" << label << "] ";
  }
  bool isEnough() const { return errors >= 20; }

  void checkFault(Operation *op, const llvm::Twine &what,
                  const std::string &fault) {
    if (!fault.empty())
      error(op, "graph_name") << what << fault;
  }

  void unknown(Operation *op, const llvm::Twine &subject, StringRef name,
               const std::vector<std::string> &known) {
    auto diagnostic = error(op, "unknown_attribute");
    diagnostic << subject << " has no attribute " << shown(name);
    std::string hint = rt::nearest(name.str(), known);
    if (!hint.empty())
      diagnostic << "; did you mean '" << hint << "'?";
    else if (known.empty())
      diagnostic << "; there is none that it takes";
    else
      diagnostic << "; it takes " << llvm::join(known, ", ");
  }

  // Attributes that no op's definition checks.
  template <typename Attributes>
  void checkAttributes(Operation *op, const llvm::Twine &subject,
                       const Attributes &attributes,
                       ArrayRef<KnownAttribute> known,
                       const std::vector<std::string> &takes) {
    for (NamedAttribute attribute : attributes) {
      StringRef name = attribute.getName();
      auto found = llvm::find_if(
          known, [&](const KnownAttribute &k) { return k.name == name; });
      if (isEnough())
        return;
      if (found == known.end())
        unknown(op, subject, name, takes);
      else if (std::string fault = found->check(attribute.getValue());
               !fault.empty())
        error(op, "graph_attribute")
            << subject << ": '" << name << "' " << fault;
    }
  }

  void checkType(Location location, const llvm::Twine &subject, Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getEncoding() ||
        !isValueElement(elementFromMlir(tensor.getElementType())))
      error(location, "graph_type")
          << subject
          << " is no plain tensor of f32, f64, i32 or i64 of known rank";
    else if (!nn::countElements(tensor.getShape()))
      error(location, "graph_type")
          << subject << " has more than " << kMaxRank
          << " dimensions or 2^40 elements";
  }

  void checkFunction(func::FuncOp graph, ArrayRef<KnownAttribute> ofArguments,
                     ArrayRef<KnownAttribute> ofResults) {
    checkFault(graph, "the function's name ", nn::nameFault(graph.getName()));
    if (!graph.getBody().hasOneBlock()) {
      error(graph, "graph_function")
          << shown(graph.getName())
          << (graph.isExternal() ? " has no body"
                                 : " has several blocks; a graph has one");
      return;
    }
    for (NamedAttribute attribute : graph->getAttrs())
      if (StringRef name = attribute.getName();
          name != graph.getSymNameAttrName() &&
          name != graph.getFunctionTypeAttrName() &&
          name != graph.getArgAttrsAttrName() &&
          name != graph.getResAttrsAttrName())
        unknown(graph, "the function", name, {});
    for (BlockArgument argument : graph.getArguments()) {
      unsigned i = argument.getArgNumber();
      std::string subject = "argument " + std::to_string(i);
      argument.setLoc(plainLocation(argument.getLoc()));
      checkType(argument.getLoc(), subject, argument.getType());
      checkAttributes(graph, subject,
                      mlir::function_interface_impl::getArgAttrs(graph, i),
                      ofArguments, namesOf(ofArguments));
      if (isEnough())
        return;
    }
    for (unsigned i = 0; i < graph.getNumResults(); ++i) {
      checkAttributes(graph, "result " + std::to_string(i),
                      mlir::function_interface_impl::getResultAttrs(graph, i),
                      ofResults, namesOf(ofResults));
      if (isEnough())
        return;
    }
    for (Operation &op : graph.getBody().front()) {
      op.setLoc(plainLocation(op.getLoc()));
      checkOp(&op);
      if (isEnough())
        return;
    }
  }

  void checkOp(Operation *op) {
    std::string name = shown(op->getName().getStringRef());
    if (op->getNumRegions() || op->getNumSuccessors()) {
      error(op, "graph_op")
          << name << " has regions or successors; a graph is flat";
      return;
    }
    for (Value result : op->getResults())
      checkType(op->getLoc(), "the result of " + name, result.getType());
    if (!op->isRegistered()) // unknown ops are carried along
      return;
    if (!isa<func::ReturnOp>(op) && !nn::isGraphOp(op->getName())) {
      if (isa<nn::NNDialect>(op->getDialect()))
        error(op, "graph_op")
            << name << " is made by the compiler; no graph file can hold it";
      else
        error(op, "graph_op")
            << name
            << " is no op of a graph; nn and plugins (--plugin) have those";
      return;
    }
    std::vector<std::string> known;
    for (StringAttr attribute : op->getName().getAttributeNames())
      known.push_back(attribute.str());
    checkAttributes(op, op->getName().getStringRef(),
                    op->getDiscardableAttrs(), attributesOf(op), known);
    if (auto parameter = dyn_cast<nn::ParameterOp>(op))
      if (StringRef role = parameter.roleOrDefault();
          role != "parameter" && role != "buffer")
        error(op, "parameter_c2")
            << "role is \"" << role
            << "\", expected \"parameter\" or \"buffer\"; the others are the "
               "compiler's";
  }

  ModuleOp module;
  unsigned errors = 0;
};

} // namespace

LogicalResult checkGraph(ModuleOp module) { return Checker(module).run(); }

} // namespace gradmill
