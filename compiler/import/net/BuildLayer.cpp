// Layers, blocks and parameters: the names before parentheses, and the
// arguments in them.
#include "Builder.h"
#include "compiler/import/Hints.h"
#include "compiler/import/MlirErrors.h"
#include "core/Nearest.h"
#include "nn/Registry.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using llvm::FailureOr;

namespace gradmill::net {

//===-- Names -------------------------------------------------------------===//

// "conv2d" belongs to nn, "my.op" to a plugin's own dialect.
OperationName *GraphBuilder::findOp(StringRef name) {
  auto [it, isNew] = ops.try_emplace(name);
  if (isNew) {
    for (std::string full : {"nn." + name.str(), name.str()}) {
      auto known = RegisteredOperationName::lookup(full, &context);
      if (known && nn::isGraphOp(*known) &&
          known->getStringRef() != nn::ParameterOp::getOperationName() &&
          known->getStringRef() != nn::ConstantOp::getOperationName()) {
        it->second = *known;
        break;
      }
    }
  }
  return it->second ? &*it->second : nullptr;
}

const Block *GraphBuilder::findBlock(StringRef name) const {
  for (const File *where : {&file, &library})
    for (const Block &block : where->blocks)
      if (block.name == name)
        return &block;
  return nullptr;
}

InFlightDiagnostic GraphBuilder::unknownLayer(const Item &item,
                                              const Frame &frame) {
  std::vector<std::string> names;
  for (const File *where : {&file, &library})
    for (const Block &block : where->blocks)
      names.push_back(block.name);
  for (const Scope *scope = frame.scope; scope; scope = scope->outer)
    for (const auto &entry : scope->names)
      names.push_back(entry.getKey().str());
  llvm::sort(names);
  for (StringRef full : {"nn." + item.text, item.text})
    if (RegisteredOperationName::lookup(full, &context))
      return places.fail(item.place, frame, "net_layer")
             << "'" << item.text
             << "' is made by the compiler; no net can hold it";
  auto error = places.fail(item.place, frame, "graph_unknown_op");
  error << "'" << item.text
        << "' is no layer, block or value; layers are the ops of nn and of "
           "loaded plugins (--plugin)";
  std::string hint = meantOp(item.text, &context);
  if (hint.empty())
    hint = rt::nearest(item.text, names);
  if (!hint.empty())
    error << "; did you mean " << bareName(hint) << "?";
  return error;
}

// "conv2" for the second unnamed convolution of its block.
std::string GraphBuilder::nameLayer(const std::string &label, StringRef stem,
                                    Naming &naming) {
  if (!label.empty()) {
    naming.taken.insert(label);
    return label;
  }
  while (true) {
    std::string name = (stem + Twine(++naming.counts[stem])).str();
    if (naming.taken.insert(name).second)
      return name;
  }
}

//===-- Calls -------------------------------------------------------------===//

FailureOr<std::vector<GraphBuilder::Given>>
GraphBuilder::evaluateArguments(const Item &item, const Frame &frame,
                                std::string &shared) {
  std::vector<Given> all;
  auto add = [&](const Argument &argument, const Frame &where) {
    if (argument.name == "share" && (argument.value.kind == Expression::Name ||
                                     argument.value.kind == Expression::Text)) {
      auto name = fillIn(argument.value.text, argument.place, where, places);
      if (failed(name))
        return false;
      shared = *name;
      return true;
    }
    auto value = evaluate(argument.value, where, places);
    if (failed(value))
      return false;
    for (const Given &other : all)
      if (!argument.name.empty() && other.name == argument.name) {
        places.fail(argument.place, frame, "net_argument")
            << argument.name << " is given twice";
        return false;
      }
    all.push_back({argument.place, argument.name, *value});
    return true;
  };
  for (const Argument &argument : item.arguments)
    if (!add(argument, frame))
      return failure();
  for (const Default &value : file.defaults)
    if (value.layer == item.text)
      for (const Argument &argument : value.arguments) {
        if (argument.name.empty())
          return places.fail(argument.place, top(), "net_argument")
                 << "a default is for an argument with a name: default "
                 << value.layer << "(padding=1)";
        bool isGiven = llvm::any_of(all, [&](const Given &given) {
          return given.name == argument.name;
        });
        if (!isGiven && !add(argument, top()))
          return failure();
      }
  return all;
}

FailureOr<Value> GraphBuilder::buildCall(const Item &item, const Frame &frame,
                                         const std::string &label) {
  auto name = fillIn(item.text, item.place, frame, places);
  if (failed(name))
    return failure();
  std::string shared;
  auto given = evaluateArguments(item, frame, shared);
  if (failed(given))
    return failure();
  if (*name == "parameter")
    return buildParameter(item, *given, frame, label);
  if (*name == "constant")
    return buildConstant(item, *given, frame);
  // The text's own blocks come before ops, and ops before built-in blocks.
  for (const Block &block : file.blocks)
    if (block.name == *name)
      return buildBlock(block, item, *given, frame, label, shared);
  if (OperationName *op = findOp(*name))
    return buildLayer(*op, item, *given, frame, label, shared);
  if (const Block *block = findBlock(*name))
    return buildBlock(*block, item, *given, frame, label, shared);
  return unknownLayer(item, frame);
}

FailureOr<Value> GraphBuilder::buildBlock(const Block &block, const Item &item,
                                          std::vector<Given> given,
                                          const Frame &frame,
                                          const std::string &label,
                                          const std::string &shared) {
  if (llvm::is_contained(active, &block))
    return places.fail(item.place, frame, "net_block")
           << "the block '" << block.name << "' uses itself";
  Scope scope{&settings};
  unsigned next = 0;
  for (const Given &argument : given) {
    unsigned index = next;
    if (argument.name.empty()) {
      ++next;
    } else {
      for (index = 0; index < block.parameters.size(); ++index)
        if (block.parameters[index].name == argument.name)
          break;
    }
    if (index >= block.parameters.size()) {
      std::vector<std::string> known;
      for (const Argument &parameter : block.parameters)
        known.push_back(parameter.name);
      auto error = places.fail(argument.place, frame, "net_argument");
      if (argument.name.empty())
        return error << "the block '" << block.name << "' takes "
                     << known.size() << " arguments";
      error << "the block '" << block.name << "' has no argument '"
            << argument.name << "'";
      std::string hint = rt::nearest(argument.name, known);
      if (!hint.empty())
        return error << "; did you mean " << hint << "?";
      if (known.empty())
        return error << "; it takes none";
      return error << "; it takes " << llvm::join(known, ", ");
    }
    if (!scope.names.try_emplace(block.parameters[index].name, argument.value)
             .second)
      return places.fail(argument.place, frame, "net_argument")
             << block.parameters[index].name << " is given twice";
  }
  Naming own;
  bool isInline = block.isInline && label.empty();
  if (!isInline) {
    std::string name = shared;
    if (shared.empty())
      name = nameLayer(label, block.name, *frame.naming);
    own.prefix = frame.naming->prefix + name + ".";
    own.isSharing = frame.naming->isSharing || !shared.empty();
  } else if (!shared.empty()) {
    return places.fail(item.place, frame, "net_share")
           << "an inline block has no name to share by";
  }
  bool isLibrary = llvm::any_of(library.blocks, [&](const Block &ours) {
    return &ours == &block;
  });
  Frame inside{&scope, isInline ? frame.naming : &own, frame.current,
               places.at(item.place, frame), isLibrary};
  for (auto [parameter, hasDefault] :
       llvm::zip(block.parameters, block.hasDefault)) {
    if (scope.names.count(parameter.name))
      continue;
    if (!hasDefault)
      return places.fail(item.place, frame, "net_argument")
             << "the block '" << block.name << "' needs " << parameter.name;
    auto value = evaluate(parameter.value, inside, places);
    if (failed(value))
      return failure();
    scope.names[parameter.name] = *value;
  }
  active.push_back(&block);
  bool isBuilt = succeeded(buildLines(block.lines, inside, false));
  active.pop_back();
  if (!isBuilt)
    return failure();
  if (!inside.current)
    return places.fail(item.place, frame, "net_value")
           << "the block '" << block.name << "' gives no value";
  return inside.current;
}

//===-- Parameters and constants ----------------------------------------------===//

FailureOr<RankedTensorType>
GraphBuilder::literalType(const std::vector<Given> &given, Attribute shape,
                          Place place, const Frame &frame) {
  Type element = builder.getF32Type();
  for (BlockArgument input : builder.getInsertionBlock()->getArguments())
    if (Type type = getElementTypeOrSelf(input.getType()); isa<FloatType>(type)) {
      element = type;
      break;
    }
  for (const Given &argument : given)
    if (argument.name == "element") {
      auto text = std::holds_alternative<Attribute>(argument.value)
                      ? dyn_cast<StringAttr>(std::get<Attribute>(argument.value))
                      : StringAttr();
      if (!text || (text.getValue() != "f32" && text.getValue() != "f64"))
        return places.fail(argument.place, frame, "net_argument")
               << "element is \"f32\" or \"f64\"";
      element = text.getValue() == "f32" ? Type(builder.getF32Type())
                                         : Type(builder.getF64Type());
    }
  SmallVector<int64_t> sizes;
  auto list = dyn_cast_or_null<ArrayAttr>(shape);
  for (Attribute each : list ? list.getValue()
                             : shape ? ArrayRef(shape) : ArrayRef<Attribute>()) {
    auto size = dyn_cast<IntegerAttr>(each);
    if (!size || isa<BoolAttr>(each) || size.getInt() < 0)
      return places.fail(place, frame, "net_argument")
             << "a shape is a list of whole numbers, such as [16, 3, 3]";
    sizes.push_back(size.getInt());
  }
  if (!nn::countElements(sizes))
    return places.fail(place, frame, "net_limit")
           << "a tensor has at most " << nn::kMaxRank
           << " dimensions and 2^40 elements";
  return RankedTensorType::get(sizes, element);
}

FailureOr<Value> GraphBuilder::createParameter(
    const std::string &name, RankedTensorType type, Attribute init,
    int64_t fanIn, bool isBuffer, bool isSharing, Place place,
    const Frame &frame) {
  auto [it, isNew] = parameters.try_emplace(name, Value());
  if (isSharing) {
    if (isNew || !it->second) {
      parameters.erase(name);
      return places.fail(place, frame, "net_share")
             << "there is no parameter '" << name
             << "' to share; the layer that has it stands before";
    }
    if (it->second.getType() != type)
      return places.fail(place, frame, "net_share")
             << "the parameter '" << name << "' is " << it->second.getType()
             << ", and " << type << " is needed here";
    return it->second;
  }
  if (!isNew)
    return places.fail(place, frame, "net_parameter")
           << "there is a parameter '" << name
           << "' already; give the layer another label (in a repetition one "
              "with a number: conv{i}: ...), or say share=LABEL";
  auto op = nn::ParameterOp::create(
      builder, places.at(place, frame), type, builder.getStringAttr(name),
      isBuffer ? builder.getStringAttr("buffer") : StringAttr(), init,
      fanIn ? builder.getI64IntegerAttr(fanIn) : IntegerAttr());
  if (failed(verify(op)))
    return failure();
  return it->second = op.getResult();
}

FailureOr<Value> GraphBuilder::buildParameter(const Item &item,
                                              std::vector<Given> given,
                                              const Frame &frame,
                                              const std::string &label) {
  if (label.empty())
    return places.fail(item.place, frame, "net_parameter")
           << "a parameter has a name: position: parameter([49, 32])";
  Attribute shape, init;
  int64_t fanIn = 0;
  bool isBuffer = false;
  std::vector<std::string> known{"shape", "init", "role", "fan_in", "element"};
  for (const Given &argument : given) {
    auto *value = std::get_if<Attribute>(&argument.value);
    if (!value)
      return places.fail(argument.place, frame, "net_argument")
             << "a parameter takes numbers, no tensors";
    StringRef name = argument.name;
    if ((name.empty() && !shape) || name == "shape")
      shape = *value;
    else if (name == "init")
      init = *value;
    else if (name == "fan_in" && isa<IntegerAttr>(*value))
      fanIn = cast<IntegerAttr>(*value).getInt();
    else if (name == "role" && isa<StringAttr>(*value) &&
             (cast<StringAttr>(*value) == "parameter" ||
              cast<StringAttr>(*value) == "buffer"))
      isBuffer = cast<StringAttr>(*value) == "buffer";
    else if (name != "element")
      return places.fail(argument.place, frame, "net_argument")
             << "a parameter takes its shape, init=, fan_in= (a whole number), "
                "role=\"buffer\" and element=\"f64\"";
  }
  if (!shape)
    return places.fail(item.place, frame, "net_argument")
           << "a parameter needs its shape: " << label
           << ": parameter([49, 32])";
  auto type = literalType(given, shape, item.place, frame);
  if (failed(type))
    return failure();
  if (init) {
    Attribute value = convertInit(init, *type);
    if (!value)
      return places.fail(item.place, frame, "net_argument")
             << "init is " << textOf(init) << "; it takes a number, a list of "
             << type->getNumElements() << " numbers, \"kaiming_uniform\" or "
             << "\"kaiming_normal\"";
    init = value;
  }
  frame.naming->taken.insert(label);
  return createParameter(frame.naming->prefix + label, *type, init, fanIn,
                         isBuffer, frame.naming->isSharing, item.place, frame);
}

FailureOr<Value> GraphBuilder::buildConstant(const Item &item,
                                             std::vector<Given> given,
                                             const Frame &frame) {
  Attribute value, shape;
  for (const Given &argument : given) {
    auto *each = std::get_if<Attribute>(&argument.value);
    if (each && argument.name.empty() && !value)
      value = *each;
    else if (each && argument.name == "shape")
      shape = *each;
    else if (argument.name != "element")
      return places.fail(argument.place, frame, "net_argument")
             << "a constant takes a number or a list, shape= and "
                "element=\"f64\"";
  }
  if (!value)
    return places.fail(item.place, frame, "net_argument")
           << "a constant has a value: constant(0.5), constant([1, 2, 3])";
  if (!shape)
    if (auto list = dyn_cast<ArrayAttr>(value))
      shape = builder.getI64IntegerAttr(list.size());
  auto type = literalType(given, shape, item.place, frame);
  if (failed(type))
    return failure();
  Attribute numbers = convertInit(value, *type);
  if (!numbers || isa<StringAttr>(numbers))
    return places.fail(item.place, frame, "net_argument")
           << "the value is " << textOf(value)
           << ", expected a number or a list of " << type->getNumElements();
  if (isa<FloatAttr>(numbers))
    numbers = DenseElementsAttr::get(*type, {numbers});
  return nn::ConstantOp::create(builder, places.at(item.place, frame), *type,
                                cast<ElementsAttr>(numbers))
      .getResult();
}

//===-- Ops ---------------------------------------------------------------===//

// The first required attribute that is missing, or "".
static std::string requiredAttribute(OperationName name, ValueRange operands) {
  OperationState state(UnknownLoc::get(name.getContext()), name.getStringRef(),
                       operands, operands.front().getType(), {});
  Operation *probe = Operation::create(state);
  std::string fault = firstFault(probe);
  probe->destroy();
  auto [before, rest] = StringRef(fault).split("requires attribute '");
  return rest.split('\'').first.str();
}

void removeDefaults(Operation *op) {
  for (StringAttr name : op->getName().getAttributeNames())
    if (isDefault(op, name))
      op->setInherentAttr(name, Attribute());
  // Defaults that MLIR itself fills in.
  op->getName().populateDefaultProperties(op->getPropertiesStorage());
}

// A value under NAME_init is the initial value of parameter NAME.
static bool isInitOf(StringRef name, ArrayRef<nn::LayerParameter> parameters) {
  return name.consume_back("_init") &&
         llvm::any_of(parameters, [&](const nn::LayerParameter &parameter) {
           return parameter.name == name;
         });
}

FailureOr<Value> GraphBuilder::buildLayer(OperationName op, const Item &item,
                                          std::vector<Given> given,
                                          const Frame &frame,
                                          const std::string &label,
                                          const std::string &shared) {
  Location loc = places.at(item.place, frame);
  StringRef bareName = net::bareName(op.getStringRef());
  SmallVector<Value> operands;
  std::vector<nn::Layer::Argument> arguments;
  std::vector<nn::Layer::Given> tensors;
  std::vector<std::pair<std::string, Value>> named;
  for (const Given &argument : given) {
    if (auto *value = std::get_if<Value>(&argument.value)) {
      if (argument.name.empty()) {
        operands.push_back(*value);
      } else {
        named.push_back({argument.name, *value});
        tensors.push_back(
            {argument.name, cast<RankedTensorType>(value->getType())});
      }
    } else {
      arguments.push_back({argument.name, std::get<Attribute>(argument.value),
                           places.at(argument.place, frame)});
    }
  }
  if (operands.empty()) {
    if (!frame.current)
      return places.fail(item.place, frame, "net_value")
             << "nothing flows into " << bareName
             << "; begin with an input, as in: image | " << bareName;
    operands.push_back(frame.current);
  }
  SmallVector<Type> inputs(ValueRange(operands).getTypes());
  nn::Layer layer(loc, op, inputs, std::move(arguments), std::move(tensors));
  layer.stem = bareName.take_while([](char c) { return !llvm::isDigit(c); }).str();
  auto *interface = op.getInterface<nn::LayerInterface>();
  // If the parentheses hold all tensors, nothing is added.
  bool isDescribed = interface && operands.size() == 1;
  if (interface && operands.size() > 1 && !named.empty())
    return places.fail(item.place, frame, "net_argument")
           << "tensors of " << bareName << " have names, or none has one";
  if (isDescribed && failed(interface->describeLayer(layer)))
    return failure();

  // The rest belongs to the op's attributes.
  NamedAttrList attributes;
  std::vector<std::string> known, repeatable, orderless;
  for (StringAttr name : op.getAttributeNames())
    known.push_back(name.str());
  for (const std::string &name : layer.attributeOrder)
    orderless.push_back(name);
  if (orderless.empty() && known.size() == 1)
    orderless = known;
  if (orderless.empty())
    if (std::string name = requiredAttribute(op, operands); !name.empty())
      orderless.push_back(name);
  llvm::StringMap<Attribute> inits;
  auto next = orderless.begin();
  for (nn::Layer::Argument &argument : layer.arguments) {
    if (argument.isUsed)
      continue;
    std::string name = argument.name;
    if (name.empty()) {
      while (next != orderless.end() &&
             (attributes.get(*next) ||
              llvm::any_of(layer.arguments, [&](const auto &other) {
                return other.name == *next;
              })))
        ++next;
      // Several attributes are possible if the op gives no order: take the only
      // one that accepts such a value.
      std::vector<std::string> fitting;
      bool unused;
      if (layer.attributeOrder.empty() && orderless.size() != 1) {
        for (const std::string &each : known)
          if (convertAttribute(op, each, argument.value, unused))
            fitting.push_back(each);
        if (fitting.size() == 1)
          name = fitting.front();
      } else if (next != orderless.end()) {
        name = *next++;
      }
      if (name.empty()) {
        auto error = emitError(argument.loc)
                     << "[net_argument] " << textOf(argument.value)
                     << " has no name here; ";
        if (fitting.size() > 1)
          return error << "say which is meant: " << fitting[0] << "=, or "
                       << fitting[1] << "=";
        if (known.empty() && layer.asked.empty())
          return error << bareName << " takes no numbers";
        return error << bareName << " takes no more without one";
      }
    }
    if (isInitOf(name, layer.parameters)) {
      inits[StringRef(name).drop_back(5)] = argument.value;
      argument.isUsed = true;
      continue;
    }
    // Of a parameter that the layer does without.
    if (StringRef stem = name; stem.consume_back("_init") &&
                               llvm::is_contained(layer.asked, stem.str()))
      continue;
    bool isOwn = llvm::is_contained(known, name);
    if (!isOwn && StringRef(name).contains('.')) {
      attributes.set(name, argument.value);
      continue;
    }
    if (!isOwn) {
      std::vector<std::string> all = known;
      all.insert(all.end(), layer.asked.begin(), layer.asked.end());
      for (const nn::LayerParameter &parameter : layer.parameters)
        all.push_back(parameter.name + "_init");
      auto error = emitError(argument.loc);
      error << "[unknown_attribute] " << bareName << " has no argument '"
            << name << "'";
      if (std::string hint = rt::nearest(name, all); !hint.empty())
        return error << "; did you mean " << hint << "?";
      if (all.empty())
        return error << "; it takes none";
      return error << "; it takes " << llvm::join(all, ", ");
    }
    bool isRepeatable = false;
    Attribute value =
        convertAttribute(op, name, argument.value, isRepeatable);
    if (!value)
      return emitError(argument.loc)
             << "[net_argument] " << name << " of " << bareName << " is "
             << textOf(argument.value) << ", expected "
             << acceptedKinds(op, name, &context);
    if (attributes.get(name))
      return emitError(argument.loc)
             << "[net_argument] " << name << " is given twice";
    attributes.set(name, value);
    if (isRepeatable)
      repeatable.push_back(name);
  }

  // Parameters, after the data.
  bool isSharing = frame.naming->isSharing || !shared.empty();
  std::string own;
  for (const nn::LayerParameter &parameter : layer.parameters) {
    auto tensor = llvm::find_if(named, [&](const auto &entry) {
      return entry.first == parameter.name;
    });
    if (tensor != named.end()) {
      operands.push_back(tensor->second);
      tensor->first.clear();
      continue;
    }
    if (own.empty())
      own = shared.empty() ? nameLayer(label, layer.stem, *frame.naming)
                           : shared;
    Type element = getElementTypeOrSelf(inputs.front());
    if (!isa<FloatType>(element))
      element = builder.getF32Type();
    if (!nn::countElements(parameter.shape))
      return emitError(loc) << "[net_limit] the parameter '" << own << "."
                            << parameter.name << "' has more than 2^40 elements";
    auto type = RankedTensorType::get(parameter.shape, element);
    Attribute init = parameter.init;
    int64_t fanIn = parameter.fanIn;
    if (auto given = inits.find(parameter.name); given != inits.end()) {
      init = convertInit(given->second, type);
      if (!init)
        return emitError(loc)
               << "[net_argument] " << parameter.name << "_init is "
               << textOf(given->second) << "; it takes a number, a list of "
               << type.getNumElements()
               << " numbers, \"kaiming_uniform\" or \"kaiming_normal\"";
      if (!isa<StringAttr>(init))
        fanIn = 0;
    }
    auto value = createParameter(
        frame.naming->prefix + own + "." + parameter.name, type, init, fanIn,
        parameter.isBuffer, isSharing, item.place, frame);
    if (failed(value))
      return failure();
    operands.push_back(*value);
  }
  if (!shared.empty() && own.empty())
    return emitError(loc) << "[net_share] " << bareName
                          << " has no parameters to share";
  for (const auto &[name, value] : named)
    if (!name.empty()) {
      auto error = emitError(loc);
      error << "[net_argument] " << bareName << " takes no tensor under the name '"
            << name << "'";
      std::vector<std::string> takes;
      for (const nn::LayerParameter &parameter : layer.parameters)
        takes.push_back(parameter.name);
      if (!takes.empty())
        error << "; its parameters are " << llvm::join(takes, ", ");
      return error;
    }
  auto made =
      createOp(op, item.place, frame, operands, attributes, repeatable);
  if (succeeded(made))
    nameOp(*made, own.empty() ? label : own, frame);
  return made;
}

// A line stands for many layers in blocks and repetitions; what is made of one
// (adjoints, kernels) is known by the name in its location. That of an op
// without a name of its own is its block's, "block2.", for reports.
void GraphBuilder::nameOp(Value made, const std::string &name,
                          const Frame &frame) {
  std::string full = frame.naming->prefix + name;
  Operation *op = made.getDefiningOp();
  if (!full.empty())
    op->setLoc(NameLoc::get(builder.getStringAttr(full), op->getLoc()));
}

// "2" of "expected 2 operands, but found 1".
static std::string expectedOperands(StringRef fault) {
  if (fault.contains("single operand"))
    return "1 tensor";
  StringRef rest = fault.split("expected ").second;
  StringRef count = rest.take_while(llvm::isDigit);
  if (count.empty())
    return "another number of tensors";
  return (count + (rest.contains("or more") ? " or more" : "") + " tensors").str();
}

FailureOr<Value> GraphBuilder::createOp(OperationName op, Place place,
                                        const Frame &frame,
                                        ValueRange operands,
                                        const NamedAttrList &given,
                                        ArrayRef<std::string> repeatable) {
  Location loc = places.at(place, frame);
  StringRef bareName = net::bareName(op.getStringRef());
  auto *infer = op.getInterface<InferTypeOpInterface>();
  if (!infer)
    return emitError(loc) << "[net_layer] the result of " << bareName
                          << " cannot be inferred; write the graph as .mlir";
  auto make = [&](TypeRange types, const NamedAttrList &attributes) {
    OperationState state(loc, op.getStringRef(), operands, types,
                         attributes.getAttrs());
    return Operation::create(state);
  };
  // Before its shape is inferred, which counts on the number of operands.
  Operation *probe = make(operands.front().getType(), given);
  std::string fault = firstFault(probe);
  probe->destroy();
  if (isOperandCount(fault))
    return emitError(loc) << "[net_layer] " << bareName << " takes "
                          << expectedOperands(fault) << ", and got "
                          << operands.size()
                          << "; what flows in counts where none stands in "
                             "parentheses";
  NamedAttrList attributes = given;
  auto inferTypes = [&](std::optional<Location> where,
                        SmallVectorImpl<Type> &types) {
    types.clear();
    return infer->inferReturnTypes(&context, where, operands,
                                   attributes.getDictionary(&context), nullptr,
                                   {}, types);
  };
  SmallVector<Type> types;
  // One number for each spatial dimension, if the op wants so many.
  int64_t spatial =
      cast<RankedTensorType>(operands.front().getType()).getRank() - 2;
  if (!repeatable.empty() && spatial > 1 &&
      failed(inferTypes(std::nullopt, types))) {
    for (const std::string &name : repeatable) {
      auto list = cast<DenseArrayAttr>(attributes.get(name));
      Attribute repeated = list;
      if (auto whole = dyn_cast<DenseI64ArrayAttr>(list))
        repeated = builder.getDenseI64ArrayAttr(
            SmallVector<int64_t>(spatial, whole[0]));
      else if (auto real = dyn_cast<DenseF64ArrayAttr>(list))
        repeated = builder.getDenseF64ArrayAttr(
            SmallVector<double>(spatial, real[0]));
      attributes.set(name, repeated);
    }
    if (failed(inferTypes(std::nullopt, types)) && repeatable.size() == 1)
      attributes = given; // its message is about what was written
  }
  if (failed(inferTypes(loc, types)))
    return failure();
  if (types.size() != 1)
    return emitError(loc) << "[net_layer] " << bareName << " gives "
                          << types.size()
                          << " tensors, and a line has one; write the graph as "
                             ".mlir";
  Operation *made = make(types, attributes);
  builder.insert(made);
  if (failed(verify(made)))
    return failure();
  removeDefaults(made);
  return made->getResult(0);
}

} // namespace gradmill::net
