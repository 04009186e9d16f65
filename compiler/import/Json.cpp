#include "compiler/import/Json.h"
#include "llvm/ADT/StringExtras.h"
#include <flatbuffers/idl.h>

using namespace mlir;

namespace gradmill {

static flatbuffers::IDLOptions jsonOptions(bool strict) {
  flatbuffers::IDLOptions options;
  options.strict_json = strict;
  options.allow_non_utf8 = true; // a string attribute may hold any bytes
  options.indent_step = 1;
  return options;
}

// flatbuffers' parser also accepts schemas, whose `include` would open files,
// and functions such as rad(90). So it only gets one braced object of plain
// JSON tokens, with comments, no deeper than the parser's own limit. Returns
// the fault, or "".
static std::string findForeign(llvm::StringRef text) {
  constexpr unsigned kMaxDepth = 60;
  unsigned depth = 0;
  bool closed = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '/' && (text.substr(i, 2) == "//" || text.substr(i, 2) == "/*")) {
      bool line = text[i + 1] == '/';
      size_t end = text.find(line ? "\n" : "*/", i + 2);
      if (end == llvm::StringRef::npos)
        return "a comment does not end";
      i = line ? end : end + 1;
      continue;
    }
    if (llvm::StringRef(" \t\r\n").contains(c))
      continue;
    if (closed)
      return "text after the closing brace";
    if (depth == 0 && c != '{')
      return "it does not begin with '{'";
    if (c == '"' || c == '\'') {
      for (++i; i < text.size() && text[i] != c; ++i)
        if (text[i] == '\\')
          ++i;
      if (i >= text.size())
        return "a string does not end";
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth)
        return "brackets nest deeper than 60";
    } else if (c == '}' || c == ']') {
      closed = --depth == 0;
    } else if (!llvm::isAlnum(c) && !llvm::StringRef("_+-.,:").contains(c)) {
      return "unexpected character '" +
             llvm::toStringRef(llvm::ArrayRef(uint8_t(c))).str() + "'";
    }
  }
  return closed ? "" : "the closing brace is missing";
}

std::optional<std::string> jsonToGmg(llvm::StringRef text, llvm::StringRef name,
                                     MLIRContext &context) {
  if (text.size() > kMaxJsonBytes) {
    fileError(&context, name, "gmg_too_large")
        << "JSON of " << text.size() << " bytes, the limit is " << kMaxJsonBytes
        << "; use .gmg for large weights";
    return std::nullopt;
  }
  if (text.contains('\0')) {
    fileError(&context, name, "gmg_json") << "the text contains a zero byte";
    return std::nullopt;
  }
  if (std::string foreign = findForeign(text); !foreign.empty()) {
    fileError(&context, name, "gmg_json") << foreign;
    return std::nullopt;
  }
  flatbuffers::Parser parser(jsonOptions(/*strict=*/false));
  std::string terminated = text.str();
  // If the file had a name, the parser would look up its full path for an error
  // message.
  if (!parser.Parse(kGraphSchema) || !parser.ParseJson(terminated.c_str())) {
    fileError(&context, name, "gmg_json")
        << llvm::StringRef(parser.error_).trim();
    return std::nullopt;
  }
  const auto &builder = parser.builder_;
  return std::string(reinterpret_cast<const char *>(builder.GetBufferPointer()),
                     builder.GetSize());
}

// Releases from 23.5 on report the fault by a function of another name.
static bool worked(bool result) { return result; }
[[maybe_unused]] static bool worked(const char *error) { return !error; }
template <typename Parser>
static auto generate(const Parser &parser, const void *root, std::string *text,
                     int) -> decltype(worked(GenText(parser, root, text))) {
  return worked(GenText(parser, root, text));
}
template <typename Parser>
static bool generate(const Parser &parser, const void *root, std::string *text,
                     long) {
  return worked(GenerateText(parser, root, text));
}

// flatbuffers writes each number on a line of its own; a weight has thousands.
static std::string wrapNumbers(llvm::StringRef text) {
  constexpr size_t kWidth = 100;
  std::string out;
  out.reserve(text.size());
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    out += c;
    if (inString && c == '\\' && i + 1 < text.size())
      out += text[++i];
    else if (c == '"')
      inString = !inString;
    else if (!inString && c == '[') {
      llvm::StringRef body =
          text.substr(i + 1).take_until([](char d) { return d == ']'; });
      if (body.find_first_not_of("0123456789-, \r\n") != llvm::StringRef::npos)
        continue;
      size_t lineStart = out.size();
      llvm::StringRef rest = body;
      while (!rest.empty()) {
        llvm::StringRef number;
        std::tie(number, rest) = rest.split(',');
        number = number.trim();
        if (out.size() - lineStart + number.size() > kWidth) {
          out += "\n";
          lineStart = out.size();
        } else if (out.back() == ',') {
          out += " ";
        }
        out += number;
        if (!rest.empty())
          out += ",";
      }
      i += body.size();
    }
  }
  return out;
}

std::optional<std::string> gmgToJson(llvm::StringRef verifiedBytes) {
  flatbuffers::Parser parser(jsonOptions(/*strict=*/true));
  std::string text;
  if (!parser.Parse(kGraphSchema) ||
      !generate(parser, verifiedBytes.data(), &text, 0))
    return std::nullopt;
  text = wrapNumbers(text);
  if (text.size() > kMaxJsonBytes)
    return std::nullopt;
  return text;
}

} // namespace gradmill
