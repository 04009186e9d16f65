// Backward-data for large strides: each pixel gathers the cotangents that saw
// it, in loops whose bounds are computed at run time.
//
//   dx[n,c,h,w] = sum over i,j,f of w[f,c,p,q] * dy[n,f,i,j],
//     p = (h + padding - i*stride) / dilation, where that is whole
//
// One kernel per phase (ConvLowering.cpp) is faster, and all phases of a row
// together (ConvPhases.cpp) faster still. But the code of both grows with the
// number of phases: with strides of 32 it was 42 MB before LLVM. A transposed
// convolution can have any stride.
#include "phases/ConvGather.h"
#include "shared/Loops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

// Strides of 8 are still one kernel per phase.
constexpr int64_t kMostPhases = 64;

class GatherKernel {
public:
  GatherKernel(KernelBuilder &k, const ConvShape &s)
      : k(k), s(s), dy(k.operand(0)), filter(k.operand(1)),
        buffer(cast<MemRefType>(dy.getType())),
        vector(cast<VectorType>(buffer.getElementType())) {}

  void emit() {
    // Registers for sums, operands and a weight.
    int64_t width = std::min<int64_t>(8, k.vectorRegisters() - 3);
    k.note("many phases: the taps of a pixel are looked for at run time");
    k.forEachBlock(buffer.getDimSize(0), [&](Value block) {
      k.loop(s.in[0], [&](Value row) {
        k.loop(s.in[1], [&](Value column) {
          k.loop(s.groups, [&](Value group) {
            k.forEachChannelBlock(
                s.groupChannels(),
                [&](ChannelBlock c) { pixel(block, row, column, group, c); },
                width);
          });
        });
      });
    });
  }

private:
  void pixel(Value block, Value row, Value column, Value group,
             ChannelBlock c) {
    SmallVector<Value> zeros(c.count, k.constant(vector, 0));
    Value filters = k.mul(group, s.groupFilters());
    SmallVector<Value> sums =
        overOutputs(0, row, zeros, [&](Value i, Value p, ValueRange outer) {
          return overOutputs(
              1, column, outer, [&](Value j, Value q, ValueRange inner) {
                return k.reduce(
                    k.index(0), k.index(s.groupFilters()), 1, inner,
                    [&](Value f, ValueRange carried) {
                      Value at = k.add(filters, f);
                      Value x = k.loadVector(vector, dy, {block, i, j, at});
                      SmallVector<Value> out;
                      for (auto [n, sum] : llvm::enumerate(carried)) {
                        Value w = k.load(filter, {at, k.add(c.first, n), p, q});
                        out.push_back(vector::FMAOp::create(
                            k.b, k.loc, k.splat(w, vector), x, sum));
                      }
                      return out;
                    });
              });
        });
    if (s.groups > 1)
      c = {k.add(k.mul(group, s.groupChannels()), c.first), c.count};
    k.emit(block, {row, column}, c, sums);
  }

  // Folds `body(output, tap, sums)` over the outputs of an axis that see pixel
  // `at`.
  SmallVector<Value> overOutputs(
      int axis, Value at, ValueRange init,
      llvm::function_ref<SmallVector<Value>(Value, Value, ValueRange)> body) {
    int64_t stride = s.stride[axis], dilation = s.dilation[axis];
    Value last = k.add(at, s.padding[axis]);
    Value lo = k.ceilDiv(k.add(last, -(s.kernel[axis] - 1) * dilation), stride);
    Value hi = k.add(k.div(last, stride), 1);
    return k.reduce(k.max(lo, k.index(0)), k.min(hi, k.index(s.out[axis])), 1,
                    init, [&](Value o, ValueRange carried) {
                      Value distance = k.sub(last, k.mul(o, stride));
                      if (dilation == 1)
                        return body(o, distance, carried);
                      Value tap = k.div(distance, dilation);
                      Value isWhole = arith::CmpIOp::create(
                          k.b, k.loc, arith::CmpIPredicate::eq,
                          k.mul(tap, dilation), distance);
                      return chooseValues(
                          k, isWhole, [&] { return body(o, tap, carried); },
                          [&] { return SmallVector<Value>(carried); });
                    });
  }

  KernelBuilder &k;
  ConvShape s;
  Value dy, filter;
  MemRefType buffer;
  VectorType vector;
};

} // namespace

bool lowerGather(KernelBuilder &k, const ConvShape &s) {
  int64_t phases =
      std::min(s.stride[0], s.in[0]) * std::min(s.stride[1], s.in[1]);
  if (phases <= kMostPhases)
    return false;
  GatherKernel(k, s).emit();
  return true;
}

} // namespace gradmill::nn
