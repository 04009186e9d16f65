#include "nn/Registry.h"
#include "nn/CoreOnnx.h"
#include "nn/Onnx.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace gradmill {

static constexpr std::pair<Stage, llvm::StringLiteral> kStages[] = {
    {Stage::Graph, "graph"},       {Stage::Train, "train"},
    {Stage::Schedule, "schedule"}, {Stage::Fuse, "fuse"},
    {Stage::Vector, "vector"},     {Stage::LLVM, "llvm"},
};

std::optional<Stage> parseStage(llvm::StringRef name) {
  for (auto [stage, text] : kStages)
    if (text == name)
      return stage;
  return std::nullopt;
}

llvm::StringRef stageName(Stage stage) {
  for (auto [s, text] : kStages)
    if (s == stage)
      return text;
  llvm_unreachable("all stages are named");
}

namespace {
// Gives passes and readers access to the registry, through their context.
class RegistryExtension
    : public DialectExtension<RegistryExtension, nn::NNDialect> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RegistryExtension)
  RegistryExtension(const Registry &registry) : registry(registry) {}
  void apply(MLIRContext *, nn::NNDialect *dialect) const override {
    dialect->registry = &registry;
  }

private:
  const Registry &registry;
};
} // namespace

Registry::Registry(mlir::DialectRegistry &dialects)
    : dialectRegistry(dialects) {
  dialects.addExtension(TypeID::get<RegistryExtension>(),
                        std::make_unique<RegistryExtension>(*this));
  nn::addCoreOnnxForms(*this);
}

void Registry::add(llvm::StringRef family, void (*registerFn)(Registry &)) {
  currentFamily = family.str();
  registerFn(*this);
  currentFamily.clear();
}

void Registry::enter(llvm::StringRef kind, llvm::StringRef name) {
  if (firstConflict.empty() && !originOf(kind, name).empty())
    firstConflict = ("the " + kind + " \"" + name + "\" exists already").str();
  entryList.push_back({kind.str(), name.str(),
                       currentFamily.empty() ? "gradmill" : currentFamily});
}

void Registry::addOp(llvm::StringRef name) {
  enter("op", name);
  opNames.push_back({name.str(), currentFamily});
}

llvm::StringRef Registry::originOf(llvm::StringRef kind,
                                   llvm::StringRef name) const {
  for (const Entry &entry : entryList)
    if (entry.kind == kind && entry.name == name)
      return entry.origin;
  return "";
}

void Registry::optimizer(Optimizer value) {
  enter("optimizer", value.name);
  optimizerList.push_back(std::move(value));
}
void Registry::transform(GradientTransform value) {
  enter("transform", value.name);
  transformList.push_back(std::move(value));
}
void Registry::loss(Loss value) {
  enter("loss", value.name);
  lossList.push_back(std::move(value));
}
void Registry::metric(Metric value) {
  enter("metric", value.name);
  metricList.push_back(std::move(value));
}

void Registry::pass(StagePass value) {
  enter("pass", value.name);
  stagePasses.push_back(std::move(value));
}

void Registry::passAfter(Stage stage, std::string name,
                         std::function<std::unique_ptr<Pass>()> create) {
  pass({stage, std::move(name),
        [create = std::move(create)](const OptionValues &) { return create(); }});
}

void Registry::target(TargetKind value) {
  enter("target", value.name);
  value.machine.name = value.name;
  targetList.push_back(std::move(value));
}

void Registry::importer(Importer value) {
  enter("importer", value.extension);
  importerList.push_back(std::move(value));
}

void Registry::exporter(Exporter value) {
  enter("exporter", value.extension);
  exporterList.push_back(std::move(value));
}

void Registry::reportSection(ReportSection value) {
  enter("report section", value.name);
  sectionList.push_back(std::move(value));
}

void Registry::adviseRule(AdviceRule rule) {
  enter("rule", rule.name);
  adviceList.push_back(std::move(rule));
}

void Registry::opVersion(std::string op, uint32_t version, UpgradeOp upgrade) {
  enter("version of the op", op);
  versionList.push_back({std::move(op), version, std::move(upgrade)});
}

void Registry::sample(std::string op,
                      std::function<Value(nn::Sampler &)> add,
                      int64_t weight) {
  sampleList.push_back({std::move(op), std::move(add), weight});
}

void Registry::onnx(std::string op, WriteOnnxOp write) {
  onnxList.push_back({std::move(op), std::move(write)});
}

void Registry::onnx(std::string op, std::string onnxOperator) {
  onnx(std::move(op),
       WriteOnnxOp([onnxOperator](Operation *op, nn::OnnxWriter &writer) {
         return writer.give(op, writer.node(onnxOperator, writer.operands(op)));
       }));
}

void Registry::alsoCalled(std::string op, std::vector<std::string> names) {
  for (std::string &name : names)
    otherNameList.push_back({op, std::move(name)});
}

llvm::StringRef Registry::opOfSign(char sign) const {
  for (const auto &[each, op] : signList)
    if (each == sign)
      return op;
  return "";
}

// A later registration of a name wins, so that a plugin can replace a built-in.
template <typename T>
static const T *findLast(const std::vector<T> &list, llvm::StringRef name) {
  auto it = std::find_if(list.rbegin(), list.rend(),
                         [&](const T &x) { return x.name == name; });
  return it == list.rend() ? nullptr : &*it;
}

const Optimizer *Registry::findOptimizer(llvm::StringRef name) const {
  return findLast(optimizerList, name);
}
const GradientTransform *
Registry::findTransform(llvm::StringRef name) const {
  return findLast(transformList, name);
}

const Loss *Registry::findLoss(llvm::StringRef name) const {
  return findLast(lossList, name);
}

const Metric *Registry::findMetric(llvm::StringRef name) const {
  return findLast(metricList, name);
}

const StagePass *Registry::findPass(llvm::StringRef name) const {
  return findLast(stagePasses, name);
}

const TargetKind *Registry::findTarget(llvm::StringRef name) const {
  return findLast(targetList, name);
}

const OpVersion *Registry::findOpVersion(llvm::StringRef op) const {
  return findLast(versionList, op);
}

uint32_t Registry::versionOf(llvm::StringRef op) const {
  const OpVersion *version = findOpVersion(op);
  return version ? version->version : 1;
}

template <typename T>
static const T *findFormat(const std::vector<T> &list, llvm::StringRef path) {
  std::string extension = llvm::sys::path::extension(path).lower();
  auto it = llvm::find_if(
      list, [&](const T &format) { return format.extension == extension; });
  return it == list.end() ? nullptr : &*it;
}

const Importer *Registry::importerOf(llvm::StringRef path) const {
  return findFormat(importerList, path);
}

const Exporter *Registry::exporterOf(llvm::StringRef path) const {
  return findFormat(exporterList, path);
}

const OnnxForm *Registry::findOnnxForm(llvm::StringRef op) const {
  return findLast(onnxList, op);
}

std::string Registry::familyOf(llvm::StringRef op) const {
  for (const OpEntry &entry : opNames)
    if (entry.op == op)
      return entry.family;
  return "";
}

} // namespace gradmill
