// Refuses, at the graph's own lines, what the runtime would refuse without a
// line when it loads the artifact. The runtime's rules about one graph are in
// runtime/core/ManifestRules.cpp, its limits in ManifestLimits.h. A rule that
// is missing here is still checked before anything is written, but without a
// line (driver/Compile.cpp reads the manifest as the runtime does).
//
// requires: static shapes. maintains: the graph as it is.
#include "compiler/Passes.h"
#include "compiler/autodiff/Ports.h"
#include "compiler/autodiff/SpecializeBatch.h"
#include "core/ManifestLimits.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_CHECKGRAPH
#include "compiler/Passes.h.inc"

namespace {

class Checker {
public:
  Checker(func::FuncOp func, int64_t batch) : func(func), requested(batch) {}

  LogicalResult check() {
    if (func.getNumArguments() == 0 || func.getNumResults() == 0)
      return emitError(func.getLoc())
             << "[graph_signature] @" << func.getName() << " takes "
             << func.getNumArguments() << " arguments and returns "
             << func.getNumResults()
             << " values, expected one data tensor or more in, one prediction "
                "or more out";
    for (BlockArgument argument : func.getArguments())
      if (failed(checkData(argument)))
        return failure();
    for (auto [i, value] : llvm::enumerate(results()))
      if (failed(checkPrediction(i, value)))
        return failure();
    return failed(checkSamples()) ? failure() : checkParameters();
  }

private:
  ValueRange results() { return func.front().getTerminator()->getOperands(); }

  //===-- Data --------------------------------------------------------------===//

  LogicalResult checkData(BlockArgument argument) {
    std::string name = argumentName(func, argument.getArgNumber());
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || type.getRank() < 1 ||
        !(type.getElementType().isF32() || type.getElementType().isInteger(32)))
      return emitError(argument.getLoc())
             << "[graph_signature] the input \"" << name << "\" is "
             << argument.getType()
             << ", expected an f32 or i32 tensor [N, ...], the first dimension "
                "of which is the batch";
    if (llvm::is_contained(rt::kReservedInputs, name))
      return emitError(argument.getLoc())
             << "[graph_signature] the input is called \"" << name
             << "\", as a part of the training step is; rename it";
    if (!names.insert(name).second)
      return emitError(argument.getLoc())
             << "[graph_signature] two ports are called \"" << name
             << "\"; rename one";
    if (failed(checkType(type, argument.getLoc(), "\"" + name + "\"")) ||
        failed(checkBatch(argument, type, name)))
      return failure();
    return failed(checkIndices(argument, name)) ? failure()
                                                : checkChannels(argument, type);
  }

  // Whole numbers look something up. The runtime checks their range, so it must
  // know how many there are.
  LogicalResult checkIndices(BlockArgument argument, StringRef name) {
    unsigned number = argument.getArgNumber();
    auto declared = func.getArgAttrOfType<IntegerAttr>(number, kClassesAttr);
    if (!cast<RankedTensorType>(argument.getType()).getElementType().isInteger()) {
      if (declared)
        return emitError(argument.getLoc())
               << "[input_classes] nn.classes is for inputs of i32; \"" << name
               << "\" is " << argument.getType();
      return success();
    }
    int64_t limit = rt::kMaxClasses;
    for (OpOperand &use : argument.getUses())
      if (auto op = dyn_cast<nn::IndexInterface>(use.getOwner()))
        if (int64_t own = op.getIndexLimit(use.getOperandNumber());
            own && own < limit)
          limit = own;
    if (declared && declared.getInt() > limit)
      return emitError(argument.getLoc())
             << "[input_classes] \"" << name << "\" may be 0 to "
             << declared.getInt() - 1 << ", but an op looks up one of " << limit
             << "; make its table larger or nn.classes smaller";
    if (!declared)
      func.setArgAttr(number, kClassesAttr,
                      Builder(func.getContext()).getI64IntegerAttr(limit));
    return success();
  }

  LogicalResult checkBatch(BlockArgument argument, RankedTensorType type,
                           StringRef name) {
    int64_t size = type.getDimSize(0);
    if (requested && size != requested) {
      SmallVector<int64_t> shape(type.getShape());
      shape[0] = ShapedType::kDynamic;
      return emitError(argument.getLoc())
             << "[fixed_batch] the graph is for a batch of " << size
             << ", but --batch is " << requested
             << "; leave out --batch, or write the input as "
             << nn::withShape(type, shape);
    }
    if (size > rt::kMaxBatch)
      return emitError(argument.getLoc())
             << "[fixed_batch] the batch is " << size << ", at most "
             << rt::kMaxBatch;
    if (argument.getArgNumber() == 0)
      batch = size;
    if (size != batch)
      return emitError(argument.getLoc())
             << "[graph_signature] the input \"" << name << "\" has a batch of "
             << size << ", but \"" << argumentName(func, 0) << "\" one of "
             << batch;
    return success();
  }

  // One mean and deviation per channel, or one for all.
  LogicalResult checkChannels(BlockArgument argument, RankedTensorType type) {
    for (StringRef attribute : {"nn.mean", "nn.std"}) {
      Attribute given = func.getArgAttr(argument.getArgNumber(), attribute);
      if (!given)
        continue;
      if (type.getElementType().isInteger())
        return emitError(argument.getLoc())
               << "[input_scale] " << attribute
               << " is for inputs of f32; whole numbers are taken as they are";
      auto list = dyn_cast<ArrayAttr>(given);
      size_t channels = type.getRank() > 1 ? type.getDimSize(1) : 1;
      if (!list || (list.size() != 1 && list.size() != channels))
        return emitError(argument.getLoc())
               << "[input_scale] " << attribute << " is " << given
               << ", expected a list of 1 or " << channels
               << " numbers, one per channel";
      for (Attribute element : list) {
        auto number = dyn_cast<FloatAttr>(element);
        float value = number ? float(number.getValueAsDouble()) : std::nanf("");
        if (!std::isfinite(value) || (attribute == "nn.std" && value <= 0))
          return emitError(argument.getLoc())
                 << "[input_scale] " << attribute << " has the element "
                 << element << ", expected a "
                 << (attribute == "nn.std" ? "positive" : "finite")
                 << " number such as 0.5";
      }
    }
    return success();
  }

  //===-- Predictions -------------------------------------------------------===//

  LogicalResult checkPrediction(unsigned index, Value value) {
    std::string name = resultName(func, index);
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || type.getRank() < 1 || !isa<FloatType>(type.getElementType()) ||
        type.getDimSize(0) != batch)
      return emitError(value.getLoc())
             << "[graph_output] \"" << name << "\" is " << value.getType()
             << ", expected a float tensor [N, ...], the first dimension of "
                "which is the batch, "
             << batch;
    if (failed(checkType(type, value.getLoc(), "\"" + name + "\"")))
      return failure();
    if (name == kClocksName || name == "loss" || !names.insert(name).second)
      return emitError(value.getLoc())
             << "[graph_output] an output is called \"" << name
             << "\", as another port of the compiled model is; rename it";
    return success();
  }

  //===-- Samples -----------------------------------------------------------===//

  // An op that reads a value with the batch must give one with the batch, as
  // dimension 0. A mean over all samples has none.
  LogicalResult checkKeepsBatch(Operation *op) {
    auto isOpen = [](Type type) {
      return !cast<RankedTensorType>(type).hasStaticShape();
    };
    if (llvm::none_of(op->getOperandTypes(), isOpen))
      return success();
    for (Type result : op->getResultTypes()) {
      auto type = cast<RankedTensorType>(result);
      if (type.getRank() > 0 && type.isDynamicDim(0) &&
          type.getNumDynamicDims() == 1)
        continue;
      return emitError(op->getLoc())
             << "[batch_mixed] the op's result, "
             << nn::shapeText(type.getShape())
             << ", does not have the batch as dimension 0, as its operands "
                "have; one sample's result must not depend on other samples";
    }
    return success();
  }

  // The graph again, for a batch of any size: every value with a batch then has
  // an open dimension, and an op that would mix samples reports an error
  // (docs/axes.md).
  LogicalResult checkSamples() {
    // Only tests' graphs hold the compiler's own ops: an adjoint sums over the
    // batch.
    for (Operation &op : func.front().without_terminator())
      if (!nn::isGraphOp(op.getName()))
        return success();
    func::FuncOp open = func.clone();
    llvm::scope_exit erase([&] { open.erase(); });
    for (BlockArgument argument : open.getArguments()) {
      auto type = cast<RankedTensorType>(argument.getType());
      SmallVector<int64_t> shape(type.getShape());
      shape[0] = ShapedType::kDynamic;
      argument.setType(nn::withShape(type, shape));
    }
    for (Operation &op : open.front().without_terminator()) {
      if (op.getNumOperands() == 0) // parameters, constants
        continue;
      auto infer = dyn_cast<InferTypeOpInterface>(op);
      if (!infer)
        return success(); // nothing is known about it with another batch
      if (succeeded(inferAnew(infer, op.getLoc()))) {
        if (failed(checkKeepsBatch(&op)))
          return failure();
        continue;
      }
      return emitError(op.getLoc())
             << "[batch_mixed] the op cannot be computed for a batch of any "
                "size; dimension 0 of the inputs is the batch, and one sample's "
                "result must not depend on it";
    }
    for (auto [i, value] :
         llvm::enumerate(open.front().getTerminator()->getOperands())) {
      auto type = cast<RankedTensorType>(value.getType());
      if (type.isDynamicDim(0) && type.getNumDynamicDims() == 1)
        continue;
      return emitError(results()[i].getLoc())
             << "[graph_output] \"" << resultName(func, i) << "\" is "
             << results()[i].getType()
             << ", but its dimension 0 is not the batch: it is the same for "
                "all samples";
    }
    return success();
  }

  //===-- Parameters --------------------------------------------------------===//

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

  // Rounded to float, as the runtime does.
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

  // specialize-batch checks the size in bytes.
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
  int64_t requested; // 0: the graph's own
  int64_t batch = 0;
  llvm::StringSet<> names;
};

struct CheckGraphPass : impl::CheckGraphBase<CheckGraphPass> {
  using CheckGraphBase::CheckGraphBase;
  void runOnOperation() override {
    for (StringRef name : {"train", "accumulate", "update", "gradients", "infer",
                           "infer_single", "loss_single", "prepare"})
      if (Operation *own = getOperation().lookupSymbol(name)) {
        emitError(own->getLoc())
            << "[graph_signature] the graph has a function @" << name
            << ", as the compiled model has; rename it";
        return signalPassFailure();
      }
    auto func = getOperation().lookupSymbol<func::FuncOp>(entry);
    if (!func || func.isExternal())
      return; // the passes that build on it report this
    if (failed(Checker(func, batch).check()))
      signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
