#include "NetDocument.h"
#include "OpPages.h"
#include "compiler/import/CheckGraph.h"
#include "compiler/import/Format.h"
#include "compiler/import/net/Lexer.h"
#include "compiler/import/net/ReadNet.h"
#include "compiler/tools/Rules.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "nn/NNDialect.h"
#include "nn/interfaces/Layer.h"
#include <set>

using namespace mlir;

namespace gradmill::lsp {
namespace {

Place placeOf(FileLineColLoc loc) {
  return {std::max(0, int(loc.getLine()) - 1),
          std::max(0, int(loc.getColumn()) - 1)};
}

// Where an op stands, then where the block around it is used, and so on.
void addPlaces(Location loc, std::vector<Place> &places) {
  if (auto here = dyn_cast<FileLineColLoc>(loc)) {
    places.push_back(placeOf(here));
  } else if (auto named = dyn_cast<NameLoc>(loc)) {
    addPlaces(named.getChildLoc(), places);
  } else if (auto call = dyn_cast<CallSiteLoc>(loc)) {
    addPlaces(call.getCallee(), places);
    addPlaces(call.getCaller(), places);
  }
}
std::vector<Place> placesOf(Location loc) {
  std::vector<Place> places;
  addPlaces(loc, places);
  return places;
}

Place firstOf(const std::vector<Place> &places) {
  return places.empty() ? Place() : places.front();
}

std::string shapeOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return "";
  std::string shape = "[";
  for (auto [i, size] : llvm::enumerate(type.getShape()))
    shape += (i ? ", " : "") +
             (ShapedType::isDynamic(size) ? "N" : std::to_string(size));
  return shape + "]";
}

std::string joined(const std::vector<std::string> &words, StringRef between,
                   size_t most) {
  std::string all;
  for (size_t i = 0; i < std::min(words.size(), most); ++i)
    all += (i ? between.str() : "") + words[i];
  return words.size() > most ? all + between.str() + "..." : all;
}

bool isWord(char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; }

constexpr StringRef kKeywords[] = {"input",  "let",  "default", "block",
                                   "inline", "output", "loss",  "repeat",
                                   "it",     "parameter", "constant", "size"};

} // namespace

NetDocument::NetDocument(std::string text, std::string name, Host &host)
    : text(std::move(text)), name(std::move(name)), host(host),
      context(std::make_unique<MLIRContext>(host.dialects(),
                                            MLIRContext::Threading::DISABLED)) {
  context->printOpOnDiagnostic(false);
  StringRef(this->text).split(lines, '\n');
  read();
}

//===-- Reading -----------------------------------------------------------===//

void NetDocument::read() {
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    found.push_back(findingOf(diagnostic));
    return success();
  });
  OwningOpRef<ModuleOp> module = readNet(text, name, *context);
  if (!module)
    return;
  collect(*module);
  if (succeeded(checkGraph(*module)))
    advise(*module);
}

// The label leads the text of our diagnostics as "[label] ".
Finding NetDocument::findingOf(Diagnostic &diagnostic) const {
  std::vector<Place> places = placesOf(diagnostic.getLocation());
  Finding finding{firstOf(places),
                  diagnostic.getSeverity() == DiagnosticSeverity::Error,
                  diagnostic.str(),
                  {}};
  StringRef message = finding.text;
  if (message.consume_front("[")) {
    auto [label, rest] = message.split(']');
    finding.text = rest.ltrim().str() + " [" + label.str() + "]";
  }
  for (size_t i = 1; i < places.size(); ++i)
    finding.notes.push_back({places[i], "the block is used here"});
  for (Diagnostic &note : diagnostic.getNotes())
    finding.notes.push_back({firstOf(placesOf(note.getLocation())), note.str()});
  return finding;
}

void NetDocument::collect(ModuleOp module) {
  // The last value of an item in each of its uses, and the last one of a line.
  using Uses = std::map<std::vector<Place>, std::string>;
  std::map<Place, Uses> ofItem;
  std::map<int, Uses> ofLine;
  for (auto func : module.getOps<func::FuncOp>())
    func.walk([&](Operation *op) {
      if (op->getNumResults() == 0 || isa<nn::ParameterOp, nn::ConstantOp>(op))
        return;
      std::string shape = shapeOf(op->getResult(0));
      std::vector<Place> places = placesOf(op->getLoc());
      for (size_t i = 0; i < places.size(); ++i) {
        std::vector<Place> around(places.begin() + i + 1, places.end());
        ofItem[places[i]][around] = shape;
        ofLine[places[i].line][around] = shape;
      }
      if (places.empty())
        return;
      Made &made = items[places.front()];
      for (Value operand : op->getOperands())
        if (auto parameter = operand.getDefiningOp<nn::ParameterOp>()) {
          made.parameters +=
              cast<RankedTensorType>(operand.getType()).getNumElements();
          made.parameterNames.push_back(
              parameter.getName().str() + " " + shapeOf(operand));
        }
    });
  auto differentOf = [](const Uses &uses) {
    std::vector<std::string> shapes;
    for (auto &[use, shape] : uses)
      if (!llvm::is_contained(shapes, shape))
        shapes.push_back(shape);
    return shapes;
  };
  for (auto &[place, uses] : ofItem)
    items[place].shapes = differentOf(uses);
  for (auto &[line, uses] : ofLine)
    lineShapes[line] = differentOf(uses);
}

void NetDocument::advise(ModuleOp module) {
  context->appendDialectRegistry(Host::compilerDialects());
  auto main = module.lookupSymbol<func::FuncOp>("main");
  nn::Advisor::Question question;
  question.hasLoss = module.lookupSymbol<func::FuncOp>("loss") != nullptr;
  if (!main)
    return;
  auto advised = askRules(main, std::move(question), host.registry().adviceRules());
  if (failed(advised))
    return;
  for (const nn::Advice &advice : *advised) {
    std::vector<Place> places =
        advice.place ? placesOf(*advice.place) : std::vector<Place>();
    found.push_back({firstOf(places), false,
                     advice.reason + "\n" + advice.fix + " [" + advice.rule +
                         "]",
                     {}});
  }
}

//===-- Questions ---------------------------------------------------------===//

StringRef NetDocument::line(int number) const {
  return number >= 0 && size_t(number) < lines.size()
             ? lines[size_t(number)].rtrim('\r')
             : StringRef();
}

std::pair<int, int> NetDocument::wordAt(Place at) const {
  StringRef here = line(at.line);
  int begin = std::clamp<int>(at.column, 0, int(here.size())), end = begin;
  while (begin > 0 && isWord(here[begin - 1]))
    --begin;
  while (end < int(here.size()) && isWord(here[end]))
    ++end;
  return {begin, end};
}

// The op that a layer's name stands for, or "".
std::string NetDocument::opOf(StringRef layer) const {
  for (std::string full : {"nn." + layer.str(), layer.str()})
    if (RegisteredOperationName::lookup(full, context.get()))
      return full;
  return "";
}

std::string NetDocument::hover(Place at) const {
  auto [begin, end] = wordAt(at);
  StringRef word = line(at.line).slice(begin, end);
  auto made = items.find({at.line, begin});
  std::string op = opOf(word), markdown;
  if (made == items.end() && op.empty())
    return "";
  markdown = "**" + word.str() + "**";
  if (made != items.end()) {
    markdown += " gives `" + joined(made->second.shapes, "`, `", 4) + "`";
    if (made->second.parameters)
      markdown += "\n\n" + std::to_string(made->second.parameters) +
                  " parameters: `" +
                  joined(made->second.parameterNames, "`, `", 8) + "`";
  }
  if (StringRef page = describeOp(op); !page.empty())
    markdown += "\n\n---\n\n" + page.str();
  return markdown;
}

std::vector<std::pair<Place, std::string>> NetDocument::shapes() const {
  std::vector<std::pair<Place, std::string>> all;
  for (auto &[number, shapes] : lineShapes) {
    StringRef here = line(number);
    here = here.take_front(here.find("//")).rtrim();
    all.push_back({{number, int(here.size())}, joined(shapes, " or ", 3)});
  }
  return all;
}

// The sizes that a layer asks for, and its op's attributes.
std::vector<Completion> NetDocument::argumentsOf(StringRef layer) const {
  auto op = RegisteredOperationName::lookup(opOf(layer), context.get());
  std::vector<Completion> all;
  if (!op)
    return all;
  std::set<std::string> names;
  auto add = [&](StringRef name, StringRef detail) {
    if (names.insert(name.str()).second)
      all.push_back({Completion::Argument, name.str(), detail.str()});
  };
  if (auto *concept_ = op->getInterface<nn::LayerInterface>()) {
    // It answers for data of a rank that it takes.
    ScopedDiagnosticHandler quiet(context.get(),
                                  [](Diagnostic &) { return success(); });
    Builder b(context.get());
    Location loc = UnknownLoc::get(context.get());
    for (unsigned rank : {4, 2}) {
      int64_t shape[] = {ShapedType::kDynamic, 8, 64, 64};
      Type data = RankedTensorType::get(ArrayRef(shape).take_front(rank),
                                        b.getF32Type());
      nn::Layer description(
          loc, *op, data,
          {4, nn::Layer::Argument{"", b.getI64IntegerAttr(1), loc}}, {});
      (void)concept_->describeLayer(description);
      for (const std::string &size : description.asked)
        add(size, "of the layer");
    }
  }
  for (StringAttr attribute : op->getAttributeNames())
    add(attribute, "attribute");
  return all;
}

std::vector<Completion> NetDocument::complete(Place at) const {
  StringRef before = line(at.line).take_front(std::max(at.column, 0));
  // Inside of a layer's parentheses?
  int depth = 0;
  for (int i = int(before.size()) - 1; i >= 0; --i) {
    depth += before[i] == ')' ? 1 : before[i] == '(' ? -1 : 0;
    if (depth < 0) {
      StringRef layer = before.take_front(i);
      layer = layer.take_back(
          std::min<size_t>(layer.size(), layer.size() - 1 -
                                             layer.find_last_not_of(
                                                 "abcdefghijklmnopqrstuvwxyz"
                                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                 "0123456789_.")));
      if (std::vector<Completion> arguments = argumentsOf(layer);
          !arguments.empty())
        return arguments;
      break;
    }
  }
  std::vector<Completion> all;
  std::set<std::string> names;
  auto add = [&](Completion::Kind kind, StringRef name, std::string detail) {
    if (names.insert(name.str()).second)
      all.push_back({kind, name.str(), std::move(detail)});
  };
  // Names of this text.
  net::Lexer lexer(text);
  for (std::string last;;) {
    net::Token token = lexer.take();
    if (token.kind == net::Token::End || token.kind == net::Token::Bad)
      break;
    if (token.kind == net::Token::Name) {
      if (last == "let")
        add(Completion::Setting, token.text, "a setting of this net");
      else if (last == "block")
        add(Completion::Block, token.text, "a block of this net");
      else if (lexer.peek().is(":"))
        add(Completion::Value, token.text, "a value of this net");
    }
    last = token.text.str();
  }
  for (StringRef block : {"layer_norm", "instance_norm", "group_norm"})
    add(Completion::Block, block, "a block that every net has");
  for (RegisteredOperationName op : context->getRegisteredOperations())
    if (nn::isGraphOp(op) && !isa_and_nonnull<func::FuncDialect>(&op.getDialect())) {
      StringRef full = op.getStringRef(), layer = full;
      layer.consume_front("nn.");
      add(Completion::Layer, layer, describeOp(full).split("\n\n").first.str());
    }
  for (StringRef keyword : kKeywords)
    add(Completion::Keyword, keyword, "");
  return all;
}

} // namespace gradmill::lsp
