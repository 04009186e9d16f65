// Names, sizes and shapes of ports.
#include "core/Port.h"

#include "core/Manifest.h"

#include <utility>

namespace gradmill::rt {

std::optional<uint64_t> checkedMul(uint64_t a, uint64_t b) {
  uint64_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return std::nullopt;
  return product;
}

std::optional<uint64_t> elementCount(const std::vector<int64_t> &shape) {
  uint64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    auto product = checkedMul(count, uint64_t(extent));
    if (!product)
      return std::nullopt;
    count = *product;
  }
  return count;
}

const char *dtypeName(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return "f32";
  case DType::F64:
    return "f64";
  case DType::I32:
    return "i32";
  case DType::I64:
    return "i64";
  case DType::U8:
    return "u8";
  }
  return "?";
}

uint64_t dtypeBytes(DType dtype) {
  switch (dtype) {
  case DType::F32:
  case DType::I32:
    return 4;
  case DType::F64:
  case DType::I64:
    return 8;
  case DType::U8:
    return 1;
  }
  return 0;
}

std::optional<DType> dtypeFromName(std::string_view name) {
  for (DType dtype :
       {DType::F32, DType::F64, DType::I32, DType::I64, DType::U8})
    if (name == dtypeName(dtype))
      return dtype;
  return std::nullopt;
}

static constexpr std::pair<PortRole, const char *> kRoles[] = {
    {PortRole::Data, "data"},     {PortRole::Target, "target"},
    {PortRole::Loss, "loss"},     {PortRole::Prediction, "prediction"},
    {PortRole::Metric, "metric"}, {PortRole::Gradient, "gradient"},
    {PortRole::Value, "value"},   {PortRole::Cotangent, "cotangent"},
};

const char *portRoleName(PortRole role) {
  for (auto [known, name] : kRoles)
    if (known == role)
      return name;
  return "?";
}

std::optional<PortRole> portRoleFromName(std::string_view name) {
  for (auto [role, known] : kRoles)
    if (name == known)
      return role;
  return std::nullopt;
}

std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::string portText(const PortSpec &port) {
  return std::string(dtypeName(port.dtype)) + " " + shapeText(port.shape);
}

} // namespace gradmill::rt
