#include "nn/Registry.h"
#include "nn/CoreOnnx.h"
#include "nn/Onnx.h"

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

Registry::Registry(mlir::DialectRegistry &dialects)
    : dialectRegistry(dialects) {
  nn::addCoreOnnxForms(*this);
}

void Registry::add(llvm::StringRef family, void (*registerFn)(Registry &)) {
  currentFamily = family.str();
  registerFn(*this);
  currentFamily.clear();
}

void Registry::optimizer(Optimizer value) {
  optimizerList.push_back(std::move(value));
}
void Registry::transform(GradientTransform value) {
  transformList.push_back(std::move(value));
}
void Registry::loss(Loss value) { lossList.push_back(std::move(value)); }
void Registry::metric(Metric value) { metricList.push_back(std::move(value)); }

void Registry::passAfter(Stage stage, std::string name,
                         std::function<std::unique_ptr<Pass>()> create) {
  stagePasses.push_back({stage, std::move(name), std::move(create)});
}

void Registry::adviseRule(AdviceRule rule) {
  adviceList.push_back(std::move(rule));
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
