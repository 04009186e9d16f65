#include "nn/Sampler.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace gradmill::nn {

Sampler::~Sampler() = default;

int64_t Sampler::size(int64_t low, int64_t high) {
  int64_t least = low << below(llvm::Log2_64(high / low) + 1);
  return between(least, std::min(high, 2 * least - 1));
}

SmallVector<int64_t, 2> Sampler::pair(int64_t low, int64_t high) {
  int64_t height = between(low, high);
  return {height, chance(30) ? between(low, high) : height};
}

ArrayRef<int64_t> Sampler::shape() {
  return cast<RankedTensorType>(input().getType()).getShape();
}

NamedAttribute Sampler::number(StringRef name, int64_t value) {
  return builder().getNamedAttr(name, builder().getI64IntegerAttr(value));
}
NamedAttribute Sampler::real(StringRef name, double value) {
  return builder().getNamedAttr(name, builder().getF64FloatAttr(value));
}
NamedAttribute Sampler::flag(StringRef name, bool value) {
  return builder().getNamedAttr(name, builder().getBoolAttr(value));
}
NamedAttribute Sampler::numbers(StringRef name, ArrayRef<int64_t> values) {
  return builder().getNamedAttr(name, builder().getDenseI64ArrayAttr(values));
}

Value Sampler::add(StringRef op, ValueRange operands,
                   ArrayRef<NamedAttribute> attributes) {
  OpBuilder &b = builder();
  OperationState state(input().getLoc(), op, operands, {}, attributes);
  auto infer = state.name.getInterface<InferTypeOpInterface>();
  if (!infer || failed(infer->inferReturnTypes(
                    b.getContext(), std::nullopt, operands,
                    state.attributes.getDictionary(b.getContext()), nullptr, {},
                    state.types)))
    return {};
  Operation *made = b.create(state);
  ScopedDiagnosticHandler quiet(b.getContext(),
                                [](Diagnostic &) { return success(); });
  if (succeeded(verify(made)))
    return made->getResult(0);
  made->erase();
  return {};
}

} // namespace gradmill::nn
