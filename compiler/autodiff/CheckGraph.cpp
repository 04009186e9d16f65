// Refuses, at the graph's own lines, what the runtime would refuse as a whole
// when it loads the artifact: its rules about one graph are in
// runtime/core/ManifestRules.cpp, its limits in ManifestLimits.h. What is
// forgotten here is still found before anything is written (driver/Compile.cpp
// reads the manifest as the runtime does), but without a line.
//
// requires: static shapes. maintains: the graph as it is.
#include "compiler/autodiff/CheckGraph.h"
#include "compiler/Passes.h"
#include "core/ManifestLimits.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_CHECKGRAPH
#include "compiler/Passes.h.inc"

LogicalResult checkSignature(func::FuncOp func) {
  unsigned results = func.getFunctionType().getNumResults();
  if (func.getNumArguments() != 1 || results < 1)
    return emitError(func.getLoc())
           << "[graph_signature] @" << func.getName() << " takes "
           << func.getNumArguments() << " arguments and returns " << results
           << " values, expected one image tensor in and the output out";
  auto image = dyn_cast<RankedTensorType>(func.getArgumentTypes().front());
  if (!image || image.getRank() < 2 || !isa<FloatType>(image.getElementType()))
    return emitError(func.getLoc()) << "[graph_signature] the argument is "
                                    << func.getArgumentTypes().front()
                                    << ", expected a float tensor [N, ...]";
  return success();
}

std::string resultName(func::FuncOp func, unsigned index) {
  if (index == 0)
    return "output";
  auto name = func.getResultAttrOfType<StringAttr>(index, kNameAttr);
  return name ? name.getValue().str() : "output" + std::to_string(index);
}

namespace {

class Checker {
public:
  Checker(func::FuncOp func, int64_t batch)
      : func(func), requested(batch), image(func.getArgument(0)),
        type(cast<RankedTensorType>(image.getType())) {}

  LogicalResult check() {
    return success(succeeded(checkInput()) && succeeded(checkChannels()) &&
                   succeeded(checkOutputs()) && succeeded(checkScores()) &&
                   succeeded(checkParameters()));
  }

private:
  ValueRange results() { return func.front().getTerminator()->getOperands(); }

  LogicalResult checkInput() {
    auto name = func.getArgAttrOfType<StringAttr>(0, kNameAttr);
    if (name && llvm::is_contained(rt::kReservedInputs, name.getValue()))
      return emitError(image.getLoc())
             << "[graph_signature] the input is called \"" << name.getValue()
             << "\", as a part of the training step is; rename it";
    if (failed(checkType(type, image.getLoc(), "the input")))
      return failure();
    if (!type.getElementType().isF32())
      return emitError(image.getLoc()) << "[graph_signature] the input is "
                                       << type << ", expected f32 elements";
    int64_t batch = type.getDimSize(0);
    if (requested && batch != requested)
      return emitError(image.getLoc())
             << "[fixed_batch] the graph is for a batch of " << batch
             << ", but --batch is " << requested
             << "; leave out --batch, or write the input as "
             << withBatch(ShapedType::kDynamic);
    if (batch > rt::kMaxBatch)
      return emitError(image.getLoc()) << "[fixed_batch] the batch is " << batch
                                       << ", at most " << rt::kMaxBatch;
    return success();
  }

  RankedTensorType withBatch(int64_t batch) {
    SmallVector<int64_t> shape(type.getShape());
    shape[0] = batch;
    return nn::withShape(type, shape);
  }

  // One mean and deviation per channel, or one for all.
  LogicalResult checkChannels() {
    for (StringRef attribute : {"nn.mean", "nn.std"}) {
      Attribute given = func.getArgAttr(0, attribute);
      if (!given)
        continue;
      auto list = dyn_cast<ArrayAttr>(given);
      size_t channels = type.getDimSize(1);
      if (!list || (list.size() != 1 && list.size() != channels))
        return emitError(image.getLoc())
               << "[input_scale] " << attribute << " is " << given
               << ", expected a list of 1 or " << channels
               << " numbers, one per channel";
      for (Attribute element : list) {
        auto number = dyn_cast<FloatAttr>(element);
        float value = number ? float(number.getValueAsDouble()) : std::nanf("");
        if (!std::isfinite(value) || (attribute == "nn.std" && value <= 0))
          return emitError(image.getLoc())
                 << "[input_scale] " << attribute << " has the element "
                 << element << ", expected a "
                 << (attribute == "nn.std" ? "positive" : "finite")
                 << " number such as 0.5";
      }
    }
    return success();
  }

  LogicalResult checkOutputs() {
    llvm::StringSet<> names{kClocksName};
    for (auto [i, value] : llvm::enumerate(results())) {
      std::string name = resultName(func, i);
      auto output = dyn_cast<RankedTensorType>(value.getType());
      if (!output)
        return emitError(value.getLoc())
               << "[graph_output] \"" << name << "\" is " << value.getType()
               << ", expected a tensor";
      if (failed(checkType(output, value.getLoc(), "\"" + name + "\"")))
        return failure();
      if (!names.insert(name).second)
        return emitError(value.getLoc())
               << "[graph_output] an output is called \"" << name
               << "\", as another one of the compiled model is; rename it";
    }
    return success();
  }

  // What the runtime can work with: one row of class scores per image.
  LogicalResult checkScores() {
    Value value = results().front();
    auto output = cast<RankedTensorType>(value.getType());
    if (output.getRank() != 2 || !output.getElementType().isF32())
      return emitError(value.getLoc())
             << "[graph_output] the graph's output has the shape "
             << nn::shapeText(output.getShape()) << " and type "
             << output.getElementType()
             << ", expected f32 [N, classes]; nn.flatten makes two dimensions "
                "of more";
    if (output.getDimSize(0) != type.getDimSize(0))
      return emitError(value.getLoc())
             << "[graph_output] the graph's output has " << output.getDimSize(0)
             << " rows for a batch of " << type.getDimSize(0)
             << " images, expected one for each";
    if (output.getDimSize(1) > rt::kMaxClasses)
      return emitError(value.getLoc())
             << "[graph_output] the graph's output has " << output.getDimSize(1)
             << " classes, at most " << rt::kMaxClasses;
    return success();
  }

  LogicalResult checkParameters() {
    WalkResult result = func.walk([&](nn::ParameterOp op) {
      auto type = cast<RankedTensorType>(op.getType());
      if (failed(
              checkType(type, op.getLoc(), ("\"" + op.getName() + "\"").str())))
        return WalkResult::interrupt();
      if (op.getInitAttr() && !isFinite(op.getInitAttr())) {
        emitError(op.getLoc())
            << "[parameter_init] the init of \"" << op.getName()
            << "\" has infinite values or NaNs, which training cannot start "
               "from";
        return WalkResult::interrupt();
      }
      bool drawn = !op.getInitAttr() ? type.getRank() > 1
                                     : isa<StringAttr>(op.getInitAttr());
      if (!drawn || type.getElementType().isF32())
        return WalkResult::advance();
      emitError(op.getLoc())
          << "[parameter_draw] \"" << op.getName() << "\" is " << type
          << ", but only f32 is drawn; give it an init";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  // As the float that the runtime makes of a number.
  static bool isFinite(Attribute init) {
    if (auto number = dyn_cast<FloatAttr>(init))
      return std::isfinite(float(number.getValueAsDouble()));
    auto values = dyn_cast<DenseElementsAttr>(init);
    if (!values)
      return true;
    auto finite = [](auto value) { return std::isfinite(value); };
    if (values.getElementType().isF32())
      return llvm::all_of(values.getValues<float>(), finite);
    return !values.getElementType().isF64() ||
           llvm::all_of(values.getValues<double>(), finite);
  }

  // The size in bytes is specialize-batch's.
  LogicalResult checkType(RankedTensorType tensor, Location loc,
                          const std::string &what) {
    if (size_t(tensor.getRank()) <= rt::kMaxRank &&
        llvm::all_of(tensor.getShape(),
                     [](int64_t d) { return d <= rt::kMaxExtent; }))
      return success();
    return emitError(loc) << "[tensor_size] " << what << " is " << tensor
                          << "; the runtime takes up to " << rt::kMaxRank
                          << " dimensions of up to " << rt::kMaxExtent;
  }

  func::FuncOp func;
  int64_t requested; // 0: whatever the graph says
  BlockArgument image;
  RankedTensorType type;
};

struct CheckGraphPass : impl::CheckGraphBase<CheckGraphPass> {
  using CheckGraphBase::CheckGraphBase;
  void runOnOperation() override {
    for (StringRef name : {"train", "infer", "infer_single", "prepare"})
      if (Operation *own = getOperation().lookupSymbol(name)) {
        emitError(own->getLoc())
            << "[graph_signature] the graph has a function @" << name
            << ", as the compiled model has; rename it";
        return signalPassFailure();
      }
    auto func = getOperation().lookupSymbol<func::FuncOp>(entry);
    if (!func || func.isExternal())
      return; // the passes that build on it say so
    if (failed(checkSignature(func)) || failed(Checker(func, batch).check()))
      signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
