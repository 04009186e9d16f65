#include "data/Convert.h"

#include "core/Number.h"
#include "core/Text.h"
#include "data/Elements.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace gradmill::rt {
namespace {

bool isFloat(DType dtype) { return dtype == DType::F32 || dtype == DType::F64; }

// Bytes are levels of brightness unless they are a target, such as class
// numbers. A target may also be a picture.
bool areLevels(const PortSpec &port, const Column &column) {
  return column.dtype == DType::U8 &&
         (port.role == PortRole::Data ||
          (!column.target && column.shape.size() > 1));
}

// --- Checks ------------------------------------------------------------------

struct Range {
  int64_t low, high;
};

Range rangeOf(const PortSpec &port) {
  if (port.classes > 0)
    return {0, port.classes - 1};
  if (port.dtype == DType::U8)
    return {0, 255};
  if (port.dtype == DType::I32)
    return {std::numeric_limits<int32_t>::min(),
            std::numeric_limits<int32_t>::max()};
  return {std::numeric_limits<int64_t>::min(),
          std::numeric_limits<int64_t>::max()};
}

std::string outside(const PortSpec &port, const Column &column, Range found,
                    Range wanted) {
  int64_t value = found.high > wanted.high ? found.high : found.low;
  return join({"column ", column.name, " holds ", value, ", but port ",
               port.name, " takes ",
               (port.classes > 0 ? "class numbers " : "numbers "), wanted.low,
               " to ", wanted.high});
}

std::string inexact(const PortSpec &port, const Column &column,
                    const std::string &value, size_t index) {
  return join({"column ", column.name, " holds ", value, " (sample ",
               index / column.elements(), "), which is no exact ",
               dtypeName(port.dtype), " for port ", port.name});
}

// Whole numbers within the port's range.
template <typename T>
std::string integerProblem(const PortSpec &port, const Column &column,
                           size_t count) {
  Range wanted = rangeOf(port), found{0, 0};
  found.low = wanted.high, found.high = wanted.low;
  for (size_t i = 0; i < count; ++i) {
    T value = load<T>(column.values.data(), i);
    if constexpr (std::is_floating_point_v<T>)
      if (!(std::fabs(value) < T(0x1p63)) || value != std::trunc(value))
        return inexact(port, column, exactText(value), i);
    int64_t number = int64_t(value);
    if (port.ignore && number == *port.ignore)
      continue;
    found.low = std::min(found.low, number);
    found.high = std::max(found.high, number);
  }
  if (found.low < wanted.low || found.high > wanted.high)
    return outside(port, column, found, wanted);
  return {};
}

// Whole numbers of a target do not change. Floats may be rounded, but not to
// infinity.
template <typename T, typename To>
std::string floatProblem(const PortSpec &port, const Column &column,
                         size_t count) {
  for (size_t i = 0; i < count; ++i) {
    T value = load<T>(column.values.data(), i);
    To result = To(value);
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isinf(result) && !std::isinf(value))
        return inexact(port, column, exactText(value), i);
    } else if (!(std::fabs(result) < To(0x1p63)) || T(result) != value) {
      return inexact(port, column, std::to_string(value), i);
    }
  }
  return {};
}

// Numbers that training can use, within the port's range.
template <typename T>
std::string numberProblem(const PortSpec &port, const Column &column,
                          size_t count) {
  double scale = areLevels(port, column) ? 255 : 1;
  for (size_t i = 0; i < count; ++i) {
    double value = double(load<T>(column.values.data(), i)) / scale;
    if (value >= port.low && value <= port.high && std::isfinite(value))
      continue;
    std::string what = join({"column ", column.name, " holds ",
                             exactText(value), " (sample ",
                             i / column.elements(), ")"});
    return std::isfinite(value)
               ? join({what, ", but port ", port.name, " takes ",
                       exactText(port.low), " to ", exactText(port.high)})
               : what;
  }
  return {};
}

// --- Conversion --------------------------------------------------------------

struct Scale {
  double divisor, mean, std;
};

template <typename From, typename To>
void convert(const uint8_t *from, uint8_t *to, size_t count, Scale scale) {
  for (size_t i = 0; i < count; ++i) {
    From value = load<From>(from, i);
    if constexpr (std::is_floating_point_v<To>)
      store(to, i,
            To((double(value) / scale.divisor - scale.mean) / scale.std));
    else
      store(to, i, To(value));
  }
}

// A port's values per channel; a single value holds for all channels.
float perChannel(const std::vector<float> &values, size_t channel, float none) {
  return values.empty() ? none : values[std::min(channel, values.size() - 1)];
}

// That differ in what the port says: dimension 0 of a sample.
size_t channelsOf(const PortSpec &port) {
  bool differ = port.mean.size() > 1 || port.std.size() > 1;
  return differ && !port.shape.empty()
             ? size_t(std::max<int64_t>(port.shape[0], 1))
             : 1;
}

bool keepsValues(const PortSpec &port) {
  auto all = [](const std::vector<float> &values, float wanted) {
    return std::all_of(values.begin(), values.end(),
                       [&](float value) { return value == wanted; });
  };
  return !isFloat(port.dtype) || (all(port.mean, 0) && all(port.std, 1));
}

} // namespace

std::string valueProblem(const PortColumn &pair, uint64_t samples) {
  const PortSpec &port = *pair.port;
  const Column &column = *pair.column;
  size_t count = size_t(samples * column.elements());
  bool floats = isFloat(port.dtype), target = port.role == PortRole::Target;
  bool rounds = column.dtype == DType::F64 && port.dtype == DType::F32;
  bool counts = column.dtype == DType::I32 || column.dtype == DType::I64;
  bool limited = std::isfinite(port.low) || std::isfinite(port.high);
  if (floats && (isFloat(column.dtype) || limited))
    if (std::string problem = withType(column.dtype, [&](auto zero) {
          return numberProblem<decltype(zero)>(port, column, count);
        });
        !problem.empty())
      return problem;
  if (floats && !rounds && !(counts && target))
    return {};
  if (!floats && port.classes == 0 &&
      (column.dtype == port.dtype || column.dtype == DType::U8))
    return {};
  return withType(column.dtype, [&](auto from) {
    using From = decltype(from);
    if (!floats)
      return integerProblem<From>(port, column, count);
    return port.dtype == DType::F32
               ? floatProblem<From, float>(port, column, count)
               : floatProblem<From, double>(port, column, count);
  });
}

Conversion::Conversion(const PortColumn &pair)
    : port(pair.port), column(pair.column), elements(column->elements()),
      bytes(areLevels(*port, *column)) {
  if (!bytes)
    return;
  const std::vector<int64_t> &shape = column->shape;
  picture = shape.size() == 2 || shape.size() == 3;
  channels = int(channelsOf(*port));
  height = 1, width = int(elements) / channels;
  if (picture) {
    channels = shape.size() == 3 ? int(shape[0]) : 1;
    height = int(shape[shape.size() - 2]), width = int(shape.back());
  }
  // Whole numbers get what the picture has, unscaled.
  if (isFloat(port->dtype))
    warper.emplace(channels, height, width, port->mean, port->std);
  else
    warper.emplace(channels, height, width, std::vector<float>{0},
                   std::vector<float>{1.0f / 255});
  if (picture && port->dtype != DType::F32)
    warped.resize(elements);
}

void Conversion::write(uint64_t sample, uint8_t *target) const {
  const uint8_t *source = column->values.data() + sample * column->bytes();
  if (bytes && port->dtype == DType::F32)
    return warper->normalize(source, reinterpret_cast<float *>(target));
  if (column->dtype == port->dtype && keepsValues(*port)) {
    std::memcpy(target, source, size_t(column->bytes()));
    return;
  }
  size_t channels = channelsOf(*port), plane = elements / channels;
  uint64_t from = dtypeBytes(column->dtype), to = dtypeBytes(port->dtype);
  for (size_t c = 0; c < channels; ++c) {
    Scale scale{bytes ? 255.0 : 1.0, perChannel(port->mean, c, 0),
                perChannel(port->std, c, 1)};
    withType(column->dtype, [&](auto a) {
      withType(port->dtype, [&](auto b) {
        convert<decltype(a), decltype(b)>(
            source + c * plane * from, target + c * plane * to, plane, scale);
      });
    });
  }
}

void Conversion::warp(uint64_t sample, const Augmentation &augment,
                      RandomStream random, uint8_t *target) {
  const uint8_t *source = column->values.data() + sample * elements;
  Affine map = drawAffine(augment, height, width, random);
  if (port->dtype == DType::F32)
    return warper->warp(source, map, reinterpret_cast<float *>(target));
  warper->warp(source, map, warped.data());
  storeWarped(target);
}

void Conversion::augment(const Augmenter &augmenter, uint64_t seed,
                         int64_t epoch, uint64_t sample, uint8_t *target) {
  const uint8_t *source = column->values.data() + sample * elements;
  planes.assign(source, source + elements);
  augmenter.apply(planes.data(), channels, height, width, warper->means(), seed,
                  epoch, sample);
  if (port->dtype == DType::F32)
    return warper->normalize(planes.data(), reinterpret_cast<float *>(target));
  warper->normalize(planes.data(), warped.data());
  storeWarped(target);
}

void Conversion::storeWarped(uint8_t *target) {
  withType(port->dtype, [&](auto type) {
    using To = decltype(type);
    for (size_t i = 0; i < elements; ++i)
      store(target, i,
            std::is_floating_point_v<To> ? To(warped[i])
                                         : To(warped[i] + 0.5f));
  });
}

} // namespace gradmill::rt
