#include "Prepare.h"
#include "core/Nearest.h"
#include "nn/LayerName.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

bool isMap(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 4 && isa<FloatType>(type.getElementType());
}

// Leaves out the softmax that makes probabilities of the scores, also where views
// follow it.
void useScores(OpOperand &output) {
  OpOperand *use = &output;
  while (Operation *op = use->get().getDefiningOp()) {
    auto meaning = dyn_cast<nn::MeaningInterface>(op);
    if (!meaning || op->getNumOperands() == 0)
      return;
    if (isa<nn::ViewInterface>(op)) {
      use = &op->getOpOperand(0);
      continue;
    }
    if (meaning.getMeaning() != nn::Meaning::Scores &&
        op->getOperand(0).getType() == use->get().getType())
      use->set(op->getOperand(0));
    return;
  }
}

std::string nameOf(Operation *op) {
  if (auto name = op->getAttrOfType<StringAttr>("nn.name"))
    return name.str();
  std::string name = nn::layerNameOf(op);
  return StringRef(name).ends_with(".") ? "" : name;
}

// Layers by name; "relu" and the like for those without, with a number.
class Layers {
public:
  explicit Layers(func::FuncOp func) {
    llvm::StringMap<int> counts;
    for (Operation &op : func.front()) {
      if (op.getNumResults() != 1 || isa<nn::ParameterOp, nn::ConstantOp>(op))
        continue;
      StringRef kind = op.getName().getStringRef();
      kind.consume_front("nn.");
      std::string name = nameOf(&op);
      if (name.empty() || find(name))
        name = kind.str() + "_" + std::to_string(++counts[kind]);
      all.push_back({name, &op});
      byName.try_emplace(name, &op);
    }
  }

  Operation *find(StringRef name) const {
    return byName.lookup(name);
  }

  rt::Error unknown(StringRef option, StringRef name, StringRef want,
                    llvm::function_ref<bool(Operation *)> fits) const {
    std::vector<std::string> known;
    for (const auto &[each, op] : all)
      if (fits(op))
        known.push_back(each);
    std::string hint = rt::nearest(name.str(), known);
    constexpr size_t kMostNames = 50;
    if (known.size() > kMostNames) {
      known.resize(kMostNames);
      known.push_back("...");
    }
    std::string text = (option + " " + name + ": " +
                        (find(name) ? "the layer gives no " + want.str()
                                    : "there is no such layer") +
                        (hint.empty() ? ";" : "; did you mean " + hint + "?") +
                        " layers are " + llvm::join(known, ", "))
                           .str();
    return rt::Error{rt::kBadInput, "unknown_layer", text};
  }

  std::vector<std::pair<std::string, Operation *>> all;
  llvm::StringMap<Operation *> byName;
};

bool givesMap(Operation *op) {
  return isMap(op->getResult(0)) &&
         shapeOf(op->getResult(0))[2] * shapeOf(op->getResult(0))[3] > 1;
}

nn::ParameterOp filterOf(Operation *op) {
  auto kind = dyn_cast<nn::LayerKindInterface>(op);
  for (Value operand : op->getOperands())
    if (auto parameter = operand.getDefiningOp<nn::ParameterOp>();
        parameter && kind && isMap(operand))
      return parameter;
  return nullptr;
}

rt::Error noClassifier(const std::string &path, const std::string &why) {
  return {rt::kBadInput, "no_classifier",
          path + ": " + why +
              "; explanations are of nets from one picture [N, C, H, W] to one row "
              "of class scores [N, classes]"};
}

rt::Error noPicture(const std::string &path) {
  return {rt::kBadInput, "unknown_layer",
          path + ": no layer gives a picture of more than one pixel, which "
                 "Grad-CAM needs; --method saliency and occlusion need none"};
}
} // namespace

rt::Result<Prepared> prepare(ModuleOp module, func::FuncOp func,
                             const ExplainCommand &c) {
  Block &block = func.front();
  Operation *end = block.getTerminator();
  if (block.getNumArguments() != 1 || !isMap(block.getArgument(0)))
    return noClassifier(c.graph.graph, "the input is no picture alone");
  if (end->getNumOperands() != 1 || shapeOf(end->getOperand(0)).size() != 2)
    return noClassifier(c.graph.graph, "the output is no row of numbers alone");
  Prepared prepared;
  auto name = func.getArgAttrOfType<StringAttr>(0, "nn.name");
  prepared.image = name ? name.str() : "input";
  useScores(end->getOpOperand(0));
  if (auto loss = module.lookupSymbol<func::FuncOp>("loss"))
    loss.erase(); // of the output that was
  Layers layers(func);
  llvm::DenseMap<Operation *, std::string> ports;
  auto portOf = [&](Operation *op) {
    auto [it, isNew] = ports.try_emplace(op);
    if (isNew)
      it->second = "explained_" + std::to_string(ports.size());
    op->setAttr("nn.name", StringAttr::get(op->getContext(), it->second));
    return it->second;
  };
  // The last picture, in front of what makes one number of each channel.
  Operation *layer = c.layer.empty() ? nullptr : layers.find(c.layer);
  if (c.layer.empty())
    for (auto &[each, op] : layers.all)
      if (givesMap(op))
        layer = op;
  bool needsLayer = c.method == "gradcam" || c.method == "gradcam++";
  if (needsLayer && (!layer || !givesMap(layer)))
    return c.layer.empty() ? noPicture(c.graph.graph)
                           : layers.unknown("--layer", c.layer, "picture", givesMap);
  if (needsLayer) {
    for (auto &[each, op] : layers.all)
      if (op == layer)
        prepared.layer = each;
    prepared.layerPort = portOf(layer);
  }
  if (!c.activations.empty()) {
    Operation *op = layers.find(c.activations);
    if (!op || !givesMap(op))
      return layers.unknown("--activations", c.activations, "picture", givesMap);
    prepared.activations = c.activations;
    prepared.activationsPort = portOf(op);
  }
  if (!c.filters.empty()) {
    Operation *op = layers.find(c.filters);
    if (!op || !filterOf(op))
      return layers.unknown("--filters", c.filters, "filters",
                            [](Operation *each) { return bool(filterOf(each)); });
    prepared.filters = c.filters;
    prepared.filtersParameter = filterOf(op).getName().str();
  }
  return prepared;
}

} // namespace gradmill::cli
