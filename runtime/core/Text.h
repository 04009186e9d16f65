// Builds messages from pieces. A chain of + on strings makes a temporary for
// each piece, and code to destroy it wherever something may throw: five times
// as much code as a call with an array of pieces.
#pragma once

#include "core/Error.h"

#include <concepts>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gradmill::rt {

// A text, which must live on, or a whole number.
class Piece {
public:
  Piece(std::string_view text) : data(text.data()), value(text.size()) {}
  Piece(const std::string &text) : data(text.data()), value(text.size()) {}
  Piece(const char *text) : data(text), value(std::strlen(text)) {}
  Piece(std::unsigned_integral auto number) : value(number) {}
  Piece(std::signed_integral auto number)
      : value(uint64_t(int64_t(number))), isSigned(true) {}

  void appendTo(std::string &out) const;

private:
  const char *data = nullptr; // null: a number
  uint64_t value;
  bool isSigned = false;
};

using Pieces = std::initializer_list<Piece>;

std::string join(Pieces pieces);

// "PATH: CAUSE; FIX", of what a file holds.
Error badFile(const char *code, std::string_view path, Pieces cause,
              Pieces fix);
Error makeError(ExitCode exit, const char *code, Pieces message);

} // namespace gradmill::rt
