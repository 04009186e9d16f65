#include "compiler/autodiff/Ports.h"
#include "compiler/Passes.h"

using namespace mlir;

namespace gradmill {

static std::string numbered(StringRef word, unsigned index) {
  return index ? word.str() + std::to_string(index) : word.str();
}

std::string argumentName(func::FuncOp func, unsigned index) {
  auto name = func.getArgAttrOfType<StringAttr>(index, kNameAttr);
  return name ? name.str() : numbered("input", index);
}

std::string resultName(func::FuncOp func, unsigned index) {
  auto name = func.getResultAttrOfType<StringAttr>(index, kNameAttr);
  return name ? name.str() : numbered("output", index);
}

std::optional<unsigned> argumentNamed(func::FuncOp func, StringRef name) {
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    if (argumentName(func, i) == name)
      return i;
  return std::nullopt;
}

std::optional<unsigned> resultNamed(func::FuncOp func, StringRef name) {
  for (unsigned i = 0; i < func.getNumResults(); ++i)
    if (resultName(func, i) == name)
      return i;
  return std::nullopt;
}

StringRef portOf(func::FuncOp func, unsigned argument) {
  auto port = func.getArgAttrOfType<StringAttr>(argument, kPortAttr);
  return port ? port.getValue() : StringRef();
}

DictionaryAttr portAttributes(StringRef name, StringRef port,
                              Builder builder) {
  return builder.getDictionaryAttr(
      {builder.getNamedAttr(kNameAttr, builder.getStringAttr(name)),
       builder.getNamedAttr(kPortAttr, builder.getStringAttr(port))});
}

void markArgument(func::FuncOp func, unsigned index, StringRef port) {
  MLIRContext *context = func.getContext();
  std::string name = argumentName(func, index);
  func.setArgAttr(index, kNameAttr, StringAttr::get(context, name));
  func.setArgAttr(index, kPortAttr, StringAttr::get(context, port));
}

void markResult(func::FuncOp func, unsigned index, StringRef port) {
  MLIRContext *context = func.getContext();
  std::string name = resultName(func, index);
  func.setResultAttr(index, kNameAttr, StringAttr::get(context, name));
  func.setResultAttr(index, kPortAttr, StringAttr::get(context, port));
}

void setEntry(func::FuncOp func, StringRef does) {
  func->setAttr(kEntryAttr, StringAttr::get(func.getContext(), does));
}

StringRef entryOf(func::FuncOp func) {
  auto does = func->getAttrOfType<StringAttr>(kEntryAttr);
  return does ? does.getValue() : StringRef();
}

int64_t batchOf(func::FuncOp func) {
  auto batchIn = [&](bool ports) -> std::optional<int64_t> {
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      if (auto type = dyn_cast<RankedTensorType>(func.getArgumentTypes()[i]);
          type && type.getRank() > 0 && portOf(func, i).empty() != ports &&
          portOf(func, i) != "control")
        return type.getDimSize(0);
    return std::nullopt;
  };
  std::optional<int64_t> batch = batchIn(true);
  return batch ? *batch : batchIn(false).value_or(1);
}

} // namespace gradmill
