// Inputs, lines and outputs.
#include "Builder.h"
#include "core/Nearest.h"

using namespace mlir;
using llvm::FailureOr;

namespace gradmill::net {

GraphBuilder::GraphBuilder(const File &file, const File &library,
                           const Places &places)
    : file(file), library(library), places(places), context(places.context),
      builder(&places.context) {}

OwningOpRef<ModuleOp> GraphBuilder::build(
    ArrayRef<std::pair<std::string, std::string>> given) {
  context.loadDialect<nn::NNDialect, func::FuncDialect>();
  module = ModuleOp::create(FileLineColLoc::get(places.file, 0, 0));
  if (failed(applySettings(given)) || failed(buildMain()) ||
      (file.hasLoss && failed(buildLoss())))
    return {};
  return std::move(module);
}

// A value of --set replaces that of the text's own `let` of this name, which
// decides its kind.
LogicalResult GraphBuilder::applySettings(
    ArrayRef<std::pair<std::string, std::string>> given) {
  std::vector<std::string> known;
  for (const Line &line : file.lines)
    if (line.kind == Line::Let)
      known.push_back(line.name);
  for (const auto &[name, value] : given) {
    if (llvm::is_contained(known, name)) {
      overrides[name] = {value, false};
      continue;
    }
    auto error = fileError(&context, places.file, "net_set");
    error << "--set " << name << ": the net has no setting of that name";
    if (std::string hint = rt::nearest(name, known); !hint.empty())
      error << "; did you mean " << hint << "?";
    else if (known.empty())
      error << "; it has none (let NAME = VALUE)";
    else
      error << "; it has " << llvm::join(known, ", ");
    return error;
  }
  return success();
}

func::FuncOp GraphBuilder::beginFunction(StringRef name, Place place) {
  builder.setInsertionPointToEnd(module->getBody());
  auto func = func::FuncOp::create(builder, places.at(place, top()), name,
                                   builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(func.addEntryBlock());
  return func;
}

LogicalResult GraphBuilder::buildMain() {
  if (file.inputs.empty())
    return places.fail(Place{1, 1}, top(), "net_input")
           << "the net has no input; write: input image: [N, 1, 28, 28]";
  func::FuncOp func = beginFunction("main", file.inputs.front().place);
  Scope scope{&settings};
  Naming naming;
  Frame frame{&scope, &naming, nullptr, std::nullopt};
  // Settings may be sizes of inputs, wherever their lines stand.
  for (const Line &line : file.lines)
    if (line.kind == Line::Let)
      if (failed(buildLines(line, frame, true)))
        return failure();
  for (const Input &input : file.inputs)
    if (failed(buildInput(input, func, false)) ||
        failed(define(input.name, Thing(Value(func.getArguments().back())),
                      input.place, frame)))
      return failure();
  if (func.getNumArguments() == 1)
    frame.current = func.getArgument(0);
  for (const Default &value : file.defaults)
    if (!findBlock(value.layer) && !findOp(value.layer)) {
      Item item{Item::Call, value.place, "", value.layer, {}, {}, {}, {}};
      return unknownLayer(item, frame);
    }
  for (const Line &line : file.lines)
    if (line.kind != Line::Let)
      if (failed(buildLines(line, frame, true)))
        return failure();
  Place end = file.lines.empty() ? file.inputs.back().place
                                 : file.lines.back().place;
  if (outputs.empty()) {
    if (!frame.current)
      return places.fail(end, frame, "net_output")
             << "the net has no output; write: output NAME: VALUE";
    outputs.push_back({"output", frame.current, false});
  }
  for (const Output &output : outputs)
    outputTypes[output.name] = cast<RankedTensorType>(output.value.getType());
  return finishFunction(func, end);
}

LogicalResult GraphBuilder::buildLoss() {
  func::FuncOp func = beginFunction("loss", file.lossPlace);
  Scope scope{&settings};
  Naming naming;
  Frame frame{&scope, &naming, nullptr, std::nullopt};
  outputs.clear();
  for (const Input &input : file.lossInputs)
    if (failed(buildInput(input, func, true)) ||
        failed(define(input.name, Thing(Value(func.getArguments().back())),
                      input.place, frame)))
      return failure();
  if (func.getNumArguments())
    frame.current = func.getArgument(0);
  if (failed(buildLines(file.lossLines, frame, true)))
    return failure();
  if (outputs.empty()) {
    if (!frame.current)
      return places.fail(file.lossPlace, frame, "net_output")
             << "the loss has no inputs; write: loss price, target: [N, 1] "
                "{ ... }";
    outputs.push_back({"loss", frame.current, false});
  }
  return finishFunction(func, file.lossPlace);
}

FailureOr<RankedTensorType> GraphBuilder::typeOf(const TensorType &type,
                                                 Place place) {
  Type element = llvm::StringSwitch<Type>(type.element)
                     .Case("f32", builder.getF32Type())
                     .Case("f64", builder.getF64Type())
                     .Case("i32", builder.getI32Type())
                     .Case("i64", builder.getI64Type())
                     .Default(Type());
  if (!element)
    return places.fail(place, top(), "net_input")
           << "'" << type.element << "' is no type; it is f32 (which goes "
           << "without saying), f64, i32 or i64";
  SmallVector<int64_t> shape;
  for (const Expression &size : type.sizes) {
    if (shape.empty() && size.kind == Expression::Name && size.text == "N") {
      shape.push_back(ShapedType::kDynamic);
      continue;
    }
    if (size.kind == Expression::Name && !settings.find(size.text))
      return places.fail(size.place, top(), "net_input")
             << "'" << size.text << "' is no size; only the first may be N, "
             << "the batch, which --batch sets";
    auto whole = evaluateWhole(size, top(), places, "a size");
    if (failed(whole))
      return failure();
    if (*whole < 0 || *whole > nn::kMaxElements)
      return places.fail(size.place, top(), "net_input")
             << "a size is " << *whole << ", expected 0 to 2^40";
    shape.push_back(*whole);
  }
  if (!nn::countElements(shape))
    return places.fail(place, top(), "net_limit")
           << "a tensor has at most " << nn::kMaxRank
           << " dimensions and 2^40 elements";
  return RankedTensorType::get(shape, element);
}

// Attributes become nn.NAME.
LogicalResult GraphBuilder::buildInput(const Input &input, func::FuncOp func,
                                       bool isLoss) {
  RankedTensorType type;
  if (input.hasType) {
    auto given = typeOf(input.type, input.place);
    if (failed(given))
      return failure();
    type = *given;
  } else if (auto it = outputTypes.find(input.name); it != outputTypes.end()) {
    type = it->second;
  } else {
    return places.fail(input.place, top(), "net_input")
           << input.name << " is no output of the net, and has no type; write "
           << input.name << ": [N, 1]";
  }
  NamedAttrList attributes;
  attributes.set("nn.name", builder.getStringAttr(input.name));
  std::vector<std::string> known =
      isLoss ? std::vector<std::string>{"classes", "ignore", "name"}
             : std::vector<std::string>{"classes", "mean", "name", "preprocess",
                                        "std"};
  for (const Argument &argument : input.attributes) {
    if (!llvm::is_contained(known, argument.name)) {
      auto error = places.fail(argument.place, top(), "unknown_attribute");
      error << "an input has no attribute '" << argument.name << "'";
      if (std::string hint = rt::nearest(argument.name, known); !hint.empty())
        return error << "; did you mean " << hint << "?";
      return error << "; it takes " << llvm::join(known, ", ");
    }
    auto value = evaluateValue(argument.value, top(), places);
    if (failed(value))
      return failure();
    Attribute attribute = *value;
    if (argument.name == "mean" || argument.name == "std") {
      auto list = dyn_cast<ArrayAttr>(attribute);
      SmallVector<Attribute> numbers;
      for (Attribute each : list ? list.getValue() : ArrayRef(attribute)) {
        Attribute number =
            convertInit(each, RankedTensorType::get({1}, builder.getF64Type()));
        if (!isa_and_nonnull<FloatAttr>(number))
          return places.fail(argument.place, top(), "net_input")
                 << argument.name << " is a number, or a list of one for each "
                 << "channel, such as [0.49, 0.48, 0.45]";
        numbers.push_back(number);
      }
      attribute = builder.getArrayAttr(numbers);
    }
    attributes.set("nn." + argument.name, attribute);
  }
  Location loc = FileLineColLoc::get(places.file, input.place.line,
                                     input.place.column);
  func.getBody().front().addArgument(type, loc);
  // The type first, because attributes of arguments depend on it.
  func.setFunctionType(builder.getFunctionType(
      func.getBody().front().getArgumentTypes(), {}));
  SmallVector<DictionaryAttr> all;
  func.getAllArgAttrs(all);
  while (all.size() < func.getNumArguments())
    all.push_back(builder.getDictionaryAttr({}));
  all.back() = attributes.getDictionary(&context);
  func.setAllArgAttrs(all);
  return success();
}

LogicalResult GraphBuilder::buildLines(ArrayRef<Line> lines, Frame &frame,
                                       bool isFunction) {
  for (const Line &line : lines) {
    if (line.kind == Line::Chain) {
      auto value = buildItem(line.items.front(), frame);
      if (failed(value))
        return failure();
      frame.current = *value;
    } else if (line.kind == Line::Output) {
      if (!isFunction)
        return places.fail(line.place, frame, "net_output")
               << "outputs stand outside of blocks; what a block gives is the "
                  "value of its last line";
      if (failed(buildOutput(line, frame)))
        return failure();
    } else {
      auto value = evaluateValue(line.value.front(), frame, places);
      if (failed(value))
        return failure();
      if (auto it = overrides.find(line.name);
          it != overrides.end() && isFunction && !it->second.second) {
        it->second.second = true;
        Expression given;
        std::string fault;
        bool isText = isa<StringAttr>(*value);
        FailureOr<Attribute> parsed = failure();
        if (isText)
          parsed = Attribute(builder.getStringAttr(it->second.first));
        else if (parseValue(it->second.first, given,
                            [&](Place, const std::string &) {}))
          parsed = evaluateValue(given, frame, places);
        auto isNumber = [](Attribute a) {
          return isa<FloatAttr>(a) || (isa<IntegerAttr>(a) && !isa<BoolAttr>(a));
        };
        if (failed(parsed) ||
            !((isNumber(*value) && isNumber(*parsed)) ||
              isa<BoolAttr>(*value) == isa<BoolAttr>(*parsed)) ||
            isa<ArrayAttr>(*value) != isa<ArrayAttr>(*parsed) ||
            isNumber(*value) != isNumber(*parsed))
          return places.fail(line.place, frame, "net_set")
                 << "--set " << line.name << "=" << it->second.first
                 << " is no value for it; the text has " << textOf(*value);
        value = parsed;
      }
      // Of the text itself, settings are the same everywhere.
      Frame place = frame;
      if (isFunction)
        place.scope = &settings;
      if (failed(define(line.name, Thing(*value), line.place, place)))
        return failure();
    }
  }
  return success();
}

LogicalResult GraphBuilder::buildOutput(const Line &line, Frame &frame) {
  Value value;
  if (!line.items.empty()) {
    auto built = buildItem(line.items.front(), frame);
    if (failed(built))
      return failure();
    value = *built;
  } else {
    Expression name;
    name.kind = Expression::Name;
    name.place = line.place;
    name.text = line.name;
    auto thing = evaluate(name, frame, places);
    if (failed(thing))
      return failure();
    if (!std::holds_alternative<Value>(*thing))
      return places.fail(line.place, frame, "net_output")
             << line.name << " is a setting, no tensor";
    value = std::get<Value>(*thing);
  }
  Output output{line.name, value, false};
  for (const Argument &argument : line.attributes) {
    auto given = evaluateValue(argument.value, frame, places);
    if (failed(given))
      return failure();
    auto flag = dyn_cast<BoolAttr>(*given);
    if (argument.name != "share" || !flag)
      return places.fail(argument.place, frame, "unknown_attribute")
             << "an output takes share=true alone, for a metric that is a share";
    output.isShare = flag.getValue();
  }
  for (const Output &other : outputs)
    if (other.name == output.name)
      return places.fail(line.place, frame, "net_name")
             << "another output is called " << output.name;
  outputs.push_back(output);
  return success();
}

LogicalResult GraphBuilder::finishFunction(func::FuncOp func, Place place) {
  SmallVector<Value> values;
  SmallVector<DictionaryAttr> attributes;
  for (const Output &output : outputs) {
    values.push_back(output.value);
    NamedAttrList list;
    list.set("nn.name", builder.getStringAttr(output.name));
    if (output.isShare)
      list.set("nn.share", builder.getUnitAttr());
    attributes.push_back(list.getDictionary(&context));
  }
  func::ReturnOp::create(
      builder, FileLineColLoc::get(places.file, place.line, place.column),
      values);
  func.setFunctionType(builder.getFunctionType(
      func.getArgumentTypes(), ValueRange(values).getTypes()));
  func.setAllResultAttrs(attributes);
  return success();
}

LogicalResult GraphBuilder::define(StringRef name, Thing value, Place place,
                                   Frame &frame) {
  if (name == "it" || name == "N" || name == "true" || name == "false")
    return places.fail(place, frame, "net_name")
           << "'" << name << "' has a meaning of its own; take another name";
  if (!frame.scope->names.try_emplace(name, value).second)
    return places.fail(place, frame, "net_name")
           << "'" << name << "' is a name already; take another one";
  return success();
}

} // namespace gradmill::net
