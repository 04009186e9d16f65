// Values of expressions: whole numbers stay whole, and every overflow is an
// error.
#include "Values.h"
#include "core/Nearest.h"
#include "llvm/Support/MathExtras.h"
#include <charconv>
#include <cmath>

using namespace mlir;
using llvm::FailureOr;

namespace gradmill::net {
namespace {

class Evaluator {
public:
  Evaluator(const Frame &frame, const Places &places)
      : frame(frame), places(places), builder(&places.context) {}

  FailureOr<Thing> thing(const Expression &e) {
    if (e.kind == Expression::Name)
      return name(e);
    auto value = plain(e);
    if (failed(value))
      return failure();
    return Thing(*value);
  }

  FailureOr<Attribute> plain(const Expression &e) {
    switch (e.kind) {
    case Expression::Whole:
      return Attribute(builder.getI64IntegerAttr(e.whole));
    case Expression::Real:
      return Attribute(builder.getF64FloatAttr(e.real));
    case Expression::Text:
      return Attribute(builder.getStringAttr(e.text));
    case Expression::Flag:
      return Attribute(builder.getBoolAttr(e.whole));
    case Expression::List:
      return list(e);
    case Expression::Negative:
      return negative(e);
    case Expression::Binary:
      return binary(e);
    case Expression::Size:
      return size(e);
    case Expression::Name: {
      auto found = name(e);
      if (failed(found))
        return failure();
      if (auto *value = std::get_if<Attribute>(&*found))
        return *value;
      return fail(e, "net_value")
             << "'" << e.text
             << "' is a tensor, and a number stands here; size(" << e.text
             << ", 1) is its size along axis 1";
    }
    }
    llvm_unreachable("all kinds of expressions have a value");
  }

private:
  InFlightDiagnostic fail(const Expression &e, StringRef label) {
    return places.fail(e.place, frame, label);
  }

  FailureOr<Thing> name(const Expression &e) {
    if (e.text == "it") {
      if (frame.current)
        return Thing(frame.current);
      return fail(e, "net_name") << "nothing flows in here yet; begin with an "
                                    "input";
    }
    if (const Thing *found = frame.scope->find(e.text))
      return *found;
    std::vector<std::string> known{"it"};
    for (const Scope *scope = frame.scope; scope; scope = scope->outer)
      for (const auto &entry : scope->names)
        known.push_back(entry.getKey().str());
    llvm::sort(known);
    auto error = fail(e, "net_name");
    error << "nothing is called '" << e.text << "'";
    if (std::string hint = rt::nearest(e.text, known); !hint.empty())
      error << "; did you mean " << hint << "?";
    return error;
  }

  FailureOr<Attribute> list(const Expression &e) {
    SmallVector<Attribute> values;
    for (const Expression &part : e.parts) {
      auto value = plain(part);
      if (failed(value))
        return failure();
      if (isa<ArrayAttr>(*value))
        return fail(part, "net_value") << "a list in a list; the shape says "
                                          "how numbers lie";
      values.push_back(*value);
    }
    return Attribute(builder.getArrayAttr(values));
  }

  FailureOr<Attribute> negative(const Expression &e) {
    auto value = plain(e.parts[0]);
    if (failed(value))
      return failure();
    if (auto whole = wholeOf(*value))
      return Attribute(builder.getI64IntegerAttr(-*whole));
    if (auto real = dyn_cast<FloatAttr>(*value))
      return Attribute(builder.getF64FloatAttr(-real.getValueAsDouble()));
    return fail(e, "net_value") << textOf(*value) << " has no negative";
  }

  static std::optional<int64_t> wholeOf(Attribute value) {
    if (isa<BoolAttr>(value))
      return std::nullopt;
    auto number = dyn_cast<IntegerAttr>(value);
    return number ? std::optional(number.getInt()) : std::nullopt;
  }
  static std::optional<double> realOf(Attribute value) {
    if (auto whole = wholeOf(value))
      return double(*whole);
    auto number = dyn_cast<FloatAttr>(value);
    return number ? std::optional(number.getValueAsDouble()) : std::nullopt;
  }

  FailureOr<Attribute> binary(const Expression &e) {
    auto left = plain(e.parts[0]);
    if (failed(left))
      return failure();
    auto right = plain(e.parts[1]);
    if (failed(right))
      return failure();
    if (!realOf(*left) || !realOf(*right))
      return fail(e, "net_value") << "'" << e.text << "' takes numbers, not "
                                  << textOf(realOf(*left) ? *right : *left);
    char sign = e.text[0];
    std::optional<int64_t> a = wholeOf(*left), b = wholeOf(*right);
    if ((sign == '/' || sign == '%') && *realOf(*right) == 0)
      return fail(e, "net_value") << "a division by 0";
    if (a && b) {
      int64_t result = 0;
      bool isTooLarge = false, isWhole = true;
      if (sign == '+')
        isTooLarge = llvm::AddOverflow(*a, *b, result);
      else if (sign == '-')
        isTooLarge = llvm::SubOverflow(*a, *b, result);
      else if (sign == '*')
        isTooLarge = llvm::MulOverflow(*a, *b, result);
      else if (*b == -1) // the one division that overflows
        isTooLarge = sign == '/' && llvm::SubOverflow(int64_t(0), *a, result);
      else if (sign == '%')
        result = *a % *b;
      else if ((isWhole = *a % *b == 0))
        result = *a / *b;
      if (isTooLarge)
        return fail(e, "net_limit") << "the number has more than 63 bits";
      if (isWhole)
        return Attribute(builder.getI64IntegerAttr(result));
    }
    double x = *realOf(*left), y = *realOf(*right);
    double result = sign == '+'   ? x + y
                    : sign == '-' ? x - y
                    : sign == '*' ? x * y
                    : sign == '/' ? x / y
                                  : std::fmod(x, y);
    if (!std::isfinite(result))
      return fail(e, "net_limit") << "the number is too large";
    return Attribute(builder.getF64FloatAttr(result));
  }

  FailureOr<Attribute> size(const Expression &e) {
    auto value = thing(e.parts[0]);
    if (failed(value))
      return failure();
    auto *tensor = std::get_if<Value>(&*value);
    if (!tensor)
      return fail(e, "net_value") << "size(x, axis) takes a tensor, not "
                                  << textOf(std::get<Attribute>(*value));
    auto axis = evaluateWhole(e.parts[1], frame, places, "an axis");
    if (failed(axis))
      return failure();
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(tensor->getType()).getShape();
    int64_t rank = shape.size(), index = *axis < 0 ? *axis + rank : *axis;
    if (index < 0 || index >= rank)
      return fail(e, "net_value") << "axis " << *axis << " is none of the "
                                  << rank << " of " << nn::shapeText(shape);
    if (ShapedType::isDynamic(shape[index]))
      return fail(e, "net_value") << "the batch has no size yet; 0 stands for "
                                     "it in shapes";
    return Attribute(builder.getI64IntegerAttr(shape[index]));
  }

  const Frame &frame;
  const Places &places;
  Builder builder;
};

} // namespace

FailureOr<Thing> evaluate(const Expression &expression, const Frame &frame,
                          const Places &places) {
  return Evaluator(frame, places).thing(expression);
}

FailureOr<Attribute> evaluateValue(const Expression &expression,
                                   const Frame &frame, const Places &places) {
  return Evaluator(frame, places).plain(expression);
}

FailureOr<int64_t> evaluateWhole(const Expression &expression,
                                 const Frame &frame, const Places &places,
                                 StringRef what) {
  auto value = evaluateValue(expression, frame, places);
  if (failed(value))
    return failure();
  if (auto number = dyn_cast<IntegerAttr>(*value); number && !isa<BoolAttr>(*value))
    return number.getInt();
  return places.fail(expression.place, frame, "net_value")
         << what << " is a whole number, not " << textOf(*value);
}

FailureOr<std::string> fillIn(StringRef label, Place place, const Frame &frame,
                              const Places &places) {
  std::string text;
  while (!label.empty()) {
    auto [before, rest] = label.split('{');
    text += before;
    if (before.size() == label.size())
      break;
    auto [name, behind] = rest.split('}');
    Expression inside;
    inside.kind = Expression::Name;
    inside.place = place;
    inside.text = name.str();
    auto value = evaluateValue(inside, frame, places);
    if (failed(value))
      return failure();
    if (!isa<IntegerAttr, StringAttr>(*value))
      return places.fail(place, frame, "net_value")
             << "'{" << name << "}' in a label is a whole number or a string, not "
             << textOf(*value);
    text += isa<StringAttr>(*value) ? cast<StringAttr>(*value).str()
                                    : textOf(*value);
    label = behind;
  }
  return text;
}

static std::string shortest(double value) {
  char text[64];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

std::string textOf(Attribute value) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (auto flag = dyn_cast<BoolAttr>(value))
    stream << (flag.getValue() ? "true" : "false");
  else if (auto number = dyn_cast<IntegerAttr>(value))
    stream << number.getInt();
  else if (auto number = dyn_cast<FloatAttr>(value))
    stream << shortest(number.getValueAsDouble());
  else if (auto list = dyn_cast<ArrayAttr>(value))
    stream << "a list of " << list.size();
  else
    value.print(stream, /*elideType=*/true);
  return text.size() > 80 ? text.substr(0, 80) + "..." : text;
}

} // namespace gradmill::net
