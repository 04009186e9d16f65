// Text for pages and pictures that people open in a browser.
#pragma once
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

namespace gradmill::cli {

/// As text or in a quoted attribute of HTML and XML. What is no UTF-8, and control
/// characters, which XML forbids, become U+FFFD.
inline std::string escaped(llvm::StringRef text) {
  std::string valid = llvm::json::fixUTF8(text), out;
  for (char c : valid)
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      bool forbidden = (uint8_t(c) < 32 && c != '\n' && c != '\t') || c == 127;
      out += forbidden ? "\xEF\xBF\xBD" : std::string(1, c);
    }
  return out;
}

} // namespace gradmill::cli
