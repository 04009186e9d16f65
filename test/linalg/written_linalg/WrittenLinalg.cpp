// An op whose linalg stands in its region, and a naive interpreter of linalg as
// its reference: loop by loop, element by element, in double precision.
#include "WrittenLinalg.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "WrittenLinalg.cpp.inc"

LogicalResult WrittenLinalgOp::toLinalg(OpBuilder &b,
                                        SmallVectorImpl<Value> &values) {
  Block &body = getBody().front();
  IRMapping map;
  map.map(body.getArguments(), getInputs());
  for (Operation &op : body.without_terminator())
    b.clone(op, map);
  for (Value v : body.getTerminator()->getOperands())
    values.push_back(map.lookupOrDefault(v));
  return success();
}

namespace {

class Interpreter {
public:
  DenseMap<Value, RefTensor> tensors;
  DenseMap<Value, double> numbers;

  void run(Operation &op) {
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](arith::ConstantOp c) {
          if (auto dense = dyn_cast<DenseElementsAttr>(c.getValue())) {
            RefTensor t = empty(c.getResult());
            for (auto [to, from] :
                 llvm::zip(t.data, dense.getValues<APFloat>()))
              to = from.convertToDouble();
            tensors[c.getResult()] = t;
          } else if (auto number = dyn_cast<FloatAttr>(c.getValue())) {
            numbers[c.getResult()] = number.getValueAsDouble();
          }
        })
        .Case(
            [&](tensor::PadOp pad) { tensors[pad.getResult()] = padded(pad); })
        .Case([&](linalg::LinalgOp structured) { runStructured(structured); })
        .Default([&](Operation *other) { // tensor.empty
          if (isa<RankedTensorType>(other->getResult(0).getType()))
            tensors[other->getResult(0)] = empty(other->getResult(0));
        });
  }

private:
  static RefTensor empty(Value v) {
    return RefTensor(cast<RankedTensorType>(v.getType()).getShape());
  }

  // Calls `body` for all points of a space.
  template <typename Body>
  static void forEach(ArrayRef<int64_t> shape, Body body) {
    SmallVector<int64_t> at(shape.size());
    for (int64_t i = 0, n = RefTensor::numElements(shape); i < n; ++i) {
      int64_t rest = i;
      for (size_t d = shape.size(); d-- > 0; rest /= shape[d])
        at[d] = rest % shape[d];
      body(ArrayRef<int64_t>(at));
    }
  }

  RefTensor padded(tensor::PadOp pad) {
    RefTensor out = empty(pad.getResult());
    double number = numbers.lookup(pad.getConstantPaddingValue());
    std::fill(out.data.begin(), out.data.end(), number);
    const RefTensor &in = tensors[pad.getSource()];
    forEach(in.shape, [&](ArrayRef<int64_t> at) {
      SmallVector<int64_t> to(at);
      for (auto [index, low] : llvm::zip(to, pad.getStaticLow()))
        index += low;
      out.at(to) = in.at(at);
    });
    return out;
  }

  void runStructured(linalg::LinalgOp op) {
    OpOperand *init = op.getDpsInitOperand(0);
    RefTensor out = tensors[init->get()];
    forEach(op.getStaticLoopRanges(), [&](ArrayRef<int64_t> loops) {
      auto at = [&](OpOperand *operand) {
        return op.getMatchingIndexingMap(operand).compose(loops);
      };
      for (OpOperand &operand : op->getOpOperands()) {
        BlockArgument argument = op.getMatchingBlockArgument(&operand);
        if (&operand == init)
          numbers[argument] = out.at(at(&operand));
        else if (isa<RankedTensorType>(operand.get().getType()))
          numbers[argument] = tensors[operand.get()].at(at(&operand));
        else
          numbers[argument] = numbers[operand.get()];
      }
      for (Operation &each : op.getBlock()->without_terminator())
        numbers[each.getResult(0)] = scalar(each, loops);
      out.at(at(init)) = numbers[op.getBlock()->getTerminator()->getOperand(0)];
    });
    tensors[op->getResult(0)] = std::move(out);
  }

  double scalar(Operation &op, ArrayRef<int64_t> loops) {
    auto in = [&](unsigned i) { return numbers[op.getOperand(i)]; };
    return llvm::TypeSwitch<Operation *, double>(&op)
        .Case([&](arith::ConstantOp c) {
          return cast<FloatAttr>(c.getValue()).getValueAsDouble();
        })
        .Case([&](linalg::IndexOp i) { return double(loops[i.getDim()]); })
        .Case([&](arith::AddFOp) { return in(0) + in(1); })
        .Case([&](arith::SubFOp) { return in(0) - in(1); })
        .Case([&](arith::MulFOp) { return in(0) * in(1); })
        .Case([&](arith::DivFOp) { return in(0) / in(1); })
        .Case([&](arith::MaximumFOp) { return std::max(in(0), in(1)); })
        .Case([&](math::AbsFOp) { return std::fabs(in(0)); })
        .Case<arith::IndexCastOp, arith::SIToFPOp>([&](auto) { return in(0); })
        .Default([&](Operation *) { return std::nan(""); });
  }
};

} // namespace

LogicalResult WrittenLinalgOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  Interpreter interpreter;
  Block &body = getBody().front();
  for (auto [argument, value] : llvm::zip_equal(body.getArguments(), in))
    interpreter.tensors[argument] = *value;
  for (Operation &op : body.without_terminator())
    interpreter.run(op);
  for (auto [to, from] : llvm::zip(out, body.getTerminator()->getOperands()))
    to = interpreter.tensors[from];
  return success();
}
