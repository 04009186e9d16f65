// The dropout mask, made in registers where the elements are. One Philox block
// gives the masks of sixteen channels. The mask is stored as one bit per
// element for the adjoint, because drawing it again costs more than reading a
// 32nd of the data.
#include "Dropout.h"
#include "Philox.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <map>

using namespace mlir;
using namespace gradmill::nn;

namespace {

// Philox on vectors of 32-bit words. Its multiplications give 64 bits, and
// machines multiply so for every other lane only. So even and odd lanes stay
// apart, as the low halves of 64-bit lanes, until the last round. The high
// halves are never read.
class VectorPhilox {
public:
  VectorPhilox(Emitter &e, VectorType words, Value key0, Value key1)
      : e(e), words(words), pairs(words.getNumElements() % 2 == 0),
        wide(VectorType::get(
            {pairs ? words.getNumElements() / 2 : words.getNumElements()},
            e.b.getI64Type())),
        key{key0, key1} {}

  std::array<Value, 4> operator()(ArrayRef<Value> counter) {
    std::array<Parts, 4> c;
    for (int i = 0; i < 4; ++i)
      c[i] = split(counter[i]);
    Value k0 = key[0], k1 = key[1];
    for (int round = 0; round < kPhiloxRounds; ++round) {
      Parts a = multiply(c[0], kPhiloxMul0), b = multiply(c[2], kPhiloxMul1);
      c = {mix(b, c[1], k0), b, mix(a, c[3], k1), a};
      k0 = add(k0, kPhiloxWeyl0);
      k1 = add(k1, kPhiloxWeyl1);
    }
    return {join(c[0]), join(c[1]), join(c[2]), join(c[3])};
  }

private:
  using Parts = SmallVector<Value, 2>; // even and odd lanes, or all

  Parts split(Value v) {
    if (!pairs)
      return {arith::ExtUIOp::create(e.b, e.loc, wide, v)};
    Value even = vector::BitCastOp::create(e.b, e.loc, wide, v);
    return {even, shift<arith::ShRUIOp>(even)};
  }

  Value join(const Parts &p) {
    if (!pairs)
      return arith::TruncIOp::create(e.b, e.loc, words, p[0]);
    Value low = lowHalf(p[0]), high = shift<arith::ShLIOp>(p[1]);
    Value both = arith::OrIOp::create(e.b, e.loc, low, high);
    return vector::BitCastOp::create(e.b, e.loc, words, both);
  }

  Parts multiply(const Parts &p, uint32_t factor) {
    return llvm::map_to_vector<2>(p, [&](Value v) -> Value {
      return arith::MulIOp::create(e.b, e.loc, lowHalf(v), constant(factor));
    });
  }

  // The product's high half ^ x ^ k.
  Parts mix(const Parts &product, const Parts &x, Value k) {
    Value keys =
        e.splat(arith::ExtUIOp::create(e.b, e.loc, e.b.getI64Type(), k), wide);
    Parts out;
    for (auto [p, v] : llvm::zip(product, x))
      out.push_back(arith::XOrIOp::create(
          e.b, e.loc,
          arith::XOrIOp::create(e.b, e.loc, shift<arith::ShRUIOp>(p), v),
          keys));
    return out;
  }

  Value lowHalf(Value v) {
    return arith::AndIOp::create(e.b, e.loc, v, constant(0xffffffff));
  }
  template <typename Op> Value shift(Value v) {
    return Op::create(e.b, e.loc, v, constant(32));
  }
  Value constant(int64_t v) {
    return arith::ConstantOp::create(
        e.b, e.loc, DenseElementsAttr::get(wide, e.b.getI64IntegerAttr(v)));
  }
  Value add(Value k, uint32_t weyl) {
    Value w = arith::ConstantOp::create(e.b, e.loc,
                                        e.b.getI32IntegerAttr(int32_t(weyl)));
    return arith::AddIOp::create(e.b, e.loc, k, w);
  }

  Emitter &e;
  VectorType words;
  bool pairs;
  VectorType wide;
  Value key[2];
};

class MaskEmitter {
public:
  MaskEmitter(PointwiseBlock &block, RankedTensorType type, int64_t stream,
              double p, bool wholeChannels)
      : e(block.emitter()), block(block),
        words(VectorType::get(cast<VectorType>(block.type()).getShape(),
                              e.b.getI32Type())),
        threshold(dropThreshold(p)) {
    lanes = words.getNumElements();
    blocks = (type.getDimSize(1) + kPhiloxBytes - 1) / kPhiloxBytes;
    space = 1;
    pixel = e.index(0);
    // All pixels count as one if they share their masks.
    ArrayRef<int64_t> sizes = type.getShape().drop_front(2);
    if (!wholeChannels)
      for (auto [at, size] : llvm::zip(block.spatial, sizes)) {
        space *= size;
        pixel = e.add(e.mul(pixel, size), at);
      }
    Value seed = block.scalar(1), step = block.scalar(2);
    key[0] = half(seed, 0);
    key[1] = half(seed, 32);
    tail[0] = splat(constant(uint32_t(stream)));
    tail[1] = splat(half(step, 0));
    tail[2] = splat(half(step, 32));
  }

  // Whether channel first + j of the block is kept, in each lane.
  Value keep(int64_t j) {
    Value c = e.add(block.channels.first, j);
    Value number = e.div(c, kPhiloxBytes);
    Value at = e.sub(c, e.mul(number, kPhiloxBytes)); // within its block
    if (auto fixed = getConstantIntValue(c))
      return kept(bytesOf(number, *fixed / kPhiloxBytes)[*fixed % 4],
                  e.index(*fixed % kPhiloxBytes / 4));
    if (block.channels.alignment % kPhiloxBytes == 0)
      return kept(bytesOf(number, j / kPhiloxBytes)[j % 4],
                  e.index(j % kPhiloxBytes / 4));
    // Four channels that start at a multiple of four are in one block.
    if (block.channels.alignment % 4 == 0)
      return kept(bytesOf(number, j / 4)[j % 4], e.div(at, 4));
    // At any other place the word is chosen at run time.
    auto all = bytesOf(number, -1 - j);
    Value byte = e.div(at, 4), place = e.sub(at, e.mul(byte, 4));
    Value picked = all[0];
    for (int64_t w = 1; w < 4; ++w) {
      Value is = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq,
                                       place, e.index(w));
      picked = arith::SelectOp::create(e.b, e.loc, is, all[w], picked);
    }
    return kept(picked, byte);
  }

private:
  using Words = std::array<Value, 4>;

  // A byte of each word, all ones or zeros, as a mask. The byte moves to the
  // sign bit, which instructions on masks read.
  Value kept(Value bytes, Value byte) {
    Value distance = e.sub(e.index(24), e.mul(byte, 8));
    Value bits = arith::IndexCastOp::create(e.b, e.loc, words.getElementType(),
                                            distance);
    Value top = arith::ShLIOp::create(e.b, e.loc, bytes, splat(bits));
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt, top,
                                 splat(constant(0)));
  }

  // A Philox block: each byte has all bits set if its element is kept, and none
  // if it is dropped. The scalar form is keepsElement.
  const Words &bytesOf(Value number, int64_t cacheKey) {
    auto [it, fresh] = cache.try_emplace(cacheKey);
    if (!fresh)
      return it->second;
    Words random = VectorPhilox(e, words, key[0], key[1])(
        {counter(number), tail[0], tail[1], tail[2]});
    // A byte above the limit is kept; if the limit would be -1, a byte of at
    // least the limit.
    uint32_t high = threshold >> 8;
    auto order = high ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::uge;
    auto bytes = VectorType::get({4 * lanes}, e.b.getI8Type());
    Value limit = vector::BitCastOp::create(
        e.b, e.loc, bytes, limits(random, high ? high - 1 : 0));
    for (Value &word : random) {
      Value x = vector::BitCastOp::create(e.b, e.loc, bytes, word);
      x = arith::CmpIOp::create(e.b, e.loc, order, x, limit);
      x = arith::ExtSIOp::create(e.b, e.loc, bytes, x);
      word = vector::BitCastOp::create(e.b, e.loc, words, x);
    }
    return it->second = random;
  }

  // In each byte `least`, or one more.
  Value limits(const Words &random, uint32_t least) {
    Value base = splat(constant(least * 0x01010101u));
    if (threshold % 256 == 0)
      return base;
    Value all = random[0];
    for (int w = 1; w < 4; ++w)
      all = arith::XOrIOp::create(e.b, e.loc, all, random[w]);
    for (uint32_t distance : {16, 8})
      all = arith::XOrIOp::create(
          e.b, e.loc, all,
          arith::ShRUIOp::create(e.b, e.loc, all, splat(constant(distance))));
    all = arith::AndIOp::create(e.b, e.loc, all, splat(constant(0xff)));
    Value more = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt,
                                       all, splat(constant(threshold % 256)));
    return arith::SelectOp::create(
        e.b, e.loc, more, splat(constant((least + 1) * 0x01010101u)), base);
  }

  Value constant(uint32_t v) {
    return arith::ConstantOp::create(e.b, e.loc,
                                     e.b.getI32IntegerAttr(int32_t(v)));
  }
  Value splat(Value v) { return e.splat(v, words); }
  Value half(Value v, int64_t shift) {
    if (shift)
      v = arith::ShRUIOp::create(
          e.b, e.loc, v,
          arith::ConstantOp::create(e.b, e.loc, e.b.getI64IntegerAttr(shift)));
    return arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(), v);
  }

  // ((n*S + s) * blocks + number), n = imageBlock*lanes + lane.
  Value counter(Value number) {
    Value first = e.add(e.mul(e.mul(block.imageBlock, lanes), space), pixel);
    Value scalar = e.add(e.mul(first, blocks), number);
    Value i32 =
        arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), scalar);
    SmallVector<int32_t> perLane;
    for (int64_t lane = 0; lane < lanes; ++lane)
      perLane.push_back(int32_t(uint32_t(lane * space * blocks)));
    Value offsets = arith::ConstantOp::create(
        e.b, e.loc, DenseElementsAttr::get(words, ArrayRef<int32_t>(perLane)));
    return arith::AddIOp::create(e.b, e.loc, splat(i32), offsets);
  }

  Emitter &e;
  PointwiseBlock &block;
  VectorType words;
  uint32_t threshold;
  int64_t lanes, blocks, space; // Philox blocks of a pixel; pixels
  Value pixel, key[2], tail[3];
  std::map<int64_t, Words> cache;
};

// x / (1 - p) where `keep`, else 0.
Value dropped(OpBuilder &b, Location loc, Value x, Value keep, double p) {
  Emitter e(b, loc);
  Value scaled =
      arith::MulFOp::create(b, loc, x, e.constant(x.getType(), 1 / (1 - p)));
  return arith::SelectOp::create(b, loc, keep, scaled,
                                 e.constant(x.getType(), 0));
}
} // namespace

bool DropoutTrainOp::needsPosition() { return true; }

void DropoutTrainOp::emitElement(OpBuilder &, Location, ValueRange,
                                 SmallVectorImpl<Value> &) {
  llvm_unreachable("the mask depends on the position: see emitBlock");
}

void DropoutTrainOp::emitBlock(PointwiseBlock &block) {
  double p = getP().convertToDouble();
  MaskEmitter mask(block, cast<RankedTensorType>(getInput().getType()),
                   getStream(), p, getWholeChannels());
  for (int64_t j = 0; j < block.size(); ++j) {
    Value keep = mask.keep(j);
    block.setResult(
        0, j,
        dropped(block.builder(), block.loc(), block.operand(0, j), keep, p));
    block.setResult(1, j, keep);
  }
}

// With a given mask, dropout is its own adjoint.
Value DropoutTrainOp::recompute(OpBuilder &builder, unsigned result) {
  if (result != 0)
    return {};
  return DropoutBackwardOp::create(builder, getLoc(), getInput(), getMask(),
                                   getPAttr());
}

void DropoutBackwardOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                                    SmallVectorImpl<Value> &out) {
  out.push_back(dropped(b, loc, in[0], in[1], getP().convertToDouble()));
}
