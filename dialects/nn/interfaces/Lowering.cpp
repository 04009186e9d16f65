#include "nn/interfaces/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "nn/NNDialect.h"

using namespace mlir;

namespace gradmill::nn {

//===-- What ops say, and what holds where they say nothing ---------------===//

Layout operandLayout(Operation *op, unsigned index) {
  auto layouts = dyn_cast<LayoutInterface>(op);
  return layouts ? layouts.getOperandLayout(index) : Layout::Lanes;
}
Layout resultLayout(Operation *op, unsigned index) {
  auto layouts = dyn_cast<LayoutInterface>(op);
  return layouts ? layouts.getResultLayout(index) : Layout::Lanes;
}
bool supportsEpilogue(Operation *op) {
  auto anchor = dyn_cast<EpilogueInterface>(op);
  return anchor && anchor.supportsEpilogue();
}
bool readsOnce(Operation *op, unsigned index) {
  auto reader = dyn_cast<PrologueInterface>(op);
  return reader && reader.readsOnce(index);
}

//===-- What the interfaces promise ---------------------------------------===//

// Whether a kernel over `element` may read `operand` in the same sweep.
static bool isReadWith(RankedTensorType operand, RankedTensorType element) {
  ArrayRef<int64_t> shape = operand.getShape(), all = element.getShape();
  return shape == all || shape.empty() ||
         (shape.size() == 1 && all.size() > 1 && shape[0] == all[1]);
}

SmallVector<int64_t> axesByRank(Operation *formula, unsigned operand) {
  int64_t rank = cast<RankedTensorType>(formula->getOperand(operand).getType())
                     .getRank(),
          all =
              cast<RankedTensorType>(formula->getResult(0).getType()).getRank();
  if (rank == 1 && all > 1)
    return {1};
  return llvm::to_vector(llvm::seq<int64_t>(0, rank));
}

Reading readingOf(Operation *formula, unsigned operand) {
  auto own = cast<RankedTensorType>(formula->getOperand(operand).getType()),
       all = cast<RankedTensorType>(formula->getResult(0).getType());
  if (own.getShape() == all.getShape())
    return Reading::Element;
  if (own.getRank() == 0 || own.getNumElements() == 1)
    return Reading::One;
  SmallVector<int64_t> axes =
      cast<PointwiseInterface>(formula).getOperandAxes(operand);
  if (own.getRank() == 1 && axes[0] == 1)
    return Reading::PerChannel;
  return axes[0] == 0 && own.getDimSize(0) == all.getDimSize(0)
             ? Reading::PerSample
             : Reading::Repeated;
}

// Whether the axes are axes of the result, each at most once, with fitting
// sizes.
static bool fitAlong(ArrayRef<int64_t> axes, ArrayRef<int64_t> shape,
                     ArrayRef<int64_t> all) {
  if (axes.size() != shape.size())
    return false;
  int64_t last = -1;
  for (auto [axis, size] : llvm::zip_equal(axes, shape)) {
    if (axis <= last || axis >= int64_t(all.size()) ||
        (size != 1 && size != all[axis]))
      return false;
    last = axis;
  }
  return true;
}

// Float operands and results have the type of `element`.
static LogicalResult verifyElements(Operation *op, StringRef label,
                                    RankedTensorType element) {
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  for (Type type : types)
    if (Type own = getElementTypeOrSelf(type);
        isa<FloatType>(own) && own != element.getElementType())
      return violated(op->getLoc(), label, "operands and results are of ", own,
                      " and of ", element.getElementType(),
                      ", expected one type");
  return success();
}

LogicalResult verifyPointwise(Operation *op) {
  constexpr StringLiteral label = "pointwise_c1";
  if (failed(checkTensors(op->getLoc(), op->getOperandTypes())) ||
      failed(checkTensors(op->getLoc(), op->getResultTypes())))
    return failure();
  if (op->getNumResults() == 0)
    return violated(op->getLoc(), label, "a formula has no result");
  auto element = cast<RankedTensorType>(op->getResultTypes().front());
  for (Type type : op->getResultTypes())
    if (cast<RankedTensorType>(type).getShape() != element.getShape())
      return violated(op->getLoc(), label, "results are ", element, " and ",
                      type, ", expected one shape");
  for (auto [i, type] : llvm::enumerate(op->getOperandTypes()))
    if (!fitAlong(cast<PointwiseInterface>(op).getOperandAxes(i),
                  cast<RankedTensorType>(type).getShape(), element.getShape()))
      return violated(op->getLoc(), label, "an operand is ", type,
                      ", expected the shape of the result, ", element,
                      ", or one that is repeated to it along some axes, as one "
                      "value per channel");
  return verifyElements(op, label, element);
}

LogicalResult verifyChannelReduction(Operation *op) {
  constexpr StringLiteral label = "channel_reduction_c1";
  if (failed(checkTensors(op->getLoc(), op->getOperandTypes())) ||
      failed(checkTensors(op->getLoc(), op->getResultTypes())))
    return failure();
  auto element = op->getNumOperands() ? cast<RankedTensorType>(
                                            op->getOperandTypes().front())
                                      : RankedTensorType();
  if (!element || element.getRank() < 2)
    return violated(op->getLoc(), label,
                    "the first operand is not [N, C, ...]");
  for (Type type : op->getOperandTypes())
    if (!isReadWith(cast<RankedTensorType>(type), element))
      return violated(op->getLoc(), label, "an operand is ", type,
                      ", expected the shape of ", element,
                      " or one value per channel");
  for (Type type : op->getResultTypes())
    if (cast<RankedTensorType>(type).getShape() !=
        element.getShape().slice(1, 1))
      return violated(op->getLoc(), label, "a result is ", type, ", expected [",
                      shapeText(element.getDimSize(1)), "]");
  return verifyElements(op, label, element);
}

//===-- Layouts
//-------------------------------------------------------------===//

Layout layoutOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return Layout::Dense;
  if (isa_and_nonnull<ChannelsAttr>(tensor.getEncoding()))
    return Layout::Channels;
  return isa_and_nonnull<LanesAttr>(tensor.getEncoding()) ? Layout::Lanes
                                                          : Layout::Dense;
}

int64_t lanesOf(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    if (auto lanes = dyn_cast_or_null<LanesAttr>(tensor.getEncoding()))
      return lanes.getWidth();
    if (auto channels = dyn_cast_or_null<ChannelsAttr>(tensor.getEncoding()))
      return channels.getWidth();
  }
  return 1;
}

VectorType vectorTypeOf(RankedTensorType type) {
  return VectorType::get({lanesOf(type)}, type.getElementType());
}

int64_t vectorsPerPixel(RankedTensorType type) {
  int64_t channels = type.getRank() > 1 ? type.getDimSize(1) : 1;
  return layoutOf(type) == Layout::Channels
             ? llvm::divideCeil(channels, lanesOf(type))
             : channels;
}

Type storedElement(MemRefType type) {
  auto stored = dyn_cast_or_null<StoredAttr>(type.getMemorySpace());
  if (!stored)
    return type.getElementType();
  auto vector = dyn_cast<VectorType>(type.getElementType());
  return vector ? Type(vector.clone(stored.getStorage()))
                : stored.getStorage();
}

Type storageOf(RankedTensorType type) {
  Attribute encoding = type.getEncoding();
  Type storage;
  if (auto lanes = dyn_cast_or_null<LanesAttr>(encoding))
    storage = lanes.getStorage();
  else if (auto channels = dyn_cast_or_null<ChannelsAttr>(encoding))
    storage = channels.getStorage();
  else if (auto stored = dyn_cast_or_null<StoredAttr>(encoding))
    storage = stored.getStorage();
  return storage ? storage : type.getElementType();
}

RankedTensorType withStorage(RankedTensorType type, Type storage) {
  MLIRContext *context = type.getContext();
  Attribute encoding;
  switch (layoutOf(type)) {
  case Layout::Lanes:
    encoding = LanesAttr::get(context, lanesOf(type), storage);
    break;
  case Layout::Channels:
    encoding = ChannelsAttr::get(context, lanesOf(type), storage);
    break;
  case Layout::Dense:
    encoding = StoredAttr::get(context, storage);
    break;
  }
  return RankedTensorType::get(type.getShape(), type.getElementType(),
                               encoding);
}

MemRefType bufferType(RankedTensorType type) {
  Attribute space;
  if (Type storage = storageOf(type); storage != type.getElementType())
    space = StoredAttr::get(type.getContext(), storage);
  auto buffer = [&](ArrayRef<int64_t> dims, Type element) {
    return MemRefType::get(dims, element, MemRefLayoutAttrInterface(), space);
  };
  if (layoutOf(type) == Layout::Dense)
    return buffer(type.getShape(), type.getElementType());
  int64_t lanes = lanesOf(type);
  ArrayRef<int64_t> shape = type.getShape();
  if (layoutOf(type) == Layout::Channels) {
    SmallVector<int64_t> dims{shape[0]};
    llvm::append_range(dims, shape.drop_front(2));
    dims.push_back(vectorsPerPixel(type) * lanes);
    return buffer(dims, type.getElementType());
  }
  SmallVector<int64_t> dims{int64_t(llvm::divideCeil(shape[0], lanes))};
  if (shape.size() > 1) {
    llvm::append_range(dims, shape.drop_front(2));
    dims.push_back(shape[1]);
  }
  return buffer(dims, VectorType::get({lanes}, type.getElementType()));
}

int64_t elementBytes(Type element) {
  auto vector = dyn_cast<VectorType>(element);
  int64_t lanes = vector ? vector.getNumElements() : 1;
  return llvm::divideCeil(
      lanes * getElementTypeOrSelf(element).getIntOrFloatBitWidth(), 8);
}

int64_t bufferBytes(MemRefType type) {
  return type.getNumElements() * elementBytes(storedElement(type));
}

int64_t elementsPerLine(Type element) {
  constexpr int64_t kLineBytes = 64;
  return std::max<int64_t>(1, kLineBytes / elementBytes(element));
}

//===-- Emitter -----------------------------------------------------------===//

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value Emitter::constant(Type type, double value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr attr = isa<FloatType>(element)
                       ? TypedAttr(b.getFloatAttr(element, value))
                       : TypedAttr(b.getIntegerAttr(element, int64_t(value)));
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(b, loc, attr);
}

Value Emitter::add(Value x, Value y) {
  return b.createOrFold<arith::AddIOp>(loc, x, y);
}
Value Emitter::sub(Value x, Value y) {
  return b.createOrFold<arith::SubIOp>(loc, x, y);
}
Value Emitter::mul(Value x, Value y) {
  return b.createOrFold<arith::MulIOp>(loc, x, y);
}
Value Emitter::div(Value x, int64_t y) {
  return y == 1 ? x : b.createOrFold<arith::DivUIOp>(loc, x, index(y));
}
Value Emitter::max(Value x, Value y) {
  return b.createOrFold<arith::MaxSIOp>(loc, x, y);
}
Value Emitter::min(Value x, Value y) {
  return b.createOrFold<arith::MinSIOp>(loc, x, y);
}

Value Emitter::ceilDiv(Value x, int64_t y) {
  if (y == 1)
    return x;
  // floor((x + y - 1) / y) with an arithmetic shift where it is one.
  return b.createOrFold<arith::CeilDivSIOp>(loc, x, index(y));
}

Value Emitter::inRange(Value x, Value lo, Value hi) {
  Value ge =
      b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::sge, x, lo);
  Value lt =
      b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, x, hi);
  return b.createOrFold<arith::AndIOp>(loc, ge, lt);
}

void Emitter::loop(Value lo, Value hi, int64_t step, Body body) {
  reduce(lo, hi, step, {}, [&](Value iv, ValueRange) {
    body(iv);
    return SmallVector<Value>();
  });
}

static scf::ForallOp createForall(Emitter &e, int64_t count) {
  return scf::ForallOp::create(e.b, e.loc,
                               ArrayRef<OpFoldResult>{e.b.getIndexAttr(count)},
                               ValueRange{}, std::nullopt);
}

void Emitter::forEachParallel(int64_t count, Body body) {
  auto forall = createForall(*this, count);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  body(forall.getInductionVars().front());
}

SmallVector<Value> Emitter::reduce(Value lo, Value hi, int64_t step,
                                   ValueRange init, ReduceBody body) {
  auto constLo = getConstantIntValue(lo), constHi = getConstantIntValue(hi);
  if (constLo && constHi) {
    if (*constHi <= *constLo)
      return SmallVector<Value>(init);
    if (*constHi - *constLo <= step)
      return body(lo, init);
  }
  auto loop = scf::ForOp::create(
      b, loc, lo, hi, index(step), init,
      [&](OpBuilder &nested, Location l, Value iv, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.restoreInsertionPoint(nested.saveInsertionPoint());
        SmallVector<Value> out = body(iv, carried);
        scf::YieldOp::create(b, l, out);
      });
  return SmallVector<Value>(loop.getResults());
}

void Emitter::nest(ArrayRef<int64_t> counts,
                   llvm::function_ref<void(ValueRange)> body) {
  SmallVector<Value> ivs;
  std::function<void(unsigned)> descend = [&](unsigned depth) {
    if (depth == counts.size())
      return body(ivs);
    loop(counts[depth], [&](Value iv) {
      ivs.push_back(iv);
      descend(depth + 1);
      ivs.pop_back();
    });
  };
  descend(0);
}

Value Emitter::load(Value memref, ValueRange indices) {
  return memref::LoadOp::create(b, loc, memref, indices);
}
void Emitter::store(Value value, Value memref, ValueRange indices) {
  memref::StoreOp::create(b, loc, value, memref, indices);
}
Value Emitter::collapse(Value memref,
                        ArrayRef<ReassociationIndices> dimensions) {
  return memref::CollapseShapeOp::create(b, loc, memref, dimensions);
}

static bool holdsVectors(Value memref) {
  return isa<VectorType>(cast<MemRefType>(memref.getType()).getElementType());
}

// Turns indices of vectors into indices of elements.
static SmallVector<Value> elementIndices(Emitter &e, ValueRange indices,
                                         int64_t width) {
  SmallVector<Value> at(indices);
  at.back() = e.mul(at.back(), width);
  return at;
}

Value Emitter::loadVector(VectorType type, Value memref, ValueRange indices) {
  if (holdsVectors(memref))
    return load(memref, indices);
  return vector::LoadOp::create(
      b, loc, type, memref,
      elementIndices(*this, indices, type.getNumElements()));
}

void Emitter::storeVector(Value vector, Value memref, ValueRange indices) {
  if (holdsVectors(memref))
    return store(vector, memref, indices);
  int64_t width = cast<VectorType>(vector.getType()).getNumElements();
  vector::StoreOp::create(b, loc, vector, memref,
                          elementIndices(*this, indices, width));
}

Value Emitter::loadChannels(VectorType type, Value memref, Value number) {
  int64_t width = type.getNumElements(),
          count = cast<MemRefType>(memref.getType()).getDimSize(0);
  Value first = mul(number, width);
  auto constant = getConstantIntValue(first);
  if (count % width == 0 || (constant && *constant + width <= count))
    return vector::LoadOp::create(b, loc, type, memref, ValueRange{first});
  Value mask = vector::CreateMaskOp::create(
      b, loc, VectorType::get({width}, b.getI1Type()),
      ValueRange{sub(index(count), first)});
  return vector::MaskedLoadOp::create(b, loc, type, memref, ValueRange{first},
                                      mask, this->constant(type, 0));
}

void Emitter::prefetch(Value memref, ValueRange indices, bool write,
                       bool near) {
  memref::PrefetchOp::create(b, loc, memref, indices, write,
                             /*localityHint=*/near ? 3 : 2,
                             /*isDataCache=*/true);
}
Value Emitter::splat(Value scalar, Type like) {
  if (scalar.getType() == like)
    return scalar;
  return vector::BroadcastOp::create(b, loc, like, scalar);
}
Value Emitter::sumRows(SmallVector<Value> rows) {
  int64_t lanes = cast<VectorType>(rows.front().getType()).getNumElements();
  // Adds halves pairwise until one row is left. After the step with `half`
  // lanes a row holds, at lane l, partial sums of the rows whose number has the
  // bits of l at and above `half`.
  for (int64_t half = lanes / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool second = lane & half;
      low.push_back((lane & ~half) + (second ? lanes : 0));
      high.push_back((lane | half) + (second ? lanes : 0));
    }
    SmallVector<Value> sums;
    int64_t count = rows.size() / 2;
    for (int64_t r = 0; r < count; ++r) {
      Value first = rows[r], second = rows[r + count];
      Value x = vector::ShuffleOp::create(b, loc, first, second, low);
      Value y = vector::ShuffleOp::create(b, loc, first, second, high);
      sums.push_back(arith::AddFOp::create(b, loc, x, y));
    }
    rows = std::move(sums);
  }
  return rows.front();
}

Value Emitter::sumLanes(Value vector) {
  auto type = dyn_cast<VectorType>(vector.getType());
  if (!type)
    return vector;
  // A sequence of adds and not a tree of the target's choice: the order is the
  // same everywhere.
  Value sum = vector::ExtractOp::create(b, loc, vector, int64_t(0));
  for (int64_t i = 1; i < type.getNumElements(); ++i)
    sum = arith::AddFOp::create(b, loc, sum,
                                vector::ExtractOp::create(b, loc, vector, i));
  return sum;
}

//===-- KernelBuilder -----------------------------------------------------===//

MemRefType KernelBuilder::operandType(unsigned i) const {
  return bufferType(cast<RankedTensorType>(op->getOperand(i).getType()));
}

Value KernelBuilder::element(unsigned i, Value block, ValueRange pixel,
                             Value channel) {
  if (isComputed(i))
    return onElement(*this, i, block, pixel, channel);
  SmallVector<Value> index{block};
  llvm::append_range(index, pixel);
  index.push_back(channel);
  return load(operands[i], index);
}

SmallVector<Value> KernelBuilder::sources(unsigned i) const {
  if (isComputed(i))
    return onSources(i);
  return {operands[i]};
}

Value KernelBuilder::scratch(MemRefType type) {
  return memref::AllocOp::create(b, loc, type, b.getI64IntegerAttr(64));
}

int64_t KernelBuilder::taskCount(int64_t blocks) {
  return std::min<int64_t>(blocks, 32);
}

void KernelBuilder::forEachTask(
    int64_t blocks, llvm::function_ref<void(Value, Value, Value)> body) {
  int64_t tasks = taskCount(blocks);
  auto forall = createForall(*this, tasks);
  forall->setAttr(kBlocksAttr, b.getI64IntegerAttr(blocks));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  task = taskBegin = forall.getInductionVars().front();
  taskEnd = add(task, 1);
  if (tasks != blocks) { // one block each: spare the arithmetic
    taskBegin = div(mul(task, blocks), tasks);
    taskEnd = div(mul(taskEnd, blocks), tasks);
  }
  if (onTaskStart)
    onTaskStart(*this);
  body(task, taskBegin, taskEnd);
  task = taskBegin = taskEnd = Value();
}

void KernelBuilder::loopBlocks(Value begin, Value end,
                               llvm::function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, loc, begin, end, index(1));
  loop->setAttr(kBlockLoopAttr, b.getUnitAttr());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void KernelBuilder::forEachBlock(int64_t blocks,
                                 llvm::function_ref<void(Value)> body) {
  forEachTask(blocks, [&](Value, Value begin, Value end) {
    loopBlocks(begin, end, body);
  });
}

void KernelBuilder::forEachChannelBlock(
    int64_t channels, llvm::function_ref<void(ChannelBlock)> body,
    int64_t width) {
  if (remarks.schedule.empty())
    setSchedule("1 pixel x " + std::to_string(std::min(width, channels)) +
                " channels");
  int64_t whole = channels / width * width;
  loop(index(0), index(whole), width,
       [&](Value c) { body({c, width, width}); });
  if (channels > whole)
    body({index(whole), channels - whole, width});
}

Value KernelBuilder::presentImages(RankedTensorType type, Value block) {
  int64_t lanes = lanesOf(type), batch = type.getDimSize(0);
  if (layoutOf(type) != Layout::Lanes || batch % lanes == 0)
    return {};
  auto numbers = VectorType::get({lanes}, b.getI32Type());
  Value left = sub(index(batch), mul(block, lanes));
  left = arith::IndexCastOp::create(b, loc, b.getI32Type(), left);
  Value lane = arith::ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(numbers,
                             ArrayRef<int32_t>(llvm::to_vector(llvm::map_range(
                                 llvm::seq<int64_t>(0, lanes),
                                 [](int64_t i) { return int32_t(i); })))));
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, lane,
                               splat(left, numbers));
}

Value KernelBuilder::present(Value vector, Value block) {
  for (Type type :
       llvm::concat<const Type>(llvm::to_vector(op->getOperandTypes()),
                                llvm::to_vector(op->getResultTypes()))) {
    auto tensor = cast<RankedTensorType>(type);
    if (layoutOf(tensor) != Layout::Lanes)
      continue;
    if (Value mask = presentImages(tensor, block))
      return arith::SelectOp::create(b, loc, mask, vector,
                                     constant(vector.getType(), 0));
    return vector;
  }
  return vector;
}

//===-- PointwiseBlock and ReductionFinalizer -----------------------------===//

// An error at the op if its formula does not give one value for each result, of
// the computation's type. The lowering fails after an error.
static void checkFormula(Operation *op, Type type, ArrayRef<Value> results) {
  auto complain = [&] {
    return op->emitError("[formula] the formula of '") << op->getName() << "' gives ";
  };
  StringRef rule = "; it must give one value for each result, of the operands' "
                   "type (emitElement)";
  if (results.size() != op->getNumResults()) {
    complain() << results.size() << " results, the op has "
               << op->getNumResults() << rule;
    return;
  }
  for (auto [i, value] : llvm::enumerate(results)) {
    if (!value)
      complain() << "result #" << i << " no value" << rule;
    else if (value.getType() != type)
      complain() << "result #" << i << " the type " << value.getType()
                 << ", expected " << type << rule;
    else
      continue;
    return;
  }
}

void PointwiseBlock::emitElements(Element formula) {
  for (int64_t j = 0; j < count; ++j) {
    SmallVector<Value> operands, results;
    for (unsigned i = 0; i < op->getNumOperands(); ++i)
      operands.push_back(operand(i, j));
    formula(operands, results);
    if (j == 0)
      checkFormula(op, elementType, results);
    results.resize(op->getNumResults());
    for (auto [i, value] : llvm::enumerate(results))
      setResult(i, j,
                value && value.getType() == elementType
                    ? value
                    : e.constant(elementType, 0)); // after an error
  }
}

Value ReductionFinalizer::sum(llvm::function_ref<Value(ValueRange, Value)> term,
                              unsigned accumulatorCount) {
  Value zero;
  {
    // The vector type is known from the accumulators only.
    Value probe = accumulator(0, index(0));
    zero = constant(probe.getType(), 0);
    probe.getDefiningOp()->erase();
  }
  Value total =
      reduce(index(0), index(tasks), 1, {zero},
             [&](Value task, ValueRange carried) {
               SmallVector<Value> acc;
               for (unsigned k = 0; k < accumulatorCount; ++k)
                 acc.push_back(accumulator(k, task));
               Value n = elements(task), value = term(acc, n);
               if (someEmpty) // a term may divide by n
                 value = arith::SelectOp::create(
                     b, loc,
                     arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, n,
                                           zero),
                     value, zero);
               return SmallVector<Value>{
                   arith::AddFOp::create(b, loc, carried.front(), value)
                       .getResult()};
             })
          .front();
  return sumLanes(total);
}

} // namespace gradmill::nn
