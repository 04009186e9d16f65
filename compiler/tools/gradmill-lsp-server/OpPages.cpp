#include "OpPages.h"
#include "llvm/ADT/StringMap.h"
#include <string>

using llvm::StringRef;

namespace gradmill::lsp {

// The paragraphs from a section's summary to its list of interfaces.
static std::string descriptionIn(StringRef section) {
  std::string text;
  while (!section.empty()) {
    auto [paragraph, rest] = section.split("\n\n");
    section = rest;
    paragraph = paragraph.trim('\n');
    if (paragraph.starts_with("Interfaces:") || paragraph.starts_with("####"))
      break;
    if (paragraph == "Syntax:") {
      section = section.split("\n\n").second; // the grammar
      continue;
    }
    text += (text.empty() ? "" : "\n\n") + paragraph.str();
  }
  return text;
}

StringRef describeOp(StringRef op) {
  static const llvm::StringMap<std::string> all = [] {
    llvm::StringMap<std::string> sections;
    StringRef page = kDialectPage;
    constexpr StringRef kHeading = "\n### `";
    for (size_t at = page.find(kHeading); at != StringRef::npos;) {
      page = page.drop_front(at + kHeading.size());
      auto [name, rest] = page.split('`');
      at = rest.find(kHeading);
      sections[name] = descriptionIn(rest.take_front(at));
      page = rest;
    }
    return sections;
  }();
  auto found = all.find(op);
  return found == all.end() ? StringRef() : StringRef(found->second);
}

} // namespace gradmill::lsp
