// relu: y = max(x, 0); dx = dy where y > 0.
#include "Activation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Activation.cpp.inc"

LogicalResult ReluOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

// relu(relu(x)) = relu(x)
OpFoldResult ReluOp::fold(FoldAdaptor) {
  return getInput().getDefiningOp<ReluOp>() ? getInput() : Value();
}

LogicalResult ReluOp::buildGradient(Gradient &g) {
  // The output, not the input: it is kept for the next layer anyway.
  g.set(0,
        ReluBackwardOp::create(g.builder, g.loc(), g.cotangent(), getOutput()));
  return success();
}

void ReluOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                         SmallVectorImpl<Value> &results) {
  Value x = operands[0];
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(x.getType()));
  // "x < 0 ? 0 : x" lets a NaN through; one max instruction on x86.
  Value negative =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, zero);
  results.push_back(arith::SelectOp::create(b, loc, negative, zero, x));
}

LogicalResult ReluOp::evaluate(ArrayRef<const RefTensor *> in,
                               MutableArrayRef<RefTensor> out) {
  for (size_t i = 0; i < out[0].data.size(); ++i) {
    double x = in[0]->data[i];
    out[0].data[i] = x < 0 ? 0 : x;
  }
  return success();
}

LogicalResult ReluBackwardOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getCotangent().getType());
  return success();
}

void ReluBackwardOp::emitElement(OpBuilder &b, Location loc,
                                 ValueRange operands,
                                 SmallVectorImpl<Value> &results) {
  Value zero =
      arith::ConstantOp::create(b, loc, b.getZeroAttr(operands[0].getType()));
  Value positive = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                         operands[1], zero);
  results.push_back(
      arith::SelectOp::create(b, loc, positive, operands[0], zero));
}

LogicalResult ReluBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                       MutableArrayRef<RefTensor> out) {
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] = in[1]->data[i] > 0 ? in[0]->data[i] : 0;
  return success();
}
