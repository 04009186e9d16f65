// @gradients: the derivatives of the outputs by inputs, parameters and values
// inside of the graph. It differentiates the sum of all outputs, each element
// times the element of a cotangent that the caller gives. With a cotangent of 1
// at a class and 0 elsewhere this sum is the class's score. Its gradient by the
// input is a saliency map, and its gradient by a layer's result weighs the
// channels of Grad-CAM. For the gradient of a loss, the cotangent is the loss's
// own derivative.
//
// In inference mode a sample's outputs depend on that sample alone. So the
// gradients by data and by values inside are those of each sample. The
// gradients by parameters are sums over the batch.
//
// A value inside of the graph has the `nn.name` of the op that gives it. The
// entry returns it too.
//
// requires: static shapes. maintains: the graph's function is untouched.
#include "compiler/autodiff/BuildStep.h"
#include "compiler/Passes.h"
#include "compiler/autodiff/Differentiate.h"
#include "core/Nearest.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_BUILDGRADIENTS
#include "compiler/Passes.h.inc"

namespace {

// A value by which the outputs are differentiated.
struct Source {
  std::string name;
  Value value;             // of an argument or a parameter
  unsigned returned = 0;   // of a value inside: where the function returns it
  bool whole = false;      // it has no batch, like a parameter
  bool isInside() const { return !value; }
};

class GradientBuilder {
public:
  GradientBuilder(func::FuncOp func, func::FuncOp loss)
      : func(func), loss(loss), block(func.front()),
        terminator(cast<func::ReturnOp>(block.getTerminator())),
        predictions(terminator.getNumOperands()) {}

  LogicalResult build(StringRef names) {
    if (failed(mergeParameters(func)))
      return failure();
    markPredictions(func, loss); // by the graph's own ops
    SmallVector<StringRef> list;
    names.split(list, ',');
    for (StringRef name : list)
      if (failed(find(name.trim())))
        return failure();
    if (failed(toInference(func)))
      return failure();
    return differentiateBy();
  }

private:
  //===-- Names -------------------------------------------------------------===//

  InFlightDiagnostic error(Location loc) {
    return emitError(loc) << "[gradient_name] ";
  }

  LogicalResult find(StringRef name) {
    if (name.empty())
      return error(func.getLoc()) << unknown(name);
    if (llvm::any_of(sources, [&](auto &s) { return s.name == name; }))
      return error(func.getLoc()) << "\"" << name << "\" is named twice";
    SmallVector<Source> found;
    if (std::optional<unsigned> i = argumentNamed(func, name))
      found.push_back({name.str(), func.getArgument(*i)});
    for (Operation &op : block) {
      if (auto parameter = dyn_cast<nn::ParameterOp>(op);
          parameter && parameter.getName() == name)
        found.push_back({name.str(), parameter.getValue(), 0, true});
      else if (nameOf(&op) == name && failed(addInside(&op, name, found)))
        return failure();
    }
    if (found.size() > 1)
      return error(func.getLoc())
             << "\"" << name << "\" is the name of several values; rename one";
    if (found.empty())
      return error(func.getLoc()) << unknown(name);
    if (Value value = found.front().value;
        value && !isFloatTensor(value.getType()))
      return error(value.getLoc()) << "\"" << name << "\" is "
                                   << value.getType()
                                   << ", which has no gradient";
    sources.push_back(found.front());
    return success();
  }

  // The op's name; null: none.
  static StringRef nameOf(Operation *op) {
    auto name = op->getAttrOfType<StringAttr>(kNameAttr);
    return name && !isa<nn::ParameterOp>(op) ? name.getValue() : StringRef();
  }

  // The function returns the value from here on, so it stays known when ops are
  // replaced.
  LogicalResult addInside(Operation *op, StringRef name,
                          SmallVectorImpl<Source> &found) {
    if (op->getNumResults() != 1 || !isFloatTensor(op->getResult(0).getType()))
      return error(op->getLoc())
             << "\"" << name << "\" is the name of '" << op->getName()
             << "', which does not give one tensor of floats";
    Source source{name.str(), Value(), terminator.getNumOperands(),
                  !dependsOnData(op)};
    terminator.getOperandsMutable().append(op->getResult(0));
    found.push_back(source);
    return success();
  }

  // A value of parameters and constants alone has no batch.
  bool dependsOnData(Operation *op) {
    llvm::DenseSet<Value> data(block.args_begin(), block.args_end());
    auto depends = [&](Operation &o) {
      return llvm::any_of(o.getOperands(),
                          [&](Value v) { return data.contains(v); });
    };
    for (Operation &o : block) {
      if (&o == op)
        return depends(o);
      if (depends(o))
        data.insert(o.result_begin(), o.result_end());
    }
    return false;
  }

  std::string unknown(StringRef name) {
    std::vector<std::string> known;
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      known.push_back(argumentName(func, i));
    for (Operation &op : block)
      if (auto parameter = dyn_cast<nn::ParameterOp>(op))
        known.push_back(parameter.getName().str());
      else if (StringRef inside = nameOf(&op); !inside.empty())
        known.push_back(inside.str());
    std::string hint = rt::nearest(name.str(), known);
    return "nothing that an output depends on is called \"" + name.str() +
           "\"; " +
           (hint.empty() ? "there are: " + llvm::join(known, ", ") +
                               "; an op is named by the attribute nn.name"
                         : "did you mean " + hint + "?");
  }

  //===-- Gradients ---------------------------------------------------------===//

  LogicalResult differentiateBy() {
    OpBuilder builder(terminator);
    SmallVector<Seed> seeds;
    for (unsigned i = 0; i < predictions; ++i) {
      Value result = terminator.getOperand(i);
      unsigned at = func.getNumArguments();
      (void)func.insertArgument(at, result.getType(), {}, result.getLoc());
      func.setArgAttrs(at, portAttributes(resultName(func, i) + "/cotangent",
                                          "cotangent", builder));
      seeds.push_back({result, func.getArgument(at)});
    }
    SmallVector<Value> wrt = llvm::map_to_vector(sources, [&](Source &s) {
      return s.isInside() ? terminator.getOperand(s.returned) : s.value;
    });
    auto gradients = differentiate(builder, block, seeds, wrt);
    if (failed(gradients))
      return failure();
    SmallVector<Value> values(
        terminator.getOperands().take_front(predictions));
    SmallVector<DictionaryAttr> attributes;
    for (unsigned i = 0; i < predictions; ++i)
      attributes.push_back(func.getResultAttrDict(i));
    auto add = [&](Value value, const std::string &name, StringRef port,
                   bool whole) {
      NamedAttrList list(portAttributes(name, port, builder));
      if (whole)
        list.set(kWholeAttr, builder.getUnitAttr());
      values.push_back(value);
      attributes.push_back(list.getDictionary(func.getContext()));
    };
    for (auto [source, value] : llvm::zip(sources, wrt))
      if (source.isInside())
        add(value, source.name, "value", source.whole);
    for (auto [source, gradient] : llvm::zip(sources, *gradients)) {
      if (!gradient)
        return error(func.getLoc())
               << "no output depends on \"" << source.name
               << "\" in a way that has a gradient";
      add(gradient, source.name + "/gradient", "gradient", source.whole);
    }
    terminator->setOperands(values);
    func.setFunctionType(builder.getFunctionType(block.getArgumentTypes(),
                                                 ValueRange(values).getTypes()));
    func.setAllResultAttrs(attributes);
    return checkNames();
  }

  // Names and ports correspond one to one.
  LogicalResult checkNames() {
    llvm::StringSet<> names;
    auto check = [&](const std::string &name) -> LogicalResult {
      if (names.insert(name).second && !(loss && isOfLoss(name)))
        return success();
      return error(func.getLoc()) << "two ports would be called \"" << name
                                  << "\"; rename a value of the graph";
    };
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      if (failed(check(argumentName(func, i))))
        return failure();
    for (unsigned i = 0; i < func.getNumResults(); ++i)
      if (failed(check(resultName(func, i))))
        return failure();
    return success();
  }

  // A target, the loss or a metric.
  bool isOfLoss(StringRef name) {
    for (unsigned i = 0; i < loss.getNumArguments(); ++i)
      if (portOf(loss, i) == "target" && argumentName(loss, i) == name)
        return true;
    return resultNamed(loss, name).has_value();
  }

  func::FuncOp func, loss;
  Block &block;
  func::ReturnOp terminator;
  unsigned predictions;
  SmallVector<Source> sources;
};

struct BuildGradientsPass : impl::BuildGradientsBase<BuildGradientsPass> {
  using BuildGradientsBase::BuildGradientsBase;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp func = cloneEntry(module, entry, "gradients");
    if (!func)
      return signalPassFailure();
    // Last, because the ports are described at their first place.
    func->moveBefore(module.getBody(), module.getBody()->end());
    if (failed(GradientBuilder(func, module.lookupSymbol<func::FuncOp>("loss"))
                   .build(names)))
      signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
