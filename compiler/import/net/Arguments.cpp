// Turns a value of the text into an attribute of an op. The op's own checks
// decide which kinds it takes, so a plugin's op needs no code for this.
#include "Values.h"
#include "compiler/import/MlirErrors.h"

using namespace mlir;

namespace gradmill::net {
namespace {

// Swallows the messages of the checks.
class Silence {
public:
  explicit Silence(MLIRContext *context)
      : handler(context, [](Diagnostic &) { return success(); }) {}

private:
  ScopedDiagnosticHandler handler;
};

bool accepts(OperationName op, StringRef name, Attribute value) {
  MLIRContext *context = value.getContext();
  Silence silence(context);
  NamedAttrList attributes;
  attributes.set(name, value);
  return succeeded(op.verifyInherentAttrs(attributes, [&] {
    return emitError(UnknownLoc::get(context));
  }));
}

std::optional<double> realOf(Attribute value) {
  if (isa<BoolAttr>(value))
    return std::nullopt;
  if (auto number = dyn_cast<IntegerAttr>(value))
    return double(number.getInt());
  if (auto number = dyn_cast<FloatAttr>(value))
    return number.getValueAsDouble();
  return std::nullopt;
}

} // namespace

bool isDefault(Operation *op, StringAttr name) {
  if (!op->getInherentAttr(name).value_or(Attribute()))
    return false;
  // Outside of its function, because the printer would number all values there.
  Operation *probe = op->clone();
  auto print = [&] {
    std::string text;
    llvm::raw_string_ostream stream(text);
    probe->print(stream, OpPrintingFlags().useLocalScope().assumeVerified());
    return text;
  };
  std::string with = print();
  probe->setInherentAttr(name, Attribute());
  // An op's own checks count on its defaults.
  probe->getName().populateDefaultProperties(probe->getPropertiesStorage());
  bool isSame = firstFault(probe).empty() && print() == with;
  probe->destroy();
  return isSame;
}

Attribute convertAttribute(OperationName op, StringRef name, Attribute value,
                           bool &isRepeatable) {
  Builder b(value.getContext());
  isRepeatable = false;
  SmallVector<Attribute> candidates{value};
  auto addLists = [&](ArrayRef<Attribute> parts) {
    SmallVector<int64_t> whole;
    SmallVector<double> real;
    for (Attribute part : parts) {
      if (auto number = dyn_cast<IntegerAttr>(part); number && !isa<BoolAttr>(part))
        whole.push_back(number.getInt());
      if (std::optional<double> number = realOf(part))
        real.push_back(*number);
    }
    if (whole.size() == parts.size())
      candidates.push_back(b.getDenseI64ArrayAttr(whole));
    if (real.size() == parts.size()) {
      candidates.push_back(b.getDenseF64ArrayAttr(real));
      candidates.push_back(b.getDenseF32ArrayAttr(SmallVector<float>(real.begin(), real.end())));
    }
    if (whole.size() == parts.size() &&
        llvm::all_of(whole, [](int64_t n) { return llvm::isInt<32>(n); }))
      candidates.push_back(b.getDenseI32ArrayAttr(SmallVector<int32_t>(whole.begin(), whole.end())));
  };
  size_t scalars = 0;
  if (auto list = dyn_cast<ArrayAttr>(value)) {
    addLists(list.getValue());
  } else if (std::optional<double> real = realOf(value)) {
    candidates.push_back(b.getF64FloatAttr(*real));
    candidates.push_back(b.getF32FloatAttr(float(*real)));
    if (auto whole = dyn_cast<IntegerAttr>(value))
      if (llvm::isInt<32>(whole.getInt()))
        candidates.push_back(b.getI32IntegerAttr(whole.getInt()));
    scalars = candidates.size();
    isRepeatable = true;
    addLists(value);
  }
  for (auto [i, candidate] : llvm::enumerate(candidates))
    if (accepts(op, name, candidate)) {
      isRepeatable = isRepeatable && i >= scalars;
      return candidate;
    }
  return {};
}

std::string acceptedKinds(OperationName op, StringRef name,
                          MLIRContext *context) {
  Builder b(context);
  std::vector<std::string> kinds;
  auto add = [&](Attribute example, StringRef kind) {
    if (accepts(op, name, example))
      kinds.push_back(kind.str());
  };
  add(b.getI64IntegerAttr(1), "a whole number");
  add(b.getF64FloatAttr(0.5), "a number");
  add(b.getBoolAttr(true), "true or false");
  add(b.getStringAttr("text"), "a string");
  add(b.getDenseI64ArrayAttr({1}), "a whole number or a list of such");
  add(b.getDenseF64ArrayAttr({0.5}), "a number or a list of such");
  return kinds.empty() ? "something that this text cannot say" : kinds.front();
}

Attribute convertInit(Attribute value, RankedTensorType type) {
  if (isa<StringAttr>(value))
    return value;
  Type element = type.getElementType();
  if (!isa<FloatType>(element))
    return {};
  if (std::optional<double> number = realOf(value))
    return FloatAttr::get(element, *number);
  auto list = dyn_cast<ArrayAttr>(value);
  if (!list || int64_t(list.size()) != type.getNumElements())
    return {};
  SmallVector<Attribute> numbers;
  for (Attribute each : list) {
    std::optional<double> number = realOf(each);
    if (!number)
      return {};
    numbers.push_back(FloatAttr::get(element, *number));
  }
  return DenseElementsAttr::get(type, numbers);
}

} // namespace gradmill::net
