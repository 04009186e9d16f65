// The programs that a graph stands for: @train, one whole optimizer step, and
// @infer. Each op with a mode of its own is replaced by the form for that mode;
// from here on nothing depends on what the program is for.
//
// requires: static shapes; @loss, for training (build-loss).
// maintains: the graph's function is untouched; @train and @infer are plain nn
// IR in which parameters are read with nn.parameter and set with nn.assign.
// Arguments and results say what they are (Ports.h).
#include "compiler/Passes.h"
#include "compiler/autodiff/Differentiate.h"
#include "compiler/autodiff/Ports.h"
#include "compiler/autodiff/Spec.h"
#include "mlir/IR/IRMapping.h"
#include <map>

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_BUILDTRAININGSTEP
#define GEN_PASS_DEF_BUILDINFERENCE
#include "compiler/Passes.h.inc"

namespace {

func::FuncOp cloneEntry(ModuleOp module, StringRef entry, StringRef does) {
  auto func = module.lookupSymbol<func::FuncOp>(entry);
  if (!func || func.isExternal()) {
    emitError(module.getLoc())
        << "[no_entry] the graph has no function @" << entry;
    return {};
  }
  func::FuncOp clone = func.clone();
  clone.setName(does);
  setEntry(clone, does);
  for (unsigned i = 0; i < clone.getNumArguments(); ++i)
    markArgument(clone, i, "data");
  module.insert(std::next(func->getIterator()), clone);
  return clone;
}

// A second read of a parameter must agree with the first: it is one tensor.
LogicalResult mergeParameters(func::FuncOp func) {
  llvm::StringMap<nn::ParameterOp> seen;
  WalkResult result = func.walk([&](nn::ParameterOp op) {
    auto [it, fresh] = seen.try_emplace(op.getName(), op);
    if (fresh)
      return WalkResult::advance();
    nn::ParameterOp first = it->second;
    if (first->getAttrDictionary() != op->getAttrDictionary() ||
        first.getType() != op.getType()) {
      (emitError(op.getLoc())
       << "[parameter_twice] \"" << op.getName()
       << "\" is read with another type, role or init than before")
              .attachNote(first.getLoc())
          << "first read here";
      return WalkResult::interrupt();
    }
    op.replaceAllUsesWith(first.getValue());
    op.erase();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

// What a step is fed besides data and targets.
struct Controls {
  Value learningRate, seed, step;
};

class TrainingStep {
public:
  explicit TrainingStep(func::FuncOp func)
      : func(func), block(func.front()), rewriter(func.getContext()),
        terminator(cast<func::ReturnOp>(block.getTerminator())) {
    rewriter.setInsertionPoint(terminator);
  }

  LogicalResult build(func::FuncOp loss, const OptimizerSpec &optimizer,
                      ArrayRef<ParameterGroup> given) {
    groups = given;
    if (failed(mergeParameters(func)) || failed(checkGroups()))
      return failure();
    addTargets(loss);
    addControls();
    if (failed(toTraining()))
      return failure();
    SmallVector<Value> values = inlineLoss(loss);
    if (failed(update(values.front(), optimizer)))
      return failure();
    assignPending();
    finish(loss, values);
    return success();
  }

private:
  // The targets of @loss become the step's own arguments. (build-loss has
  // matched its other names with the graph's.)
  void addTargets(func::FuncOp loss) {
    for (BlockArgument argument : loss.getArguments()) {
      unsigned i = argument.getArgNumber();
      StringRef port = portOf(loss, i);
      if (port == "data")
        mapping.map(argument, func.getArgument(*argumentNamed(
                                  func, argumentName(loss, i))));
      else if (port != "prediction")
        mapping.map(argument,
                    addArgument(argument.getType(), loss.getArgAttrDict(i)));
    }
  }

  Value addArgument(Type type, DictionaryAttr attributes) {
    unsigned i = func.getNumArguments();
    (void)func.insertArgument(i, type, attributes, func.getLoc());
    return func.getArgument(i);
  }

  void addControls() {
    auto data = cast<RankedTensorType>(block.getArgument(0).getType());
    auto add = [&](Type type, StringRef name) {
      return addArgument(
          RankedTensorType::get({}, type),
          rewriter.getDictionaryAttr(
              {rewriter.getNamedAttr(kNameAttr, rewriter.getStringAttr(name)),
               rewriter.getNamedAttr(kPortAttr,
                                     rewriter.getStringAttr("control"))}));
    };
    controls.learningRate = add(data.getElementType(), "learning_rate");
    controls.seed = add(rewriter.getI64Type(), "seed");
    controls.step = add(rewriter.getI64Type(), "step");
  }

  // Behind the training forms, which have replaced some results.
  SmallVector<Value> inlineLoss(func::FuncOp loss) {
    for (BlockArgument argument : loss.getArguments())
      if (unsigned i = argument.getArgNumber(); portOf(loss, i) == "prediction")
        mapping.map(argument, terminator.getOperand(*resultNamed(
                                  func, argumentName(loss, i))));
    rewriter.setInsertionPoint(terminator);
    for (Operation &op : loss.front().without_terminator())
      rewriter.clone(op, mapping);
    return llvm::map_to_vector(
        loss.front().getTerminator()->getOperands(),
        [&](Value value) { return mapping.lookup(value); });
  }

  LogicalResult toTraining() {
    nn::TrainingContext context(rewriter, controls.seed, controls.step);
    context.assign = [&](Value read, Value value) -> LogicalResult {
      auto parameter = read.getDefiningOp<nn::ParameterOp>();
      if (!parameter)
        return emitError(value.getLoc())
               << "[running_state] a running statistic must be an nn.parameter";
      pending[parameter.getName().str()] = value;
      return success();
    };
    SmallVector<nn::ModeInterface> ops(block.getOps<nn::ModeInterface>());
    for (nn::ModeInterface op : ops) {
      rewriter.setInsertionPoint(op);
      if (failed(hasFrozenState(op) ? op.toInference(rewriter)
                                    : op.toTraining(context)))
        return failure();
    }
    return success();
  }

  //===-- Groups ------------------------------------------------------------===//

  // The last one that matches; null: none does.
  const ParameterGroup *groupOf(StringRef name) const {
    for (const ParameterGroup &group : llvm::reverse(groups))
      if (group.matches(name))
        return &group;
    return nullptr;
  }

  bool isFrozen(nn::ParameterOp parameter) const {
    const ParameterGroup *group = groupOf(parameter.getName());
    return group && group->lr == 0;
  }

  // A norm whose running statistics are frozen normalizes by them.
  bool hasFrozenState(Operation *op) const {
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      auto parameter = operand.getDefiningOp<nn::ParameterOp>();
      return parameter && !parameter.isTrainable() && isFrozen(parameter);
    });
  }

  LogicalResult checkGroups() {
    std::vector<std::string> names;
    for (auto op : block.getOps<nn::ParameterOp>())
      names.push_back(op.getName().str());
    for (const ParameterGroup &group : groups)
      for (auto [pattern, glob] : llvm::zip(group.patterns, group.globs))
        if (llvm::none_of(names, [&, &glob = glob](const std::string &name) {
              return glob.match(name);
            }))
          return emitError(func.getLoc())
                 << "[parameter_group] no parameter is called \"" << pattern
                 << "\"; there are: " << llvm::join(names, ", ");
    return success();
  }

  // The optimizer's options for a parameter.
  FailureOr<OptionValues> optionsOf(nn::ParameterOp parameter,
                                    const OptimizerSpec &optimizer) {
    OptionValues options = optimizer.options;
    const ParameterGroup *group = groupOf(parameter.getName());
    if (!group || group->options.empty())
      return options;
    for (const auto &[name, value] : group->options)
      options.set(name, value);
    if (optimizer.optimizer->check)
      if (std::string problem = optimizer.optimizer->check(options);
          !problem.empty())
        return emitError(parameter.getLoc())
               << "[parameter_group] of \"" << parameter.getName()
               << "\": " << problem;
    return options;
  }

  // The learning rate, times the group's factor.
  Value rateOf(nn::ParameterOp parameter) {
    const ParameterGroup *group = groupOf(parameter.getName());
    if (!group || group->lr == 1)
      return controls.learningRate;
    Value &rate = rates[group];
    if (!rate)
      rate = nn::WeightedSumOp::create(rewriter, func.getLoc(),
                                       controls.learningRate, group->lr);
    return rate;
  }

  //===-- Updates -----------------------------------------------------------===//

  LogicalResult update(Value loss, const OptimizerSpec &optimizer) {
    SmallVector<nn::ParameterOp> trained;
    SmallVector<Value> reads;
    for (auto op : block.getOps<nn::ParameterOp>())
      if (op.isTrainable() && !isFrozen(op)) {
        trained.push_back(op);
        reads.push_back(op.getValue());
      }
    auto type = cast<RankedTensorType>(loss.getType());
    Value one = nn::ConstantOp::create(
        rewriter, loss.getLoc(),
        DenseElementsAttr::get(
            type, rewriter.getFloatAttr(type.getElementType(), 1.0)));
    auto gradients = differentiate(rewriter, block, {Seed{loss, one}}, reads);
    if (failed(gradients))
      return failure();
    for (auto [parameter, gradient] : llvm::zip(trained, *gradients)) {
      if (!gradient)
        continue; // does not influence the loss
      if (failed(updateOne(parameter, gradient, optimizer)))
        return failure();
    }
    return success();
  }

  LogicalResult updateOne(nn::ParameterOp parameter, Value gradient,
                          const OptimizerSpec &optimizer) {
    auto stateName = [name = parameter.getName().str()](StringRef state) {
      return name + "/" + state.str();
    };
    FailureOr<OptionValues> options = optionsOf(parameter, optimizer);
    if (failed(options))
      return failure();
    nn::ParameterOp clash; // of the graph, with the name of a state
    UpdateContext context{rewriter,
                          parameter.getLoc(),
                          parameter.getValue(),
                          gradient,
                          rateOf(parameter),
                          controls.step,
                          *options,
                          [&](StringRef state) -> Value {
                            if (auto own = findParameter(stateName(state)))
                              clash = own;
                            return nn::ParameterOp::create(
                                rewriter, parameter.getLoc(),
                                parameter.getType(), stateName(state),
                                rewriter.getStringAttr("optimizer"),
                                rewriter.getF64FloatAttr(0.0));
                          },
                          [&](StringRef state, Value value) {
                            pending[stateName(state)] = value;
                          }};
    pending[parameter.getName().str()] = optimizer.optimizer->build(context);
    if (!clash)
      return success();
    return emitError(clash.getLoc())
           << "[parameter_name] \"" << clash.getName()
           << "\" is what the optimizer calls its state of \""
           << parameter.getName() << "\"; rename the parameter";
  }

  // Of the graph: the optimizer's own are left out.
  nn::ParameterOp findParameter(StringRef name) {
    for (auto op : block.getOps<nn::ParameterOp>())
      if (op.getName() == name && op.roleOrDefault() != "optimizer")
        return op;
    return {};
  }

  void assignPending() {
    for (auto &[name, value] : pending)
      nn::AssignOp::create(rewriter, value.getLoc(), name, value);
  }

  void finish(func::FuncOp loss, ArrayRef<Value> values) {
    terminator->setOperands(values);
    func.setFunctionType(rewriter.getFunctionType(
        block.getArgumentTypes(), ValueRange(values).getTypes()));
    SmallVector<DictionaryAttr> attributes;
    for (unsigned i = 0; i < values.size(); ++i)
      attributes.push_back(loss.getResultAttrDict(i));
    func.setAllResultAttrs(attributes);
  }

  func::FuncOp func;
  Block &block;
  IRRewriter rewriter;
  func::ReturnOp terminator;
  Controls controls;
  IRMapping mapping; // of @loss
  ArrayRef<ParameterGroup> groups;
  llvm::DenseMap<const ParameterGroup *, Value> rates;
  std::map<std::string, Value>
      pending; // ordered: the IR must not depend on hashing
};

struct BuildTrainingStepPass
    : impl::BuildTrainingStepBase<BuildTrainingStepPass> {
  using BuildTrainingStepBase::BuildTrainingStepBase;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto spec = parseOptimizerSpec(optimizer, registryOf(&getContext()));
    if (!spec) {
      emitError(module.getLoc()) << llvm::toString(spec.takeError());
      return signalPassFailure();
    }
    auto parsed = parseGroups(groups, *spec);
    if (!parsed) {
      emitError(module.getLoc()) << llvm::toString(parsed.takeError());
      return signalPassFailure();
    }
    auto loss = module.lookupSymbol<func::FuncOp>("loss");
    if (!loss) {
      emitError(module.getLoc())
          << "[no_loss] there is no @loss to train for: build-loss makes it";
      return signalPassFailure();
    }
    func::FuncOp func = cloneEntry(module, entry, "train");
    if (!func || failed(TrainingStep(func).build(loss, *spec, *parsed)))
      signalPassFailure();
  }
};

struct BuildInferencePass : impl::BuildInferenceBase<BuildInferencePass> {
  using BuildInferenceBase::BuildInferenceBase;
  void runOnOperation() override {
    func::FuncOp func = cloneEntry(getOperation(), entry, "infer");
    if (!func || failed(mergeParameters(func)))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    SmallVector<nn::ModeInterface> ops(
        func.front().getOps<nn::ModeInterface>());
    auto loss = getOperation().lookupSymbol<func::FuncOp>("loss");
    markResults(func, loss); // by the graph's own ops
    for (nn::ModeInterface op : ops) {
      rewriter.setInsertionPoint(op);
      if (failed(op.toInference(rewriter)))
        return signalPassFailure();
    }
    if (loss)
      setEntry(loss, "loss");
  }

  static void markResults(func::FuncOp func, func::FuncOp loss) {
    ValueRange results = func.front().getTerminator()->getOperands();
    for (auto [i, value] : llvm::enumerate(results)) {
      markResult(func, i, "prediction");
      StringRef meaning = nn::meaningText(nn::meaningOf(value));
      func.setResultAttr(i, kMeaningAttr,
                         promised(loss, resultName(func, i),
                                  StringAttr::get(func.getContext(), meaning)));
    }
  }

  // What the user has promised a loss of the output (--unchecked-loss).
  static StringAttr promised(func::FuncOp loss, StringRef name,
                             StringAttr otherwise) {
    auto i = loss ? argumentNamed(loss, name) : std::nullopt;
    auto said = i ? loss.getArgAttrOfType<StringAttr>(*i, kMeaningAttr)
                  : StringAttr();
    return said ? said : otherwise;
  }
};
} // namespace
} // namespace gradmill
