// The programs of a graph: @train, one whole optimizer step, and @infer. Each
// op with modes is replaced by the form for the program's mode. Later passes do
// not depend on what the program is for.
//
// A step has three parts: gradients, their transforms, and the updates
// (Updates.cpp). In @train they follow one another. If several batches make an
// update, or a host wants to see the gradients before the update, there are two
// programs: @accumulate adds a batch's gradients to tensors of the model, and
// @update does the rest and clears them.
//
// requires: static shapes; @loss, for training (build-loss). maintains: the
// graph's function is untouched. The programs are plain nn IR that reads
// parameters with nn.parameter and sets them with nn.assign. Arguments and
// results say what they are (Ports.h).
#include "compiler/autodiff/BuildStep.h"
#include "compiler/Passes.h"
#include "compiler/plugin/Silence.h"
#include "core/ManifestLimits.h"
#include "compiler/autodiff/Differentiate.h"
#include "compiler/autodiff/Updates.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_BUILDTRAININGSTEP
#define GEN_PASS_DEF_BUILDINFERENCE
#include "compiler/Passes.h.inc"

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

// Two reads of a parameter must agree: it is one tensor.
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

LogicalResult toInference(func::FuncOp func) {
  IRRewriter rewriter(func.getContext());
  SmallVector<nn::ModeInterface> ops(func.front().getOps<nn::ModeInterface>());
  for (nn::ModeInterface op : ops) {
    rewriter.setInsertionPoint(op);
    if (failed(reportSilence(op, "toInference",
                             [&] { return op.toInference(rewriter); })))
      return failure();
  }
  return success();
}

// What the user promises about the output (--unchecked-loss).
static StringAttr promised(func::FuncOp loss, StringRef name,
                           StringAttr otherwise) {
  auto i = loss ? argumentNamed(loss, name) : std::nullopt;
  auto said = i ? loss.getArgAttrOfType<StringAttr>(*i, kMeaningAttr)
                : StringAttr();
  return said ? said : otherwise;
}

void markPredictions(func::FuncOp func, func::FuncOp loss) {
  ValueRange results = func.front().getTerminator()->getOperands();
  for (auto [i, value] : llvm::enumerate(results)) {
    markResult(func, i, "prediction");
    StringRef meaning = nn::meaningText(nn::meaningOf(value));
    func.setResultAttr(i, kMeaningAttr,
                       promised(loss, resultName(func, i),
                                StringAttr::get(func.getContext(), meaning)));
  }
}

namespace {

DictionaryAttr controlAttributes(Builder builder, StringRef name) {
  return portAttributes(name, "control", builder);
}

// The inputs of a step besides data and targets. @accumulate has no learning
// rate.
struct Controls {
  Value learningRate, seed, step, mixup;
};

class TrainingStep {
public:
  TrainingStep(func::FuncOp func, const StepSpec &spec)
      : func(func), block(func.front()), rewriter(func.getContext()),
        terminator(cast<func::ReturnOp>(block.getTerminator())), spec(spec) {
    rewriter.setInsertionPoint(terminator);
  }

  LogicalResult build(func::FuncOp loss) {
    if (failed(mergeParameters(func)) || failed(checkGroups()))
      return failure();
    for (auto op : block.getOps<nn::ParameterOp>())
      graph[op.getName()] = op;
    number = cast<RankedTensorType>(loss.getResultTypes().front());
    addTargets(loss);
    addControls();
    if (failed(toTraining()))
      return failure();
    SmallVector<Value> values = inlineLoss(loss, mapping);
    if (failed(differentiateBy(seedsOf(loss, values.front()))) ||
        failed(spec.accumulate ? accumulate() : update()))
      return failure();
    assign(rewriter, assignments);
    finish(loss, values);
    return success();
  }

private:
  // The targets of @loss become the step's own arguments. (build-loss has
  // matched its other arguments with the graph's.)
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
    if (spec.mixup)
      addMixedTargets(loss);
  }

  // What is said of the samples that are mixed in.
  void addMixedTargets(func::FuncOp loss) {
    others = mapping;
    for (BlockArgument argument : loss.getArguments()) {
      unsigned i = argument.getArgNumber();
      if (portOf(loss, i) != "target")
        continue;
      NamedAttrList attributes(loss.getArgAttrDict(i));
      attributes.set(kNameAttr, rewriter.getStringAttr(argumentName(loss, i) +
                                                       rt::kMixedSuffix));
      others.map(argument,
                 addArgument(argument.getType(),
                             attributes.getDictionary(rewriter.getContext())));
    }
  }

  Value addArgument(Type type, DictionaryAttr attributes) {
    unsigned i = func.getNumArguments();
    (void)func.insertArgument(i, type, attributes, func.getLoc());
    return func.getArgument(i);
  }

  void addControls() {
    auto add = [&](Type type, StringRef name) {
      return addArgument(RankedTensorType::get({}, type),
                         controlAttributes(rewriter, name));
    };
    if (!spec.accumulate)
      controls.learningRate = add(number.getElementType(), "learning_rate");
    controls.seed = add(rewriter.getI64Type(), "seed");
    controls.step = add(rewriter.getI64Type(), "step");
    if (spec.mixup)
      controls.mixup = add(number.getElementType(), rt::kMixup);
  }

  // After the training forms, which have replaced some results.
  SmallVector<Value> inlineLoss(func::FuncOp loss, IRMapping &mapping) {
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
      assignments[parameter.getName().str()] = value;
      return success();
    };
    SmallVector<nn::ModeInterface> ops(block.getOps<nn::ModeInterface>());
    for (nn::ModeInterface op : ops) {
      rewriter.setInsertionPoint(op);
      if (failed(reportSilence(op, "toTraining", [&] {
            return hasFrozenState(op) ? op.toInference(rewriter)
                                      : op.toTraining(context);
          })))
        return failure();
    }
    return success();
  }

  //===-- Groups ------------------------------------------------------------===//

  // A norm with frozen running statistics normalizes by them.
  bool hasFrozenState(Operation *op) const {
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      auto parameter = operand.getDefiningOp<nn::ParameterOp>();
      return parameter && !parameter.isTrainable() &&
             spec.isFrozen(parameter);
    });
  }

  LogicalResult checkGroups() {
    std::vector<std::string> names;
    for (auto op : block.getOps<nn::ParameterOp>())
      names.push_back(op.getName().str());
    for (const ParameterGroup &group : spec.groups)
      for (auto [pattern, glob] : llvm::zip(group.patterns, group.globs))
        if (llvm::none_of(names, [&, &glob = glob](const std::string &name) {
              return glob.match(name);
            }))
          return emitError(func.getLoc())
                 << "[parameter_group] no parameter is called \"" << pattern
                 << "\"; there are: " << llvm::join(names, ", ");
    return success();
  }

  //===-- Gradients and updates ---------------------------------------------===//

  // What is differentiated, and its weight: the loss. With mixup (Zhang et al., 2017),
  // whose samples are mixed with others by one share for a batch, (1 - share) of the
  // loss by their targets and share of that by the others'. A derivative is linear, so
  // this works for each loss of the registry, and each of a graph.
  SmallVector<Seed> seedsOf(func::FuncOp loss, Value first) {
    auto type = cast<RankedTensorType>(first.getType());
    Value one = nn::ConstantOp::create(
        rewriter, first.getLoc(),
        DenseElementsAttr::get(
            type, rewriter.getFloatAttr(type.getElementType(), 1.0)));
    if (!spec.mixup)
      return {Seed{first, one}};
    Value kept = nn::WeightedSumOp::create(rewriter, first.getLoc(),
                                           ValueRange{one, controls.mixup},
                                           ArrayRef<double>{1.0, -1.0});
    Value other = inlineLoss(loss, others).front();
    return {Seed{first, kept}, Seed{other, controls.mixup}};
  }

  // The trained parameters that influence the loss, with their gradients.
  LogicalResult differentiateBy(ArrayRef<Seed> seeds) {
    SmallVector<Value> reads;
    for (auto op : block.getOps<nn::ParameterOp>())
      if (op.isTrainable() && !spec.isFrozen(op))
        reads.push_back(op.getValue());
    auto all = differentiate(rewriter, block, seeds, reads);
    if (failed(all))
      return failure();
    for (auto [read, gradient] : llvm::zip(reads, *all))
      if (gradient) {
        trained.push_back(read.getDefiningOp<nn::ParameterOp>());
        gradients.push_back(gradient);
      }
    return success();
  }

  LogicalResult update() {
    Updates updates(rewriter, spec, graph, controls.learningRate, controls.step,
                    assignments);
    if (failed(updates.update(trained, gradients)))
      return failure();
    if (spec.ema)
      for (auto &[name, value] : Assignments(assignments))
        if (nn::ParameterOp of = graph.lookup(name))
          if (failed(updates.average(of, value)))
            return failure();
    return success();
  }

  LogicalResult accumulate() {
    if (failed(buildUpdate()))
      return failure();
    for (auto [parameter, gradient] : llvm::zip(trained, gradients)) {
      nn::ParameterOp sum =
          addTensor(rewriter, parameter, "gradient", "gradient", graph);
      assignments[sum.getName().str()] = nn::AddOp::create(
          rewriter, gradient.getLoc(), sum.getValue(), gradient);
    }
    return success();
  }

  // @update: the mean of the accumulated gradients, its transforms, the
  // updates. It clears the sums.
  LogicalResult buildUpdate() {
    OpBuilder builder(func.getContext());
    builder.setInsertionPointAfter(func);
    auto apply = func::FuncOp::create(
        builder, func.getLoc(), "update",
        builder.getFunctionType({number, RankedTensorType::get({}, builder.getI64Type())},
                                {}));
    setEntry(apply, "update");
    apply.setArgAttrs(0, controlAttributes(builder, "learning_rate"));
    apply.setArgAttrs(1, controlAttributes(builder, "step"));
    builder.setInsertionPointToStart(apply.addEntryBlock());
    Assignments assigned;
    Updates updates(builder, spec, graph, apply.getArgument(0),
                    apply.getArgument(1), assigned);
    auto read = [&](nn::ParameterOp parameter) {
      return cast<nn::ParameterOp>(builder.clone(*parameter));
    };
    SmallVector<nn::ParameterOp> parameters = llvm::map_to_vector(trained, read);
    SmallVector<Value> means;
    for (nn::ParameterOp parameter : parameters) {
      nn::ParameterOp sum =
          addTensor(builder, parameter, "gradient", "gradient", graph);
      if (!sum)
        return failure();
      assigned[sum.getName().str()] = nn::ZeroLikeOp::create(
          builder, parameter.getLoc(), sum.getValue());
      means.push_back(spec.accumulate == 1
                          ? sum.getValue()
                          : nn::WeightedSumOp::create(
                                builder, parameter.getLoc(),
                                ValueRange{sum.getValue()},
                                ArrayRef<double>{1.0 / spec.accumulate}));
    }
    if (failed(updates.update(parameters, means)))
      return failure();
    if (spec.ema) {
      for (nn::ParameterOp parameter : parameters)
        if (failed(updates.average(parameter,
                                   assigned[parameter.getName().str()])))
          return failure();
      // Running statistics, as @accumulate leaves them.
      for (auto &[name, value] : assignments) {
        nn::ParameterOp statistic = read(graph.lookup(name));
        if (failed(updates.average(statistic, statistic.getValue())))
          return failure();
      }
    }
    assign(builder, assigned);
    func::ReturnOp::create(builder, func.getLoc());
    return success();
  }

  static void assign(OpBuilder &builder, const Assignments &assignments) {
    for (auto &[name, value] : assignments)
      nn::AssignOp::create(builder, value.getLoc(), name, value);
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
  RankedTensorType number; // the loss's: data may be whole numbers
  Controls controls;
  IRMapping mapping, others; // of @loss, with the targets and the mixed-in ones
  const StepSpec &spec;
  GraphTensors graph;
  SmallVector<nn::ParameterOp> trained;
  SmallVector<Value> gradients; // of `trained`
  Assignments assignments;
};

struct BuildTrainingStepPass
    : impl::BuildTrainingStepBase<BuildTrainingStepPass> {
  using BuildTrainingStepBase::BuildTrainingStepBase;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (accumulate < 0 || !(ema >= 0 && ema < 1)) {
      emitError(module.getLoc())
          << "[training_step] accumulate is " << accumulate << " and ema is "
          << double(ema) << ", expected at least 0, and 0 up to 1";
      return signalPassFailure();
    }
    const Registry &registry = registryOf(&getContext());
    auto rule = parseOptimizerSpec(optimizer, registry);
    if (!rule)
      return fail(rule.takeError());
    auto parsed = parseGroups(groups, *rule);
    if (!parsed)
      return fail(parsed.takeError());
    auto changes = parseTransforms(transforms, registry);
    if (!changes)
      return fail(changes.takeError());
    StepSpec spec{std::move(*rule), std::move(*parsed), std::move(*changes),
                  accumulate, ema, mixup};
    auto loss = module.lookupSymbol<func::FuncOp>("loss");
    if (!loss) {
      emitError(module.getLoc())
          << "[no_loss] there is no @loss to train for: build-loss makes it";
      return signalPassFailure();
    }
    func::FuncOp func =
        cloneEntry(module, entry, accumulate ? "accumulate" : "train");
    if (!func || failed(TrainingStep(func, spec).build(loss)))
      signalPassFailure();
  }

  void fail(llvm::Error error) {
    emitError(getOperation().getLoc()) << llvm::toString(std::move(error));
    signalPassFailure();
  }
};

struct BuildInferencePass : impl::BuildInferenceBase<BuildInferencePass> {
  using BuildInferenceBase::BuildInferenceBase;
  void runOnOperation() override {
    func::FuncOp func = cloneEntry(getOperation(), entry, "infer");
    if (!func || failed(mergeParameters(func)))
      return signalPassFailure();
    auto loss = getOperation().lookupSymbol<func::FuncOp>("loss");
    markPredictions(func, loss); // by the graph's own ops
    if (failed(toInference(func)))
      return signalPassFailure();
    if (loss)
      setEntry(loss, "loss");
  }
};
} // namespace
} // namespace gradmill
