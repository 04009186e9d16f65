// The norm of all gradients together.
#include "GradientTransforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "GradientTransforms.cpp.inc"

LogicalResult ClipFactorOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  ValueRange gradients = adaptor.getGradients();
  if (gradients.empty())
    return violated(loc, "clip_factor_c1", "there is no gradient");
  Type element = getElementTypeOrSelf(gradients.front());
  for (Value gradient : gradients)
    if (Type other = getElementTypeOrSelf(gradient); other != element)
      return violated(loc, "clip_factor_c1", "gradients are of ", element,
                      " and of ", other,
                      ", expected one element type for all");
  double max = adaptor.getMax().convertToDouble();
  if (!(max > 0 && std::isfinite(max)))
    return violated(loc, "clip_factor_c2", "max is ", max,
                    ", expected a positive, finite number");
  types.push_back(RankedTensorType::get({}, element));
  return success();
}

// The squares of f32 are exact in double, and their sum nearly so. Large
// gradients are cut into parts of kPart elements, which are summed in parallel
// and added in order. The cuts depend on the gradient's size alone.
static constexpr int64_t kPart = 1 << 15, kSums = 4;

namespace {
class Squares {
public:
  Squares(KernelBuilder &k, Value buffer)
      : k(k), element(cast<MemRefType>(buffer.getType()).getElementType()),
        count(cast<MemRefType>(buffer.getType()).getNumElements()),
        lanes(std::max<int64_t>(1, k.machine().vectorBytes / 8)) {
    auto type = cast<MemRefType>(buffer.getType());
    ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(type.getRank()));
    flat = type.getRank() > 1 ? k.collapse(buffer, {all}) : buffer;
  }

  // Parts that are worth a task each.
  int64_t parts() const { return count / kPart > 1 ? count / kPart : 0; }

  // The sum over elements begin to end, which is a whole number of steps later.
  Value sum(Value begin, Value end) {
    auto wide = VectorType::get({lanes}, k.b.getF64Type());
    SmallVector<Value> sums(kSums, k.constant(wide, 0));
    sums = k.reduce(begin, end, step(), sums, [&](Value i, ValueRange acc) {
      SmallVector<Value> next;
      for (int64_t s = 0; s < kSums; ++s) {
        Value x = vector::LoadOp::create(
            k.b, k.loc, VectorType::get({lanes}, element), flat,
            ValueRange{k.add(i, s * lanes)});
        next.push_back(addSquare(acc[s], x, wide));
      }
      return next;
    });
    Value sum = sums.front();
    for (Value other : ArrayRef(sums).drop_front())
      sum = arith::AddFOp::create(k.b, k.loc, sum, other);
    return k.sumLanes(sum);
  }

  // The remainder after the parts.
  Value rest() {
    Type f64 = k.b.getF64Type();
    if (cast<MemRefType>(flat.getType()).getRank() == 0)
      return addSquare(k.constant(f64, 0), k.load(flat, {}), f64);
    int64_t begin = parts() * kPart;
    int64_t whole = begin + (count - begin) / step() * step();
    Value total = k.constant(f64, 0);
    if (whole > begin)
      total = sum(k.index(begin), k.index(whole));
    if (count > whole)
      total = k.reduce(k.index(whole), k.index(count), 1, {total},
                       [&](Value i, ValueRange acc) {
                         return SmallVector<Value>{
                             addSquare(acc[0], k.load(flat, {i}), f64)};
                       })[0];
    return total;
  }

private:
  int64_t step() const { return lanes * kSums; }

  Value addSquare(Value sum, Value x, Type wide) {
    if (x.getType() != wide)
      x = arith::ExtFOp::create(k.b, k.loc, wide, x);
    Value square = arith::MulFOp::create(k.b, k.loc, x, x);
    return arith::AddFOp::create(k.b, k.loc, sum, square);
  }

  KernelBuilder &k;
  Type element;
  int64_t count, lanes;
  Value flat;
};
} // namespace

LogicalResult ClipFactorOp::lower(KernelBuilder &k) {
  k.setSchedule("squares of vectors of " +
                std::to_string(std::max<int64_t>(1, k.machine().vectorBytes / 8)) +
                " in double");
  Type f64 = k.b.getF64Type();
  auto scalar = [&](double value) { return k.constant(f64, value); };
  SmallVector<Value> partial; // of the large gradients, null for the others
  for (unsigned i = 0; i < getGradients().size(); ++i) {
    Squares squares(k, k.operand(i));
    partial.push_back(Value());
    if (int64_t parts = squares.parts()) {
      partial.back() = k.scratch(MemRefType::get({parts}, f64));
      k.forEachParallel(parts, [&](Value part) {
        Value begin = k.mul(part, kPart);
        k.store(squares.sum(begin, k.add(begin, kPart)), partial.back(),
                {part});
      });
    }
  }
  Value total = scalar(0);
  for (unsigned i = 0; i < getGradients().size(); ++i) {
    Squares squares(k, k.operand(i));
    if (partial[i])
      total = k.reduce(k.index(0), k.index(squares.parts()), 1, {total},
                       [&](Value part, ValueRange acc) {
                         return SmallVector<Value>{arith::AddFOp::create(
                             k.b, k.loc, acc[0], k.load(partial[i], {part}))};
                       })[0];
    total = arith::AddFOp::create(k.b, k.loc, total, squares.rest());
  }
  Value norm = math::SqrtOp::create(k.b, k.loc, total);
  Value factor = arith::DivFOp::create(
      k.b, k.loc, scalar(getMax().convertToDouble()),
      arith::AddFOp::create(k.b, k.loc, norm, scalar(1e-6)));
  Value above = arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::OGT,
                                      factor, scalar(1));
  factor = arith::SelectOp::create(k.b, k.loc, above, scalar(1), factor);
  if (Type type = getElementTypeOrSelf(getFactor()); type != f64)
    factor = arith::TruncFOp::create(k.b, k.loc, type, factor);
  k.store(factor, k.result(0), {});
  return success();
}

Layout ClipFactorOp::getOperandLayout(unsigned) { return Layout::Dense; }
Layout ClipFactorOp::getResultLayout(unsigned) { return Layout::Dense; }

LogicalResult ClipFactorOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  double sum = 0;
  for (const RefTensor *gradient : in)
    for (double value : gradient->data)
      sum += value * value;
  double factor = getMax().convertToDouble() / (std::sqrt(sum) + 1e-6);
  out[0].data[0] = factor > 1 ? 1 : factor;
  return success();
}
