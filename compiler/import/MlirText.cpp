// One pass over the tokens of MLIR's lexer, without recursion. Where the two
// could disagree (for example in a string without an end), MLIR's parser stops,
// and so does this pass.
#include "compiler/import/MlirText.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;

namespace gradmill {
namespace {

class Scanner {
public:
  Scanner(StringRef text, unsigned limit) : text(text), limit(limit) {}

  /// Puts the next token into `token`; false at the end or after a fault.
  bool next() {
    previous = token;
    if (fault || !skipSpace())
      return false;
    start = at;
    char c = text[at];
    size_t length = 1;
    if (c == '"')
      length = stringLength();
    else if (isWord(c) || StringRef("#!%@^").contains(c))
      length = 1 + text.substr(at + 1).take_while(isWord).size();
    else if (text.substr(at).starts_with("->"))
      length = 2;
    token = text.substr(at, length);
    count(token);
    at += length;
    return !fault;
  }

  void fail(const llvm::Twine &message) {
    if (!fault)
      fault = TextFault{start, message.str()};
  }

  StringRef token, previous;
  std::optional<TextFault> fault;
  llvm::SmallVector<char> open; // brackets

private:
  static bool isWord(char c) {
    return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.';
  }

  bool skipSpace() {
    while (at < text.size()) {
      if (StringRef(" \t\r\n").contains(text[at]))
        ++at;
      else if (text.substr(at).starts_with("//"))
        at = std::min(text.find_first_of("\r\n", at), text.size());
      else
        return true;
    }
    return false;
  }

  size_t stringLength() {
    for (size_t end = at + 1; end < text.size(); ++end) {
      if (text[end] == '"')
        return end + 1 - at;
      if (StringRef("\n\v\f").contains(text[end]))
        break;
      if (text[end] == '\\')
        ++end;
    }
    fail("a string does not end");
    return 1;
  }

  void count(StringRef token) {
    signs = token == "-" ? signs + 1 : 0;
    if (token.size() == 1) {
      char c = token[0];
      if (StringRef("([{<").contains(c))
        open.push_back(c);
      else if (c == '>') { // a comparison, unless a '<' is open
        if (!open.empty() && open.back() == '<')
          open.pop_back();
      } else if (StringRef(")]}").contains(c)) {
        char other = c == ')' ? '(' : c == ']' ? '[' : '{';
        while (!open.empty() && open.pop_back_val() != other)
          ;
      }
    }
    if (open.size() > limit || signs > limit)
      fail("brackets or signs nest deeper than " + llvm::Twine(limit));
  }

  StringRef text;
  unsigned limit, signs = 0;
  size_t start = 0, at = 0; // of the token, and after it
};

} // namespace

bool nestsWithin(StringRef text, unsigned limit) {
  Scanner scanner(text, limit);
  while (scanner.next())
    ;
  return !scanner.fault;
}

std::optional<TextFault> findForeignText(StringRef text) {
  if (size_t zero = text.find('\0'); zero != StringRef::npos)
    return TextFault{zero, "the text contains a zero byte"};
  Scanner scanner(text, kMaxTextDepth);
  bool namesAttribute = false, behindOperands = false;
  while (scanner.next()) {
    StringRef token = scanner.token, previous = scanner.previous;
    if (namesAttribute && token != "loc")
      scanner.fail("an alias of an attribute; write it where it is used");
    namesAttribute = false;
    if (token == "=" && scanner.open.empty()) {
      if (previous.starts_with("!"))
        scanner.fail("an alias of a type; write it where it is used");
      namesAttribute = previous.starts_with("#");
    }
    if (token == "<")
      behindOperands = previous == ")" || previous == "]";
    else if (token == "{" && previous == "<" && behindOperands)
      scanner.fail("properties in <{...}>, where MLIR drops what it does not "
                   "know; write the attributes in {...}");
    else if (token == "-" && previous == "{")
      scanner.fail("resources in {-# ... #-}; write values as dense<...>");
  }
  return scanner.fault;
}

} // namespace gradmill
