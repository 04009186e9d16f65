// Chains, sums, repetition.
#include "Builder.h"
#include "nn/Registry.h"

using namespace mlir;
using llvm::FailureOr;

namespace gradmill::net {

bool GraphBuilder::countStep(Place place, const Frame &frame) {
  if (++steps > kMaxSteps) {
    places.fail(place, frame, "net_limit")
        << "the net has more than " << kMaxSteps << " layers";
    return false;
  }
  return true;
}

FailureOr<Value> GraphBuilder::buildItem(const Item &item, const Frame &frame) {
  if (!countStep(item.place, frame))
    return failure();
  if (nesting >= kMaxNesting)
    return places.fail(item.place, frame, "net_limit")
           << "layers and blocks stand inside each other deeper than "
           << kMaxNesting;
  ++nesting;
  std::string label;
  FailureOr<Value> value = failure();
  auto filled = fillIn(item.label, item.place, frame, places);
  if (succeeded(filled)) {
    label = *filled;
    value = buildUnlabelled(item, frame, label);
  }
  --nesting;
  if (failed(value) || label.empty())
    return value;
  Frame here = frame;
  if (failed(define(label, Thing(*value), item.place, here)))
    return failure();
  return value;
}

FailureOr<Value> GraphBuilder::buildUnlabelled(const Item &item,
                                               const Frame &frame,
                                               const std::string &label) {
  switch (item.kind) {
  case Item::Name:
    return buildName(item, frame, label);
  case Item::Call:
    return buildCall(item, frame, label);
  case Item::Chain: {
    Frame inside = frame;
    for (const Item &part : item.parts) {
      auto value = buildItem(part, inside);
      if (failed(value))
        return failure();
      inside.current = *value;
    }
    return inside.current;
  }
  case Item::Lines: {
    Scope scope{frame.scope};
    Frame inside = frame;
    inside.scope = &scope;
    if (failed(buildLines(item.lines, inside, false)))
      return failure();
    if (!inside.current)
      return places.fail(item.place, frame, "net_value")
             << "the lines in these braces give no value";
    return inside.current;
  }
  case Item::Repeat:
    return buildRepeat(item, frame);
  case Item::Binary:
    return buildBinary(item, frame, label);
  case Item::Number: {
    auto value = buildOperand(item, frame);
    if (failed(value))
      return failure();
    return places.fail(item.place, frame, "net_value")
           << "a number alone is no layer; constant(" << textOf(std::get<Attribute>(*value))
           << ") is a tensor of one";
  }
  }
  llvm_unreachable("all kinds of items can be built");
}

FailureOr<Value> GraphBuilder::buildName(const Item &item, const Frame &frame,
                                         const std::string &label) {
  if (item.text.find('{') != std::string::npos || item.text == "it") {
    auto name = fillIn(item.text, item.place, frame, places);
    if (failed(name))
      return failure();
    Expression e;
    e.kind = Expression::Name;
    e.place = item.place;
    e.text = *name;
    auto thing = evaluate(e, frame, places);
    if (failed(thing))
      return failure();
    if (auto *value = std::get_if<Value>(&*thing))
      return *value;
    return places.fail(item.place, frame, "net_value")
           << *name << " is a number, and a tensor stands here";
  }
  const Thing *found = frame.scope->find(item.text);
  auto *value = found ? std::get_if<Value>(found) : nullptr;
  if (!value)
    return buildCall(item, frame, label);
  if (findOp(item.text) || findBlock(item.text))
    return places.fail(item.place, frame, "net_name")
           << "'" << item.text << "' is a value and a layer; write "
           << item.text << "() for the layer, or give the value another name";
  return *value;
}

FailureOr<Value> GraphBuilder::buildRepeat(const Item &item,
                                           const Frame &frame) {
  int64_t first = 1, last = 0;
  auto number = [&](unsigned index, int64_t &out) {
    auto whole = evaluateWhole(item.numbers[index], frame, places,
                               "what repetition counts");
    if (failed(whole))
      return false;
    out = *whole;
    return true;
  };
  if (item.numbers.size() == 2 ? !number(0, first) || !number(1, last)
                               : !number(0, last))
    return failure();
  if (last - first >= int64_t(kMaxSteps) || last > int64_t(1) << 40 ||
      first < -(int64_t(1) << 40))
    return places.fail(item.place, frame, "net_limit")
           << "repetition makes more than " << kMaxSteps << " layers";
  Frame inside = frame;
  for (int64_t i = first; i <= last; ++i) {
    if (!countStep(item.place, frame))
      return failure();
    Scope scope{frame.scope};
    if (!item.text.empty())
      scope.names[item.text] = Thing(Attribute(builder.getI64IntegerAttr(i)));
    inside.scope = &scope;
    auto value = buildItem(item.parts.front(), inside);
    if (failed(value))
      return failure();
    inside.current = *value;
  }
  if (!inside.current)
    return places.fail(item.place, frame, "net_value")
           << "nothing flows into this repetition; begin with an input";
  return inside.current;
}

// A number, or the value of an item.
FailureOr<Thing> GraphBuilder::buildOperand(const Item &item,
                                            const Frame &frame) {
  if (item.kind == Item::Number && item.label.empty()) {
    auto value = evaluateValue(item.numbers.front(), frame, places);
    if (failed(value))
      return failure();
    return Thing(*value);
  }
  if (item.kind == Item::Name && item.label.empty())
    if (const Thing *found = frame.scope->find(item.text))
      if (std::holds_alternative<Attribute>(*found) && !findOp(item.text) &&
          !findBlock(item.text))
        return *found;
  auto value = buildItem(item, frame);
  if (failed(value))
    return failure();
  return Thing(*value);
}

FailureOr<Value> GraphBuilder::buildNumber(double number, Place place,
                                           Type element, const Frame &frame) {
  if (!isa<FloatType>(element))
    return places.fail(place, frame, "net_value")
           << "whole numbers (" << element << ") cannot be calculated with";
  auto type = RankedTensorType::get({}, element);
  return nn::ConstantOp::create(
             builder, places.at(place, frame), type,
             DenseElementsAttr::get(type, {Attribute(FloatAttr::get(element, number))}))
      .getResult();
}

FailureOr<Value> GraphBuilder::buildBinary(const Item &item,
                                           const Frame &frame,
                                           const std::string &label) {
  SmallVector<Thing, 2> sides;
  for (const Item &part : item.parts) {
    auto side = buildOperand(part, frame);
    if (failed(side))
      return failure();
    sides.push_back(*side);
  }
  SmallVector<Value> operands(2);
  for (int i : {0, 1})
    if (auto *value = std::get_if<Value>(&sides[i]))
      operands[i] = *value;
  if (!operands[0] && !operands[1])
    return places.fail(item.place, frame, "net_value")
           << "'" << item.text << "' of two numbers is no layer";
  for (int i : {0, 1}) {
    if (operands[i])
      continue;
    Attribute value = std::get<Attribute>(sides[i]);
    Attribute number = convertInit(value, RankedTensorType::get({1}, builder.getF64Type()));
    if (!isa_and_nonnull<FloatAttr>(number) || isa<BoolAttr>(value))
      return places.fail(item.place, frame, "net_value")
             << "'" << item.text << "' takes tensors and numbers, not "
             << textOf(value);
    auto built = buildNumber(cast<FloatAttr>(number).getValueAsDouble(),
                             item.place,
                             getElementTypeOrSelf(operands[1 - i].getType()),
                             frame);
    if (failed(built))
      return failure();
    operands[i] = *built;
  }
  StringRef name = "";
  const Registry *registry =
      context.getOrLoadDialect<nn::NNDialect>()->registry;
  if (registry)
    name = registry->opOfSign(item.text[0]);
  else if (item.text == "+")
    name = nn::AddOp::getOperationName();
  OperationName op(name.empty() ? "nn." : name, &context);
  if (!op.isRegistered())
    return places.fail(item.place, frame, "net_layer")
           << "no op is loaded for the sign '" << item.text << "'";
  auto made = createOp(op, item.place, frame, operands, {}, {});
  if (succeeded(made))
    nameOp(*made, label, frame);
  return made;
}

} // namespace gradmill::net
