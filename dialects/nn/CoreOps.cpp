// The ops of the shell, independent of families: state and layout.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "nn/NNDialect.h"
#include "nn/Relayout.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

//===-- parameter, constant -----------------------------------------------===//

LogicalResult ParameterOp::verify() {
  if (std::string fault = nameFault(getName()); !fault.empty())
    return violated(getLoc(), "parameter_c1", "the parameter's name ", fault);
  if (StringRef role = roleOrDefault();
      role != "parameter" && role != "buffer" && role != "optimizer" &&
      role != "gradient" && role != "average" && role != "prepared")
    return violated(getLoc(), "parameter_c2", "role is \"", role,
                    "\", expected \"parameter\", \"buffer\" or \"optimizer\"");
  auto type = cast<RankedTensorType>(getValue().getType());
  if (!type.hasStaticShape())
    return violated(getLoc(), "parameter_c4", "\"", getName(),
                    "\" has a dynamic shape");
  Attribute init = getInitAttr();
  bool drawn = init ? isa<StringAttr>(init) : type.getRank() > 1;
  if (std::optional<int64_t> fanIn = getFanIn(); fanIn && (*fanIn < 1 || !drawn))
    return violated(getLoc(), "parameter_c5", "\"", getName(), "\" has fan_in ",
                    *fanIn,
                    drawn ? ", expected 1 or more"
                          : ", which goes with init = \"kaiming_uniform\" or "
                            "\"kaiming_normal\"");
  if (!init || isa<FloatAttr>(init))
    return success();
  if (auto text = dyn_cast<StringAttr>(init)) {
    if (text.getValue() == "kaiming_uniform" ||
        text.getValue() == "kaiming_normal")
      return success();
    return violated(getLoc(), "parameter_c3", "init is \"", text.getValue(),
                    "\", expected \"kaiming_uniform\", \"kaiming_normal\", a "
                    "number or dense<...>");
  }
  auto elements = dyn_cast<DenseFPElementsAttr>(init);
  if (!elements)
    return violated(getLoc(), "parameter_c3", "init of \"", getName(),
                    "\" is neither a float such as 0.5, nor dense<...>, nor "
                    "the name of a distribution");
  if (elements.getType() != dense(type, type.getShape()))
    return violated(getLoc(), "parameter_c3", "init of \"", getName(),
                    "\" does not have its type ", type);
  return success();
}

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  auto value = dyn_cast<DenseFPElementsAttr>(adaptor.getValue());
  if (!value)
    return violated(loc, "constant_c1",
                    "the value is not dense<...> of f32 or f64");
  types.push_back(value.getType());
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult ConstantOp::evaluate(ArrayRef<const RefTensor *>,
                                   MutableArrayRef<RefTensor> results) {
  for (auto [i, value] : llvm::enumerate(getValue().getValues<APFloat>()))
    results[0].data[i] = value.convertToDouble();
  return success();
}

//===-- add, weighted_sum -------------------------------------------------===//

LogicalResult AddOp::buildGradient(Gradient &g) {
  for (unsigned i : {0, 1})
    if (g.needs(i))
      g.set(i, sumLike(g.builder, g.loc(), g.cotangent(), getOperand(i)));
  return success();
}

void AddOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                        SmallVectorImpl<Value> &results) {
  results.push_back(arith::AddFOp::create(b, loc, operands[0], operands[1]));
}

LogicalResult AddOp::evaluate(ArrayRef<const RefTensor *> in,
                              MutableArrayRef<RefTensor> out) {
  BroadcastReader x(*in[0], out[0].shape), y(*in[1], out[0].shape);
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] = x[i] + y[i];
  return success();
}

LogicalResult WeightedSumOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location> loc,
                                              Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  size_t inputs = adaptor.getInputs().size(), n = adaptor.getWeights().size();
  if (inputs == 0 || n != inputs)
    return violated(loc, "weighted_sum_c1", inputs, " inputs have ", n,
                    " weights, expected at least one input and a weight each");
  for (double weight : adaptor.getWeights())
    if (!std::isfinite(weight))
      return violated(loc, "weighted_sum_c2", "a weight is ", weight,
                      ", expected a finite number");
  types.push_back(adaptor.getInputs().front().getType());
  return success();
}

LogicalResult WeightedSumOp::buildGradient(Gradient &g) {
  for (auto [i, weight] : llvm::enumerate(getWeights()))
    if (g.needs(i))
      g.set(i, weight == 1 ? g.cotangent()
                           : WeightedSumOp::create(g.builder, g.loc(),
                                                   ValueRange{g.cotangent()},
                                                   ArrayRef<double>{weight}));
  return success();
}

void WeightedSumOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                                SmallVectorImpl<Value> &results) {
  Value sum;
  for (auto [x, weight] : llvm::zip_equal(operands, getWeights())) {
    Value term = x;
    if (weight != 1)
      term = arith::MulFOp::create(
          b, loc, x, Emitter(b, loc).constant(x.getType(), weight));
    sum = sum ? arith::AddFOp::create(b, loc, sum, term).getResult() : term;
  }
  results.push_back(sum);
}

LogicalResult WeightedSumOp::evaluate(ArrayRef<const RefTensor *> in,
                                      MutableArrayRef<RefTensor> out) {
  for (auto [x, weight] : llvm::zip_equal(in, getWeights()))
    for (size_t i = 0; i < out[0].data.size(); ++i)
      out[0].data[i] += weight * x->data[i];
  return success();
}

//===-- moving_average, zero_like -----------------------------------------===//

LogicalResult MovingAverageOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location>,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getAverage().getType());
  return success();
}

void MovingAverageOp::emitElement(OpBuilder &, Location, ValueRange,
                                  SmallVectorImpl<Value> &) {
  llvm_unreachable("needs the step: see emitBlock");
}

// 1 - d in double: in f32 a decay of 0.9999 would be off by a 3000th. For the
// same reason the difference is scaled, and not each operand.
void MovingAverageOp::emitBlock(PointwiseBlock &block) {
  OpBuilder &b = block.builder();
  Location loc = block.loc();
  Emitter &e = block.emitter();
  Type f64 = b.getF64Type();
  auto number = [&](double value) { return e.constant(f64, value); };
  Value t = arith::SIToFPOp::create(b, loc, f64, block.scalar(2));
  // 1 - (1 + t)/(10 + t)
  Value early = arith::DivFOp::create(
      b, loc, number(9), arith::AddFOp::create(b, loc, t, number(10)));
  Value share = arith::MaximumFOp::create(
      b, loc, early, number(1 - getDecay().convertToDouble()));
  Type scalar = getElementTypeOrSelf(block.type());
  if (scalar != f64)
    share = arith::TruncFOp::create(b, loc, scalar, share);
  share = e.splat(share, block.type());
  for (int64_t j = 0; j < block.size(); ++j) {
    Value average = block.operand(0, j);
    Value change =
        arith::SubFOp::create(b, loc, block.operand(1, j), average);
    block.setResult(0, j,
                    arith::AddFOp::create(
                        b, loc, average,
                        arith::MulFOp::create(b, loc, share, change)));
  }
}

LogicalResult MovingAverageOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  double t = in[2]->data[0];
  double d = std::min(getDecay().convertToDouble(), (1 + t) / (10 + t));
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] = d * in[0]->data[i] + (1 - d) * in[1]->data[i];
  return success();
}

LogicalResult ZeroLikeOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location>,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getLike().getType());
  return success();
}

void ZeroLikeOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                             SmallVectorImpl<Value> &results) {
  results.push_back(Emitter(b, loc).constant(operands[0].getType(), 0));
}

LogicalResult ZeroLikeOp::evaluate(ArrayRef<const RefTensor *>,
                                   MutableArrayRef<RefTensor>) {
  return success(); // they start as zeros
}

//===-- channel_sum -------------------------------------------------------===//

LogicalResult ChannelSumOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  if (type.getRank() < 2)
    return violated(loc, "channel_sum_c1",
                    "the input has no channel dimension");
  types.push_back(dense(type, {type.getDimSize(1)}));
  return success();
}

unsigned ChannelSumOp::getNumAccumulators() { return 1; }

void ChannelSumOp::emitAccumulate(OpBuilder &b, Location loc,
                                  ValueRange operands, Value,
                                  MutableArrayRef<Value> acc) {
  acc[0] = arith::AddFOp::create(b, loc, acc[0], operands[0]);
}

void ChannelSumOp::emitFinalize(ReductionFinalizer &f) {
  f.setResult(0, f.sum([](ValueRange acc, Value) { return acc[0]; }, 1));
}

LogicalResult ChannelSumOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0];
  int64_t channels = x.dim(1);
  int64_t space = x.data.size() / (x.dim(0) * channels);
  // A sum of thousands of equal elements drifts even in double precision.
  std::vector<long double> sums(channels);
  for (size_t i = 0; i < x.data.size(); ++i)
    sums[i / space % channels] += x.data[i];
  llvm::copy(sums, out[0].data.begin());
  return success();
}

//===-- pack, unpack ------------------------------------------------------===//

LogicalResult PackOp::evaluate(ArrayRef<const RefTensor *> in,
                               MutableArrayRef<RefTensor> out) {
  out[0] = *in[0];
  return success();
}
LogicalResult UnpackOp::evaluate(ArrayRef<const RefTensor *> in,
                                 MutableArrayRef<RefTensor> out) {
  out[0] = *in[0];
  return success();
}

Layout PackOp::getOperandLayout(unsigned) {
  return layoutOf(getInput().getType());
}
Layout PackOp::getResultLayout(unsigned) {
  return layoutOf(getOutput().getType());
}
Layout UnpackOp::getOperandLayout(unsigned) { return Layout::Lanes; }
Layout UnpackOp::getResultLayout(unsigned) { return Layout::Dense; }

// Walks the lanes buffer; `body(lanesIndex, denseIndex(lane))`. It goes channel
// by channel, in the order of the dense side. There, images and channels are
// often a power of two apart, so all channels of a pixel would compete for one
// set of the cache.
static void forEachVector(
    KernelBuilder &k, MemRefType lanesType, RankedTensorType logical,
    llvm::function_ref<void(ValueRange,
                            llvm::function_ref<SmallVector<Value>(int64_t)>)>
        body) {
  ArrayRef<int64_t> shape = lanesType.getShape();
  int64_t lanes = cast<VectorType>(lanesType.getElementType()).getNumElements();
  k.setSchedule("1 vector, lane by lane");
  k.forEachBlock(shape[0], [&](Value block) {
    SmallVector<int64_t> counts(shape.drop_front());
    if (!counts.empty())
      std::rotate(counts.begin(), counts.end() - 1, counts.end());
    k.nest(counts, [&](ValueRange ivs) { // channel, space
      SmallVector<Value> at{block};
      if (!ivs.empty()) {
        llvm::append_range(at, ivs.drop_front());
        at.push_back(ivs.front());
      }
      body(at, [&](int64_t lane) {
        SmallVector<Value> index{k.add(k.mul(block, lanes), lane)};
        if (logical.getRank() > 1)
          llvm::append_range(index, ivs);
        return index;
      });
    });
  });
}

// Walks the elements of an image of a tensor in channels layout; `body(dense
// index, channels index)`.
static void
forEachChannel(KernelBuilder &k, RankedTensorType type, Value image,
               int64_t from, int64_t to,
               llvm::function_ref<void(ValueRange, ValueRange)> body) {
  k.nest(type.getShape().drop_front(2), [&](ValueRange pixel) {
    k.loop(k.index(from), k.index(to), 1, [&](Value c) {
      SmallVector<Value> dense{image, c}, channels{image};
      llvm::append_range(dense, pixel);
      llvm::append_range(channels, pixel);
      channels.push_back(c);
      body(dense, channels);
    });
  });
}

static LogicalResult packChannels(KernelBuilder &k, RankedTensorType type) {
  int64_t channels = type.getDimSize(1),
          padded = bufferType(type).getShape().back();
  k.forEachBlock(type.getDimSize(0), [&](Value image) {
    forEachChannel(k, type, image, 0, channels,
                   [&](ValueRange dense, ValueRange at) {
                     k.store(k.load(k.operand(0), dense), k.result(0), at);
                   });
    // Nothing reads the remainder, but formulas run over it: it must not cause
    // slow denormals or traps.
    forEachChannel(k, type, image, channels, padded,
                   [&](ValueRange, ValueRange at) {
                     k.store(k.constant(type.getElementType(), 0), k.result(0),
                             at);
                   });
  });
  return success();
}

LogicalResult PackOp::lower(KernelBuilder &k) {
  auto type = cast<RankedTensorType>(getOutput().getType());
  auto from = cast<RankedTensorType>(getInput().getType());
  if (layoutOf(from) != Layout::Dense) {
    lowerRelayout(k, from, type);
    return success();
  }
  if (layoutOf(type) == Layout::Channels)
    return packChannels(k, type);
  MemRefType buffer = bufferType(type);
  auto vector = cast<VectorType>(buffer.getElementType());
  forEachVector(k, buffer, type, [&](ValueRange at, auto denseIndex) {
    SmallVector<Value> elements;
    for (int64_t lane = 0; lane < vector.getNumElements(); ++lane) {
      SmallVector<Value> from = denseIndex(lane);
      if (type.getDimSize(0) % vector.getNumElements())
        from[0] = k.min(from[0], k.index(type.getDimSize(0) - 1));
      elements.push_back(k.load(k.operand(0), from));
    }
    Value value = vector::FromElementsOp::create(k.b, k.loc, vector, elements);
    k.store(value, k.result(0), at);
  });
  return success();
}

LogicalResult UnpackOp::lower(KernelBuilder &k) {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (layoutOf(type) == Layout::Channels) {
    k.forEachBlock(type.getDimSize(0), [&](Value image) {
      forEachChannel(k, type, image, 0, type.getDimSize(1),
                     [&](ValueRange dense, ValueRange at) {
                       k.store(k.load(k.operand(0), at), k.result(0), dense);
                     });
    });
    return success();
  }
  forEachVector(k, bufferType(type), type, [&](ValueRange at, auto denseIndex) {
    Value value = k.load(k.operand(0), at);
    int64_t batch = type.getDimSize(0), lanes = lanesOf(type);
    auto store = [&](int64_t from, int64_t to) {
      for (int64_t lane = from; lane < to; ++lane)
        k.store(vector::ExtractOp::create(k.b, k.loc, value, lane), k.result(0),
                denseIndex(lane));
    };
    if (batch % lanes == 0)
      return store(0, lanes);
    store(0, batch % lanes);
    Value isFull = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                         at[0], k.index(batch / lanes));
    auto branch = scf::IfOp::create(k.b, k.loc, isFull);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(branch.thenBlock());
    store(batch % lanes, lanes);
  });
  return success();
}
