// A parser by recursive descent, at most kMaxDepth deep. The first fault ends it.
#include "Syntax.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using llvm::StringRef;

namespace gradmill::net {
namespace {

std::string quoted(const Token &token) {
  switch (token.kind) {
  case Token::End:
    return "the end of the text";
  case Token::NewLine:
    return "the end of the line";
  default:
    return "'" +
           (token.text.size() > 40 ? token.text.take_front(40).str() + "..."
                                   : token.text.str()) +
           "'";
  }
}

class Parser {
public:
  Parser(StringRef text, Fail fail) : lexer(text), fail(fail) {}

  bool file(File &file) {
    while (!isFailed && !lexer.peek().is("}") &&
           lexer.peek().kind != Token::End) {
      const Token &token = lexer.peek();
      if (token.kind == Token::NewLine)
        lexer.take();
      else if (starts("input"))
        input(file);
      else if (starts("block") || starts("inline"))
        block(file);
      else if (starts("default"))
        defaults(file);
      else if (starts("loss"))
        loss(file);
      else
        line(file.lines);
    }
    if (!isFailed && lexer.peek().is("}"))
      wrong(lexer.peek(), "a '}' without its '{'");
    return !isFailed;
  }

  bool value(Expression &out) {
    out = expression();
    expectEnd();
    return !isFailed;
  }

private:
  // A word that begins a kind of line, unless it is a layer or a label here.
  bool starts(StringRef word) {
    Token::Kind behind = lexer.peek(1).kind;
    return lexer.peek().isName(word) &&
           (behind == Token::Name ||
            (behind == Token::String && word == "output"));
  }

  //===-- Lines ------------------------------------------------------------===//

  void input(File &file) {
    lexer.take();
    Input input = port("an input is written: input image: [N, 1, 28, 28]");
    if (!isFailed && !input.hasType)
      error(input.place, "net_syntax",
            "the input " + input.name +
                " has no type; write: input " + input.name + ": [N, 1, 28, 28]");
    file.inputs.push_back(std::move(input));
    endLine();
  }

  Input port(StringRef form) {
    Input input;
    input.place = lexer.peek().place;
    input.name = plainName(form);
    if (lexer.peek().is(":")) {
      lexer.take();
      input.hasType = true;
      input.type = type();
    }
    input.attributes = attributes();
    return input;
  }

  // mean=0.1307 std=0.3081
  std::vector<Argument> attributes() {
    std::vector<Argument> attributes;
    while (!isFailed && lexer.peek().kind == Token::Name &&
           lexer.peek(1).is("=")) {
      Argument attribute;
      attribute.place = lexer.peek().place;
      attribute.name = lexer.take().text.str();
      lexer.take();
      attribute.value = expression();
      attributes.push_back(std::move(attribute));
    }
    return attributes;
  }

  TensorType type() {
    TensorType type;
    if (lexer.peek().kind == Token::Name)
      type.element = lexer.take().text.str();
    expect("[", "a type is written: [N, 1, 28, 28], or i32[N, 32]");
    while (!isFailed && !lexer.peek().is("]")) {
      type.sizes.push_back(expression());
      if (!lexer.peek().is("]"))
        expect(",", "sizes stand between commas");
    }
    expect("]", "");
    return type;
  }

  void block(File &file) {
    Block block;
    block.place = lexer.peek().place;
    if (lexer.peek().isName("inline")) {
      block.isInline = true;
      lexer.take();
    }
    StringRef form = "a block is written: block unit(channels, padding=0) { ... }";
    if (!lexer.peek().isName("block"))
      return wrong(lexer.peek(), form);
    lexer.take();
    block.name = plainName(form);
    if (lexer.peek().is("(")) {
      lexer.take();
      while (!isFailed && !lexer.peek().is(")")) {
        Argument parameter;
        parameter.place = lexer.peek().place;
        parameter.name = plainName(form);
        block.hasDefault.push_back(lexer.peek().is("="));
        if (block.hasDefault.back()) {
          lexer.take();
          parameter.value = expression();
        }
        block.parameters.push_back(std::move(parameter));
        if (!lexer.peek().is(")"))
          expect(",", form);
      }
      expect(")", form);
    }
    if (lexer.peek().is(":")) {
      lexer.take();
      line(block.lines);
    } else {
      block.lines = body(form);
      endLine();
    }
    file.blocks.push_back(std::move(block));
  }

  void defaults(File &file) {
    lexer.take();
    Default value;
    value.place = lexer.peek().place;
    value.layer = name("defaults are written: default conv2d(padding=1)");
    value.arguments = arguments();
    file.defaults.push_back(std::move(value));
    endLine();
  }

  void loss(File &file) {
    Place place = lexer.take().place;
    if (file.hasLoss)
      error(place, "net_syntax", "another loss; a net has one");
    file.hasLoss = true;
    file.lossPlace = place;
    StringRef form = "a loss is written: loss price, target: [N, 1] { ... }";
    while (!isFailed && !lexer.peek().is("{")) {
      file.lossInputs.push_back(port(form));
      if (!lexer.peek().is("{"))
        expect(",", form);
    }
    file.lossLines = body(form);
    endLine();
  }

  // { lines }
  std::vector<Line> body(StringRef form) {
    std::vector<Line> lines;
    Guard guard(*this);
    Token open = lexer.peek();
    expect("{", form);
    while (!isFailed && !lexer.peek().is("}")) {
      if (lexer.peek().kind == Token::NewLine)
        lexer.take();
      else if (lexer.peek().kind == Token::End)
        error(open.place, "net_syntax", "this '{' has no '}'");
      else
        line(lines);
    }
    expect("}", "");
    return lines;
  }

  void line(std::vector<Line> &lines) {
    Guard guard(*this);
    if (isFailed)
      return;
    Line line;
    line.place = lexer.peek().place;
    if (starts("output")) {
      lexer.take();
      outputs(lines);
    } else if (starts("let")) {
      line.kind = Line::Let;
      lexer.take();
      line.name = plainName("a setting is written: let dropout = 0.1");
      expect("=", "a setting is written: let dropout = 0.1");
      line.value.push_back(expression());
      lines.push_back(std::move(line));
    } else {
      line.kind = Line::Chain;
      line.items.push_back(chain());
      lines.push_back(std::move(line));
    }
    endLine();
  }

  // output digit, picture: head
  void outputs(std::vector<Line> &lines) {
    StringRef form = "outputs are written: output digit, picture: head";
    while (!isFailed) {
      Line line;
      line.kind = Line::Output;
      line.place = lexer.peek().place;
      if (lexer.peek().kind == Token::String)
        line.name = lexer.take().text.str();
      else
        line.name = name(form);
      if (lexer.peek().is(":")) {
        lexer.take();
        line.items.push_back(chain());
      }
      line.attributes = attributes();
      lines.push_back(std::move(line));
      if (!lexer.peek().is(","))
        break;
      lexer.take();
    }
  }

  void endLine() {
    if (isFailed || lexer.peek().is("}") || lexer.peek().kind == Token::End)
      return;
    if (lexer.peek().kind == Token::NewLine)
      lexer.take();
    else
      wrong(lexer.peek(), lexer.peek().kind == Token::Name
                              ? "layers stand behind one another with '|' "
                                "between them, or on lines of their own"
                              : "a line ends here");
  }

  void expectEnd() {
    if (!isFailed && lexer.peek().kind != Token::End)
      wrong(lexer.peek(), "a value ends here");
  }

  //===-- Items ------------------------------------------------------------===//

  Item chain() {
    Guard guard(*this);
    if (isFailed)
      return Item();
    Item first = sum();
    if (!lexer.peek().is("|"))
      return first;
    Item chain;
    chain.kind = Item::Chain;
    chain.place = first.place;
    chain.parts.push_back(std::move(first));
    while (!isFailed && lexer.peek().is("|")) {
      lexer.take();
      chain.parts.push_back(sum());
    }
    return chain;
  }

  // Parts with one of `signs` between them, left-associative; each sign is one
  // level deeper. `check` gets the part left of a sign.
  template <typename Node>
  Node binary(StringRef signs, llvm::function_ref<Node()> operand,
              llvm::function_ref<void(const Node &)> check) {
    Node left = operand();
    unsigned count = 0;
    while (!isFailed && lexer.peek().kind == Token::Sign &&
           lexer.peek().text.size() == 1 && signs.contains(lexer.peek().text)) {
      if (++count > kMaxDepth) {
        tooDeep(lexer.peek().place);
        break;
      }
      check(left);
      Node both;
      both.kind = Node::Binary;
      both.place = lexer.peek().place;
      both.text = lexer.take().text.str();
      both.parts.push_back(std::move(left));
      both.parts.push_back(operand());
      left = std::move(both);
    }
    return left;
  }

  Item sum() {
    auto check = [&](const Item &left) {
      if (!left.label.empty())
        error(left.place, "net_syntax",
              "does '" + left.label + ":' name this item or the whole line? Write " +
                  left.label + ": (a " + lexer.peek().text.str() + " b), or (" +
                  left.label + ": a) " + lexer.peek().text.str() + " b");
    };
    auto product = [&] {
      return binary<Item>("*/", [&] { return item(); }, check);
    };
    return binary<Item>("+-", product, check);
  }

  Item item() {
    Guard guard(*this);
    if (isFailed)
      return Item();
    std::string label;
    Place place = lexer.peek().place;
    if (lexer.peek(1).is(":") && (lexer.peek().kind == Token::Name ||
                                  lexer.peek().kind == Token::String)) {
      label = lexer.take().text.str();
      lexer.take();
    }
    Item item = unlabelled();
    if (!label.empty()) {
      item.label = label;
      item.place = place;
    }
    return item;
  }

  Item unlabelled() {
    Item item;
    const Token &token = lexer.peek();
    item.place = token.place;
    if (token.is("(")) {
      lexer.take();
      Item inside;
      inside.kind = Item::Chain;
      inside.place = item.place;
      inside.parts.push_back(chain());
      expect(")", "this '(' is not closed");
      return inside;
    }
    if (token.is("{")) {
      item.kind = Item::Lines;
      item.lines = body("");
      return item;
    }
    if (token.kind == Token::Number || token.is("-")) {
      item.kind = Item::Number;
      item.numbers.push_back(factor());
      return item;
    }
    if (token.isName("repeat") && !lexer.peek(1).is("|") &&
        lexer.peek(1).kind != Token::NewLine)
      return repeat();
    item.text = name("a layer, a block or a value stands here");
    item.kind = lexer.peek().is("(") ? Item::Call : Item::Name;
    if (item.kind == Item::Call)
      item.arguments = arguments();
    return item;
  }

  // repeat 3 unit(16); repeat i in 1..3 unit(16*i)
  Item repeat() {
    Item item;
    item.kind = Item::Repeat;
    item.place = lexer.take().place;
    StringRef form = "repetition is written: repeat 3 unit(16), or "
                     "repeat i in 1..3 unit(i)";
    if (lexer.peek().kind == Token::Name && lexer.peek(1).isName("in")) {
      item.text = lexer.take().text.str();
      lexer.take();
      item.numbers.push_back(factor());
      expect("..", form);
    }
    item.numbers.push_back(factor());
    if (lexer.peek().kind != Token::Name && !lexer.peek().is("(") &&
        !lexer.peek().is("{"))
      wrong(lexer.peek(), form);
    else
      item.parts.push_back(this->item());
    return item;
  }

  std::vector<Argument> arguments() {
    std::vector<Argument> arguments;
    StringRef form = "arguments stand in parentheses, with commas between them";
    expect("(", form);
    while (!isFailed && !lexer.peek().is(")")) {
      Argument argument;
      argument.place = lexer.peek().place;
      if ((lexer.peek().kind == Token::Name ||
           lexer.peek().kind == Token::String) &&
          lexer.peek(1).is("=")) {
        argument.name = lexer.take().text.str();
        lexer.take();
      }
      argument.value = expression();
      arguments.push_back(std::move(argument));
      if (!lexer.peek().is(")"))
        expect(",", form);
    }
    expect(")", form);
    return arguments;
  }

  //===-- Expressions -------------------------------------------------------===//

  Expression expression() {
    auto check = [](const Expression &) {};
    auto product = [&] {
      return binary<Expression>("*/%", [&] { return factor(); }, check);
    };
    return binary<Expression>("+-", product, check);
  }

  Expression factor() {
    Guard guard(*this);
    Expression e;
    Token token = lexer.peek();
    e.place = token.place;
    e.kind = Expression::Whole;
    if (isFailed)
      return e;
    if (token.is("-")) {
      lexer.take();
      e.kind = Expression::Negative;
      e.parts.push_back(factor());
    } else if (token.is("(")) {
      lexer.take();
      e = expression();
      expect(")", "this '(' is not closed");
    } else if (token.is("[")) {
      lexer.take();
      e.kind = Expression::List;
      while (!isFailed && !lexer.peek().is("]")) {
        e.parts.push_back(expression());
        if (!lexer.peek().is("]"))
          expect(",", "a list is written: [1, 2]");
      }
      expect("]", "");
    } else if (token.kind == Token::Number) {
      lexer.take();
      number(token, e);
    } else if (token.kind == Token::String) {
      lexer.take();
      e.kind = Expression::Text;
      e.text = token.text.str();
    } else if (token.isName("size") && lexer.peek(1).is("(")) {
      lexer.take();
      lexer.take();
      e.kind = Expression::Size;
      e.parts.push_back(expression());
      expect(",", "size(x, 1) is the size of x along axis 1");
      e.parts.push_back(expression());
      expect(")", "size(x, 1) is the size of x along axis 1");
    } else if (token.kind == Token::Name) {
      lexer.take();
      e.kind = token.text == "true" || token.text == "false" ? Expression::Flag
                                                             : Expression::Name;
      e.whole = token.text == "true";
      e.text = token.text.str();
      if (token.text == "True" || token.text == "False")
        error(token.place, "net_syntax", "write true and false in small letters");
      else if (lexer.peek().is("("))
        error(token.place, "net_syntax",
              "a layer inside of an argument; give its value a name on a line "
              "before, as in: skip: " +
                  token.text.str() + "(...)");
    } else {
      wrong(token, "a value stands here: a number, a name, \"text\", true, "
                   "false or a list");
    }
    return e;
  }

  void number(const Token &token, Expression &e) {
    if (!token.text.contains_insensitive('e') && !token.text.contains('.')) {
      if (token.text.getAsInteger(10, e.whole))
        error(token.place, "net_limit", "the number has more than 63 bits");
      e.kind = Expression::Whole;
      return;
    }
    e.kind = Expression::Real;
    if (token.text.getAsDouble(e.real) || !std::isfinite(e.real))
      error(token.place, "net_limit", "the number is too large");
  }

  //===-- Faults -------------------------------------------------------------===//

  struct Guard {
    explicit Guard(Parser &parser) : parser(parser) {
      if (++parser.depth > kMaxDepth)
        parser.tooDeep(parser.lexer.peek().place);
    }
    ~Guard() { --parser.depth; }
    Parser &parser;
  };

  void tooDeep(Place place) {
    error(place, "net_limit",
          "things stand inside each other deeper than " +
              std::to_string(kMaxDepth));
  }

  void error(Place place, StringRef label, const std::string &message) {
    if (!isFailed)
      fail(place, "[" + label.str() + "] " + message);
    isFailed = true;
  }

  void wrong(const Token &token, StringRef expected) {
    if (token.kind == Token::Bad)
      error(token.place, "net_syntax", token.text.str());
    else
      error(token.place, "net_syntax",
            "did not expect " + quoted(token) +
                (expected.empty() ? "" : "; " + expected.str()));
  }

  void expect(StringRef sign, StringRef form) {
    if (isFailed)
      return;
    if (lexer.peek().is(sign))
      lexer.take();
    else if (form.empty())
      wrong(lexer.peek(), ("expected '" + sign + "'").str());
    else
      wrong(lexer.peek(), ("expected '" + sign + "'; " + form).str());
  }

  std::string plainName(StringRef form) {
    Token token = lexer.peek();
    std::string word = name(form);
    if (word.find_first_of(".{") != std::string::npos)
      error(token.place, "net_syntax", quoted(token) + " has a dot or braces, which only labels may have; " + form.str());
    return word;
  }

  std::string name(StringRef form) {
    if (isFailed)
      return "";
    if (lexer.peek().kind == Token::Name)
      return lexer.take().text.str();
    wrong(lexer.peek(), form);
    return "";
  }

  Lexer lexer;
  Fail fail;
  bool isFailed = false;
  unsigned depth = 0;
};

} // namespace

bool parse(StringRef text, File &file, Fail fail) {
  return Parser(text, fail).file(file);
}

bool parseValue(StringRef text, Expression &value, Fail fail) {
  return Parser(text, fail).value(value);
}

} // namespace gradmill::net
