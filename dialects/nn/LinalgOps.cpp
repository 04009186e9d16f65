// linalg_formula and linalg_nest: their rules and their payloads. The loops of
// a nest are in LinalgNest.cpp.
#include "nn/LinalgOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "nn/LinalgOps.cpp.inc"

//===-- Payloads ----------------------------------------------------------===//

namespace gradmill::nn {

bool isPayloadOp(Operation *op) {
  return isa<arith::ConstantOp>(op) ||
         (OpTrait::hasElementwiseMappableTraits(op) &&
          op->getNumResults() == 1 && op->getNumRegions() == 0);
}

// A product as an operand of an addition.
static arith::MulFOp productOf(arith::AddFOp sum) {
  for (Value v : sum->getOperands())
    if (auto product = v.getDefiningOp<arith::MulFOp>();
        product && product->hasOneUse())
      return product;
  return {};
}

llvm::SmallPtrSet<Operation *, 2> multiplyAddsOf(Region &payload) {
  llvm::SmallPtrSet<Operation *, 2> products;
  for (auto sum : payload.front().getOps<arith::AddFOp>())
    if (arith::MulFOp product = productOf(sum))
      products.insert(product);
  return products;
}

namespace {
class Payload {
public:
  Payload(Emitter &e, Type type, IRMapping map)
      : e(e), vector(dyn_cast<VectorType>(type)), map(std::move(map)) {}

  void emit(Operation &op) {
    bool onVectors = llvm::any_of(op.getOperands(), [&](Value v) {
      return isa<VectorType>(map.lookup(v).getType());
    });
    IRMapping operands;
    for (Value v : op.getOperands())
      operands.map(v, onVectors ? splat(map.lookup(v)) : map.lookup(v));
    Operation *copy = e.b.clone(op, operands);
    if (onVectors)
      copy->getResult(0).setType(
          VectorType::get(vector.getShape(), copy->getResult(0).getType()));
    map.map(op.getResult(0), copy->getResult(0));
  }

  // product + addend, rounded once.
  void multiplyAdd(arith::AddFOp sum, arith::MulFOp product) {
    Value addend = sum.getLhs() == product ? sum.getRhs() : sum.getLhs();
    map.map(sum.getResult(),
            vector::FMAOp::create(e.b, e.loc,
                                  splat(map.lookup(product.getLhs())),
                                  splat(map.lookup(product.getRhs())),
                                  splat(map.lookup(addend))));
  }

  Value operator()(Value v) { return map.lookup(v); }

private:
  Value splat(Value v) {
    return isa<VectorType>(v.getType())
               ? v
               : e.splat(v, VectorType::get(vector.getShape(), v.getType()));
  }

  Emitter &e;
  VectorType vector; // null for scalars
  IRMapping map;
};
} // namespace

Value emitPayload(Emitter &e, Region &payload, ArrayRef<Value> arguments,
                  Type type, bool contract) {
  Block &body = payload.front();
  IRMapping map;
  for (auto [inner, outer] : llvm::zip_equal(body.getArguments(), arguments))
    if (outer)
      map.map(inner, outer);
  Payload emitted(e, type, std::move(map));
  // There are too few scalars for this to matter.
  llvm::SmallPtrSet<Operation *, 2> products;
  if (contract && isa<VectorType>(type))
    products = multiplyAddsOf(payload);
  for (Operation &op : body.without_terminator()) {
    if (products.contains(&op))
      continue;
    auto sum = dyn_cast<arith::AddFOp>(op);
    if (arith::MulFOp product = sum ? productOf(sum) : arith::MulFOp();
        product && products.contains(product))
      emitted.multiplyAdd(sum, product);
    else
      emitted.emit(op);
  }
  return e.splat(emitted(body.getTerminator()->getOperand(0)), type);
}

} // namespace gradmill::nn

static LogicalResult verifyPayload(Operation *op, Region &payload,
                                   unsigned indices, TypeRange elements) {
  Block &body = payload.front();
  bool fits = body.getNumArguments() == indices + elements.size();
  for (auto [i, argument] : llvm::enumerate(body.getArgumentTypes()))
    fits = fits && (i < indices ? argument.isIndex()
                                : argument == elements[i - indices]);
  Type element =
      cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!fits || !yield || yield.getNumOperands() != 1 ||
      yield->getOperand(0).getType() != element)
    return op->emitOpError("has a payload that does not fit its operands");
  for (Operation &inner : body.without_terminator())
    if (!isPayloadOp(&inner))
      return op->emitOpError("has '") << inner.getName() << "' in its payload";
  return success();
}

static SmallVector<Type> elementsOf(ValueRange tensors) {
  return llvm::map_to_vector(tensors, [](Value v) {
    return cast<RankedTensorType>(v.getType()).getElementType();
  });
}

//===-- linalg_formula ----------------------------------------------------===//

LogicalResult LinalgFormulaOp::verify() {
  return verifyPayload(*this, getPayload(), 0, elementsOf(getInputs()));
}

void LinalgFormulaOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Emitter e(b, loc);
  results.push_back(emitPayload(e, getPayload(), SmallVector<Value>(operands),
                                operands.front().getType(),
                                /*contract=*/false));
}

//===-- linalg_nest -------------------------------------------------------===//

namespace {
// The range of an index.
struct IndexRange {
  int64_t least, most;
};

// Over all iterations, of which there is at least one; none if unknown.
std::optional<IndexRange> rangeOf(AffineExpr expr, LinalgNestOp op) {
  if (auto loop = dyn_cast<AffineDimExpr>(expr))
    return IndexRange{0, op.extentOf(loop.getPosition()) - 1};
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return IndexRange{constant.getValue(), constant.getValue()};
  auto both = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!both)
    return std::nullopt;
  std::optional<IndexRange> x = rangeOf(both.getLHS(), op);
  if (!x)
    return std::nullopt;
  IndexRange sum{};
  if (expr.getKind() == AffineExprKind::Add) {
    std::optional<IndexRange> y = rangeOf(both.getRHS(), op);
    if (!y || llvm::AddOverflow(x->least, y->least, sum.least) ||
        llvm::AddOverflow(x->most, y->most, sum.most))
      return std::nullopt;
    return sum;
  }
  auto factor = dyn_cast<AffineConstantExpr>(both.getRHS());
  if (!factor)
    return std::nullopt;
  int64_t c = factor.getValue();
  if (expr.getKind() == AffineExprKind::Mul) {
    if (llvm::MulOverflow(c < 0 ? x->most : x->least, c, sum.least) ||
        llvm::MulOverflow(c < 0 ? x->least : x->most, c, sum.most))
      return std::nullopt;
    return sum;
  }
  if (c <= 0)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Mod)
    return IndexRange{0, c - 1};
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return IndexRange{llvm::divideFloorSigned(x->least, c),
                      llvm::divideFloorSigned(x->most, c)};
  return IndexRange{llvm::divideCeilSigned(x->least, c),
                    llvm::divideCeilSigned(x->most, c)};
}

bool isNumber(Attribute attribute, Type type) {
  auto number = dyn_cast<FloatAttr>(attribute);
  return number && number.getType() == type;
}
} // namespace

LogicalResult LinalgNestOp::verify() {
  unsigned loops = rank() + getReductions().size();
  if (llvm::any_of(getReductions(), [](int64_t n) { return n < 0; }))
    return emitOpError("has a reduction of fewer than 0 iterations");
  Type result = getOutput().getType().getElementType();
  if (getInit() && !isNumber(*getInit(), result))
    return emitOpError("has an init that is no ") << result;
  if (getMaps().size() != getInputs().size() ||
      (getPadding() && getPadding()->size() != getInputs().size()) ||
      (startsFromInput() && getInputs().empty()))
    return emitOpError("has not one map for each input");
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    AffineMap map = mapOf(i);
    if (map.getNumDims() != loops || map.getNumSymbols() != 0 ||
        map.getNumResults() !=
            cast<RankedTensorType>(input.getType()).getRank())
      return emitOpError("has a map that fits no loops or no input: ")
             << getMaps()[i];
    if (failed(verifyIndices(i)))
      return failure();
  }
  SmallVector<Type> elements = elementsOf(getInputs().take_front(numRead()));
  if (!getReductions().empty())
    elements.push_back(getOutput().getType().getElementType());
  return verifyPayload(*this, getPayload(), loops, elements);
}

// The kernel would read an index outside of its input without a check.
LogicalResult LinalgNestOp::verifyIndices(unsigned input) {
  auto type = cast<RankedTensorType>(getInputs()[input].getType());
  Attribute padding = getPadding() ? (*getPadding())[input] : Attribute();
  bool padded = padding && !isa<UnitAttr>(padding);
  if (padded && !isNumber(padding, type.getElementType()))
    return emitOpError("has padding that is no ") << type.getElementType();
  if (padded && type.getNumElements() == 0)
    return emitOpError("pads an input without elements");
  for (unsigned loop = 0; loop < rank() + getReductions().size(); ++loop)
    if (extentOf(loop) == 0)
      return success(); // nothing is read
  for (auto [expr, size] :
       llvm::zip_equal(mapOf(input).getResults(), type.getShape())) {
    std::optional<IndexRange> range = rangeOf(expr, *this);
    if (!range || (!padded && (range->least < 0 || range->most >= size)))
      return emitOpError("reads outside of the ")
             << size << " elements of a dimension of input " << input << ": "
             << AffineMapAttr::get(mapOf(input));
  }
  return success();
}

int64_t LinalgNestOp::extentOf(unsigned loop) {
  return loop < rank() ? getOutput().getType().getDimSize(loop)
                       : getReductions()[loop - rank()];
}

bool LinalgNestOp::usesIndex(unsigned loop) {
  return !getPayload().getArgument(loop).use_empty();
}

bool LinalgNestOp::hasBatch(unsigned input) {
  AffineMap map = mapOf(input);
  // Padding may add images.
  return rank() > 0 && map.getNumResults() > 0 &&
         map.getResult(0) == getAffineDimExpr(0, getContext()) &&
         dimOf(input, 0) == extentOf(0);
}

std::string LinalgNestOp::whyScalar() {
  if (rank() == 0)
    return "the result is one number";
  if (usesIndex(0))
    return "the payload asks for an image's number";
  bool any = false;
  for (unsigned i = 0; i < getInputs().size(); ++i) {
    any |= hasBatch(i);
    for (AffineExpr at : mapOf(i).getResults().drop_front(hasBatch(i)))
      if (at.isFunctionOfDim(0))
        return "input " + std::to_string(i) +
               " is read across dimension 0 of the result";
  }
  return any ? "" : "dimension 0 of the result is that of no input";
}

Layout LinalgNestOp::getOperandLayout(unsigned input) {
  return hasBatch(input) && whyScalar().empty() ? Layout::Lanes : Layout::Dense;
}

Layout LinalgNestOp::getResultLayout(unsigned) {
  return whyScalar().empty() ? Layout::Lanes : Layout::Dense;
}

bool LinalgNestOp::supportsEpilogue() {
  return rank() >= 2 && whyScalar().empty();
}

// Every channel depends on the same channel of images, and on values without
// channels.
bool LinalgNestOp::isLanewise() {
  if (!supportsEpilogue() || usesIndex(1))
    return false;
  AffineExpr channel = getAffineDimExpr(1, getContext());
  for (unsigned i = 0; i < getInputs().size(); ++i) {
    ArrayRef<AffineExpr> at = mapOf(i).getResults();
    if (hasBatch(i)) {
      if (at.size() < 2 || at[1] != channel || dimOf(i, 1) != extentOf(1))
        return false;
      at = at.drop_front(2);
    }
    for (AffineExpr expr : at)
      if (expr.isFunctionOfDim(1))
        return false;
  }
  return true;
}

int64_t LinalgNestOp::getMacs() {
  SmallVector<int64_t> counts{int64_t(multiplyAddsOf(getPayload()).size())};
  for (unsigned loop = 0; loop < rank() + getReductions().size(); ++loop)
    counts.push_back(extentOf(loop));
  return saturatingProduct(counts);
}
