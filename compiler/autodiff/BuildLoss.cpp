// @loss, a function of predictions and targets to the loss and the metrics. It
// is the graph's own, or it is built from registered losses and metrics. Later
// passes do not depend on its origin.
//
// requires: static shapes, a graph that check-graph has accepted. maintains:
// the graph's function is untouched. The arguments and results of @loss say
// what they are (Ports.h). It holds no parameters and no op with two modes.
// Without a loss there is no @loss.
#include "compiler/Passes.h"
#include "compiler/autodiff/Ports.h"
#include "compiler/autodiff/Spec.h"
#include "core/ManifestLimits.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_BUILDLOSS
#include "compiler/Passes.h.inc"

namespace {

bool takes(const Loss &loss, nn::Meaning meaning) {
  return loss.takes.empty() || llvm::is_contained(loss.takes, meaning);
}

// A loss for log-probabilities has no lower bound on other numbers: it would
// fall for ever and ruin the weights.
LogicalResult checkTakes(const Loss &loss, Value output,
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

// The loss and the metrics are ports beside the graph's and the targets.
LogicalResult checkResultNames(func::FuncOp graph, func::FuncOp loss) {
  llvm::StringSet<> names{kClocksName};
  for (const char *reserved : rt::kReservedInputs)
    names.insert(reserved);
  for (func::FuncOp func : {graph, loss})
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      names.insert(argumentName(func, i));
  for (unsigned i = 0; i < graph.getNumResults(); ++i)
    names.insert(resultName(graph, i));
  for (unsigned i = 0; i < loss.getNumResults(); ++i)
    if (std::string name = resultName(loss, i); !names.insert(name).second)
      return emitError(loss.getLoc())
             << "[metric_name] the " << (i ? "metric" : "loss")
             << " is called \"" << name
             << "\", as another port of the model is; rename that";
  return success();
}

// Builds @loss from specifications.
class LossBuilder {
public:
  LossBuilder(func::FuncOp graph, const Registry &registry, bool unchecked)
      : graph(graph), registry(registry), unchecked(unchecked),
        results(graph.front().getTerminator()->getOperands()),
        builder(graph.getContext()) {}

  LogicalResult build(ArrayRef<CriterionSpec<Loss>> losses,
                      ArrayRef<CriterionSpec<Metric>> metrics) {
    several = losses.size() > 1;
    loss = func::FuncOp::create(graph.getLoc(), "loss",
                                builder.getFunctionType({}, {}));
    OwningOpRef<func::FuncOp> owner(loss);
    loss.addEntryBlock();
    builder.setInsertionPointToStart(&loss.front());
    SmallVector<Value> parts;
    SmallVector<double> weights;
    for (const CriterionSpec<Loss> &spec : losses) {
      Value value = add(spec);
      if (!value)
        return failure();
      parts.push_back(value);
      weights.push_back(spec.weight);
    }
    values.push_back(sum(parts, weights));
    names.push_back("loss");
    if (failed(metrics.empty() ? addDefaultMetrics(losses)
                               : addMetrics(metrics)))
      return failure();
    finish();
    if (failed(checkResultNames(graph, loss)))
      return failure();
    owner.release();
    return success();
  }

  func::FuncOp function() { return loss; }

private:
  //===-- Outputs and targets -----------------------------------------------===//

  FailureOr<unsigned> outputOf(StringRef name, StringRef criterion) {
    if (name.empty() && results.size() == 1)
      return 0;
    if (std::optional<unsigned> index = resultNamed(graph, name))
      return *index;
    std::string list;
    for (unsigned i = 0; i < results.size(); ++i)
      list += (i ? ", " : "") + resultName(graph, i);
    auto error = emitError(graph.getLoc()) << "[loss_output] ";
    if (name.empty())
      error << "the graph has several outputs (" << list << "), and "
            << criterion << " does not say which it is for; write "
            << resultName(graph, 0) << "=" << criterion;
    else
      error << "the graph has no output \"" << name << "\"; it has: " << list;
    return error;
  }

  Value prediction(unsigned index) {
    auto [it, fresh] = predictions.try_emplace(index);
    if (fresh)
      it->second = addArgument(results[index].getType(),
                               resultName(graph, index), "prediction");
    return it->second;
  }

  // The output is taken as what the loss needs, whatever its op says.
  void promise(const Loss &kind, BlockArgument argument) {
    if (unchecked && kind.takes.size() == 1)
      loss.setArgAttr(argument.getArgNumber(), kMeaningAttr,
                      builder.getStringAttr(nn::meaningText(kind.takes[0])));
  }

  Value addArgument(Type type, StringRef name, StringRef port) {
    unsigned i = loss.getNumArguments();
    (void)loss.insertArgument(i, type, {}, graph.getLoc());
    loss.setArgAttr(i, kNameAttr, builder.getStringAttr(name));
    markArgument(loss, i, port);
    return loss.getArgument(i);
  }

  // The port of a target; several criteria may share one. A target with the
  // name of an input of the graph is that input, as in an autoencoder.
  Value targetPort(const TargetSpec &target, StringRef name, Location loc) {
    if (resultNamed(graph, name)) {
      emitError(loc) << "[loss_target] a target cannot be called \"" << name
                     << "\": it is an output of the graph; name another one "
                        "with target=NAME";
      return {};
    }
    if (std::optional<unsigned> known = argumentNamed(loss, name)) {
      Value argument = loss.getArgument(*known);
      if (argument.getType() == target.type)
        return argument;
      emitError(loc) << "[loss_target] \"" << name
                     << "\" would be a target of type " << target.type
                     << ", but is " << argument.getType()
                     << " already; name another one with target=NAME";
      return {};
    }
    if (target.classes > rt::kMaxClasses) {
      emitError(loc) << "[loss_target] \"" << name << "\" would have "
                     << target.classes << " classes, at most "
                     << rt::kMaxClasses;
      return {};
    }
    std::optional<unsigned> data = argumentNamed(graph, name);
    if (data && graph.getArgument(*data).getType() != target.type) {
      emitError(loc) << "[loss_target] the target \"" << name << "\" is "
                     << target.type << ", but the graph's input of that name is "
                     << graph.getArgument(*data).getType()
                     << "; name another one with target=NAME";
      return {};
    }
    if (llvm::is_contained(rt::kReservedInputs, name) || name == "loss") {
      emitError(loc) << "[loss_target] a target cannot be called \"" << name
                     << "\": the training step has a port of that name";
      return {};
    }
    if (data && target.range && isNormalized(*data)) {
      emitError(loc) << "[loss_target] the target \"" << name
                     << "\" must lie in " << target.range->first << " to "
                     << target.range->second
                     << ", but the graph's input of that name is normalized "
                        "(nn.mean, nn.std)";
      return {};
    }
    Value made = addArgument(target.type, name, data ? "data" : "target");
    if (data)
      return made;
    unsigned i = loss.getNumArguments() - 1;
    if (target.classes)
      loss.setArgAttr(i, kClassesAttr, builder.getI64IntegerAttr(target.classes));
    if (target.range)
      loss.setArgAttr(i, kRangeAttr,
                      builder.getF64ArrayAttr(
                          {target.range->first, target.range->second}));
    if (target.ignore)
      loss.setArgAttr(i, kIgnoreAttr, builder.getI64IntegerAttr(*target.ignore));
    return made;
  }

  bool isNormalized(unsigned input) {
    return graph.getArgAttr(input, "nn.mean") ||
           graph.getArgAttr(input, "nn.std");
  }

  //===-- Criteria ----------------------------------------------------------===//

  Value add(const CriterionSpec<Loss> &spec) {
    auto index = outputOf(spec.output, spec.kind->name);
    if (failed(index))
      return {};
    const CriterionSpec<Loss> *&known = lossOf[*index];
    if (known) {
      emitError(graph.getLoc())
          << "[loss_twice] " << known->kind->name << " and " << spec.kind->name
          << " are for the same output \"" << resultName(graph, *index)
          << "\"; name one loss for each";
      return {};
    }
    known = &spec;
    if (!unchecked && failed(checkTakes(*spec.kind, results[*index], registry)))
      return {};
    promise(*spec.kind, cast<BlockArgument>(prediction(*index)));
    return build(*spec.kind, *index, spec.target, spec.options);
  }

  // `target` is the port's name; empty: the criterion's own name for it.
  Value build(const Criterion &kind, unsigned index, StringRef target,
              const OptionValues &options) {
    Value output = results[index];
    auto type = cast<RankedTensorType>(output.getType());
    FailureOr<TargetSpec> wanted =
        kind.target(output.getLoc(), type, options);
    if (failed(wanted))
      return {};
    if (target.empty())
      target = targetOfLoss(index, wanted->type);
    std::string name = !target.empty() ? target.str()
                       : several ? resultName(graph, index) + "_" + wanted->name
                                 : wanted->name;
    Value input = prediction(index);
    Value port = targetPort(*wanted, name, output.getLoc());
    if (!port)
      return {};
    targets.try_emplace(index, std::pair(Type(wanted->type), name));
    builder.setInsertionPointToEnd(&loss.front());
    CriterionContext context{builder, output.getLoc(), input, port, options};
    Value value = kind.build(context);
    if (value)
      return value;
    emitError(output.getLoc()) << "[criterion_build] " << kind.name
                               << " could not be built for " << type;
    return {};
  }

  // If the loss of the output has a target of that type, a metric shares it.
  StringRef targetOfLoss(unsigned index, Type type) const {
    auto it = targets.find(index);
    return it != targets.end() && it->second.first == type
               ? StringRef(it->second.second)
               : StringRef();
  }

  // The metric ignores the same samples as the loss of its output.
  LogicalResult addMetric(CriterionSpec<Metric> spec) {
    auto index = outputOf(spec.output, spec.kind->name);
    if (failed(index))
      return failure();
    if (auto of = lossOf.find(*index); of != lossOf.end())
      shareOptions(of->second->options, spec);
    Value value = build(*spec.kind, *index, spec.target, spec.options);
    if (!value)
      return failure();
    std::string name = spec.kind->name;
    if (several && !spec.output.empty())
      name = spec.output + "_" + name;
    if (llvm::is_contained(names, name))
      return emitError(graph.getLoc())
             << "[metric_twice] there are two metrics \"" << name << "\"";
    values.push_back(value);
    names.push_back(name);
    if (spec.kind->isShare)
      shares.push_back(values.size() - 1);
    return success();
  }

  LogicalResult addMetrics(ArrayRef<CriterionSpec<Metric>> metrics) {
    for (const CriterionSpec<Metric> &spec : metrics)
      if (failed(addMetric(spec)))
        return failure();
    return success();
  }

  // The metrics that go with the losses.
  LogicalResult addDefaultMetrics(ArrayRef<CriterionSpec<Loss>> losses) {
    for (const CriterionSpec<Loss> &of : losses)
      for (const std::string &name : of.kind->metrics) {
        auto specs = parseMetricSpecs(name, registry);
        if (!specs)
          return emitError(graph.getLoc()) << llvm::toString(specs.takeError());
        specs->front().output = of.output;
        if (failed(addMetric(specs->front())))
          return failure();
      }
    return success();
  }

  static void shareOptions(const OptionValues &from,
                           CriterionSpec<Metric> &spec) {
    for (const Option &option : spec.kind->options)
      if (ArrayRef<double> value = from.list(option.name);
          option.isList && !value.empty() &&
          spec.options.list(option.name).empty())
        spec.options.set(option.name, value);
  }

  Value sum(ArrayRef<Value> parts, ArrayRef<double> weights) {
    if (parts.size() == 1 && weights.front() == 1)
      return parts.front();
    return nn::WeightedSumOp::create(builder, graph.getLoc(), parts, weights);
  }

  void finish() {
    builder.setInsertionPointToEnd(&loss.front());
    func::ReturnOp::create(builder, graph.getLoc(), values);
    SmallVector<Type> types(ValueRange(values).getTypes());
    loss.setFunctionType(builder.getFunctionType(
        loss.front().getArgumentTypes(), types));
    for (auto [i, name] : llvm::enumerate(names)) {
      loss.setResultAttr(i, kNameAttr, builder.getStringAttr(name));
      markResult(loss, i, i ? "metric" : "loss");
    }
    for (unsigned i : shares)
      loss.setResultAttr(i, kShareAttr, builder.getUnitAttr());
  }

  func::FuncOp graph, loss;
  const Registry &registry;
  bool unchecked, several = false;
  ValueRange results;
  OpBuilder builder;
  // By output.
  llvm::DenseMap<unsigned, Value> predictions;
  llvm::DenseMap<unsigned, const CriterionSpec<Loss> *> lossOf;
  llvm::DenseMap<unsigned, std::pair<Type, std::string>> targets;
  SmallVector<Value> values; // the loss, then the metrics
  SmallVector<std::string> names;
  SmallVector<unsigned> shares;
};

// The graph's own @loss: an argument with the name of a prediction is that
// prediction; others are targets.
class OwnLoss {
public:
  OwnLoss(func::FuncOp graph, func::FuncOp loss) : graph(graph), loss(loss) {}

  LogicalResult check() {
    for (BlockArgument argument : loss.getArguments())
      if (failed(checkArgument(argument)))
        return failure();
    if (!readsPrediction()) {
      auto error = emitError(loss.getLoc())
                   << "[loss_function] @loss takes no output of the graph, so "
                      "that there is nothing to train; the outputs are: ";
      llvm::interleaveComma(llvm::seq(0u, graph.getNumResults()), error,
                            [&](unsigned i) { error << resultName(graph, i); });
      return error;
    }
    for (Operation &op : loss.front())
      if (isa<nn::ParameterOp, nn::ModeInterface>(op))
        return emitError(op.getLoc())
               << "[loss_function] @loss holds '" << op.getName()
               << "'; a loss has no parameters, and nothing that differs in "
                  "training";
    return checkResults();
  }

private:
  LogicalResult checkArgument(BlockArgument argument) {
    unsigned i = argument.getArgNumber();
    std::string name = argumentName(loss, i);
    if (llvm::is_contained(rt::kReservedInputs, name) || name == "loss")
      return emitError(argument.getLoc())
             << "[loss_function] an argument of @loss is called \"" << name
             << "\", as another port of the training step is; rename it";
    if (std::optional<unsigned> output = resultNamed(graph, name))
      return mark(argument, "prediction",
                  graph.getFunctionType().getResult(*output));
    if (std::optional<unsigned> input = argumentNamed(graph, name))
      return mark(argument, "data", graph.getArgument(*input).getType());
    return mark(argument, "target", argument.getType());
  }

  bool readsPrediction() {
    return llvm::any_of(loss.getArguments(), [&](BlockArgument argument) {
      return portOf(loss, argument.getArgNumber()) == "prediction";
    });
  }

  LogicalResult mark(BlockArgument argument, StringRef port, Type expected) {
    unsigned i = argument.getArgNumber();
    if (argument.getType() != expected)
      return emitError(argument.getLoc())
             << "[loss_function] \"" << argumentName(loss, i) << "\" is "
             << argument.getType() << " in @loss, but " << expected << " in @"
             << graph.getName();
    markArgument(loss, i, port);
    return success();
  }

  LogicalResult checkResults() {
    if (loss.getNumResults() == 0)
      return emitError(loss.getLoc())
             << "[loss_function] @loss returns nothing; expected the loss, "
                "then metrics";
    for (auto [i, type] :
         llvm::enumerate(loss.getFunctionType().getResults())) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || tensor.getRank() != 0 ||
          !isa<FloatType>(tensor.getElementType()))
        return emitError(loss.getLoc())
               << "[loss_function] result " << i << " of @loss is " << type
               << ", expected a number, such as tensor<f32>";
      if (!loss.getResultAttr(i, kNameAttr))
        loss.setResultAttr(
            i, kNameAttr,
            StringAttr::get(loss.getContext(),
                            i ? "metric" + std::to_string(i) : "loss"));
      markResult(loss, i, i ? "metric" : "loss");
    }
    return checkResultNames(graph, loss);
  }

  func::FuncOp graph, loss;
};

struct BuildLossPass : impl::BuildLossBase<BuildLossPass> {
  using BuildLossBase::BuildLossBase;

  void runOnOperation() override {
    auto graph = getOperation().lookupSymbol<func::FuncOp>(entry);
    if (!graph || graph.isExternal())
      return; // the passes that build on it report this
    if (failed(run(graph)))
      signalPassFailure();
  }

  LogicalResult run(func::FuncOp graph) {
    if (auto own = getOperation().lookupSymbol<func::FuncOp>("loss")) {
      if (!loss.empty() || !metrics.empty())
        return emitError(own.getLoc())
               << "[loss_twice] the graph has its own @loss; leave out --loss "
                  "and --metric";
      note("@loss");
      return OwnLoss(graph, own).check();
    }
    const Registry &registry = registryOf(&getContext());
    if (!loss.empty())
      return build(graph, loss, registry);
    std::string text = defaultLoss(graph, registry);
    if (!optional)
      return text.empty() ? noLoss(graph, registry)
                          : build(graph, text, registry);
    // Nobody asked for this metric, so leave it out where it does not fit.
    ScopedDiagnosticHandler quiet(&getContext(),
                                  [](Diagnostic &) { return success(); });
    if (!text.empty())
      (void)build(graph, text, registry);
    return success();
  }

  LogicalResult build(func::FuncOp graph, StringRef text,
                      const Registry &registry) {
    auto report = [&](llvm::Error error) {
      return emitError(graph.getLoc()) << llvm::toString(std::move(error));
    };
    auto losses = parseLossSpecs(text, registry);
    if (!losses)
      return report(losses.takeError());
    auto extra = parseMetricSpecs(metrics, registry);
    if (!extra)
      return report(extra.takeError());
    LossBuilder builder(graph, registry, uncheckedLoss);
    if (failed(builder.build(*losses, *extra)))
      return failure();
    getOperation().insert(std::next(graph->getIterator()), builder.function());
    note(text);
    return success();
  }

  void note(StringRef text) {
    getOperation()->setAttr(kLossAttr, StringAttr::get(&getContext(), text));
  }

  // If the meaning of the outputs leaves no doubt.
  static std::string defaultLoss(func::FuncOp graph, const Registry &registry) {
    std::vector<std::string> found;
    ValueRange results = graph.front().getTerminator()->getOperands();
    for (auto [i, output] : llvm::enumerate(results))
      for (const Loss &loss : registry.losses())
        if (loss.byDefault && takes(loss, nn::meaningOf(output)))
          found.push_back(results.size() == 1
                              ? loss.name
                              : resultName(graph, i) + "=" + loss.name);
    return found.size() == 1 ? found.front() : "";
  }

  static LogicalResult noLoss(func::FuncOp graph, const Registry &registry) {
    auto error = emitError(graph.getLoc())
                 << "[no_loss] nothing says what to train for";
    ValueRange results = graph.front().getTerminator()->getOperands();
    std::vector<std::string> fitting;
    if (results.size() == 1) {
      nn::Meaning meaning = nn::meaningOf(results.front());
      error << ": the graph's output is " << nn::meaningText(meaning);
      for (const Loss &loss : registry.losses())
        if (takes(loss, meaning))
          fitting.push_back(loss.name);
    } else {
      for (const Loss &loss : registry.losses())
        fitting.push_back(loss.name);
    }
    return error << "; name a loss with --loss "
                 << (results.size() > 1 ? "OUTPUT=NAME (" : "(")
                 << llvm::join(fitting, ", ")
                 << "), or write a function @loss; a model for inference alone "
                    "(--infer) needs none";
  }
};
} // namespace
} // namespace gradmill
