#include "Lexer.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;

namespace gradmill::net {

Lexer::Lexer(StringRef text) : text(text) {
  tokens[0] = read();
  tokens[1] = read();
}

Token Lexer::take() {
  Token token = tokens[0];
  tokens[0] = tokens[1];
  if (token.kind != Token::End && token.kind != Token::Bad)
    tokens[1] = tokens[0].kind == Token::End || tokens[0].kind == Token::Bad
                    ? tokens[0]
                    : read();
  return token;
}

// A new line ends a line, except beside a `|`, in parentheses or after another
// new line.
Token Lexer::read() {
  Token token;
  while (true) {
    if (hasPending) {
      token = pending;
      hasPending = false;
    } else {
      token = readRaw();
    }
    if (token.kind != Token::NewLine)
      break;
    if (previous.kind == Token::NewLine || previous.is("|") ||
        previous.is("{") || (!open.empty() && open.back() != '{'))
      continue;
    do
      pending = readRaw();
    while (pending.kind == Token::NewLine);
    hasPending = true;
    if (!pending.is("|"))
      break;
  }
  previous = token;
  return token;
}

static bool isWord(char c) { return llvm::isAlnum(c) || c == '_'; }

Token Lexer::readRaw() {
  while (at < text.size()) {
    char c = text[at];
    if (c == '/' && charAt(at + 1) == '/') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at;
      ++place.column;
    } else {
      break;
    }
  }
  Token token;
  token.place = place;
  if (at >= text.size())
    return token;
  size_t begin = at;
  char c = text[at];
  auto finish = [&](Token::Kind kind) {
    token.kind = kind;
    token.text = text.slice(begin, at);
    place.column += at - begin;
    return token;
  };
  if (c == '\n') {
    ++at;
    token.kind = Token::NewLine;
    ++place.line;
    place.column = 1;
    return token;
  }
  if (llvm::isAlpha(c) || c == '_') {
    // With dots inside, and with names in braces: block{i}.conv.
    while (true) {
      if (isWord(charAt(at)) || (charAt(at) == '.' && isWord(charAt(at + 1)))) {
        ++at;
        continue;
      }
      size_t inside = at + 1;
      while (isWord(charAt(inside)))
        ++inside;
      if (charAt(at) == '{' && inside > at + 1 && charAt(inside) == '}')
        at = inside + 1;
      else
        return finish(Token::Name);
    }
  }
  if (llvm::isDigit(c)) {
    auto digits = [&] {
      while (llvm::isDigit(charAt(at)))
        ++at;
    };
    digits();
    if (charAt(at) == '.' && llvm::isDigit(charAt(at + 1))) {
      ++at;
      digits();
    }
    if (charAt(at) == 'e' || charAt(at) == 'E') {
      size_t sign = at + 1;
      if (charAt(sign) == '+' || charAt(sign) == '-')
        ++sign;
      if (llvm::isDigit(charAt(sign))) {
        at = sign;
        digits();
      }
    }
    return finish(Token::Number);
  }
  if (c == '"') {
    size_t end = text.find_first_of("\"\n", at + 1);
    if (end == StringRef::npos || text[end] == '\n') {
      token.kind = Token::Bad;
      token.text = "a string does not end on its line";
      return token;
    }
    at = end + 1;
    finish(Token::String);
    token.text = token.text.drop_front().drop_back();
    return token;
  }
  for (StringRef sign : {"..", "->"})
    if (text.substr(at).starts_with(sign)) {
      at += sign.size();
      return finish(Token::Sign);
    }
  if (!StringRef("()[]{}|,:=+-*/%").contains(c)) {
    token.kind = Token::Bad;
    token.text = c == '#'   ? "'#' begins no comment here; comments begin with //"
                 : c == ';' ? "';' ends no line here; a new line does"
                 : c == '\'' ? "strings stand in \"...\""
                 : c == '\0' ? "the text contains a zero byte"
                             : "no part of a net's text begins so";
    return token;
  }
  ++at;
  if (StringRef("([{").contains(c))
    open.push_back(c);
  else if (StringRef(")]}").contains(c) && !open.empty())
    open.pop_back();
  return finish(Token::Sign);
}

} // namespace gradmill::net
