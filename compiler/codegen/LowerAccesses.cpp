// Lowers loads, stores and prefetches to LLVM's. An index is a sum of values
// times constants. Each value is added to the address right after its
// definition, the outermost loop's first. So an innermost loop counts bytes
// instead of elements, as far as instructions can multiply by 2, 4 and 8. It
// contains only one address per group of accesses, and constant distances.
//
// MLIR's conversions work op by op: each access then carries the arithmetic of
// all its indices. That was three quarters of a module, and most of LLVM's time
// went into finding the common parts.
//
// requires: an LLVM function whose body is structured, with loops as scf.for.
// maintains: accesses to buffers whose shape is not static, or whose elements
// do not lie row by row, stay for MLIR's conversions, with their views
// expanded.
#include "compiler/Passes.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_LOWERACCESSES
#include "compiler/Passes.h.inc"

namespace {

// A sum of values times constants, and a constant.
struct Sum {
  SmallVector<std::pair<Value, int64_t>> terms;
  int64_t constant = 0;

  void add(Value index, int64_t factor) {
    if (std::optional<int64_t> value = getConstantIntValue(index)) {
      constant += *value * factor;
      return;
    }
    Operation *def = index.getDefiningOp();
    if (isa_and_nonnull<arith::AddIOp, arith::SubIOp>(def)) {
      add(def->getOperand(0), factor);
      add(def->getOperand(1), isa<arith::SubIOp>(def) ? -factor : factor);
      return;
    }
    if (auto product = dyn_cast_or_null<arith::MulIOp>(def))
      if (auto value = getConstantIntValue(product.getRhs()))
        return add(product.getLhs(), factor * *value);
    auto known =
        llvm::find_if(terms, [&](auto &term) { return term.first == index; });
    if (known == terms.end())
      terms.push_back({index, factor});
    else
      known->second += factor;
  }
};

struct Access {
  Operation *op;
  Value buffer;
  OperandRange indices;
  Sum bytes = {}; // from the beginning of the buffer
};

// The distance of elements in memory; 0 if it is not simply their size.
int64_t bytesOf(Type element) {
  auto vector = dyn_cast<VectorType>(element);
  Type scalar = vector ? vector.getElementType() : element;
  if (!LLVM::isCompatibleType(element) || !scalar.isIntOrFloat() ||
      (vector && vector.isScalable()))
    return 0;
  int64_t bits =
      scalar.getIntOrFloatBitWidth() * (vector ? vector.getNumElements() : 1);
  return llvm::isPowerOf2_64(bits) ? llvm::divideCeil(bits, 8) : 0;
}

// None for accesses that MLIR's conversions lower.
std::optional<Access> accessOf(Operation *op) {
  auto access = [op](Value buffer, OperandRange indices,
                     Type value) -> std::optional<Access> {
    auto type = cast<MemRefType>(buffer.getType());
    Type element = type.getElementType();
    // One element, or several that lie side by side.
    auto vector = dyn_cast<VectorType>(value);
    bool some = vector && vector.getRank() == 1 &&
                vector.getElementType() == element && bytesOf(value) &&
                element.getIntOrFloatBitWidth() >= 8;
    if (!type.hasStaticShape() || !type.getLayout().isIdentity() ||
        !bytesOf(element) || (value != element && !some))
      return std::nullopt;
    return Access{op, buffer, indices};
  };
  return TypeSwitch<Operation *, std::optional<Access>>(op)
      .Case([&](memref::LoadOp load) {
        return access(load.getMemRef(), load.getIndices(), load.getType());
      })
      .Case([&](memref::StoreOp store) {
        return access(store.getMemRef(), store.getIndices(),
                      store.getValueToStore().getType());
      })
      .Case([&](vector::LoadOp load) {
        return access(load.getBase(), load.getIndices(), load.getType());
      })
      .Case([&](vector::StoreOp store) {
        return access(store.getBase(), store.getIndices(),
                      store.getValueToStore().getType());
      })
      .Case([&](memref::PrefetchOp prefetch) {
        return access(prefetch.getMemref(), prefetch.getIndices(),
                      prefetch.getMemRefType().getElementType());
      })
      .Default([](Operation *) { return std::nullopt; });
}

class AccessLowering {
public:
  explicit AccessLowering(LLVM::LLVMFuncOp function)
      : function(function), builder(function.getContext()),
        types(function.getContext()),
        pointer(LLVM::LLVMPointerType::get(function.getContext())) {}

  void run() {
    SmallVector<LLVM::ExtractValueOp> pointers; // that calls pass on
    function.walk([&](Operation *op) {
      if (std::optional<Access> access = accessOf(op))
        accesses.push_back(measure(*access));
      if (auto pointer = dyn_cast<LLVM::ExtractValueOp>(op);
          pointer && bufferOf(pointer))
        pointers.push_back(pointer);
    });
    stepThroughBytes();
    for (Access &access : accesses)
      lower(access);
    for (LLVM::ExtractValueOp pointer : pointers)
      pointer.getResult().replaceAllUsesWith(baseOf(bufferOf(pointer)));
    function.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
  }

private:
  static Access measure(Access access) {
    auto type = cast<MemRefType>(access.buffer.getType());
    int64_t stride = bytesOf(type.getElementType());
    for (auto [index, size] :
         llvm::reverse(llvm::zip_equal(access.indices, type.getShape()))) {
      access.bytes.add(index, stride);
      stride *= size;
    }
    return access;
  }

  //===-- Innermost loops -------------------------------------------------===//

  struct Loop {
    llvm::SmallSetVector<int64_t, 4> strides;
    SmallVector<Access *> accesses;
  };

  // Makes a variable for each group of strides of an innermost loop. If the
  // loop's counter serves addresses only, it becomes one of these variables.
  void stepThroughBytes() {
    llvm::MapVector<scf::ForOp, Loop> loops;
    for (Access &access : accesses)
      for (auto [value, factor] : access.bytes.terms)
        if (auto loop = scf::getForInductionVarOwner(value))
          if (factor != 0 && value.getType().isIndex() && isInnermost(loop)) {
            loops[loop].strides.insert(factor);
            loops[loop].accesses.push_back(&access);
          }
    for (auto &[loop, uses] : loops)
      stepThroughBytes(loop, uses);
  }

  static bool isInnermost(scf::ForOp loop) {
    return llvm::none_of(*loop.getBody(),
                         [](Operation &op) { return op.getNumRegions() != 0; });
  }

  void stepThroughBytes(scf::ForOp loop, Loop &uses) {
    SmallVector<int64_t> strides = uses.strides.takeVector(), units;
    llvm::sort(strides);
    auto unitOf = [&](int64_t stride) {
      return llvm::find_if(units,
                           [&](int64_t unit) {
                             return stride % unit == 0 &&
                                    llvm::is_contained({1, 2, 4, 8},
                                                       stride / unit);
                           }) -
             units.begin();
    };
    for (int64_t stride : strides)
      if (unitOf(stride) == int64_t(units.size()))
        units.push_back(stride);

    builder.setInsertionPoint(loop);
    Value lower = loop.getLowerBound(), step = loop.getStep();
    bool counts = units.front() > 0 && isOnlyAddress(loop.getInductionVar());
    SmallVector<Value> starts, steps;
    for (int64_t unit : ArrayRef(units).drop_front(counts)) {
      starts.push_back(times(lower, unit));
      steps.push_back(times(step, unit));
    }
    if (counts) {
      Value upper = loop.getUpperBound();
      loop.setLowerBound(toIndex(times(lower, units.front())));
      loop.setUpperBound(toIndex(times(upper, units.front())));
      loop.setStep(toIndex(times(step, units.front())));
    }
    if (!starts.empty())
      loop = carry(loop, uses, starts, steps);

    Value counter = loop.getInductionVar();
    builder.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> variables;
    if (counts)
      variables.push_back(toI64(counter));
    llvm::append_range(variables,
                       loop.getRegionIterArgs().take_back(starts.size()));
    for (int64_t stride : strides) {
      int64_t unit = unitOf(stride);
      offsets[{counter, stride}] = times(variables[unit], stride / units[unit]);
    }
  }

  // The same loop with more variables.
  scf::ForOp carry(scf::ForOp loop, Loop &uses, ArrayRef<Value> starts,
                   ArrayRef<Value> steps) {
    Value counter = loop.getInductionVar();
    SmallVector<std::pair<Value, unsigned>> indices;
    for (OpResult result : loop.getResults())
      if (result.getType().isIndex())
        indices.push_back({result, result.getResultNumber()});
    IRRewriter rewriter(builder);
    auto added = [&](OpBuilder &inner, Location loc,
                     ArrayRef<BlockArgument> variables) {
      SmallVector<Value> next;
      for (auto [variable, step] : llvm::zip_equal(variables, steps))
        next.push_back(arith::AddIOp::create(inner, loc, variable, step));
      return next;
    };
    auto wider = cast<scf::ForOp>(
        loop.replaceWithAdditionalYields(rewriter, starts, false, added)
            ->getOperation());
    for (Access *access : uses.accesses)
      for (auto &term : access->bytes.terms)
        if (term.first == counter)
          term.first = wider.getInductionVar();
    for (auto [result, number] : indices)
      for (Access &access : accesses)
        for (auto &term : access.bytes.terms)
          if (term.first == result)
            term.first = wider.getResult(number);
    return wider;
  }

  // Whether the value has no other use.
  static bool isOnlyAddress(Value value) {
    return llvm::all_of(value.getUsers(), [](Operation *user) {
      if (isa<arith::AddIOp, arith::SubIOp>(user))
        return isOnlyAddress(user->getResult(0));
      if (auto product = dyn_cast<arith::MulIOp>(user))
        return getConstantIntValue(product.getRhs()) &&
               isOnlyAddress(product.getResult());
      return bool(accessOf(user));
    });
  }

  //===-- Addresses -------------------------------------------------------===//

  void lower(Access &access) {
    Operation *op = access.op;
    Value address = addressOf(baseOf(access.buffer), access.bytes);
    builder.setInsertionPoint(op);
    Location loc = op->getLoc();
    address = step(loc, address, access.bytes.constant);
    // A vector has the alignment of one of its elements.
    Type element = cast<MemRefType>(access.buffer.getType()).getElementType();
    auto alignment = [&](auto access, Type value) -> unsigned {
      if (auto given = access.getAlignment())
        return *given;
      return value == element ? 0 : bytesOf(element);
    };
    TypeSwitch<Operation *>(op)
        .Case<memref::LoadOp, vector::LoadOp>([&](auto load) {
          load.getResult().replaceAllUsesWith(LLVM::LoadOp::create(
              builder, loc, load.getType(), address,
              alignment(load, load.getType()), false, load.getNontemporal()));
        })
        .Case<memref::StoreOp, vector::StoreOp>([&](auto store) {
          Value value = store.getValueToStore();
          LLVM::StoreOp::create(builder, loc, value, address,
                                alignment(store, value.getType()), false,
                                store.getNontemporal());
        })
        .Case([&](memref::PrefetchOp prefetch) {
          LLVM::Prefetch::create(builder, loc, address, prefetch.getIsWrite(),
                                 prefetch.getLocalityHint(),
                                 prefetch.getIsDataCache());
        });
    op->erase();
  }

  // The buffer of which this is the address; null for anything else.
  static Value bufferOf(LLVM::ExtractValueOp pointer) {
    auto cast =
        pointer.getContainer().getDefiningOp<UnrealizedConversionCastOp>();
    bool isBuffer = cast && cast.getNumOperands() == 1 &&
                    isa<MemRefType>(cast.getOperand(0).getType()) &&
                    pointer.getPosition() == ArrayRef<int64_t>{1};
    return isBuffer ? cast.getOperand(0) : Value();
  }

  // Where a buffer begins.
  Value baseOf(Value buffer) {
    if (Value known = bases.lookup(buffer))
      return known;
    Value base;
    Location loc = buffer.getLoc();
    Operation *def = buffer.getDefiningOp();
    auto view = dyn_cast_or_null<memref::ViewOp>(def);
    auto shift = view ? getConstantIntValue(view.getByteShift()) : std::nullopt;
    if (shift) {
      base = baseOf(view.getSource());
      builder.setInsertionPointAfterValue(buffer);
      base = step(loc, base, *shift);
    } else if (auto flat = dyn_cast_or_null<memref::CollapseShapeOp>(def)) {
      base = baseOf(flat.getSrc());
    } else {
      builder.setInsertionPointAfterValue(buffer);
      Value descriptor =
          UnrealizedConversionCastOp::create(
              builder, loc, types.convertType(buffer.getType()), buffer)
              .getResult(0);
      base = LLVM::ExtractValueOp::create(builder, loc, pointer, descriptor, 1);
    }
    bases[buffer] = base;
    return base;
  }

  // `base` plus the sum without its constant; values that are known first are
  // added first.
  Value addressOf(Value base, Sum &sum) {
    llvm::sort(sum.terms, [&](auto &a, auto &b) {
      return a.first != b.first && isKnownBefore(a.first, b.first);
    });
    for (auto [value, factor] : sum.terms) {
      if (factor == 0)
        continue;
      Value offset = offsetOf(value, factor);
      Value &next = sums[{base, offset}];
      if (!next) {
        builder.setInsertionPointAfterValue(
            isKnownBefore(offset, base) ? base : offset);
        next = LLVM::GEPOp::create(builder, value.getLoc(), pointer,
                                   builder.getI8Type(), base,
                                   ArrayRef<LLVM::GEPArg>{offset});
      }
      base = next;
    }
    return base;
  }

  Value offsetOf(Value value, int64_t factor) {
    Value &offset = offsets[{value, factor}];
    if (!offset) {
      builder.setInsertionPointAfterValue(value);
      offset = times(value, factor);
    }
    return offset;
  }

  // Orders two values that an access may use together. Each is defined in a
  // block around the access; values of outer blocks come first.
  static bool isKnownBefore(Value a, Value b) {
    Block *outer = a.getParentBlock(), *inner = b.getParentBlock();
    if (outer != inner)
      return outer->findAncestorOpInBlock(*inner->getParentOp());
    auto first = dyn_cast<BlockArgument>(a);
    auto second = dyn_cast<BlockArgument>(b);
    if (first || second)
      return first && (!second || first.getArgNumber() < second.getArgNumber());
    return a.getDefiningOp()->isBeforeInBlock(b.getDefiningOp());
  }

  Value step(Location loc, Value base, int64_t distance) {
    if (distance == 0)
      return base;
    // A constant of the op itself has 29 bits. It would silently lose the
    // others.
    LLVM::GEPArg argument = llvm::isInt<LLVM::kGEPConstantBitWidth>(distance)
                                ? LLVM::GEPArg(int32_t(distance))
                                : constant(loc, distance);
    return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{argument});
  }

  // An index or an i64 times a constant, as i64.
  Value times(Value value, int64_t factor) {
    Location loc = value.getLoc();
    if (auto known = getConstantIntValue(value))
      return constant(loc, *known * factor);
    value = toI64(value);
    if (factor == 1)
      return value;
    return arith::MulIOp::create(builder, loc, value, constant(loc, factor),
                                 arith::IntegerOverflowFlags::nsw);
  }
  Value toI64(Value value) { return cast(value, builder.getI64Type()); }
  Value toIndex(Value value) { return cast(value, builder.getIndexType()); }
  Value cast(Value value, Type type) {
    return builder.createOrFold<arith::IndexCastOp>(value.getLoc(), type,
                                                    value);
  }
  Value constant(Location loc, int64_t value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI64IntegerAttr(value));
  }

  LLVM::LLVMFuncOp function;
  OpBuilder builder;
  LLVMTypeConverter types;
  Type pointer;
  std::vector<Access> accesses;
  DenseMap<Value, Value> bases;                       // of buffers
  DenseMap<std::pair<Value, int64_t>, Value> offsets; // a value times a factor
  DenseMap<std::pair<Value, Value>, Value> sums;      // base and offset
};

struct LowerAccessesPass : impl::LowerAccessesBase<LowerAccessesPass> {
  void runOnOperation() override {
    AccessLowering(getOperation()).run();
    // Expands views that other accesses need, for example in a plugin's loops.
    // Most tasks have none, and searching is faster than rewriting.
    auto isView = [](Operation *op) {
      return isa_and_nonnull<memref::MemRefDialect>(op->getDialect()) &&
                     !isa<memref::GetGlobalOp>(op)
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    };
    if (!getOperation()->walk(isView).wasInterrupted())
      return;
    OpPassManager rest(LLVM::LLVMFuncOp::getOperationName());
    rest.addPass(memref::createExpandStridedMetadataPass());
    rest.addPass(createLowerAffinePass());
    if (failed(runPipeline(rest, getOperation())))
      signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
