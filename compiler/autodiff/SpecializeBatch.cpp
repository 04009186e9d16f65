// Gives the dynamic batch dimension a size, and infers all shapes anew.
//
// requires: arguments whose only dynamic dimension is the first.
// maintains: after it, all shapes are static.
#include "compiler/Passes.h"

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
    for (Operation &op : func.front())
      if (failed(inferAnew(&op)))
        return failure();
    auto ret = func.front().getTerminator();
    func.setFunctionType(FunctionType::get(&getContext(), func.front().getArgumentTypes(),
                                           ret->getOperandTypes()));
    return success();
  }

  LogicalResult inferAnew(Operation *op) {
    auto infer = dyn_cast<InferTypeOpInterface>(op);
    if (!infer)
      return success();
    SmallVector<Type> types;
    if (failed(infer.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(),
                                      op->getDiscardableAttrDictionary(),
                                      op->getPropertiesStorage(), op->getRegions(), types)))
      return failure();
    for (auto [result, type] : llvm::zip(op->getResults(), types))
      result.setType(type);
    return success();
  }
};
} // namespace
} // namespace gradmill
