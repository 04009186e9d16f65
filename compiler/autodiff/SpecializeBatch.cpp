// Gives the dynamic batch dimension a size, and infers all shapes again.
//
// requires: arguments whose only dynamic dimension is the first. maintains:
// after it, all shapes are static.
#include "compiler/autodiff/SpecializeBatch.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_SPECIALIZEBATCH
#include "compiler/Passes.h.inc"

namespace {
struct SpecializeBatchPass : impl::SpecializeBatchBase<SpecializeBatchPass> {
  using SpecializeBatchBase::SpecializeBatchBase;

  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (failed(specialize(func)))
        return signalPassFailure();
  }

  LogicalResult specialize(func::FuncOp func) {
    for (BlockArgument arg : func.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(arg.getType());
      if (!type || type.hasStaticShape())
        continue;
      SmallVector<int64_t> shape(type.getShape());
      shape[0] = batch;
      if (llvm::any_of(ArrayRef(shape).drop_front(), ShapedType::isDynamic))
        return emitError(arg.getLoc())
               << "[static_shape] an argument is " << type
               << "; only the first dimension, the batch, may be dynamic";
      arg.setType(nn::withShape(type, shape));
    }
    for (BlockArgument arg : func.getArguments())
      if (failed(checkSize(arg)))
        return failure();
    for (Operation &op : func.front()) {
      if (auto infer = dyn_cast<InferTypeOpInterface>(op))
        if (failed(inferAnew(infer, op.getLoc())))
          return failure();
      for (Value result : op.getResults())
        if (failed(checkSize(result)))
          return failure();
      if (failed(checkWork(op)))
        return failure();
    }
    auto ret = func.front().getTerminator();
    func.setFunctionType(FunctionType::get(&getContext(),
                                           func.front().getArgumentTypes(),
                                           ret->getOperandTypes()));
    return success();
  }

  // The runtime accepts buffers up to 64 GiB. Below that no size here
  // overflows.
  LogicalResult checkSize(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || !type.hasStaticShape())
      return success();
    double bytes = type.getElementTypeBitWidth() / 8.0;
    for (int64_t d : type.getShape()) {
      bytes *= double(d);
      if (d < 1)
        return emitError(value.getLoc())
               << "[tensor_size] a tensor is " << type
               << ", expected every dimension to be at least 1";
    }
    if (bytes > 64.0 * (int64_t(1) << 30))
      return emitError(value.getLoc())
             << "[tensor_size] a tensor is " << type
             << ", which takes more than 64 GiB; a smaller batch may do";
    return success();
  }

  // A day on a fast core; costs add up below 2^63.
  LogicalResult checkWork(Operation &op) {
    auto cost = dyn_cast<nn::CostInterface>(op);
    if (cost && cost.getMacs() >> 52)
      return emitError(op.getLoc())
             << "[op_work] the op takes more than 2^52 multiply-adds; smaller "
                "images, kernels or batches are needed";
    return success();
  }
};
} // namespace

LogicalResult inferAnew(InferTypeOpInterface op, std::optional<Location> loc) {
  SmallVector<Type> types;
  if (failed(op.inferReturnTypes(op->getContext(), loc, op->getOperands(),
                                 op->getDiscardableAttrDictionary(),
                                 op->getPropertiesStorage(), op->getRegions(),
                                 types)))
    return failure();
  for (auto [result, type] : llvm::zip(op->getResults(), types))
    result.setType(type);
  return success();
}

} // namespace gradmill
