// Errors, weighted sums and softmax in random graphs.
#include "LossSample.h"
#include "nn/Sampler.h"

using namespace mlir;

namespace gradmill::nn {

// Squares of squares would be too large for f32 after six.
static bool isSquared(Value v) {
  SmallVector<Value> rest{v};
  llvm::SmallPtrSet<Operation *, 32> seen;
  while (!rest.empty()) {
    Operation *op = rest.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    StringRef name = op->getName().getStringRef();
    if (name == "nn.squared_error" || name == "nn.bce_with_logits")
      return true;
    llvm::append_range(rest, op->getOperands());
  }
  return false;
}

static Value sampleError(Sampler &s, StringRef op,
                         ArrayRef<NamedAttribute> attributes = {}) {
  Value target = s.sameType(s.input().getType());
  return target ? s.add(op, {s.input(), target}, attributes) : Value();
}

static Value sampleSquared(Sampler &s) {
  return isSquared(s.input()) ? Value() : sampleError(s, "nn.squared_error");
}

static Value sampleAbsolute(Sampler &s) {
  return sampleError(s, "nn.absolute_error");
}

static Value sampleHuber(Sampler &s) {
  return sampleError(s, "nn.huber",
                     {s.real("delta", double(s.between(1, 8)) / 4)});
}

static Value sampleBce(Sampler &s) {
  Value targets = s.sameType(s.input().getType());
  if (!targets || isSquared(s.input()) || isSquared(targets))
    return {};
  SmallVector<Value> operands{s.input(), targets};
  if (s.chance(40)) // pos_weight has no gradient
    operands.push_back(s.parameter({s.shape()[1]}, "buffer"));
  return s.add("nn.bce_with_logits", operands);
}

static Value sampleWeightedSum(Sampler &s) {
  SmallVector<Value> inputs{s.input()};
  for (int64_t more = s.below(3); more > 0; --more)
    if (Value other = s.sameType(s.input().getType()))
      inputs.push_back(other);
  SmallVector<double> weights;
  for (size_t i = 0; i < inputs.size(); ++i)
    weights.push_back(double(s.between(-4, 4)) / 4);
  return s.add("nn.weighted_sum", inputs,
               {s.builder().getNamedAttr(
                   "weights", s.builder().getDenseF64ArrayAttr(weights))});
}

// Along channels, or any other axis.
static Value sampleSoftmax(Sampler &s, StringRef op) {
  int64_t axis = 1 + s.below(s.shape().size() - 1);
  return s.add(op, s.input(), s.number("axis", axis));
}

void addLossSamples(Registry &registry) {
  registry.sample("nn.squared_error", sampleSquared);
  registry.sample("nn.absolute_error", sampleAbsolute);
  registry.sample("nn.huber", sampleHuber);
  registry.sample("nn.bce_with_logits", sampleBce);
  registry.sample("nn.weighted_sum", sampleWeightedSum);
  for (StringRef op : {"nn.softmax", "nn.log_softmax"})
    registry.sample(op.str(),
                    [op](Sampler &s) { return sampleSoftmax(s, op); });
}

} // namespace gradmill::nn
