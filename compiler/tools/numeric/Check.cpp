#include "compiler/tools/numeric/Check.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/tools/numeric/OneOp.h"
#include "compiler/tools/numeric/Record.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace gradmill::numeric {

using nn::RefTensor;

static bool usesF64(func::FuncOp func) {
  return llvm::any_of(func.getArgumentTypes(), [](Type t) {
    return cast<RankedTensorType>(t).getElementType().isF64();
  });
}

static void complain(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  if (!text.empty())
    llvm::errs() << "error: " << text << "\n";
}

llvm::Expected<CompileResult> Checker::compileAlone(func::FuncOp func) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(func.getLoc());
  func::FuncOp clone = func.clone();
  clone.setName("f");
  setEntry(clone, "test");
  for (unsigned i = 0; i < clone.getNumArguments(); ++i)
    clone.setArgAttr(i, kNameAttr,
                     StringAttr::get(&context, "arg" + std::to_string(i)));
  module->push_back(clone);
  CompileOptions o = options.compile;
  o.pipeline.train = o.pipeline.infer = o.pipeline.single = false;
  o.pipeline.gradients.clear();
  o.pipeline.batch = options.batch;
  return compile(*module, o, host.registry(), Emit::SharedLibrary);
}

//===-- Compiled against interpreted ----------------------------------------===//

namespace {
// The worst element of a tensor, against a tolerance relative to 1 + |expected|.
struct Worst {
  double difference = 0;
  bool good = true;
  Fault fault;

  void add(const RefTensor &got, const RefTensor &want, double tolerance,
           StringRef value) {
    for (size_t i = 0; i < want.data.size(); ++i) {
      double a = got.data[i], b = want.data[i];
      if (a == b || (std::isnan(a) && std::isnan(b)))
        continue;
      double d = std::fabs(a - b) / (1 + std::fabs(b));
      if (!std::isfinite(d))
        d = std::numeric_limits<double>::infinity();
      difference = std::max(difference, d);
      double excess = d / tolerance;
      if (excess < 1 || (!good && excess <= worstExcess))
        continue;
      good = false;
      worstExcess = excess;
      fault.value = value.str();
      fault.element = indexOf(i, want.shape);
      fault.expected = b;
      fault.got = a;
      fault.tolerance = tolerance * (1 + std::fabs(b));
    }
  }

private:
  double worstExcess = 0;
};

double noiseOf(const RefTensor &exact, const RefTensor &rounded) {
  double noise = 0;
  for (size_t i = 0; i < exact.data.size(); ++i) {
    double d = std::fabs(exact.data[i] - rounded.data[i]) /
               (1 + std::fabs(exact.data[i]));
    if (std::isfinite(d))
      noise = std::max(noise, d);
  }
  return noise;
}
} // namespace

// A deep net amplifies the rounding of f32. How much is measured: the reference
// runs again, and each op's result is rounded.
static FailureOr<InterpreterResult> interpretRounded(func::FuncOp func,
                                                     const Inputs &inputs) {
  return interpret(func, inputs.arguments, inputs.state,
                   [](Operation &op, ArrayRef<const RefTensor *>,
                      MutableArrayRef<RefTensor> results) {
                     for (auto [type, result] :
                          llvm::zip(op.getResultTypes(), results))
                       if (getElementTypeOrSelf(type).isF32())
                         for (double &v : result.data)
                           v = double(float(v));
                   });
}

bool Checker::compare(func::FuncOp func, const Inputs &inputs, StringRef what,
                      FunctionReport &report, bool isModel) {
  auto expected = interpret(func, inputs.arguments, inputs.state);
  if (failed(expected))
    return false;
  std::optional<InterpreterResult> rounded;
  if (isModel)
    if (auto result = interpretRounded(func, inputs); succeeded(result))
      rounded = std::move(*result);
  auto result = compileAlone(func);
  if (!result)
    return complain(result.takeError()), false;
  double base = toleranceOf(usesF64(func));
  if (!options.record.empty()) {
    report.recorded.push_back(what.str());
    if (llvm::Error error =
            record(*result, func, inputs, *expected, what, base,
                   options.record + "/" + std::to_string(recorded++)))
      return complain(std::move(error)), false;
    return true;
  }
  auto model = Model::load(*result);
  if (!model)
    return complain(model.takeError()), false;
  Values values = valuesOf(inputs);
  if (llvm::Error error = (*model)->run("f", values))
    return complain(std::move(error)), false;
  Worst worst;
  constexpr double kNoiseFactor = 32; // sums are added in another order, too
  for (auto [i, want] : llvm::enumerate(expected->results)) {
    double noise = rounded ? noiseOf(want, rounded->results[i]) : 0;
    worst.add(values.outputs[i].second, want,
              std::max(base, kNoiseFactor * noise),
              "result #" + std::to_string(i));
  }
  for (auto &[name, want] : expected->assigned) {
    double noise = rounded ? noiseOf(want, rounded->assigned[name]) : 0;
    worst.add(values.state[name], want, std::max(base, kNoiseFactor * noise),
              "tensor " + name);
  }
  report.parts.push_back({what.str(), worst.difference});
  if (worst.good)
    return true;
  worst.fault.what = what.str();
  size_t before = report.faults.size();
  findOp(func, inputs, what, report);
  if (report.faults.size() == before) // only together
    report.faults.push_back(std::move(worst.fault));
  return false;
}

// Ops that are wrong when they are compiled alone, with the operands that they
// have in the function.
void Checker::findOp(func::FuncOp func, const Inputs &inputs, StringRef what,
                     FunctionReport &report) {
  llvm::StringSet<> seen;
  (void)interpret(
      func, inputs.arguments, inputs.state,
      [&](Operation &op, ArrayRef<const RefTensor *> operands,
          MutableArrayRef<RefTensor>) {
        if (op.getNumOperands() == 0 || !seen.insert(signatureOf(&op)).second)
          return;
        OwningOpRef<ModuleOp> module = isolate(&op);
        auto alone = module->lookupSymbol<func::FuncOp>("f");
        Inputs own;
        for (const RefTensor *operand : operands)
          own.arguments.push_back(*operand);
        auto expected = interpret(alone, own.arguments, {});
        auto compiled = compileAlone(alone);
        if (failed(expected) || !compiled) {
          llvm::consumeError(compiled.takeError());
          return;
        }
        auto model = Model::load(*compiled);
        if (!model)
          return llvm::consumeError(model.takeError());
        Values values = valuesOf(own);
        if (llvm::Error error = (*model)->run("f", values))
          return llvm::consumeError(std::move(error));
        Worst worst;
        for (auto [i, want] : llvm::enumerate(expected->results))
          worst.add(values.outputs[i].second, want, toleranceOf(usesF64(alone)),
                    "result #" + std::to_string(i));
        if (worst.good)
          return;
        worst.fault.what = what.str();
        worst.fault.op = op.getName().getStringRef().str();
        worst.fault.place = placeOf(op.getLoc());
        report.faults.push_back(std::move(worst.fault));
      });
}

//===-- Functions -----------------------------------------------------------===//

bool Checker::checkGradient(func::FuncOp func, const Inputs &inputs,
                            FunctionReport &report) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(func.getLoc());
  module->push_back(func.clone());
  PassManager pm(&context);
  pm.addPass(createDifferentiate());
  if (failed(pm.run(*module)))
    return false;
  auto vjp =
      module->lookupSymbol<func::FuncOp>((func.getName() + "_vjp").str());
  Inputs vjpInputs = inputs;
  std::vector<RefTensor> cotangents;
  for (Type type : func.getResultTypes())
    if (hasFloat(type)) {
      cotangents.push_back(randomTensor(cast<RankedTensorType>(type), random));
      vjpInputs.arguments.push_back(cotangents.back());
    }
  bool good = compare(vjp, vjpInputs, "backward", report);
  if (!options.record.empty())
    return good; // the references stand without them
  auto analytic = interpret(vjp, vjpInputs.arguments, vjpInputs.state);
  if (failed(analytic))
    return false;
  Finite finite =
      finiteDifferences(func, inputs, cotangents, analytic->results,
                        options.samples, options.seconds, random);
  report.parts.push_back({"finite", finite.worst});
  if (!finite.fault)
    return good;
  // The op whose own gradient is wrong, if it is one's.
  size_t before = report.faults.size();
  llvm::StringSet<> seen;
  (void)interpret(func, inputs.arguments, inputs.state,
                  [&](Operation &op, ArrayRef<const RefTensor *> operands,
                      MutableArrayRef<RefTensor>) {
                    if (!seen.insert(signatureOf(&op)).second)
                      return;
                    auto own = checkOpGradient(&op, operands, options.samples,
                                               options.seconds, random);
                    if (succeeded(own) && *own && (*own)->fault)
                      report.faults.push_back(*(*own)->fault);
                  });
  if (report.faults.size() == before)
    report.faults.push_back(*finite.fault);
  return false;
}

FunctionReport Checker::checkFunction(func::FuncOp func) {
  FunctionReport report;
  report.name = func.getName().str();
  Inputs inputs = draw(func, random, /*scaled=*/false);
  report.good = compare(func, inputs, "forward", report);
  if (report.good && options.gradient && hasFloat(func.getArgumentTypes()) &&
      hasFloat(func.getResultTypes()))
    report.good = checkGradient(func, inputs, report);
  return report;
}

bool Checker::checkFunctions(
    ModuleOp module, llvm::function_ref<void(const FunctionReport &)> done) {
  PassManager pm(&context);
  pm.addPass(createSpecializeBatch({options.batch}));
  if (failed(pm.run(module)))
    return false;
  bool good = true;
  for (auto func : module.getOps<func::FuncOp>()) {
    FunctionReport report = checkFunction(func);
    done(report);
    good &= report.good;
  }
  return good;
}

bool Checker::checkStep(ModuleOp module,
                        llvm::function_ref<void(const FunctionReport &)> done) {
  PassManager pm(&context);
  pm.addPass(createSpecializeBatch({options.batch}));
  BuildLossOptions loss;
  loss.loss = "nll_loss";
  pm.addPass(createBuildLoss(loss));
  pm.addPass(createBuildTrainingStep(
      {"main", options.compile.pipeline.optimizer, ""}));
  if (failed(pm.run(module)))
    return false;
  bool good = true;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.getName() != "train")
      continue;
    FunctionReport report;
    report.name = func.getName().str();
    report.good = compare(func, draw(func, random, /*scaled=*/false), "forward",
                          report);
    done(report);
    good &= report.good;
  }
  return good;
}

//===-- Models --------------------------------------------------------------===//

FunctionReport Checker::checkEntry(func::FuncOp func, llvm::StringSet<> &seen) {
  FunctionReport report;
  report.name = entryOf(func).str();
  Inputs inputs = draw(func, random, /*scaled=*/true);
  report.good = compare(func, inputs, "compiled", report, /*isModel=*/true);
  if (!options.gradient)
    return report;
  double worst = 0;
  auto evaluated = interpret(
      func, inputs.arguments, inputs.state,
      [&](Operation &op, ArrayRef<const RefTensor *> operands,
          MutableArrayRef<RefTensor>) {
        if (!seen.insert(signatureOf(&op)).second)
          return;
        auto own = checkOpGradient(&op, operands, options.samples,
                                   options.seconds, random);
        if (failed(own)) {
          report.good = false;
          return;
        }
        if (!*own)
          return;
        ++report.checkedOps;
        worst = std::max(worst, (*own)->worst);
        if ((*own)->fault) {
          report.good = false;
          report.faults.push_back(*(*own)->fault);
        }
      });
  report.good &= succeeded(evaluated);
  if (report.checkedOps)
    report.parts.push_back({"finite", worst});
  return report;
}

bool Checker::checkModel(ModuleOp module,
                         llvm::function_ref<void(const FunctionReport &)> done) {
  PipelineOptions o = options.compile.pipeline;
  o.batch = options.batch;
  o.single = false;
  TimingScope untimed;
  if (failed(runStages(module, o, host.registry(), Stage::Graph, Stage::Train,
                       untimed)))
    return false;
  bool good = true;
  llvm::StringSet<> seen;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func->hasAttr(kEntryAttr))
      continue;
    FunctionReport report = checkEntry(func, seen);
    done(report);
    good &= report.good;
  }
  return good;
}

} // namespace gradmill::numeric
