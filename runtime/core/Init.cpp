#include "core/Init.h"

#include "core/Philox.h"

#include <cmath>
#include <cstring>
#include <numbers>

namespace gradmill::rt {

template <typename T>
static void fill(void *values, uint64_t count, double value) {
  T *begin = static_cast<T *>(values);
  std::fill(begin, begin + count, T(value));
}

static void fillConstant(const TensorSpec &spec, void *values) {
  switch (spec.dtype) {
  case DType::F32:
    return fill<float>(values, spec.elements, spec.init.value);
  case DType::F64:
    return fill<double>(values, spec.elements, spec.init.value);
  case DType::I32:
    return fill<int32_t>(values, spec.elements, spec.init.value);
  case DType::I64:
    return fill<int64_t>(values, spec.elements, spec.init.value);
  case DType::U8:
    return fill<uint8_t>(values, spec.elements, spec.init.value);
  }
}

static void fillUniform(const TensorSpec &spec, const PhiloxStream &stream,
                        float *values) {
  double bound = spec.init.gain * std::sqrt(3.0 / spec.init.fanIn);
  for (uint64_t i = 0; i < spec.elements; ++i)
    values[i] = float((2.0 * stream.uniform(i) - 1.0) * bound);
}

static void fillNormal(const TensorSpec &spec, const PhiloxStream &stream,
                       float *values) {
  double deviation = spec.init.gain / std::sqrt(spec.init.fanIn);
  for (uint64_t i = 0; i < spec.elements; ++i) {
    PhiloxCounter block = stream.block(i / 2);
    double u = (block[i % 2 * 2] + 0.5) * 0x1p-32; // never 0: its log is finite
    double v = block[i % 2 * 2 + 1] * 0x1p-32;
    double normal =
        std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
    values[i] = float(normal * deviation);
  }
}

void initTensor(const TensorSpec &spec, size_t index, uint64_t seed,
                const void *data, void *values) {
  PhiloxStream stream(seed, PhiloxPurpose::Init, uint32_t(index));
  switch (spec.init.kind) {
  case TensorInit::Kind::Constant:
    return fillConstant(spec, values);
  case TensorInit::Kind::KaimingUniform:
    return fillUniform(spec, stream, static_cast<float *>(values));
  case TensorInit::Kind::KaimingNormal:
    return fillNormal(spec, stream, static_cast<float *>(values));
  case TensorInit::Kind::Data:
    if (spec.bytes)
      std::memcpy(values, static_cast<const char *>(data) + spec.init.offset,
                  spec.bytes);
    return;
  }
}

} // namespace gradmill::rt
