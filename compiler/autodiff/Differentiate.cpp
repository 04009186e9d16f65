// Reverse-mode differentiation: walks backwards over the graph, asks every op
// for its adjoint (GradientInterface), and adds cotangents of a value that is
// used twice.
//
// requires: one block in SSA order, ops without regions. maintains: the forward
// ops are untouched; the result is plain nn IR.
#include "compiler/autodiff/Differentiate.h"
#include "compiler/Passes.h"
#include "compiler/plugin/Silence.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "compiler/Passes.h.inc"

namespace {
class Reverse {
public:
  Reverse(OpBuilder &builder, Block &block) : builder(builder), block(block) {
    for (Operation &op : block)
      forward.push_back(&op); // before we append to the block
  }

  FailureOr<SmallVector<Value>> run(ArrayRef<Seed> seeds, ValueRange wrt) {
    markActive(wrt);
    if (failed(checkGradients(seeds)))
      return failure();
    for (const Seed &seed : seeds)
      accumulate(seed.value, seed.cotangent);
    for (Operation *op : llvm::reverse(forward))
      if (failed(visit(op)))
        return failure();
    return llvm::map_to_vector(wrt,
                               [&](Value v) { return cotangents.lookup(v); });
  }

private:
  // Active values depend on the values by which we differentiate.
  void markActive(ValueRange wrt) {
    active.insert(wrt.begin(), wrt.end());
    for (Operation *op : forward)
      if (llvm::any_of(op->getOperands(),
                       [&](Value v) { return active.contains(v); }))
        active.insert(op->result_begin(), op->result_end());
  }

  bool isActive(Operation *op) const {
    return llvm::any_of(op->getOperands(),
                        [&](Value v) { return active.contains(v); });
  }

  // One error for all ops without a gradient, so that a user can fix them at
  // once.
  LogicalResult checkGradients(ArrayRef<Seed> seeds) {
    llvm::DenseSet<Value> useful;
    for (const Seed &seed : seeds)
      useful.insert(seed.value);
    SmallVector<Operation *> blocked;
    for (Operation *op : llvm::reverse(forward)) {
      if (!isActive(op) || llvm::none_of(op->getResults(), [&](Value v) {
            return useful.contains(v);
          }))
        continue;
      useful.insert(op->operand_begin(), op->operand_end());
      if (!isa<nn::GradientInterface>(op))
        blocked.push_back(op);
    }
    if (blocked.empty())
      return success();
    auto error = emitError(blocked.back()->getLoc())
                 << "[no_gradient] cannot train: " << blocked.size()
                 << (blocked.size() == 1 ? " op has" : " ops have")
                 << " no gradient: ";
    llvm::interleaveComma(llvm::reverse(blocked), error, [&](Operation *op) {
      error << "'" << op->getName() << "'";
    });
    for (Operation *op : llvm::reverse(blocked))
      error.attachNote(op->getLoc())
          << "'" << op->getName()
          << "' is here; its family must implement GradientInterface";
    return failure();
  }

  LogicalResult visit(Operation *op) {
    if (!isActive(op))
      return success();
    SmallVector<Value> results = llvm::map_to_vector(
        op->getResults(), [&](Value v) { return cotangents.lookup(v); });
    if (llvm::all_of(results, [](Value v) { return !v; }))
      return success();
    SmallVector<bool> needed = llvm::map_to_vector(
        op->getOperands(), [&](Value v) { return active.contains(v); });
    nn::Gradient gradient(builder, op, results, needed);
    if (failed(reportSilence(op, "buildGradient", [&] {
          return cast<nn::GradientInterface>(op).buildGradient(gradient);
        })))
      return failure();
    for (OpOperand &operand : op->getOpOperands()) {
      unsigned i = operand.getOperandNumber();
      if (!needed[i])
        continue;
      if (failed(checkCotangent(gradient, operand)))
        return failure();
      if (Value cotangent = gradient.get(i))
        accumulate(operand.get(), cotangent);
    }
    return success();
  }

  // Without a cotangent and without setNone the layers before the op would stay
  // untrained, and nobody would know.
  static LogicalResult checkCotangent(const nn::Gradient &gradient,
                                      OpOperand &operand) {
    unsigned i = operand.getOperandNumber();
    Operation *op = operand.getOwner();
    Value cotangent = gradient.get(i);
    if (!cotangent && (gradient.isNone(i) || !isFloatTensor(operand.get().getType())))
      return success();
    if (!cotangent)
      return emitError(op->getLoc())
             << "[gradient_missing] buildGradient of '" << op->getName()
             << "' gives operand #" << i
             << " no cotangent; it must call set(" << i << ", ...), or setNone("
             << i << ") if nothing flows back";
    if (cotangent.getType() == operand.get().getType())
      return success();
    return emitError(op->getLoc())
           << "[gradient_type] buildGradient of '" << op->getName()
           << "' gives operand #" << i << " a cotangent of type "
           << cotangent.getType() << ", expected the operand's own, "
           << operand.get().getType();
  }

  void accumulate(Value value, Value cotangent) {
    Value &sum = cotangents[value];
    sum = sum ? nn::AddOp::create(builder, cotangent.getLoc(), sum, cotangent)
              : cotangent;
  }

  OpBuilder &builder;
  Block &block;
  SmallVector<Operation *> forward;
  llvm::DenseSet<Value> active;
  llvm::DenseMap<Value, Value> cotangents;
};

struct DifferentiatePass : impl::DifferentiateBase<DifferentiatePass> {
  void runOnOperation() override {
    for (func::FuncOp func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (failed(addVjp(func)))
        return signalPassFailure();
  }

  // @f(args) -> results  gives  @f_vjp(args, cotangents of results) ->
  // cotangents of args.
  LogicalResult addVjp(func::FuncOp func) {
    auto vjp = func.clone();
    vjp.setName((func.getName() + "_vjp").str());
    getOperation().insert(std::next(func->getIterator()), vjp);
    Block &block = vjp.front();
    auto ret = cast<func::ReturnOp>(block.getTerminator());
    SmallVector<Value> wrt;
    for (BlockArgument arg : block.getArguments())
      if (isFloatTensor(arg.getType()))
        wrt.push_back(arg);
    SmallVector<Seed> seeds;
    for (Value result : ret.getOperands())
      if (isFloatTensor(result.getType()))
        seeds.push_back({result, addCotangent(vjp, result)});
    OpBuilder builder(ret);
    auto cotangents = differentiate(builder, block, seeds, wrt);
    if (failed(cotangents))
      return failure();
    for (auto [value, cotangent] : llvm::zip(wrt, *cotangents))
      if (!cotangent) {
        auto type = cast<RankedTensorType>(value.getType());
        cotangent = nn::ConstantOp::create(
            builder, value.getLoc(),
            DenseElementsAttr::get(type,
                                   builder.getZeroAttr(type.getElementType())));
      }
    ret->setOperands(*cotangents);
    for (unsigned i = vjp.getNumResults(); i > 0; --i)
      (void)vjp.eraseResult(i - 1);
    for (auto [i, value] : llvm::enumerate(*cotangents))
      (void)vjp.insertResult(i, value.getType(), {});
    return success();
  }

  static Value addCotangent(func::FuncOp vjp, Value result) {
    (void)vjp.insertArgument(vjp.getNumArguments(), result.getType(), {},
                             result.getLoc());
    return vjp.getArguments().back();
  }
};
} // namespace

bool isFloatTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<FloatType>(tensor.getElementType());
}

FailureOr<SmallVector<Value>> differentiate(OpBuilder &builder, Block &block,
                                            ArrayRef<Seed> seeds,
                                            ValueRange wrt) {
  return Reverse(builder, block).run(seeds, wrt);
}

} // namespace gradmill
