// A table of functions, one for each kind of message. Each reads the line of
// the message as a person would.
#include "compiler/import/MlirErrors.h"
#include "compiler/import/Hints.h"
#include "core/Nearest.h"
#include "nn/NNDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using llvm::Regex;

namespace gradmill {

GraphErrors::GraphErrors(MLIRContext &context, llvm::StringRef text)
    : context(context), text(text) {
  handler.emplace(&context, [this](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    collected.push_back(std::move(diagnostic));
    return success();
  });
}

GraphErrors::~GraphErrors() {
  handler.reset();
  for (Diagnostic &diagnostic : collected)
    emit(diagnostic);
}

std::string firstFault(Operation *op) {
  std::string fault;
  ScopedDiagnosticHandler handler(op->getContext(), [&](Diagnostic &diagnostic) {
    if (fault.empty())
      fault = diagnostic.str();
    return success();
  });
  return succeeded(verify(op)) ? "" : fault;
}

bool isOperandCount(StringRef fault) {
  return fault.contains("requires a single operand") || fault.contains("operand group") ||
         (fault.contains("operands") && fault.contains("found"));
}

namespace {

bool isWord(char c) {
  return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$';
}

StringRef wordAt(StringRef line, size_t at) {
  return line.substr(std::min(at, line.size())).take_while(isWord);
}

/// A message and its line.
struct Fault {
  MLIRContext &context;
  StringRef text;     // of the file; empty if it is not text
  StringRef message;  // MLIR's
  Diagnostic &source; // with its notes
  size_t lineNumber = 0, column = 0; // from 1; 0: unknown
  StringRef line, rest;              // rest: from the column to the end

  StringRef lineOf(size_t number) const {
    StringRef left = text;
    for (size_t i = 1; i < number && !left.empty(); ++i)
      left = left.split('\n').second;
    return left.split('\n').first.rtrim('\r');
  }
  // The op that the line uses.
  std::string opOf(StringRef line) const {
    StringRef behind = line.contains('=') && line.ltrim().starts_with("%")
                           ? line.split('=').second.ltrim()
                           : line.ltrim();
    behind.consume_front("\"");
    return behind.take_while(isWord).str();
  }
};

/// "[label] the better message", or nothing.
using Answer = std::optional<std::string>;

// How to write an op, found by printing one: "nn.conv2d %a, %b bias %c : TYPE,
// ...".
std::string formOf(StringRef name, MLIRContext &context) {
  auto known = RegisteredOperationName::lookup(name, &context);
  if (!known || !nn::isGraphOp(*known))
    return "";
  if (name == nn::ParameterOp::getOperationName())
    return "nn.parameter \"NAME\" : TYPE";
  if (name == nn::ConstantOp::getOperationName())
    return "nn.constant dense<1.0> : TYPE";
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  Type type = RankedTensorType::get({2, 2, 2, 2}, b.getF32Type());
  std::string form, ofTwo;
  unsigned fitting = 0;
  for (unsigned count : {1, 2, 3, 4, 5}) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    b.setInsertionPointToEnd(module->getBody());
    auto func = func::FuncOp::create(
        b, loc, "f", b.getFunctionType(SmallVector<Type>(count, type), {}));
    b.setInsertionPointToEnd(func.addEntryBlock());
    Operation *op =
        b.create(OperationState(loc, name, func.getArguments(), {type}, {}));
    if (isOperandCount(firstFault(op)))
      continue;
    std::string printed;
    llvm::raw_string_ostream stream(printed);
    module->print(stream, OpPrintingFlags().assumeVerified());
    SmallVector<StringRef> lines;
    StringRef(printed).split(lines, '\n');
    for (StringRef line : lines)
      if (line.contains(name))
        form = line.trim().split(" = ").second.str();
    if (count == 2)
      ofTwo = form;
    if (++fitting == 3 && count == 3) { // any number will do
      form = ofTwo;
      break;
    }
  }
  for (char letter = 'e'; letter >= 'a'; --letter)
    form = Regex("%arg" + std::to_string(letter - 'a')).sub("%" + std::string(1, letter), form);
  while (true) {
    size_t at = form.find("tensor<");
    if (at == std::string::npos)
      break;
    form.replace(at, form.find('>', at) + 1 - at, "TYPE");
  }
  return form.size() < 160 ? form : "";
}

std::string written(const Fault &f) {
  std::string form = formOf(f.opOf(f.line), f.context);
  return form.empty() ? "" : "; it is written: " + form;
}

std::string what(StringRef rest) {
  if (rest.trim().empty())
    return "the end of the line";
  StringRef word = rest.take_while(isWord);
  return "'" + (word.empty() ? rest.take_front(1) : word).str() + "'";
}

Answer matchGroup(const Fault &f, StringRef pattern,
                  SmallVectorImpl<StringRef> &groups) {
  if (Regex(pattern).match(f.message, &groups))
    return std::string();
  return std::nullopt;
}

//===-- Ops and attributes --------------------------------------------------===//

Answer unknownOp(const Fault &f) {
  for (StringRef before :
       {"custom op '", "unregistered operation '", "found for custom op '"}) {
    size_t at = f.message.find(before);
    if (at == StringRef::npos)
      continue;
    StringRef op = f.message.substr(at + before.size()).split('\'').first;
    if (RegisteredOperationName::lookup(op, &f.context))
      continue;
    if (op == "func")
      return "[graph_unknown_op] 'func' is no op; a graph is written: func.func "
             "@main(%x: TYPE) -> TYPE { ... }";
    if (op == "import" || op == "from" || op == "def" || op == "class")
      return "[graph_unknown_op] '" + op.str() +
             "' is no op of nn or of a loaded plugin (--plugin); this looks "
             "like Python, and a graph is MLIR text or the text of a net (.net)";
    return "[graph_unknown_op] '" + op.str() +
           "' is no op of nn or of a loaded plugin (--plugin)" +
           suggestOp(op, &f.context);
  }
  return std::nullopt;
}

// "padding = 2" for a list, "p = 1" for a float.
Answer wrongAttribute(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "'([a-z_0-9.]+)' op attribute '([^']*)' failed to satisfy "
                     "constraint: (.*)",
                  g))
    return std::nullopt;
  StringRef op = g[1], name = g[2], kind = g[3];
  std::string value;
  if (size_t at = f.line.find((name + " = ").str()); at != StringRef::npos) {
    StringRef behind = f.line.substr(at + name.size() + 3);
    value = behind.starts_with("[") ? behind.split(']').first.str() + "]"
                                    : behind.take_until([](char c) {
                                        return c == ',' || c == '}';
                                      }).trim().str();
    // A number's type follows it.
    value = StringRef(value).split(" :").first.str();
  }
  StringRef bare = StringRef(value).trim("[]");
  bool isNumbers = !bare.empty() && llvm::all_of(bare, [](char c) {
    return llvm::isDigit(c) || StringRef("-+.,e ").contains(c);
  });
  std::string numbers = isNumbers ? bare.str() : "";
  auto lookUp = [&](std::string fallback, bool repeat) {
    if (numbers.empty())
      return fallback;
    return repeat && bare.size() == value.size() && !StringRef(numbers).contains(',')
               ? numbers + ", " + numbers
               : numbers;
  };
  std::string kinds, example;
  if (kind == "i64 dense array attribute") {
    kinds = "a list of whole numbers";
    example = "array<i64: " + lookUp("1, 2", true) + ">";
  } else if (kind == "f64 dense array attribute") {
    kinds = "a list of numbers";
    example = "array<f64: " + lookUp("0.5, 2.0", false) + ">";
  } else if (kind == "64-bit float attribute") {
    kinds = "a number with a point";
    example = lookUp("0.5", false);
    if (!StringRef(example).contains('.'))
      example += ".0";
  } else if (kind == "64-bit signless integer attribute") {
    kinds = "a whole number";
    example = "1";
  } else if (kind == "string attribute") {
    kinds = "a string";
    example = "\"text\"";
  } else if (kind == "bool attribute") {
    kinds = "true or false";
    example = bare == "0" ? "false" : "true";
  } else {
    return "[graph_argument] " + name.str() + " of " + op.str() + " is no " +
           kind.str();
  }
  return "[graph_argument] " + name.str() + " of " + op.str() +
         (value.empty() ? " is of another kind" : " is " + value) +
         ", expected " + kinds + ": " + name.str() + " = " + example;
}

Answer missingAttribute(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "'([a-z_0-9.]+)' op requires attribute '([^']*)'", g))
    return std::nullopt;
  std::string text = "[graph_argument] " + g[1].str() + " needs " + g[2].str();
  // The nearest existing name.
  SmallVector<StringRef> near;
  if (Regex("[{,] *([a-z_0-9]+) *=").match(f.line, &near) &&
      rt::nearest(near[1].str(), {g[2].str()}) == g[2])
    text += "; did you mean that by " + near[1].str() + "?";
  else
    text += ", as in {" + g[2].str() + " = ...}";
  return text;
}

Answer wrongOperand(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "'([a-z_0-9.]+)' op (operand|result) #([0-9]+) must be "
                     "(variadic of )?(.*), but got '(.*)'",
                  g))
    return std::nullopt;
  std::string expected = g[5].str();
  for (auto [theirs, ours] :
       {std::pair("ranked tensor of 32-bit float or 64-bit float values",
                  "a tensor of f32 or f64"),
        std::pair("ranked tensor of 32-bit signless integer values",
                  "a tensor of i32"),
        std::pair("1D tensor of 32-bit float or 64-bit float values",
                  "one value per channel, [C], of f32 or f64")})
    if (g[5] == theirs)
      expected = ours;
  return "[graph_operand] " + g[2].str() + " " + g[3].str() + " of " +
         g[1].str() + " is " + g[6].str() + ", expected " + expected;
}

Answer wrongTensor(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "invalid kind of type specified: expected [a-z.]*tensor, "
                     "but found '(.*)'",
                  g))
    return std::nullopt;
  return "[graph_syntax] " + g[1].str() +
         " is no tensor; a value of a graph is one: tensor<?x10xf32>";
}

//===-- Values --------------------------------------------------------------===//

// The definition of a value: "by nn.conv2d in line 4".
std::string madeAt(const Fault &f) {
  for (Diagnostic &note : f.source.getNotes())
    if (auto place = dyn_cast<FileLineColLoc>(note.getLocation())) {
      std::string op = f.opOf(f.lineOf(place.getLine()));
      std::string by = RegisteredOperationName::lookup(op, &f.context) ? "by " + op + " " : "";
      return by + "in line " + std::to_string(place.getLine());
    }
  return "before";
}

Answer otherType(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "use of value '(%[^']*)' expects different type than "
                     "prior uses: '(.*)' vs '(.*)'",
                  g))
    return std::nullopt;
  return "[graph_types] " + g[1].str() + " is " + g[3].str() + ", made " +
         madeAt(f) + ", and " + g[2].str() + " is written here; write " +
         g[3].str() + ", or change what makes it";
}

Answer undeclared(const Fault &f) {
  if (!f.message.contains("use of undeclared SSA value name"))
    return std::nullopt;
  StringRef rest = f.rest;
  if (!rest.consume_front("%"))
    return "[graph_value] a value is used that nothing makes";
  StringRef name = rest.take_while(isWord);
  std::vector<std::string> known;
  StringRef left = f.text;
  for (SmallVector<StringRef> g;
       known.size() < 10000 && Regex("%([A-Za-z0-9_$.-]+)( *=|:)").match(left, &g);
       left = left.substr(g[0].end() - left.begin()))
    known.push_back(g[1].str());
  std::string hint = rt::nearest(name.str(), known);
  return "[graph_value] nothing is called %" + name.str() +
         (hint.empty() ? "" : "; did you mean %" + hint + "?");
}

// "%a, %b" of the use at which the message stands: the operand's name, if the line
// has so many.
std::string operandName(const Fault &f, unsigned number) {
  std::string op = f.opOf(f.line);
  size_t at = op.empty() ? StringRef::npos : f.line.find(op);
  StringRef rest = at == StringRef::npos ? "" : f.line.substr(at);
  for (unsigned i = 0;; ++i) {
    rest = rest.substr(std::min(rest.find('%'), rest.size()));
    if (rest.empty())
      return "";
    StringRef name = rest.drop_front().take_while(isWord);
    if (i == number)
      return "%" + name.str();
    rest = rest.drop_front();
  }
}

Answer usedTooEarly(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "operand #([0-9]+) does not dominate this use", g))
    return std::nullopt;
  unsigned number = 0;
  g[1].getAsInteger(10, number);
  std::string name = operandName(f, number);
  return "[graph_value] " + (name.empty() ? "a value" : name) +
         " is used before it is made, " + madeAt(f) +
         "; put the line that makes it in front of this one";
}

Answer madeOutside(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "'([a-z_0-9.]+)' op using value defined outside the region", g))
    return std::nullopt;
  return "[graph_value] " + g[1].str() +
         " uses a value that is made outside of the function; make it inside, in "
         "front of this line";
}

Answer argumentTwice(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "region entry argument '(%[^']*)' is already in use", g))
    return std::nullopt;
  return "[graph_value] " + g[1].str() +
         " is the name of two values; give the function's input another one";
}

Answer behindReturn(const Fault &f) {
  if (!f.message.contains("must be the last operation in the parent block"))
    return std::nullopt;
  return "[graph_return] the return is not the function's last line; move it to the end, "
         "and take what is left over out";
}

Answer redefined(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "redefinition of SSA value '(%[^']*)'", g))
    return std::nullopt;
  return "[graph_value] " + g[1].str() + " is a name already, " + madeAt(f) +
         "; give this value another one";
}

Answer noReturn(const Fault &f) {
  if (!f.message.contains("block with no terminator"))
    return std::nullopt;
  SmallVector<StringRef> g;
  std::string type = "TYPE";
  if (Regex("-> ([^ ]*)$").match(f.message, &g))
    type = g[1].str();
  StringRef value = f.line.ltrim();
  std::string name = value.starts_with("%") ? ("%" + wordAt(value, 1)).str() : "%output";
  return "[graph_return] the function has no return; write behind this line: "
         "return " +
         name + " : " + type;
}

Answer wrongReturn(const Fault &f) {
  SmallVector<StringRef> g;
  if (matchGroup(f, "type of return operand ([0-9]+) \\('(.*)'\\) doesn't match "
                    "function result type \\('(.*)'\\)",
                 g))
    return "[graph_return] output " + g[1].str() + " is " + g[2].str() +
           ", and the function promises " + g[3].str() + "; write " +
           g[2].str() + " behind its ->";
  if (matchGroup(f, "has ([0-9]+) operands, but enclosing function \\(@.*\\) "
                    "returns ([0-9]+)",
                 g))
    return "[graph_return] return has " + g[1].str() +
           " values, and the function promises " + g[2].str();
  return std::nullopt;
}

//===-- Syntax ----------------------------------------------------------------===//

Answer noOperand(const Fault &f) {
  if (!f.message.ends_with("expected SSA operand"))
    return std::nullopt;
  if (StringRef word = f.rest.take_while(isWord); !word.empty())
    return "[graph_syntax] a value begins with '%': %" + word.str();
  return "[graph_syntax] did not expect " + what(f.rest) + " after " +
         f.opOf(f.line) + written(f);
}

Answer noValue(const Fault &f) {
  if (!f.message.ends_with("expected attribute value"))
    return std::nullopt;
  StringRef word = f.rest.take_while(isWord);
  if (word.empty())
    return "[graph_syntax] did not expect " + what(f.rest) +
           "; a value stands here, such as 0.5, true, \"text\" or array<i64: 1, "
           "2>";
  return "[graph_syntax] a string or a name stands in quotes: \"" + word.str() +
         "\"";
}

Answer brackets(const Fault &f) {
  StringRef m = f.message;
  if (m.ends_with("expected operation name in quotes"))
    return f.rest.trim().empty()
               ? Answer("[graph_syntax] the text ends in a function; a '}' is "
                        "missing")
               : Answer("[graph_syntax] did not expect " + what(f.rest) +
                        "; an op stands here, as in: %y = nn.relu %x : "
                        "TYPE");
  if (m.ends_with("expected '=' after SSA name"))
    return "[graph_syntax] a '=' is missing: %y = " + f.rest.trim().str().substr(0, 60);
  if (m.ends_with("unexpected character"))
    return "[graph_syntax] did not expect " + what(f.rest) +
           (f.rest.starts_with(";") ? "; a line ends without a mark" : "");
  if (m.ends_with("invalid attribute name") && f.rest.starts_with("#"))
    return "[graph_syntax] '#' begins no comment; comments begin with //";
  if (m.contains("in attribute dictionary"))
    return "[graph_syntax] did not expect " + what(f.rest) +
           "; attributes are written {name = value, name = value}";
  if (m.contains("in dimension list"))
    return "[graph_syntax] did not expect " + what(f.rest) +
           "; sizes stand with an x between them: tensor<10x288xf32>";
  return std::nullopt;
}

Answer noType(const Fault &f) {
  if (!f.message.ends_with("expected non-function type") &&
      !f.message.ends_with("expected an integer or floating point type"))
    return std::nullopt;
  StringRef before = f.line.take_front(f.column ? f.column - 1 : 0);
  if (before.ends_with("array<")) {
    StringRef numbers = f.rest.split('>').first;
    return "[graph_syntax] a list names its kind of number: array<i64: " +
           numbers.trim().str() + ">, or array<f64: ...>";
  }
  if (before.contains("tensor<"))
    return "[graph_syntax] did not expect " + what(f.rest) +
           " in a type; the batch is '?': tensor<?x10xf32>";
  return "[graph_syntax] did not expect " + what(f.rest) +
         "; a type stands here, such as tensor<?x10xf32>";
}

// "expected ':'" and similar messages, in the line of an op.
Answer punctuation(const Fault &f) {
  SmallVector<StringRef> g;
  if (!matchGroup(f, "expected '([^']*)'$", g))
    return std::nullopt;
  std::string op = f.opOf(f.line);
  if (op == "return")
    return "[graph_syntax] did not expect " + what(f.rest) +
           "; it is written: return %output : TYPE";
  std::string form = written(f);
  if (form.empty())
    return "[graph_syntax] did not expect " + what(f.rest) + "; expected '" +
           g[1].str() + "'";
  if (f.rest.trim().empty() && g[1] == ":")
    return "[graph_syntax] the types of " + op + " are missing" + form;
  return "[graph_syntax] did not expect " + what(f.rest) + " in " + op + form;
}

// What is left of the parser's messages: "expected X", and what X is called here.
Answer otherSyntax(const Fault &f) {
  StringRef m = f.message;
  if (m.starts_with("operation being parsed with an unregistered dialect"))
    return "[graph_unknown_op] '" + f.opOf(f.line) +
           "' is no op of nn or of a loaded plugin (--plugin)";
  if (m.contains("identifier expected to start with letter or '_'") ||
      m.contains("expected valid '@'-identifier"))
    return "[graph_syntax] a function has a name behind '@': func.func @main(%x: TYPE) -> "
           "TYPE { ... }";
  if (m.contains("symbol declaration cannot have public visibility"))
    return "[graph_syntax] the function has no lines; behind its type stands { ... }";
  if (m.contains("may only have dialect attributes"))
    return "[graph_syntax] what is said of an input or output begins with nn.: {nn.name = "
           "\"image\"}";
  size_t at = m.find("expected ");
  if (at == StringRef::npos)
    return std::nullopt;
  std::string wanted = m.substr(at + 9).str();
  for (auto [theirs, ours] :
       {std::pair("attribute name", "the name of an attribute, as in {name = value}"),
        {"'{' to begin a region", "the '{' of the function's lines"},
        {"'>' to close an array attribute", "'>' behind a list: array<i64: 1, 2>"},
        {"'<' after 'array'", "a list: array<i64: 1, 2>"},
        {"':' after dense array type", "a list: array<i64: 1, 2>"},
        {"'>' in tensor type", "'>' behind a type: tensor<?x10xf32>"},
        {"'<' in tensor type", "a type: tensor<?x10xf32>"},
        {"valid ssa identifier", "a value, as %x"},
        {"SSA operand", "a value, as %x"},
        {"integer literal", "a whole number"},
        {"constant integer or floating point value", "a number"}})
    if (wanted == theirs)
      wanted = ours;
  return "[graph_syntax] did not expect " + what(f.rest) + "; expected " + wanted;
}

constexpr Answer (*kAnswers[])(const Fault &) = {
    unknownOp,  wrongAttribute, missingAttribute, wrongOperand, wrongTensor,
    otherType,  undeclared,     redefined,        noReturn,     wrongReturn,
    usedTooEarly, madeOutside,  argumentTwice,    behindReturn,
    noOperand,  noValue,        brackets,         noType,       punctuation,
    otherSyntax,
};

} // namespace

void GraphErrors::emit(Diagnostic &diagnostic) {
  std::string message = diagnostic.str();
  // In the text of a net: the block's line, and where the block is used.
  Location place = diagnostic.getLocation();
  std::vector<Location> uses;
  while (auto call = dyn_cast<CallSiteLoc>(place)) {
    place = call.getCallee();
    Location caller = call.getCaller();
    while (auto outer = dyn_cast<CallSiteLoc>(caller)) {
      uses.push_back(outer.getCallee());
      caller = outer.getCaller();
    }
    uses.push_back(caller);
  }
  Fault fault{context, text, message, diagnostic, 0, 0, "", ""};
  if (auto where = dyn_cast<FileLineColLoc>(place); where && !text.empty()) {
    fault.lineNumber = where.getLine();
    fault.column = where.getColumn();
    fault.line = fault.lineOf(fault.lineNumber);
    fault.rest = fault.line.substr(std::min<size_t>(
        fault.column ? fault.column - 1 : 0, fault.line.size())).ltrim();
  }
  Answer answer;
  if (!StringRef(message).starts_with("["))
    for (auto *attempt : kAnswers)
      if ((answer = attempt(fault)))
        break;
  // One fault, one error: the parser's next messages at this place are
  // consequences.
  if (answer && place == lastPlace)
    return;
  lastPlace = place;
  InFlightDiagnostic again = emitError(place);
  if (answer)
    again << *answer;
  else
    again << (StringRef(message).starts_with("[") ? "" : "[graph_invalid] ")
          << message;
  if (!answer)
    for (Diagnostic &note : diagnostic.getNotes())
      again.attachNote(note.getLocation()) << note.str();
  for (Location use : uses)
    again.attachNote(use) << "the block is used here";
}

} // namespace gradmill
