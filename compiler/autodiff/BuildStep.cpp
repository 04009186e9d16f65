// The two programs that a graph stands for: @train, one whole optimizer step,
// and
// @infer. Each op with a mode of its own is replaced by the form for that mode;
// from here on nothing depends on what the program is for.
//
// requires: static shapes; a function whose results start with the model's
// output. maintains: the graph's function is untouched; @train and @infer are
// plain nn IR in which parameters are read with nn.parameter and set with
// nn.assign.
#include "compiler/Passes.h"
#include "compiler/autodiff/CheckGraph.h"
#include "compiler/autodiff/Differentiate.h"
#include "compiler/autodiff/OptimizerSpec.h"
#include <map>

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_BUILDTRAININGSTEP
#define GEN_PASS_DEF_BUILDINFERENCE
#include "compiler/Passes.h.inc"

namespace {

func::FuncOp cloneEntry(ModuleOp module, StringRef entry, StringRef name) {
  auto func = module.lookupSymbol<func::FuncOp>(entry);
  if (!func || func.isExternal()) {
    emitError(module.getLoc())
        << "[no_entry] the graph has no function @" << entry;
    return {};
  }
  func::FuncOp clone = func.clone();
  clone.setName(name);
  clone->setAttr(kEntryAttr, UnitAttr::get(module.getContext()));
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

// What a model hands out: log-probabilities, whatever the graph ends in.
Value reported(const Loss &loss, OpBuilder &builder, Value output) {
  return loss.logProbabilities
             ? loss.logProbabilities(builder, output.getLoc(), output)
             : output;
}

const Loss *findLoss(const Registry &registry, StringRef name, Location loc) {
  if (const Loss *loss = registry.findLoss(name))
    return loss;
  auto error = emitError(loc) << "[unknown_loss] there is no loss \"" << name
                              << "\"; there are: ";
  llvm::interleaveComma(registry.losses(), error,
                        [&](const Loss &l) { error << l.name; });
  return nullptr;
}

bool takes(const Loss &loss, nn::Meaning meaning) {
  return loss.takes.empty() || llvm::is_contained(loss.takes, meaning);
}

// A loss that takes log-probabilities has no lower bound on anything else: it
// would fall for ever, and the weights with it.
LogicalResult checkLoss(const Loss &loss, Value output,
                        const Registry &registry) {
  nn::Meaning meaning = nn::meaningOf(output);
  if (takes(loss, meaning))
    return success();
  auto error = emitError(output.getLoc())
               << "[loss_input] the loss " << loss.name << " takes ";
  llvm::interleave(
      loss.takes, [&](nn::Meaning m) { error << nn::meaningText(m); },
      [&] { error << " or "; });
  error << ", but the graph's output is " << nn::meaningText(meaning);
  if (Operation *op = output.getDefiningOp())
    error << " (of '" << op->getName() << "')";
  if (!loss.fix.empty())
    error << "; " << loss.fix;
  for (const Loss &other : registry.losses())
    if (!other.takes.empty() && takes(other, meaning))
      error << ", or use --loss " << other.name;
  return error << "; --unchecked-loss trains it as it is";
}

// What inference hands out.
nn::Meaning reportedMeaning(const Loss &loss, Value output, bool unchecked) {
  bool known = loss.logProbabilities ||
               (unchecked &&
                llvm::is_contained(loss.takes, nn::Meaning::LogProbabilities));
  return known ? nn::Meaning::LogProbabilities : nn::meaningOf(output);
}

void nameArgument(func::FuncOp func, unsigned index, StringRef name) {
  if (!func.getArgAttr(index, kNameAttr))
    func.setArgAttr(index, kNameAttr, StringAttr::get(func.getContext(), name));
}

// What a step is fed besides images and labels.
struct Controls {
  Value labels, learningRate, seed, step;
};

class TrainingStep {
public:
  explicit TrainingStep(func::FuncOp func)
      : func(func), block(func.front()), rewriter(func.getContext()),
        terminator(cast<func::ReturnOp>(block.getTerminator())) {
    rewriter.setInsertionPoint(terminator);
  }

  LogicalResult build(const Loss &loss, const Optimizer &optimizer,
                      const llvm::StringMap<double> &options, bool unchecked,
                      const Registry &registry) {
    if (failed(mergeParameters(func)) || failed(addControls()))
      return failure();
    // Before the training forms, which need not say what they give.
    if (!unchecked &&
        failed(checkLoss(loss, terminator.getOperand(0), registry)))
      return failure();
    if (failed(toTraining()))
      return failure();
    Value output = terminator.getOperand(0);
    rewriter.setInsertionPoint(terminator);
    Value value =
        loss.build(rewriter, output.getLoc(), output, controls.labels);
    if (!value)
      return failure();
    if (failed(update(value, optimizer, options)))
      return failure();
    assignPending();
    rewriter.setInsertionPoint(terminator);
    finish(value, reported(loss, rewriter, output));
    return success();
  }

private:
  LogicalResult addControls() {
    if (failed(checkSignature(func)))
      return failure();
    auto image = cast<RankedTensorType>(block.getArgument(0).getType());
    Type i64 = RankedTensorType::get({}, rewriter.getI64Type());
    auto add = [&](Type type, StringRef name) {
      (void)func.insertArgument(func.getNumArguments(), type, {},
                                func.getLoc());
      nameArgument(func, func.getNumArguments() - 1, name);
      return block.getArguments().back();
    };
    nameArgument(func, 0, "image");
    controls.labels =
        add(RankedTensorType::get({image.getDimSize(0)}, rewriter.getI32Type()),
            "label");
    controls.learningRate =
        add(RankedTensorType::get({}, image.getElementType()), "learning_rate");
    controls.seed = add(i64, "seed");
    controls.step = add(i64, "step");
    return success();
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
      if (failed(op.toTraining(context)))
        return failure();
    }
    return success();
  }

  LogicalResult update(Value loss, const Optimizer &optimizer,
                       const llvm::StringMap<double> &options) {
    SmallVector<nn::ParameterOp> trained;
    SmallVector<Value> reads;
    for (auto op : block.getOps<nn::ParameterOp>())
      if (op.isTrainable()) {
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
      if (failed(updateOne(parameter, gradient, optimizer, options)))
        return failure();
    }
    return success();
  }

  LogicalResult updateOne(nn::ParameterOp parameter, Value gradient,
                          const Optimizer &optimizer,
                          const llvm::StringMap<double> &options) {
    auto stateName = [name = parameter.getName().str()](StringRef state) {
      return name + "/" + state.str();
    };
    nn::ParameterOp clash; // of the graph, with the name of a state
    UpdateContext context{rewriter,
                          parameter.getLoc(),
                          parameter.getValue(),
                          gradient,
                          controls.learningRate,
                          controls.step,
                          options,
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
    pending[parameter.getName().str()] = optimizer.build(context);
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

  void finish(Value loss, Value output) {
    terminator->setOperands({loss, output});
    func.setFunctionType(rewriter.getFunctionType(
        block.getArgumentTypes(), {loss.getType(), output.getType()}));
    func.setAllResultAttrs(SmallVector<DictionaryAttr>(2));
    func.setResultAttr(0, kNameAttr, rewriter.getStringAttr("loss"));
    func.setResultAttr(1, kNameAttr, rewriter.getStringAttr("output"));
  }

  func::FuncOp func;
  Block &block;
  IRRewriter rewriter;
  func::ReturnOp terminator;
  Controls controls;
  std::map<std::string, Value>
      pending; // ordered: the IR must not depend on hashing
};

struct BuildTrainingStepPass
    : impl::BuildTrainingStepBase<BuildTrainingStepPass> {
  using BuildTrainingStepBase::BuildTrainingStepBase;
  void runOnOperation() override {
    const Registry &registry = registryOf(&getContext());
    const Loss *lossFn = findLoss(registry, loss, getOperation().getLoc());
    if (!lossFn)
      return signalPassFailure();
    auto spec = parseOptimizerSpec(optimizer, registry);
    if (!spec) {
      emitError(getOperation().getLoc()) << llvm::toString(spec.takeError());
      return signalPassFailure();
    }
    func::FuncOp func = cloneEntry(getOperation(), entry, "train");
    if (!func ||
        failed(TrainingStep(func).build(
            *lossFn, *spec->optimizer, spec->options, uncheckedLoss, registry)))
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
    for (nn::ModeInterface op : ops) {
      rewriter.setInsertionPoint(op);
      if (failed(op.toInference(rewriter)))
        return signalPassFailure();
    }
    const Loss *lossFn =
        findLoss(registryOf(&getContext()), loss, getOperation().getLoc());
    if (!lossFn)
      return signalPassFailure();
    auto ret = cast<func::ReturnOp>(func.front().getTerminator());
    if (ret.getNumOperands() == 0) {
      emitError(ret.getLoc())
          << "[graph_signature] @" << entry << " returns nothing";
      return signalPassFailure();
    }
    rewriter.setInsertionPoint(ret);
    func->setAttr(kMeaningAttr,
                  rewriter.getStringAttr(nn::meaningText(reportedMeaning(
                      *lossFn, ret.getOperand(0), uncheckedLoss))));
    ret->setOperand(0, reported(*lossFn, rewriter, ret.getOperand(0)));
    if (func.getNumArguments())
      nameArgument(func, 0, "image");
    for (unsigned i = 0; i < func.getNumResults(); ++i)
      func.setResultAttr(i, kNameAttr,
                         rewriter.getStringAttr(resultName(func, i)));
  }
};
} // namespace
} // namespace gradmill
