// Checks numbers: compiled code against the naive references, and gradients
// against finite differences. Lit tests of every family run it
// (test/numeric.mlir there).
//
// For every function of the file that takes and returns tensors:
//   forward   the compiled function against the reference interpreter,
//   backward  its vector-Jacobian product, compiled, against the same IR
//   interpreted, finite    that product against central differences of the
//   interpreted function.
// With --machine and --vector-bytes, tiles and layouts are those for another
// machine, in code for this one: the logic of 64-byte vectors is tested where
// there are none.
// With --train, the whole training step instead: loss, output and every updated
// tensor.
// With --record, nothing is run: the compiled functions, their inputs and the
// references' results go to a folder, for gradmill-replay on another machine.
#include "compiler/autodiff/Differentiate.h"
#include "compiler/driver/Compile.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/tools/Setup.h"
#include "compiler/tools/numeric/Model.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <random>

using namespace mlir;
using namespace gradmill::numeric;
using gradmill::nn::RefTensor;

namespace {

struct Options {
  std::string file, cpu = "native", optimizer = "sgd:momentum=0.9", machine,
                    record;
  int64_t batch = 16, samples = 64;
  int64_t vectorBytes = 0;
  bool train = false, fuse = true, gradient = true, exactConv = false;
};

//===-- Values ------------------------------------------------------------===//

class Random {
public:
  double uniform() {
    return std::uniform_real_distribution<double>(-1, 1)(engine);
  }
  int64_t below(int64_t n) {
    return std::uniform_int_distribution<int64_t>(0, n - 1)(engine);
  }

private:
  std::mt19937_64 engine{42};
};

// Integers are below the argument's attribute nn.max, or below 10.
RefTensor randomTensor(RankedTensorType type, Random &random,
                       int64_t max = 10) {
  RefTensor t(type.getShape());
  for (double &v : t.data) {
    if (isa<IntegerType>(type.getElementType()))
      v = double(random.below(max));
    else
      v = type.getElementType().isF32() ? double(float(random.uniform()))
                                        : random.uniform();
  }
  return t;
}

void compareAll(Difference &d, const RefTensor &got, const RefTensor &want) {
  for (size_t i = 0; i < want.data.size(); ++i)
    d.add(got.data[i], want.data[i]);
}

class Checker {
public:
  Checker(gradmill::Host &host, MLIRContext &context, const Options &options)
      : host(host), context(context), options(options) {}

  bool check(ModuleOp module) {
    PassManager pm(&context);
    pm.addPass(gradmill::createSpecializeBatch({options.batch}));
    if (options.train) {
      gradmill::BuildLossOptions loss;
      loss.loss = "nll_loss";
      pm.addPass(gradmill::createBuildLoss(loss));
      pm.addPass(
          gradmill::createBuildTrainingStep({"main", options.optimizer, ""}));
    }
    if (failed(pm.run(module)))
      return false;
    bool good = true;
    for (auto func : module.getOps<func::FuncOp>())
      if (!options.train || func.getName() == "train")
        good &= checkFunction(module, func);
    return good;
  }

private:
  bool checkFunction(ModuleOp module, func::FuncOp func) {
    std::string line = func.getName().str() + ":";
    Inputs inputs = draw(func);
    bool f64 = usesF64(func);
    bool good = compare(func, inputs, "forward", f64, line);
    if (good && options.gradient && !options.train && hasFloatArguments(func))
      good = checkGradient(func, inputs, f64, line);
    llvm::outs() << (good ? "ok " : "FAILED ") << line << "\n";
    return good;
  }

  struct Inputs {
    std::vector<RefTensor> arguments;
    std::map<std::string, RefTensor> state;
  };

  Inputs draw(func::FuncOp func) {
    Inputs in;
    for (BlockArgument arg : func.getArguments()) {
      auto max =
          func.getArgAttrOfType<IntegerAttr>(arg.getArgNumber(), "nn.max");
      in.arguments.push_back(randomTensor(cast<RankedTensorType>(arg.getType()),
                                          random, max ? max.getInt() : 10));
      if (func.getArgAttr(arg.getArgNumber(), "nn.positive"))
        for (double &v : in.arguments.back().data)
          v = std::fabs(v) + 0.25;
      // Far from zero: -1 to 1 around the attribute nn.offset.
      if (auto offset = func.getArgAttrOfType<FloatAttr>(arg.getArgNumber(),
                                                         "nn.offset"))
        for (double &v : in.arguments.back().data) {
          v += offset.getValueAsDouble();
          if (getElementTypeOrSelf(arg.getType()).isF32())
            v = float(v);
        }
    }
    func.walk([&](gradmill::nn::ParameterOp op) {
      RefTensor t = randomTensor(cast<RankedTensorType>(op.getType()), random);
      // A variance, or a mean of squares.
      if (op.getName().contains("var") || op.getName().ends_with("/second"))
        for (double &v : t.data)
          v = std::fabs(v) + 0.25;
      in.state[op.getName().str()] = std::move(t);
    });
    return in;
  }

  static bool usesF64(func::FuncOp func) {
    return llvm::any_of(func.getArgumentTypes(), [](Type t) {
      return cast<RankedTensorType>(t).getElementType().isF64();
    });
  }
  static bool isFloat(Type t) {
    return isa<FloatType>(cast<RankedTensorType>(t).getElementType());
  }
  static bool hasFloatArguments(func::FuncOp func) {
    return llvm::any_of(func.getArgumentTypes(), isFloat) &&
           llvm::any_of(func.getResultTypes(), isFloat);
  }

  // Compiled against interpreted.
  bool compare(func::FuncOp func, const Inputs &inputs, StringRef what,
               bool f64, std::string &line) {
    auto expected = gradmill::interpret(func, inputs.arguments, inputs.state);
    if (failed(expected))
      return false;
    auto result = compileAlone(func);
    if (!result)
      return complain(result.takeError());
    if (!options.record.empty()) {
      line += (" " + what + " recorded").str();
      llvm::Error error =
          record(*result, func, inputs, *expected, what, toleranceOf(f64));
      return !error || complain(std::move(error));
    }
    auto model = Model::load(*result);
    if (!model)
      return complain(model.takeError());
    Values values = valuesOf(inputs);
    if (llvm::Error error = (*model)->run("f", values))
      return complain(std::move(error));
    Difference d;
    for (auto [got, want] : llvm::zip(values.outputs, expected->results))
      compareAll(d, got.second, want);
    for (auto &[name, want] : expected->assigned)
      compareAll(d, values.state[name], want);
    bool good = d.finite && d.worst < toleranceOf(f64);
    line += llvm::formatv(" {0} {1:e1}", what, d.worst).str();
    return good;
  }

  llvm::Expected<gradmill::CompileResult> compileAlone(func::FuncOp func) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(func.getLoc());
    func::FuncOp clone = func.clone();
    clone.setName("f");
    gradmill::setEntry(clone, "test");
    for (unsigned i = 0; i < clone.getNumArguments(); ++i)
      clone.setArgAttr(i, gradmill::kNameAttr,
                       StringAttr::get(&context, "arg" + std::to_string(i)));
    module->push_back(clone);
    gradmill::CompileOptions o;
    o.cpu = options.cpu;
    o.machine = options.machine;
    o.vectorBytes = options.vectorBytes;
    o.pipeline.train = o.pipeline.infer = false;
    o.pipeline.batch = options.batch;
    o.pipeline.fuse = options.fuse;
    o.pipeline.exactConv = options.exactConv;
    return gradmill::compile(*module, o, host.registry(),
                             gradmill::Emit::SharedLibrary);
  }

  static bool complain(llvm::Error error) {
    std::string text = llvm::toString(std::move(error));
    if (!text.empty())
      llvm::errs() << "error: " << text << "\n";
    return false;
  }

  static Values valuesOf(const Inputs &inputs) {
    Values values;
    for (auto [i, value] : llvm::enumerate(inputs.arguments))
      values.inputs["arg" + std::to_string(i)] = value;
    values.state = inputs.state;
    return values;
  }

  // Writes the input of gradmill-replay (replay.cpp describes the format). A
  // state that is not assigned must stay as it is.
  llvm::Error record(const gradmill::CompileResult &result, func::FuncOp func,
                     const Inputs &inputs,
                     const gradmill::InterpreterResult &expected,
                     StringRef what, double tolerance) {
    const llvm::json::Object &entry =
        *result.manifest.getObject("entries")->getObject("f");
    std::vector<Row> rows = tableOf(result.manifest, "f");
    std::vector<Buffer> buffers = fillBuffers(rows, valuesOf(inputs));
    std::string header, content;
    llvm::raw_string_ostream lines(header), bytes(content);
    lines << "name " << func.getName() << ": " << what << "\ntolerance "
          << llvm::formatv("{0:e2}", tolerance) << "\nscratch "
          << entry.getInteger("scratch_bytes").value_or(0) << "\n";
    size_t output = 0;
    for (auto [buffer, row] : llvm::zip_equal(buffers, rows)) {
      StringRef kind = row.kind, dtype = "-";
      const RefTensor *want = nullptr;
      if (kind == "state") {
        dtype = row.dtype;
        auto assigned = expected.assigned.find(row.name);
        want = assigned == expected.assigned.end() ? &inputs.state.at(row.name)
                                                   : &assigned->second;
      } else if (kind == "output") {
        dtype = row.dtype;
        want = &expected.results[output++];
      } else if (kind != "arena") {
        kind = "input";
      }
      lines << "buffer " << kind << " " << dtype << " " << buffer.bytes << " "
            << (want ? want->data.size() : 0) << "\n";
      if (kind == "input" || kind == "state")
        bytes << StringRef(buffer.data, buffer.bytes);
      if (want)
        bytes << StringRef(reinterpret_cast<const char *>(want->data.data()),
                           want->data.size() * sizeof(double));
    }
    std::string stem = options.record + "/" + std::to_string(recorded++);
    std::error_code error;
    llvm::raw_fd_ostream file(stem + ".case", error);
    if (error)
      return llvm::createStringError(error, "[file] " + stem +
                                                ".case: " + error.message());
    file << header << "\n" << content;
    return gradmill::linkSharedLibrary(result.objects, stem + ".so");
  }

  //===-- Gradients -------------------------------------------------------===//

  bool checkGradient(func::FuncOp func, const Inputs &inputs, bool f64,
                     std::string &line) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(func.getLoc());
    module->push_back(func.clone());
    PassManager pm(&context);
    pm.addPass(gradmill::createDifferentiate());
    if (failed(pm.run(*module)))
      return false;
    auto vjp =
        module->lookupSymbol<func::FuncOp>((func.getName() + "_vjp").str());
    Inputs vjpInputs = inputs;
    std::vector<RefTensor> cotangents;
    for (Type type : func.getResultTypes())
      if (isFloat(type)) {
        cotangents.push_back(
            randomTensor(cast<RankedTensorType>(type), random));
        vjpInputs.arguments.push_back(cotangents.back());
      }
    if (!compare(vjp, vjpInputs, "backward", f64, line))
      return false;
    if (!options.record.empty())
      return true; // the references stand without them
    auto analytic =
        gradmill::interpret(vjp, vjpInputs.arguments, vjpInputs.state);
    return succeeded(analytic) &&
           finiteDifferences(func, inputs, cotangents, analytic->results, line);
  }

  double contract(func::FuncOp func, const Inputs &inputs,
                  const std::vector<RefTensor> &cotangents) {
    auto out = gradmill::interpret(func, inputs.arguments, inputs.state);
    double sum = 0;
    unsigned k = 0;
    for (auto [type, result] : llvm::zip(func.getResultTypes(), out->results))
      if (isFloat(type)) {
        for (size_t i = 0; i < result.data.size(); ++i)
          sum += result.data[i] * cotangents[k].data[i];
        ++k;
      }
    return sum;
  }

  bool finiteDifferences(func::FuncOp func, Inputs inputs,
                         const std::vector<RefTensor> &cotangents,
                         const std::vector<RefTensor> &gradients,
                         std::string &line) {
    constexpr double eps = 1e-6, absolute = 1e-5, relative = 1e-3;
    double worst = 0;
    bool good = true;
    unsigned k = 0;
    for (auto [a, type] : llvm::enumerate(func.getArgumentTypes())) {
      if (!isFloat(type))
        continue;
      RefTensor &x = inputs.arguments[a];
      const RefTensor &gradient = gradients[k++];
      int64_t n = x.data.size(), count = std::min<int64_t>(n, options.samples);
      for (int64_t s = 0; s < count; ++s) {
        int64_t i = count == n ? s : random.below(n);
        double saved = x.data[i];
        x.data[i] = saved + eps;
        double up = contract(func, inputs, cotangents);
        x.data[i] = saved - eps;
        double down = contract(func, inputs, cotangents);
        x.data[i] = saved;
        double numeric = (up - down) / (2 * eps),
               error = std::fabs(numeric - gradient.data[i]);
        worst = std::max(worst, error / (1 + std::fabs(numeric)));
        good &= error <= absolute + relative * std::fabs(numeric);
      }
    }
    line += llvm::formatv(" finite {0:e1}", worst).str();
    return good;
  }

  gradmill::Host &host;
  MLIRContext &context;
  Options options;
  Random random;
  unsigned recorded = 0;
};

constexpr llvm::StringLiteral kUsage =
    "usage: gradmill-numeric FILE.mlir [--batch=N] [--cpu=CPU] [--samples=N] "
    "[--machine=NAME] [--vector-bytes=N] "
    "[--train] [--optimizer=SPEC] [--no-fuse] [--exact-conv] [--no-gradient] "
    "[--record=FOLDER] [--plugin=FILE]\n";

int usage(const llvm::Twine &message) {
  llvm::errs() << "gradmill-numeric: " << message << "\n" << kUsage;
  return 2;
}
} // namespace

int main(int argc, char **argv) {
  gradmill::Host host;
  std::vector<const char *> arguments(argv + 1, argv + argc);
  llvm::Error error = gradmill::registerBuiltins(host);
  if (!error)
    error = gradmill::loadPlugins(host, arguments);
  if (error)
    return usage(llvm::toString(std::move(error)));
  Options options;
  for (StringRef a : arguments) {
    if (a == "--help") {
      llvm::outs() << kUsage;
      return 0;
    }
    if (a == "--train")
      options.train = true;
    else if (a == "--no-fuse")
      options.fuse = false;
    else if (a == "--exact-conv")
      options.exactConv = true;
    else if (a == "--no-gradient")
      options.gradient = false;
    else if (a.consume_front("--cpu="))
      options.cpu = a.str();
    else if (a.consume_front("--machine="))
      options.machine = a.str();
    else if (a.consume_front("--record="))
      options.record = a.str();
    else if (a.consume_front("--vector-bytes=")) {
      if (a.getAsInteger(10, options.vectorBytes) ||
          !llvm::isPowerOf2_64(options.vectorBytes))
        return usage("--vector-bytes: " + a + " is no power of 2");
    } else if (a.consume_front("--optimizer="))
      options.optimizer = a.str();
    else if (a.consume_front("--batch=")
                 ? !a.getAsInteger(10, options.batch)
                 : a.consume_front("--samples=") &&
                       !a.getAsInteger(10, options.samples))
      ;
    else if (a.starts_with("-") && a != "-")
      return usage("unknown option " + a);
    else
      options.file = a.str();
  }
  if (options.file.empty())
    return usage("no file");
  MLIRContext context(host.dialects(), MLIRContext::Threading::DISABLED);
  context.appendDialectRegistry(gradmill::Host::compilerDialects());
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(options.file, &context);
  return module && Checker(host, context, options).check(*module) ? 0 : 1;
}
