// The dropout mask, made in registers where the elements are: one Philox block gives
// the masks of four channels, so a block of channels costs a quarter of its width.
// Nothing is stored: the backward pass makes the same mask again.
#include "Dropout.h"
#include "Philox.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <map>

using namespace mlir;
using namespace gradmill::nn;

namespace {
class MaskEmitter {
public:
  MaskEmitter(PointwiseBlock &block, RankedTensorType type, int64_t stream)
      : e(block.emitter()), block(block), words(VectorType::get(cast<VectorType>(block.type()).getShape(),
                                                         e.b.getI32Type())) {
    lanes = words.getNumElements();
    groups = (type.getDimSize(1) + 3) / 4;
    space = 1;
    for (int64_t d : type.getShape().drop_front(2))
      space *= d;
    pixel = e.index(0);
    for (auto [at, size] : llvm::zip(block.spatial, type.getShape().drop_front(2)))
      pixel = e.add(e.mul(pixel, size), at);
    Value seed = block.scalar(1), step = block.scalar(2);
    key[0] = half(seed, 0);
    key[1] = half(seed, 32);
    tail[0] = splat(constant(uint32_t(stream)));
    tail[1] = splat(half(step, 0));
    tail[2] = splat(half(step, 32));
  }

  // The random word of channel first + j of the block.
  Value word(int64_t j) {
    if (auto first = getConstantIntValue(block.channels.first)) {
      int64_t c = *first + j;
      return groupWords(e.index(c / 4), c / 4)[c % 4];
    }
    if (block.channels.aligned)
      return groupWords(e.add(e.div(block.channels.first, 4), j / 4), j / 4)[j % 4];
    // Somewhere within a group: pick the word at run time.
    Value c = e.add(block.channels.first, j);
    Value group = e.div(c, 4), at = e.sub(c, e.mul(group, 4));
    auto all = groupWords(group, -1 - j);
    Value picked = all[0];
    for (int64_t w = 1; w < 4; ++w) {
      Value is = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, at, e.index(w));
      picked = arith::SelectOp::create(e.b, e.loc, is, all[w], picked);
    }
    return picked;
  }

  Value constantWords(uint32_t v) { return splat(constant(v)); }

private:
  Value constant(uint32_t v) {
    return arith::ConstantOp::create(e.b, e.loc, e.b.getI32IntegerAttr(int32_t(v)));
  }
  Value splat(Value v) { return e.splat(v, words); }
  Value half(Value v, int64_t shift) {
    if (shift)
      v = arith::ShRUIOp::create(e.b, e.loc, v,
                                 arith::ConstantOp::create(e.b, e.loc, e.b.getI64IntegerAttr(shift)));
    return arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(), v);
  }

  const std::array<Value, 4> &groupWords(Value group, int64_t cacheKey) {
    auto [it, fresh] = cache.try_emplace(cacheKey);
    if (fresh)
      it->second = rounds(counter(group));
    return it->second;
  }

  // ((n*S + s) * groups + group), n = imageBlock*lanes + lane.
  Value counter(Value group) {
    Value first = e.add(e.mul(e.mul(block.imageBlock, lanes), space), pixel);
    Value scalar = e.add(e.mul(first, groups), group);
    Value i32 = arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), scalar);
    SmallVector<int32_t> perLane;
    for (int64_t lane = 0; lane < lanes; ++lane)
      perLane.push_back(int32_t(uint32_t(lane * space * groups)));
    Value offsets = arith::ConstantOp::create(
        e.b, e.loc, DenseElementsAttr::get(words, ArrayRef<int32_t>(perLane)));
    return arith::AddIOp::create(e.b, e.loc, splat(i32), offsets);
  }

  std::array<Value, 4> rounds(Value counter) {
    std::array<Value, 4> c{counter, tail[0], tail[1], tail[2]};
    Value mul0 = splat(constant(kPhiloxMul0)), mul1 = splat(constant(kPhiloxMul1));
    auto exclusive = [&](Value x, Value y, Value k) -> Value {
      Value xy = arith::XOrIOp::create(e.b, e.loc, x, y);
      return arith::XOrIOp::create(e.b, e.loc, xy, splat(k));
    };
    Value k0 = key[0], k1 = key[1];
    for (int round = 0; round < kPhiloxRounds; ++round) {
      auto a = arith::MulUIExtendedOp::create(e.b, e.loc, mul0, c[0]);
      auto b = arith::MulUIExtendedOp::create(e.b, e.loc, mul1, c[2]);
      c = {exclusive(b.getHigh(), c[1], k0), b.getLow(), exclusive(a.getHigh(), c[3], k1),
           a.getLow()};
      k0 = arith::AddIOp::create(e.b, e.loc, k0, constant(kPhiloxWeyl0));
      k1 = arith::AddIOp::create(e.b, e.loc, k1, constant(kPhiloxWeyl1));
    }
    return c;
  }

  Emitter &e;
  PointwiseBlock &block;
  VectorType words;
  int64_t lanes, groups, space;
  Value pixel, key[2], tail[3];
  std::map<int64_t, std::array<Value, 4>> cache;
};
} // namespace

bool DropoutTrainOp::needsPosition() { return true; }

void DropoutTrainOp::emitElement(OpBuilder &, Location, ValueRange, SmallVectorImpl<Value> &) {
  llvm_unreachable("the mask depends on the position: see emitBlock");
}

void DropoutTrainOp::emitBlock(PointwiseBlock &block) {
  Emitter &e = block.emitter();
  double p = getP().convertToDouble();
  MaskEmitter mask(block, cast<RankedTensorType>(getInput().getType()), getStream());
  Value threshold = mask.constantWords(dropThreshold(p));
  Value scale = e.constant(block.type(), 1 / (1 - p)), zero = e.constant(block.type(), 0);
  for (int64_t j = 0; j < block.size(); ++j) {
    Value keep = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::uge, mask.word(j), threshold);
    Value scaled = arith::MulFOp::create(e.b, e.loc, block.operand(0, j), scale);
    block.setResult(0, j, arith::SelectOp::create(e.b, e.loc, keep, scaled, zero));
  }
}
