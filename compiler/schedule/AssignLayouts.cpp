// Decides how every tensor lies in memory, and states it in the tensor's type.
//
// Activations take the lanes layout: one vector holds the same element of V
// images. So any number of channels runs at full width, and sums over the
// batch's images become sums of vectors. V is the target's vector width, or,
// for a smaller batch, the next power of two. Parameters and the caller's
// tensors stay dense. nn.pack and nn.unpack convert between the two.
//
// Inference of a small batch (above all of one image), or where it costs less,
// takes the channels layout instead. Ops that have a form for it are replaced
// by that form. Ops that treat all lanes alike follow their operands. The rest
// stays in lanes.
//
// A training step stays in lanes, which sums over the batch need. An op that
// costs much less in the channels layout, a wide layer above all, takes its form
// for it alone: its operand is converted before and its result after it.
//
// requires: static shapes; every op is structural or has a lowering of some
// kind. maintains: operands are in the layout that their op asks for.
#include "compiler/Passes.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "compiler/Passes.h.inc"

namespace {
using nn::Layout;

class LayoutAssigner {
public:
  LayoutAssigner(func::FuncOp func, int64_t vectorBytes, bool exact,
                 bool channels)
      : block(func.front()), builder(func),
        accuracy(exact ? nn::Accuracy::Exact : nn::Accuracy::Inference) {
    width = fullWidth(func, vectorBytes);
    batch = batchOf(func);
    lanes = std::min<int64_t>(width, llvm::PowerOf2Ceil(batch));
    bool isStep = entryOf(func) == "gradients" ||
                  !block.getOps<nn::AssignOp>().empty();
    if (isStep && !exact)
      accuracy = nn::Accuracy::Training;
    if (channels && isStep)
      toChannelsAlone();
    else if (channels && (lanes < width || channelsAreFaster()))
      toChannels();
  }

  LogicalResult run() {
    SmallVector<Operation *> ops =
        llvm::map_to_vector(block, [](Operation &op) { return &op; });
    if (failed(checkLowerings(ops)))
      return failure();
    for (Operation *op : ops)
      assign(op);
    return success();
  }

private:
  // The type of the computation.
  static int64_t fullWidth(func::FuncOp func, int64_t vectorBytes) {
    SmallVector<Value> values(func.getArguments());
    for (Operation &op : func.front())
      llvm::append_range(values, op.getResults());
    for (Value value : values)
      if (auto type = dyn_cast<RankedTensorType>(value.getType());
          type && type.getRank() > 0 && isa<FloatType>(type.getElementType()))
        return std::max<int64_t>(
            vectorBytes * 8 / type.getElementTypeBitWidth(), 1);
    return 1;
  }

  // Vectors of channels allow larger tiles, and an image's data fits the cache.
  // But with few channels they stay half empty.
  bool channelsAreFaster() const {
    double inLanes = 0, inChannels = 0;
    for (nn::ChannelsInterface op : block.getOps<nn::ChannelsInterface>()) {
      inLanes += op.lanesCycles(width, accuracy);
      inChannels += op.channelsCycles(width, accuracy);
    }
    double filledUp = double(llvm::alignTo(batch, lanes)) / batch;
    return inChannels < inLanes * filledUp;
  }

  void toChannels() {
    IRRewriter rewriter(builder.getContext());
    SmallVector<nn::ChannelsInterface> ops(
        block.getOps<nn::ChannelsInterface>());
    for (nn::ChannelsInterface op : ops) {
      rewriter.setInsertionPoint(op);
      (void)op.toChannels(rewriter, width,
                          accuracy); // without such a form it stays in lanes
    }
  }

  void toChannelsAlone() {
    // Estimated cycles for an element on its way into another layout and back;
    // what must be gained, as a ratio and for the batch, because conversions are
    // loops of their own.
    constexpr double kConversion = 3, kGain = 1.25, kLeast = 1 << 18;
    IRRewriter rewriter(builder.getContext());
    double groups = double(llvm::divideCeil(batch, lanes)),
           filledUp = groups * double(lanes) / double(batch),
           idle = groups == 1 ? 2 : 1; // a group is the work of one thread
    auto elements = [&](Value v) {
      return double(cast<RankedTensorType>(v.getType()).getNumElements()) /
             double(batch);
    };
    SmallVector<nn::ChannelsInterface> ops(
        block.getOps<nn::ChannelsInterface>());
    for (nn::ChannelsInterface op : ops) {
      double inLanes = op.lanesCycles(lanes, accuracy) * filledUp * idle,
             inChannels = op.channelsCycles(width, accuracy);
      Value result = op->getResult(0);
      if (inChannels == 0 || result.use_empty())
        continue;
      inChannels += kConversion * (elements(op->getOperand(0)) + elements(result));
      for (Value parameter : op->getOperands().drop_front()) // packed each time
        inChannels += elements(parameter);
      if (inChannels * kGain > inLanes ||
          (inLanes - inChannels) * double(batch) < kLeast)
        continue;
      OpOperand &use = *result.getUses().begin();
      rewriter.setInsertionPoint(op);
      if (succeeded(op.toChannels(rewriter, width, accuracy)))
        alone.insert(use.get().getDefiningOp());
    }
  }

  // Its users do not see the layout of such an op.
  void backToLanes(Value result) {
    builder.setInsertionPointAfter(result.getDefiningOp());
    auto type = cast<RankedTensorType>(result.getType());
    Value from =
        hasDirectConversion(type) ? result : convert(result, Layout::Dense);
    Value inLanes = convert(from, Layout::Lanes);
    result.replaceAllUsesExcept(
        inLanes, (from == result ? inLanes : from).getDefiningOp());
  }

  static bool isStructural(Operation *op) {
    return isa<nn::ParameterOp, nn::AssignOp, nn::ConstantOp, func::ReturnOp>(
        op);
  }

  LogicalResult checkLowerings(ArrayRef<Operation *> ops) {
    SmallVector<Operation *> blocked;
    for (Operation *op : ops)
      if (!isStructural(op) &&
          !isa<nn::LoweringInterface, nn::PointwiseInterface,
               nn::ChannelReductionInterface>(op))
        blocked.push_back(op);
    if (blocked.empty())
      return success();
    auto error = emitError(blocked.front()->getLoc())
                 << "[no_lowering] cannot compile: " << blocked.size()
                 << (blocked.size() == 1 ? " op has" : " ops have")
                 << " no lowering: ";
    llvm::interleaveComma(blocked, error, [&](Operation *op) {
      error << "'" << op->getName() << "'";
    });
    for (Operation *op : blocked)
      error.attachNote(op->getLoc()) << "'" << op->getName() << "' is here";
    return failure();
  }

  void assign(Operation *op) {
    builder.setInsertionPoint(op);
    if (isStructural(op)) {
      for (OpOperand &operand : op->getOpOperands())
        require(operand, Layout::Dense);
    } else if (auto layouts = dyn_cast<nn::LayoutInterface>(op);
               layouts && layouts.isLanewise() &&
               llvm::any_of(op->getOperands(), inChannels)) {
      for (OpOperand &operand : op->getOpOperands()) // values without a batch stay
        require(operand, layouts.getOperandLayout(operand.getOperandNumber()) ==
                                 Layout::Lanes
                             ? Layout::Channels
                             : Layout::Dense);
      for (OpResult result : op->getResults())
        setLayout(result, Layout::Channels);
    } else if (isa<nn::LoweringInterface>(op)) {
      for (OpOperand &operand : op->getOpOperands())
        require(operand, nn::operandLayout(op, operand.getOperandNumber()));
      for (OpResult result : op->getResults())
        setLayout(result, nn::resultLayout(op, result.getResultNumber()));
      if (alone.contains(op))
        backToLanes(op->getResult(0));
    } else if (isa<nn::ChannelReductionInterface>(op)) {
      for (OpOperand &operand : op->getOpOperands())
        require(operand,
                rankOf(operand.get()) >= 2 ? Layout::Lanes : Layout::Dense);
    } else {
      assignPointwise(cast<nn::PointwiseInterface>(op));
    }
  }

  static bool inChannels(Value v) {
    return nn::layoutOf(v.getType()) == Layout::Channels;
  }

  // A pointwise op follows its operands: channels or lanes, if one of them has
  // that layout. It also takes lanes if the formula must know the place of an
  // element, its position or its index along an axis, because a dense sweep
  // does not know it. A mask of bits has the lanes form only: in channels,
  // memory holds elements.
  void assignPointwise(nn::PointwiseInterface op) {
    using nn::Reading;
    auto reads = [&](Reading reading) {
      return llvm::any_of(op->getOpOperands(), [&](OpOperand &operand) {
        return readingOf(op, operand.getOperandNumber()) == reading;
      });
    };
    auto anyElement = [&](auto condition) {
      return llvm::any_of(op->getOpOperands(), [&](OpOperand &operand) {
        return readingOf(op, operand.getOperandNumber()) == Reading::Element &&
               condition(operand.get());
      });
    };
    bool isRepeated = reads(Reading::Repeated) || reads(Reading::PerSample);
    Layout layout = Layout::Dense;
    if (rankOf(op->getResult(0)) >= 2) {
      if (op.needsPosition() || reads(Reading::PerChannel) || isRepeated ||
          anyElement([](Value v) {
            return nn::layoutOf(v.getType()) == Layout::Lanes;
          }))
        layout = Layout::Lanes;
      if (!op.needsPosition() && !isRepeated && anyElement(inChannels) &&
          !anyElement([](Value v) {
            return getElementTypeOrSelf(v.getType()).isInteger(1);
          }))
        layout = Layout::Channels;
    }
    for (OpOperand &operand : op->getOpOperands())
      switch (readingOf(op, operand.getOperandNumber())) {
      case Reading::Element:
        require(operand, layout);
        break;
      case Reading::PerSample:
        require(operand, Layout::Lanes);
        break;
      default:
        require(operand, Layout::Dense);
      }
    for (OpResult result : op->getResults())
      setLayout(result, layout);
  }

  static int64_t rankOf(Value v) {
    return cast<RankedTensorType>(v.getType()).getRank();
  }

  RankedTensorType typeWith(RankedTensorType type, Layout layout) {
    Attribute encoding;
    if (layout == Layout::Lanes)
      encoding = nn::LanesAttr::get(type.getContext(), lanes);
    else if (layout == Layout::Channels)
      encoding = nn::ChannelsAttr::get(type.getContext(), width);
    return RankedTensorType::get(type.getShape(), type.getElementType(),
                                 encoding);
  }

  void setLayout(Value value, Layout layout) {
    value.setType(typeWith(cast<RankedTensorType>(value.getType()), layout));
  }

  void require(OpOperand &operand, Layout layout) {
    Value value = operand.get();
    auto type = cast<RankedTensorType>(value.getType());
    // A 0-d tensor has no batch to put into lanes.
    if (type.getRank() == 0 || nn::layoutOf(type) == layout)
      return;
    if (nn::layoutOf(type) != Layout::Dense &&
        (layout == Layout::Dense || !hasDirectConversion(type)))
      value = convert(value, Layout::Dense);
    if (layout != Layout::Dense)
      value = convert(value, layout);
    operand.set(value);
  }

  // From lanes to channels and back numbers are transposed in registers. Short
  // vectors of images go through the dense tensor.
  bool hasDirectConversion(RankedTensorType type) const {
    return lanes >= 4 && isa<FloatType>(type.getElementType());
  }

  Value convert(Value value, Layout layout) {
    Value &converted = conversions[{value, unsigned(layout)}];
    if (!converted) {
      Type target = typeWith(cast<RankedTensorType>(value.getType()), layout);
      converted =
          layout == Layout::Dense
              ? nn::UnpackOp::create(builder, value.getLoc(), target, value)
                    .getResult()
              : nn::PackOp::create(builder, value.getLoc(), target, value)
                    .getResult();
    }
    return converted;
  }

  Block &block;
  OpBuilder builder;
  nn::Accuracy accuracy;
  int64_t batch, width, lanes; // the target's vectors; those of this batch
  DenseMap<std::pair<Value, unsigned>, Value> conversions; // by layout
  llvm::SmallPtrSet<Operation *, 8> alone; // in the channels layout
};

struct AssignLayoutsPass : impl::AssignLayoutsBase<AssignLayoutsPass> {
  using AssignLayoutsBase::AssignLayoutsBase;
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr) &&
          failed(LayoutAssigner(func, vectorBytes, exactConv, channels).run()))
        return signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
