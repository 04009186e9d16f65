// Words and signs of a net's text (docs/net-text.md), one at a time.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace gradmill::net {

/// A place in the text, counted from 1.
struct Place {
  unsigned line = 1, column = 1;
};

struct Token {
  enum Kind { Name, Number, String, Sign, NewLine, End, Bad } kind = End;
  /// As written; a string without its quotes. For Bad, what is wrong.
  llvm::StringRef text;
  Place place;

  bool is(llvm::StringRef sign) const { return kind == Sign && text == sign; }
  bool isName(llvm::StringRef word) const { return kind == Name && text == word; }
};

class Lexer {
public:
  explicit Lexer(llvm::StringRef text);
  /// The current token and the next one.
  const Token &peek(unsigned ahead = 0) const { return tokens[ahead]; }
  Token take();

private:
  Token read();
  Token readRaw();
  char charAt(size_t position) const {
    return position < text.size() ? text[position] : '\0';
  }

  llvm::StringRef text;
  size_t at = 0;
  Place place;
  llvm::SmallVector<char> open; // brackets
  Token previous, pending;      // pending: the token after a skipped new line
  bool hasPending = false;
  Token tokens[2];
};

} // namespace gradmill::net
