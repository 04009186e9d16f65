// What an editor asks about the text of a net (docs/net-text.md). Lines and
// columns count from 0, as editors do.
#pragma once
#include "compiler/plugin/Host.h"
#include "mlir/IR/Location.h"
#include <map>
#include <string>
#include <vector>

namespace gradmill::lsp {

struct Place {
  int line = 0, column = 0;
  auto operator<=>(const Place &) const = default;
};

/// An error of the reader, or a finding of a rule of `gradmill advise`.
struct Finding {
  Place place;
  bool isError = true;
  std::string text; // "message [label]"
  std::vector<std::pair<Place, std::string>> notes;
};

struct Completion {
  enum Kind { Layer, Block, Value, Setting, Keyword, Argument } kind;
  std::string name, detail;
};

class NetDocument {
public:
  NetDocument(std::string text, std::string name, Host &host);
  NetDocument(const NetDocument &) = delete; // `lines` point into `text`

  const std::vector<Finding> &findings() const { return found; }
  /// Markdown about the word at a place, or "".
  std::string hover(Place at) const;
  /// What may stand at a place; the editor filters by what is typed.
  std::vector<Completion> complete(Place at) const;
  /// The shape at the end of each line with layers.
  std::vector<std::pair<Place, std::string>> shapes() const;
  /// Where the word at a place begins and ends in its line.
  std::pair<int, int> wordAt(Place at) const;

private:
  // What an item makes. A line of a block is made once for each use.
  struct Made {
    std::vector<std::string> shapes; // different ones
    int64_t parameters = 0;
    std::vector<std::string> parameterNames;
  };

  void read();
  void collect(mlir::ModuleOp module);
  void advise(mlir::ModuleOp module);
  Finding findingOf(mlir::Diagnostic &diagnostic) const;
  llvm::StringRef line(int number) const;
  std::vector<Completion> argumentsOf(llvm::StringRef layer) const;
  std::string opOf(llvm::StringRef layer) const;

  std::string text, name;
  llvm::SmallVector<llvm::StringRef> lines; // of the text
  Host &host;
  std::unique_ptr<mlir::MLIRContext> context;
  std::vector<Finding> found;
  std::map<Place, Made> items;
  std::map<int, std::vector<std::string>> lineShapes;
};

} // namespace gradmill::lsp
