#include "WriteOnnx.h"
#include "ModelWriter.h"
#include "nn/LayerName.h"
#include "nn/Registry.h"
#include "onnx.pb.h"
#include "llvm/ADT/StringExtras.h"
#include <charconv>

using namespace mlir;

namespace gradmill {
namespace {

// The version of the format that goes with nn::kOnnxOpset.
constexpr int64_t kIrVersion = 9;

/// Ports without a name have these.
std::string portName(Attribute given, StringRef word, unsigned index) {
  if (auto name = dyn_cast_or_null<StringAttr>(given))
    return name.str();
  return index ? word.str() + std::to_string(index) : word.str();
}

// The numbers that a parameter starts with; null if they are drawn.
DenseElementsAttr numbersOf(nn::ParameterOp op) {
  auto type = cast<RankedTensorType>(op.getValue().getType());
  Attribute init = op.getInitAttr();
  if (auto elements = dyn_cast_or_null<DenseElementsAttr>(init))
    return elements;
  if (!init && type.getRank() > 1)
    return {};
  if (init && !isa<FloatAttr>(init))
    return {};
  double number = init ? cast<FloatAttr>(init).getValueAsDouble() : 0;
  return DenseElementsAttr::get(
      type, Attribute(FloatAttr::get(type.getElementType(), number)));
}

class GraphWriter {
public:
  GraphWriter(ModuleOp module, const ExportOptions &options)
      : module(module), options(options), writer(*model.mutable_graph()) {}

  std::optional<std::string> run() {
    for (auto func : module.getOps<func::FuncOp>())
      if (func.getName() != "loss" && !main)
        main = func;
    if (!main) {
      emitError(module.getLoc()) << "[onnx_export] there is no graph to write";
      return std::nullopt;
    }
    if (failed(addInputs()) || failed(addWeights()) || failed(checkOutputs()) ||
        failed(addOps()))
      return std::nullopt;
    for (auto [name, value] : outputs)
      writer.addOutput(name, value);
    writer.finish();
    return bytes();
  }

private:
  LogicalResult checkName(StringRef name, StringRef what) {
    if (!writer.isUsed(name) && taken.insert(name).second)
      return success();
    return emitError(main.getLoc())
           << "[onnx_export] " << what << " '" << name
           << "' has the name of another input, weight or output; in an ONNX model "
              "each has a name of its own";
  }

  LogicalResult addInputs() {
    for (BlockArgument argument : main.getArguments()) {
      unsigned i = argument.getArgNumber();
      std::string name = portName(main.getArgAttr(i, "nn.name"), "input", i);
      if (failed(checkName(name, "the input")))
        return failure();
      writer.addInput(name, argument);
      describe(name, main.getArgAttrDict(i));
    }
    return success();
  }

  // How pictures are normalized, which ONNX has no place for.
  void describe(StringRef input, DictionaryAttr attributes) {
    for (StringRef what : {"mean", "std", "preprocess"}) {
      Attribute attribute = attributes ? attributes.get(("nn." + what).str()) : Attribute();
      std::string text;
      if (auto word = dyn_cast_or_null<StringAttr>(attribute))
        text = word.str();
      else if (auto numbers = dyn_cast_or_null<ArrayAttr>(attribute))
        for (auto number : numbers.getAsRange<FloatAttr>()) {
          char digits[64];
          auto end = std::to_chars(digits, digits + sizeof digits, number.getValueAsDouble()).ptr;
          text += (text.empty() ? "[" : ",") + std::string(digits, end);
        }
      if (text.empty())
        continue;
      auto &entry = *model.add_metadata_props();
      entry.set_key(("gradmill." + input + "." + what).str());
      entry.set_value(isa<StringAttr>(attribute) ? text : text + "]");
    }
  }

  LogicalResult addWeights() {
    std::vector<std::string> missing;
    llvm::StringSet<> names;
    for (auto op : main.getOps<nn::ParameterOp>()) {
      if (names.insert(op.getName()).second &&
          failed(checkName(op.getName(), "the parameter")))
        return failure();
      if (DenseElementsAttr numbers = numbersOf(op))
        writer.addWeight(op.getName(), numbers, op.getValue());
      else
        missing.push_back(op.getName().str());
    }
    if (missing.empty())
      return success();
    constexpr size_t kMaxListed = 8;
    size_t count = missing.size();
    if (count > kMaxListed)
      missing.resize(kMaxListed);
    return emitError(main.getLoc())
           << "[onnx_weights] an ONNX model has its weights in it, and " << count
           << " parameters of the graph have no numbers yet (" << llvm::join(missing, ", ")
           << (count > kMaxListed ? ", ..." : "") << "); give them with --weights FILE";
  }

  // Before nodes take names.
  LogicalResult checkOutputs() {
    Operation *end = main.getBody().front().getTerminator();
    for (auto [i, value] : llvm::enumerate(end->getOperands())) {
      std::string name = portName(main.getResultAttr(unsigned(i), "nn.name"), "output",
                                  unsigned(i));
      if (failed(checkName(name, "the output")))
        return failure();
      outputs.push_back({name, value});
    }
    for (auto &[name, value] : outputs)
      writer.reserve(name);
    return success();
  }

  LogicalResult addOps() {
    Operation *first = nullptr;
    for (Operation &op : main.getBody().front().without_terminator()) {
      if (isa<nn::ParameterOp>(op))
        continue;
      StringRef name = op.getName().getStringRef();
      const OnnxForm *form =
          options.registry ? options.registry->findOnnxForm(name) : nullptr;
      writer.beginOp(&op);
      if (!form)
        writer.refuseOp(name);
      if (form && succeeded(form->write(&op, writer)))
        continue;
      if (!first)
        first = &op;
      // So that the ops behind it can be asked, too.
      for (Value result : op.getResults())
        writer.setResult(result, writer.constant(DenseElementsAttr::get(
                                     RankedTensorType::get({}, Float32Type::get(op.getContext())),
                                     0.0f)));
    }
    if (!first)
      return success();
    std::string list = writer.refused();
    return emitError(nn::placeOf(first))
           << "[onnx_export] ops without a form in ONNX, and how often the graph has "
              "them: "
           << (list.empty() ? first->getName().getStringRef().str() : list)
           << "; a family gives its ops one with registry.onnx (docs/onnx.md)";
  }

  std::optional<std::string> bytes() {
    model.set_ir_version(kIrVersion);
    model.set_producer_name("gradmill");
    auto &set = *model.add_opset_import();
    set.set_domain("");
    set.set_version(nn::kOnnxOpset);
    std::string name = main.getName().str();
    model.mutable_graph()->set_name(name.empty() ? "main" : name);
    std::string text;
    if (model.ByteSizeLong() > kMaxGmgBytes || !model.SerializeToString(&text)) {
      emitError(module.getLoc())
          << "[onnx_export] the model is larger than 2 GiB, which an ONNX file cannot be";
      return std::nullopt;
    }
    return text;
  }

  ModuleOp module;
  const ExportOptions &options;
  func::FuncOp main;
  onnx_format::Model model;
  onnx::ModelWriter writer;
  llvm::StringSet<> taken;
  std::vector<std::pair<std::string, Value>> outputs;
};

} // namespace

std::optional<std::string> writeOnnx(ModuleOp module, const ExportOptions &options) {
  return GraphWriter(module, options).run();
}

} // namespace gradmill
