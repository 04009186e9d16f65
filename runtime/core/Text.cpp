#include "core/Text.h"

namespace gradmill::rt {

void Piece::appendTo(std::string &out) const {
  if (data)
    out.append(data, size_t(value));
  else
    out += isSigned ? std::to_string(int64_t(value)) : std::to_string(value);
}

std::string join(Pieces pieces) {
  std::string text;
  for (const Piece &piece : pieces)
    piece.appendTo(text);
  return text;
}

Error badFile(const char *code, std::string_view path, Pieces cause,
              Pieces fix) {
  return {kBadInput, code, join({path, ": ", join(cause), "; ", join(fix)})};
}

Error makeError(ExitCode exit, const char *code, Pieces message) {
  return {exit, code, join(message)};
}

} // namespace gradmill::rt
