// The only entry for extensions of Gradmill. A function of the type RegisterFn
// tells a Registry what a family brings, built in or from a plugin.
//
//   GRADMILL_PLUGIN(swish) {
//     registry.ops<SwishOp, SwishBackwardOp>();
//   }
//
// Built in, a generated list calls the function. Built as a module
// (GRADMILL_PLUGIN_MODULE), the same line also exports the C entry point that
// `--plugin` looks for. The source is the same.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/Pass.h"
#include "nn/InterfaceHash.h"
#include "nn/NNDialect.h"
#include "nn/interfaces/Machine.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/MemoryBuffer.h"
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gradmill {

struct ExportOptions; // nn/Formats.h
struct ImportOptions;

namespace nn {
class Advisor;
class OnnxWriter;
class Sampler;
}

/// Where a plugin's pass may run: after the named stage of the pipeline
/// (compiler/pipeline/Pipeline.cpp shows them in order).
enum class Stage { Graph, Train, Schedule, Fuse, Vector, LLVM };
std::optional<Stage> parseStage(llvm::StringRef name);
llvm::StringRef stageName(Stage stage);

/// A numeric option of an optimizer, a transform, a loss, a metric or a pass:
/// `--optimizer sgd:momentum=0.9`.
struct Option {
  std::string name;
  double defaultValue;
  double min, max; // inclusive
  std::string doc;
  /// Several numbers, as in `weights=1:0.5:2`; none by default.
  bool isList = false;
};

/// The values of all options, defaults filled in.
class OptionValues {
public:
  double number(llvm::StringRef name) const {
    auto it = values.find(name);
    return it == values.end() || it->second.empty() ? 0 : it->second.front();
  }
  llvm::ArrayRef<double> list(llvm::StringRef name) const {
    auto it = values.find(name);
    return it == values.end() ? llvm::ArrayRef<double>() : it->second;
  }
  void set(llvm::StringRef name, llvm::ArrayRef<double> value) {
    values[name].assign(value.begin(), value.end());
  }

private:
  llvm::StringMap<llvm::SmallVector<double, 1>> values;
};

/// The inputs of an optimizer's update of one parameter.
class UpdateContext {
public:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Value parameter, gradient; // same type
  mlir::Value learningRate;        // tensor<f32>: a run-time input
  mlir::Value step;                // tensor<i64>: 0 in the first step
  const OptionValues &options;
  /// The state `name` of this parameter, with the parameter's type; it starts
  /// at zero.
  std::function<mlir::Value(llvm::StringRef name)> readState;
  std::function<void(llvm::StringRef name, mlir::Value)> writeState;

  mlir::FloatAttr option(llvm::StringRef name) const {
    return builder.getF64FloatAttr(options.number(name));
  }
};

/// An update rule. `build` returns the parameter's new value.
struct Optimizer {
  std::string name, doc;
  std::vector<Option> options;
  std::function<mlir::Value(UpdateContext &)> build;
  /// What is wrong with values that are each within their range; empty:
  /// nothing.
  std::function<std::string(const OptionValues &options)> check =
      nullptr;
  /// The recommended learning rate, the peak of a one-cycle schedule, for
  /// `batch` images a step; none: the trainer's own.
  std::function<double(const OptionValues &options, int64_t batch)>
      learningRate = nullptr;
};

/// The inputs of a gradient transform.
class TransformContext {
public:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  llvm::ArrayRef<mlir::Value> parameters; // all trained ones
  mlir::Value step;                       // tensor<i64>: 0 in the first step
  const OptionValues &options;

  mlir::FloatAttr option(llvm::StringRef name) const {
    return builder.getF64FloatAttr(options.number(name));
  }
};

/// A transform of the gradients of all trained parameters together, before the
/// updates: `--transform clip_norm:max=1`.
struct GradientTransform {
  std::string name, doc;
  std::vector<Option> options;
  /// Replaces `gradients`, one for each parameter and with its type. On failure
  /// an error has been emitted at the location.
  std::function<mlir::LogicalResult(
      TransformContext &, llvm::MutableArrayRef<mlir::Value> gradients)>
      build;
};

/// What a loss or a metric compares a prediction with.
struct TargetSpec {
  std::string name;            // of the port, unless the user names another
  mlir::RankedTensorType type; // for the whole batch: [N, ...]
  /// Its values are class numbers 0..classes-1; 0: any numbers.
  int64_t classes = 0;
  /// A further value for "no class".
  std::optional<int64_t> ignore = std::nullopt;
  /// The lowest and highest allowed number; none: any number.
  std::optional<std::pair<double, double>> range = std::nullopt;
};

/// The inputs of a loss or a metric.
struct CriterionContext {
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Value prediction, target;
  const OptionValues &options;
};

/// A function of a prediction and its target to a 0-d tensor, the mean over the
/// batch.
struct Criterion {
  std::string name, doc;
  /// The target that goes with a prediction. Fails, with an error at the
  /// location, if the prediction or an option does not fit.
  std::function<mlir::FailureOr<TargetSpec>(mlir::Location,
                                        mlir::RankedTensorType prediction,
                                        const OptionValues &)>
      target;
  std::function<mlir::Value(CriterionContext &)> build;
  std::vector<Option> options = {};
};

/// A criterion that training lowers.
struct Loss : Criterion {
  /// The required meaning of the prediction; empty: any.
  std::vector<nn::Meaning> takes = {};
  /// How to change a graph whose output is something else: "end it in ...".
  std::string fix = "";
  /// The metrics that are reported with it by default.
  std::vector<std::string> metrics = {};
  /// Whether it is the default loss for outputs that it `takes`.
  bool byDefault = false;
};

/// A criterion for reports.
struct Metric : Criterion {
  /// It lies between 0 and 1, and is printed as a percentage.
  bool isShare = false;
};

/// A pass at a named stage. It always runs; `--pass NAME:K=V` sets its options.
struct StagePass {
  Stage stage;
  std::string name;
  std::function<std::unique_ptr<mlir::Pass>(const OptionValues &)> create;
  std::string doc = "";
  std::vector<Option> options = {};
};

/// A CPU as `--cpu` names it: what LLVM calls it, and the machine in numbers.
struct TargetKind {
  std::string name, doc; // "avx2"
  /// LLVM's name of the architecture: "x86_64". Empty: any other than those that
  /// have targets of their own.
  std::string architecture;
  std::string cpu, features; // as LLVM names them: "x86-64-v3", "+avx2,+fma"
  nn::Machine machine;       // its name is the target's
  /// The features by which a CPU of another name (native, znver4) is compiled for
  /// as this target: of all that it has, the one with the widest vectors. None:
  /// the target is used only by its name.
  std::optional<std::string> chosenBy = std::nullopt;
  bool inAll = false; // whether `--cpu all` contains it
};

/// A format in which graphs are read.
struct Importer {
  std::string extension, name; // ".net", "the text of a net"
  /// Reads a file; null after an error. `path` stands for it in messages.
  std::function<mlir::OwningOpRef<mlir::ModuleOp>(
      std::unique_ptr<llvm::MemoryBuffer> file, llvm::StringRef path,
      mlir::MLIRContext &context, const ImportOptions &options)>
      read;
  /// Whether a file begins as those of the format do; for standard input, and for
  /// files with a wrong name. Null: nobody can tell.
  std::function<bool(llvm::StringRef bytes)> begins = nullptr;
  bool hasSettings = false; // --set NAME=VALUE
};

/// A format in which graphs are written. `write` returns the file's bytes, or
/// nothing after an error.
struct Exporter {
  std::string extension, name;
  std::function<std::optional<std::string>(mlir::ModuleOp,
                                           const ExportOptions &)>
      write;
};

/// A run, for a section of its report: numbers by name, as {epoch, value} and
/// {step, value}, and options and facts by name.
struct ReportedRun {
  using Points = std::vector<std::pair<double, double>>;
  std::string name;
  const std::map<std::string, Points> &epochs, &steps;
  std::map<std::string, std::string> facts;
};

/// A section of the page about a run (`gradmill report`, `train --report`).
struct ReportSection {
  std::string name, title; // "pace", "Pace"
  std::string doc;
  /// HTML, without scripts and other files; "" leaves the section out.
  std::function<std::string(const ReportedRun &run)> body;
};

/// Changes an op of an older file to the current definition, before it is made:
/// its operands, attributes and types are as the file has them. On failure an
/// error has been emitted at the location.
using UpgradeOp =
    std::function<mlir::LogicalResult(uint32_t from, mlir::OperationState &)>;
struct OpVersion {
  std::string name; // of the op
  uint32_t version; // current
  UpgradeOp upgrade;
};

/// A rule of `gradmill advise` (nn/Advice.h): looks at a graph, or at the log of
/// a run, and reports what could be better.
struct AdviceRule {
  std::string name; // "pool_near_output": what --off takes
  std::string doc;  // why, in a sentence
  std::function<void(nn::Advisor &)> check;
};

/// How an op gets into random graphs (nn/Sampler.h): a function that adds one
/// and returns its result, or null if none fits; and its frequency among the
/// others.
struct Sample {
  std::string op;
  std::function<mlir::Value(nn::Sampler &)> add;
  int64_t weight = 1;
};

/// How an op is written into an ONNX model (nn/Onnx.h): a function that adds
/// nodes and says which of their outputs are the op's results. It fails after
/// OnnxWriter::refuse if this op, as it is, has no form in ONNX.
using WriteOnnxOp =
    std::function<mlir::LogicalResult(mlir::Operation *, nn::OnnxWriter &)>;
struct OnnxForm {
  std::string name; // of the op: "nn.relu"
  WriteOnnxOp write;
};

class Registry {
public:
  /// With what the shell itself brings: signs and forms of its own ops. Contexts
  /// made of `dialects` know the registry, which must outlive them.
  explicit Registry(mlir::DialectRegistry &dialects);

  /// Adds ops to the nn dialect.
  template <typename... Ops> void ops() {
    (addOp(Ops::getOperationName()), ...);
    dialectRegistry.addExtension(
        +[](mlir::MLIRContext *, nn::NNDialect *dialect) {
          dialect->addFamilyOps<Ops...>();
        });
  }
  void optimizer(Optimizer value);
  void transform(GradientTransform value);
  void loss(Loss value);
  void metric(Metric value);
  void pass(StagePass value);
  /// One without options.
  void passAfter(Stage stage, std::string name,
                 std::function<std::unique_ptr<mlir::Pass>()> create);
  void target(TargetKind value);
  void importer(Importer value);
  void exporter(Exporter value);
  void reportSection(ReportSection value);
  void adviseRule(AdviceRule rule);
  /// The op's definition has this version; ops of files with an older one go
  /// through `upgrade`. An op without this line has version 1.
  void opVersion(std::string op, uint32_t version, UpgradeOp upgrade);
  void sample(std::string op, std::function<mlir::Value(nn::Sampler &)> add,
              int64_t weight = 1);
  /// The form of an op in ONNX. An op that is one operator of ONNX, with the same
  /// operands and no attributes, gives that operator's name.
  void onnx(std::string op, WriteOnnxOp write);
  void onnx(std::string op, std::string onnxOperator);
  template <typename Op>
  void onnx(mlir::LogicalResult (*write)(Op, nn::OnnxWriter &)) {
    onnx(Op::getOperationName().str(),
         WriteOnnxOp([write](mlir::Operation *op, nn::OnnxWriter &writer) {
           return write(mlir::cast<Op>(op), writer);
         }));
  }
  template <typename Op> void onnx(const char *onnxOperator) {
    onnx(Op::getOperationName().str(), std::string(onnxOperator));
  }
  /// The name of an op in other tools, for hints about graphs that use it.
  void alsoCalled(std::string op, std::vector<std::string> names);
  /// The op that a sign stands for in a net's text: `a * b`.
  void sign(char sign, std::string op) { signList.push_back({sign, op}); }
  /// For a plugin that brings a dialect of its own.
  mlir::DialectRegistry &dialects() { return dialectRegistry; }

  const Optimizer *findOptimizer(llvm::StringRef name) const;
  const GradientTransform *findTransform(llvm::StringRef name) const;
  const Loss *findLoss(llvm::StringRef name) const;
  const Metric *findMetric(llvm::StringRef name) const;
  const StagePass *findPass(llvm::StringRef name) const;
  const TargetKind *findTarget(llvm::StringRef name) const;
  /// By the extension of a path, in any case; null if there is none.
  const Importer *importerOf(llvm::StringRef path) const;
  const Exporter *exporterOf(llvm::StringRef path) const;
  const OpVersion *findOpVersion(llvm::StringRef op) const;
  /// 1 unless the op's family says otherwise.
  uint32_t versionOf(llvm::StringRef op) const;
  llvm::ArrayRef<StagePass> passes() const { return stagePasses; }
  llvm::ArrayRef<TargetKind> targets() const { return targetList; }
  llvm::ArrayRef<Importer> importers() const { return importerList; }
  llvm::ArrayRef<Exporter> exporters() const { return exporterList; }
  llvm::ArrayRef<ReportSection> reportSections() const { return sectionList; }
  llvm::ArrayRef<Optimizer> optimizers() const { return optimizerList; }
  llvm::ArrayRef<GradientTransform> transforms() const { return transformList; }
  llvm::ArrayRef<Loss> losses() const { return lossList; }
  llvm::ArrayRef<Metric> metrics() const { return metricList; }
  llvm::ArrayRef<AdviceRule> adviceRules() const { return adviceList; }
  llvm::ArrayRef<Sample> samples() const { return sampleList; }
  const OnnxForm *findOnnxForm(llvm::StringRef op) const;
  /// Pairs of an op and another name for it.
  struct OtherName {
    std::string op, name;
  };
  llvm::ArrayRef<OtherName> otherNames() const { return otherNameList; }
  /// The op that a sign stands for, or "".
  llvm::StringRef opOfSign(char sign) const;

  struct OpEntry {
    std::string op, family;
  };
  llvm::ArrayRef<OpEntry> registeredOps() const { return opNames; }
  /// The family that defines an op, or "".
  std::string familyOf(llvm::StringRef op) const;

  /// What is registered, in order: "optimizer", "adam", and the family or plugin
  /// that brings it.
  struct Entry {
    std::string kind, name, origin;
  };
  llvm::ArrayRef<Entry> entries() const { return entryList; }
  llvm::StringRef originOf(llvm::StringRef kind, llvm::StringRef name) const;
  /// The first name that was registered twice, as "the optimizer "adam" exists
  /// already"; "" if there is none.
  const std::string &conflict() const { return firstConflict; }

  /// Runs a family's function under its name.
  void add(llvm::StringRef family, void (*registerFn)(Registry &));

private:
  void enter(llvm::StringRef kind, llvm::StringRef name);
  void addOp(llvm::StringRef name);

  mlir::DialectRegistry &dialectRegistry;
  std::string currentFamily;
  std::vector<Optimizer> optimizerList;
  std::vector<GradientTransform> transformList;
  std::vector<Loss> lossList;
  std::vector<Metric> metricList;
  std::vector<StagePass> stagePasses;
  std::vector<TargetKind> targetList;
  std::vector<Importer> importerList;
  std::vector<Exporter> exporterList;
  std::vector<ReportSection> sectionList;
  std::vector<OpVersion> versionList;
  std::vector<AdviceRule> adviceList;
  std::vector<Sample> sampleList;
  std::vector<OnnxForm> onnxList;
  std::vector<OpEntry> opNames;
  std::vector<Entry> entryList;
  std::string firstConflict;
  std::vector<OtherName> otherNameList;
  std::vector<std::pair<char, std::string>> signList{{'+', "nn.add"}};
};

using RegisterFn = void (*)(Registry &);

/// Raised when the meaning of PluginInfo or Registry changes.
inline constexpr uint32_t kPluginApiVersion = 2;

/// A plugin's description of itself, read before any of its code that knows our
/// types runs.
struct PluginInfo {
  uint32_t structSize;
  uint32_t apiVersion;
  const char *name;
  const char *version;
  const char *llvmVersion;
  const char *interfaceHash; // of the headers it was compiled against
  RegisterFn registerFn;
};

} // namespace gradmill

#define GRADMILL_PLUGIN_ENTRY "gradmillGetPluginInfo"

#ifndef GRADMILL_PLUGIN_VERSION
#define GRADMILL_PLUGIN_VERSION "0.1.0"
#endif

#ifdef GRADMILL_PLUGIN_MODULE
#define GRADMILL_PLUGIN_EXPORT(NAME)                                           \
  extern "C" __attribute__((visibility("default")))                            \
  const ::gradmill::PluginInfo *                                               \
  gradmillGetPluginInfo() {                                                    \
    static const ::gradmill::PluginInfo info = {                               \
        sizeof(::gradmill::PluginInfo),                                        \
        ::gradmill::kPluginApiVersion,                                         \
        #NAME,                                                                 \
        GRADMILL_PLUGIN_VERSION,                                               \
        LLVM_VERSION_STRING,                                                   \
        GRADMILL_INTERFACE_HASH,                                               \
        gradmillRegister_##NAME};                                              \
    return &info;                                                              \
  }
#else
#define GRADMILL_PLUGIN_EXPORT(NAME)
#endif

#define GRADMILL_PLUGIN(NAME)                                                  \
  void gradmillRegister_##NAME(::gradmill::Registry &registry);                \
  GRADMILL_PLUGIN_EXPORT(NAME)                                                 \
  void gradmillRegister_##NAME(::gradmill::Registry &registry)
