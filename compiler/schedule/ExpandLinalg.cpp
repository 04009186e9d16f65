// Replaces ops that describe themselves in linalg (LinalgInterface). A
// structured op that touches one element of each operand per iteration is a
// formula, which is fused like any other. Any other structured op is a loop
// nest, after which others are fused. Both carry the op's payload. MLIR's own
// passes lower nothing of linalg here: their loops know neither lanes nor
// epilogues.
//
// requires: static shapes, no layouts yet. maintains: in entry functions no op
// with LinalgInterface is left, unless it also has a formula or loops of its
// own; no op of linalg or tensor is left.
#include "compiler/Passes.h"
#include "compiler/plugin/Silence.h"
#include "compiler/Remarks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nn/LinalgOps.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_EXPANDLINALG
#include "compiler/Passes.h.inc"

namespace {

RankedTensorType tensorType(Value v) {
  return dyn_cast<RankedTensorType>(v.getType());
}

bool isFloatTensor(Value v) {
  RankedTensorType type = tensorType(v);
  return type && isa<Float32Type, Float64Type>(type.getElementType());
}

// The number of a tensor of one number, or of a scalar.
FloatAttr numberOf(Value v) {
  if (auto fill = v.getDefiningOp<linalg::FillOp>())
    return isFloatTensor(v) ? numberOf(fill.getInputs().front()) : FloatAttr();
  Attribute constant;
  if (!matchPattern(v, m_Constant(&constant)))
    return {};
  if (auto splat = dyn_cast<SplatElementsAttr>(constant))
    constant = splat.getSplatValue<Attribute>();
  return dyn_cast<FloatAttr>(constant);
}

// An op and its expansion.
class Expansion {
public:
  Expansion(nn::LinalgInterface op, IRRewriter &rewriter)
      : rewriter(rewriter), loc(op.getLoc()),
        name(op->getName().getStringRef()) {}

  LogicalResult run(nn::LinalgInterface op) {
    rewriter.setInsertionPoint(op);
    Operation *before = op->getPrevNode(), *after = op->getNextNode();
    Block *block = op->getBlock();
    SmallVector<Value> values;
    if (failed(reportSilence(op, "toLinalg", [&] {
          return op.toLinalg(rewriter, values);
        })))
      return failure();
    if (TypeRange(values) != op->getResultTypes())
      return error("linalg_type",
                   "its values have other types than its results",
                   "return a value of the type of each result from toLinalg");
    rewriter.replaceOp(op, values);
    SmallVector<Operation *> made;
    for (Operation &each : llvm::make_range(
             before ? std::next(before->getIterator()) : block->begin(),
             after->getIterator()))
      made.push_back(&each);
    for (Operation *each : made) {
      rewriter.setInsertionPoint(each);
      if (failed(verify(each)) || failed(convert(each)))
        return failure();
    }
    for (Operation *each : llvm::reverse(made))
      if (!isa<nn::NNDialect>(each->getDialect()))
        rewriter.eraseOp(each);
    return success();
  }

private:
  LogicalResult error(StringRef label, const Twine &cause, const Twine &fix) {
    return emitError(loc) << "[" << label << "] cannot compile '" << name
                          << "' by its linalg: " << cause << "; " << fix;
  }
  static std::string quoted(Operation *op) {
    return ("'" + op->getName().getStringRef() + "'").str();
  }

  LogicalResult convert(Operation *op) {
    if (isa<nn::NNDialect>(op->getDialect()))
      return success();
    bool isReadByLinalg = llvm::all_of(op->getUsers(), [](Operation *user) {
      return isa<linalg::LinalgOp>(user);
    });
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      if (!isFloatTensor(op->getResult(0))) {
        if (!tensorType(op->getResult(0)) || isReadByLinalg)
          return success(); // for payloads
        return error("linalg_operand",
                     "it hands over a constant tensor that is not of f32 or "
                     "f64",
                     "make it a tensor of f32 or f64");
      }
      return replace(
          op, nn::ConstantOp::create(rewriter, loc, op->getResult(0).getType(),
                                     cast<ElementsAttr>(constant.getValue())));
    }
    if (isa<tensor::EmptyOp>(op))
      return isReadByLinalg ? success() : unwritten("it hands over");
    if (auto fill = dyn_cast<linalg::FillOp>(op)) {
      if (!numberOf(op->getResult(0)))
        return error("linalg_operand",
                     "'linalg.fill' takes a number that is no "
                     "constant",
                     "fill with an arith.constant, or write a linalg.generic "
                     "that reads a tensor<f32>");
    } else if (auto pad = dyn_cast<tensor::PadOp>(op)) {
      if (!paddingOf(pad))
        return error("linalg_operand",
                     "'tensor.pad' pads by what is no constant",
                     "give it constant sizes and one arith.constant to yield");
    } else if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
      return convertStructured(structured);
    } else {
      return error("linalg_op",
                   quoted(op) + " is no structured op, tensor.empty, "
                                "tensor.pad or constant",
                   "write it as linalg.generic, or implement "
                   "LoweringInterface");
    }
    // Structured ops absorb the fills and pads that they read.
    if (isReadByLinalg)
      return success();
    Value tensor = materialize(op->getResult(0));
    return tensor ? replace(op, tensor) : failure();
  }

  LogicalResult unwritten(const Twine &who) {
    return error("linalg_operand", who + " what no op has written",
                 "put a linalg.fill behind the tensor.empty");
  }

  LogicalResult replace(Operation *op, Value value) {
    rewriter.replaceAllUsesWith(op->getResult(0), value);
    return success();
  }

  static FloatAttr paddingOf(tensor::PadOp pad) {
    Value value = pad.getConstantPaddingValue();
    return value && pad.getLow().empty() && pad.getHigh().empty()
               ? numberOf(value)
               : FloatAttr();
  }

  //===-- Structured ops --------------------------------------------------===//

  // A payload under construction, with its operands. Loops get new numbers: the
  // result's dimensions, then the reductions.
  struct Body {
    Region region;
    Block *block;
    IRMapping map;
    SmallVector<Value> inputs;
    SmallVector<Attribute> maps, padding;
    SmallVector<int64_t> reductions;
    Attribute init;
    bool usesIndex = false;
  };

  // The block belongs to no op yet.
  OpBuilder atEnd(Block *block) {
    OpBuilder inner(rewriter.getContext());
    inner.setInsertionPointToEnd(block);
    return inner;
  }

  LogicalResult convertStructured(linalg::LinalgOp op) {
    RankedTensorType type;
    if (op->getNumResults() == 1)
      type = tensorType(op->getResult(0));
    if (!type || !type.hasStaticShape() || !isFloatTensor(op->getResult(0)))
      return error("linalg_result",
                   quoted(op) + " has not one result that is a tensor of f32 "
                                "or f64 and of static shape",
                   "write one op for each result");
    OpOperand *out = op.getDpsInitOperand(0);
    AffineMap outMap = op.getMatchingIndexingMap(out);
    unsigned rank = type.getRank();
    if (!outMap.isProjectedPermutation() || op.getNumParallelLoops() != rank)
      return error("linalg_result",
                   quoted(op) + " adds up at indices that are sums of loops",
                   "write a gather: one parallel loop for each dimension of "
                   "the result, reductions for the rest");

    Body body;
    body.block = &body.region.emplaceBlock();
    SmallVector<AffineExpr> renamed(op.getNumLoops());
    SmallVector<unsigned> number(op.getNumLoops());
    auto rename = [&](unsigned loop, unsigned to) {
      renamed[loop] = rewriter.getAffineDimExpr(to);
      number[loop] = to;
      body.block->addArgument(rewriter.getIndexType(), loc);
    };
    for (auto [d, expr] : llvm::enumerate(outMap.getResults()))
      rename(cast<AffineDimExpr>(expr).getPosition(), d);
    SmallVector<int64_t> extents = op.getStaticLoopRanges();
    for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
      if (kind == utils::IteratorType::reduction) {
        rename(loop, rank + body.reductions.size());
        body.reductions.push_back(extents[loop]);
      }
    auto read = [&](OpOperand *operand) {
      AffineMap map = op.getMatchingIndexingMap(operand).replaceDimsAndSymbols(
          renamed, {}, renamed.size(), 0);
      return addInput(body, operand->get(), map,
                      op.getMatchingBlockArgument(operand));
    };
    for (OpOperand *operand : op.getDpsInputOperands())
      if (failed(read(operand)))
        return failure();
    if (body.reductions.empty()) {
      if (op.payloadUsesValueFromOperand(out) && failed(read(out)))
        return failure();
    } else if (failed(addInit(body, op, out, rank))) {
      return failure();
    }
    if (failed(addPayload(body, op, number)))
      return failure();
    return replace(op, isFormula(body, type) ? formula(body, type)
                                             : nest(body, type));
  }

  // An operand of a loop: a tensor, perhaps padded, or a constant, which
  // becomes part of the payload.
  LogicalResult addInput(Body &body, Value value, AffineMap map,
                         BlockArgument argument) {
    if (argument.use_empty())
      return success();
    if (FloatAttr number = numberOf(value)) {
      OpBuilder inner = atEnd(body.block);
      body.map.map(argument, arith::ConstantOp::create(
                                 inner, loc,
                                 inner.getFloatAttr(argument.getType(),
                                                    number.getValueAsDouble()))
                                 .getResult());
      return success();
    }
    if (!isFloatTensor(value))
      return error("linalg_operand",
                   "it reads a scalar that is no constant, or a tensor that is "
                   "not of f32 or f64",
                   "give a number as tensor<f32>");
    Attribute padding = rewriter.getUnitAttr();
    if (auto pad = value.getDefiningOp<tensor::PadOp>()) {
      value = pad.getSource();
      padding = paddingOf(pad);
      if (tensorType(value).getNumElements() == 0)
        return error("linalg_operand", "it pads a tensor without elements",
                     "read the padding as a constant");
      SmallVector<AffineExpr> at(map.getResults());
      for (auto [expr, low] : llvm::zip_equal(at, pad.getStaticLow()))
        expr = expr - low;
      map = AffineMap::get(map.getNumDims(), 0, at, map.getContext());
    }
    if (value.getDefiningOp<tensor::EmptyOp>())
      return unwritten("it reads");
    if (!body.reductions.empty() && !isa<FloatAttr>(padding))
      readThroughViews(value, map);
    body.inputs.push_back(value);
    body.maps.push_back(AffineMapAttr::get(map));
    body.padding.push_back(padding);
    body.map.map(argument, body.block->addArgument(argument.getType(), loc));
    return success();
  }

  // A view needs no memory if its elements are read one by one. A formula after
  // a view is fused as it is.
  static void readThroughViews(Value &value, AffineMap &map) {
    while (auto view = value.getDefiningOp<nn::ViewInterface>()) {
      AffineMap from = view.getViewMap();
      if (!from)
        return;
      map = from.compose(map);
      value = view->getOperand(0);
    }
  }

  // The initial value of a reduction: a number, or the elements of a tensor.
  LogicalResult addInit(Body &body, linalg::LinalgOp op, OpOperand *out,
                        unsigned rank) {
    Value value = out->get();
    if (FloatAttr number = numberOf(value)) {
      body.init = number;
    } else if (value.getDefiningOp<tensor::EmptyOp>()) {
      return unwritten(quoted(op) + " begins its reduction with");
    } else {
      if (value.getDefiningOp<tensor::PadOp>() && !(value = materialize(value)))
        return failure();
      body.inputs.push_back(value);
      body.maps.push_back(AffineMapAttr::get(
          AffineMap::get(rank + body.reductions.size(), 0, identity(rank),
                         rewriter.getContext())));
      body.padding.push_back(rewriter.getUnitAttr());
    }
    BlockArgument argument = op.getMatchingBlockArgument(out);
    body.map.map(argument, body.block->addArgument(argument.getType(), loc));
    return success();
  }

  SmallVector<AffineExpr> identity(unsigned rank) {
    return llvm::map_to_vector(llvm::seq(rank), [&](unsigned d) {
      return rewriter.getAffineDimExpr(d);
    });
  }

  LogicalResult addPayload(Body &body, linalg::LinalgOp op,
                           ArrayRef<unsigned> number) {
    OpBuilder inner = atEnd(body.block);
    for (Operation &each : op.getBlock()->without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(each)) {
        body.map.map(index.getResult(),
                     body.block->getArgument(number[index.getDim()]));
        body.usesIndex = true;
        continue;
      }
      if (!nn::isPayloadOp(&each))
        return error("linalg_payload",
                     quoted(&each) + " in the payload works on scalars only",
                     "use ops of arith and math that work on vectors, too");
      for (Value operand : each.getOperands())
        if (failed(capture(body, operand, inner)))
          return failure();
      inner.clone(each, body.map);
    }
    Value yielded = op.getBlock()->getTerminator()->getOperand(0);
    if (failed(capture(body, yielded, inner)))
      return failure();
    nn::YieldOp::create(inner, loc, body.map.lookup(yielded));
    return success();
  }

  // Constants may be defined outside of a payload.
  LogicalResult capture(Body &body, Value value, OpBuilder &inner) {
    if (body.map.contains(value))
      return success();
    auto constant = value.getDefiningOp<arith::ConstantOp>();
    if (!constant)
      return error("linalg_payload",
                   "a payload takes a value from outside that is no constant",
                   "make it an operand of the structured op");
    inner.clone(*constant, body.map);
    return success();
  }

  // Whether each iteration touches one element of every operand, at the
  // result's position, and there is no other loop: operands have the result's
  // shape, or are [C] or 0-d.
  bool isFormula(const Body &body, RankedTensorType type) {
    if (!body.reductions.empty() || body.usesIndex)
      return false;
    bool any = false;
    for (auto [input, map, padding] :
         llvm::zip_equal(body.inputs, body.maps, body.padding)) {
      AffineMap at = cast<AffineMapAttr>(map).getValue();
      bool whole = at.isIdentity() && tensorType(input) == type;
      bool perChannel = type.getRank() >= 2 && at.getNumResults() == 1 &&
                        at.getResult(0) == rewriter.getAffineDimExpr(1);
      if (isa<FloatAttr>(padding) ||
          tensorType(input).getElementType() != type.getElementType() ||
          !(whole || perChannel || at.getNumResults() == 0))
        return false;
      any |= whole;
    }
    return any;
  }

  Value formula(Body &body, RankedTensorType type) {
    body.block->eraseArguments(0, type.getRank());
    auto op = nn::LinalgFormulaOp::create(rewriter, loc, type, body.inputs);
    op->setAttr(kSourceAttr, rewriter.getStringAttr(name));
    op.getPayload().takeBody(body.region);
    return op.getOutput();
  }

  Value nest(Body &body, RankedTensorType type) {
    bool padded = llvm::any_of(body.padding, llvm::IsaPred<FloatAttr>);
    auto op = nn::LinalgNestOp::create(
        rewriter, loc, type, body.inputs, rewriter.getArrayAttr(body.maps),
        rewriter.getDenseI64ArrayAttr(body.reductions),
        padded ? rewriter.getArrayAttr(body.padding) : ArrayAttr(),
        dyn_cast_or_null<TypedAttr>(body.init));
    op->setAttr(kSourceAttr, rewriter.getStringAttr(name));
    op.getPayload().takeBody(body.region);
    return op.getOutput();
  }

  // Stores a filled or padded tensor for readers that cannot read through it;
  // null with an error.
  Value materialize(Value value) {
    auto type = tensorType(value);
    Body body;
    body.block = &body.region.emplaceBlock();
    for (int64_t d = 0; d < type.getRank(); ++d)
      body.block->addArgument(rewriter.getIndexType(), loc);
    // The payload of a copy.
    Block copy;
    BlockArgument element = copy.addArgument(type.getElementType(), loc);
    OpBuilder inner = atEnd(&copy);
    nn::YieldOp::create(inner, loc, ValueRange{element});
    AffineMap map = rewriter.getMultiDimIdentityMap(type.getRank());
    if (failed(addInput(body, value, map, element)))
      return {};
    inner.setInsertionPointToEnd(body.block);
    nn::YieldOp::create(inner, loc, body.map.lookup(Value(element)));
    return nest(body, type);
  }

  IRRewriter &rewriter;
  Location loc;
  std::string name;
};

struct ExpandLinalgPass : impl::ExpandLinalgBase<ExpandLinalgPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func->hasAttr(kEntryAttr))
        continue;
      for (nn::LinalgInterface op : llvm::make_early_inc_range(
               func.front().getOps<nn::LinalgInterface>()))
        if (!isa<nn::LoweringInterface, nn::PointwiseInterface>(
                op.getOperation()) &&
            failed(Expansion(op, rewriter).run(op)))
          return signalPassFailure();
      // Removes views that nothing reads from memory.
      for (Operation &op :
           llvm::make_early_inc_range(llvm::reverse(func.front())))
        if (isa<nn::ViewInterface>(op) && isOpTriviallyDead(&op))
          rewriter.eraseOp(&op);
    }
  }
};
} // namespace
} // namespace gradmill
