#include "nn/NNDialect.h"

using namespace mlir;

namespace gradmill::nn {

static StringRef mnemonic(OperationName op) {
  return op.getStringRef().split('.').second;
}

Layer::Argument *Layer::find(StringRef name, bool orUnnamed) {
  asked.push_back(name.str());
  for (Argument &argument : arguments)
    if (argument.name == name) {
      argument.isUsed = true;
      return &argument;
    }
  for (Argument &argument : arguments)
    if (orUnnamed && argument.name.empty() && !argument.isUsed) {
      argument.isUsed = true;
      return &argument;
    }
  return nullptr;
}

// No product of a few sizes overflows; larger tensors are refused by shape.
static std::optional<int64_t> sizeOf(Attribute value) {
  auto number = dyn_cast<IntegerAttr>(value);
  if (!number || !number.getType().isSignlessInteger(64) ||
      number.getInt() < 1 || number.getInt() > int64_t(1) << 31)
    return std::nullopt;
  return number.getInt();
}

FailureOr<SmallVector<int64_t>>
Layer::sizes(StringRef name, unsigned count,
             std::optional<SmallVector<int64_t>> otherwise) {
  Argument *argument = find(name, true);
  if (!argument) {
    if (otherwise)
      return *otherwise;
    std::string example;
    for (unsigned i = 0; i < asked.size(); ++i)
      example += (i ? ", " : "") + asked[i] + "=" + (i ? "3" : "16");
    return violated(location, "layer_argument", mnemonic(op), " needs ", name,
                    ", as in ", mnemonic(op), "(", example, ")");
  }
  SmallVector<int64_t> sizes;
  if (auto list = dyn_cast<ArrayAttr>(argument->value)) {
    for (Attribute each : list)
      if (std::optional<int64_t> size = sizeOf(each))
        sizes.push_back(*size);
    if (sizes.size() == count && list.size() == count)
      return sizes;
  } else if (std::optional<int64_t> size = sizeOf(argument->value)) {
    return SmallVector<int64_t>(count, *size);
  }
  auto error = emitError(argument->loc)
               << "[layer_argument] " << name << " of " << mnemonic(op)
               << " takes a whole number from 1";
  if (count > 1)
    error << ", or a list of " << count;
  return failure();
}

FailureOr<int64_t> Layer::size(StringRef name,
                               std::optional<int64_t> otherwise) {
  std::optional<SmallVector<int64_t>> list;
  if (otherwise)
    list = SmallVector<int64_t>{*otherwise};
  auto one = sizes(name, 1, list);
  if (failed(one))
    return failure();
  return one->front();
}

bool Layer::has(StringRef parameter, bool otherwise) {
  if (givenShape(parameter))
    return true;
  asked.push_back(parameter.str());
  for (Argument &argument : arguments)
    if (argument.name == parameter)
      if (auto flag = dyn_cast<BoolAttr>(argument.value)) {
        argument.isUsed = true;
        return flag.getValue();
      }
  return otherwise;
}

int64_t Layer::attribute(StringRef name, int64_t otherwise) {
  for (const Argument &argument : arguments)
    if (argument.name == name)
      if (auto number = dyn_cast<IntegerAttr>(argument.value))
        return number.getInt();
  return otherwise;
}

std::optional<ArrayRef<int64_t>> Layer::givenShape(StringRef parameter) const {
  for (const Given &each : given)
    if (each.parameter == parameter)
      return each.type.getShape();
  return std::nullopt;
}

} // namespace gradmill::nn
