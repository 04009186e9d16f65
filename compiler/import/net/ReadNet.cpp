#include "ReadNet.h"
#include "Builder.h"

using namespace mlir;

namespace gradmill {

// Blocks that every net may use. A net's own block of that name comes first.
static constexpr llvm::StringLiteral kLibrary = R"(
block layer_norm(eps=1e-5) {
  normalize(-1, eps=eps)
  it * weight: parameter([size(it, -1)], init=1)
  it + bias: parameter([size(it, -1)], init=0)
}
block instance_norm(eps=1e-5): normalize([2, 3], eps=eps)
block group_norm(groups, eps=1e-5) {
  shaped: it
  reshape([0, groups, size(it, 1) / groups, size(it, 2), size(it, 3)])
  normalize([2, 3, 4], eps=eps)
  reshape([0, size(shaped, 1), size(shaped, 2), size(shaped, 3)])
  it * weight: parameter([size(it, 1), 1, 1], init=1)
  it + bias: parameter([size(it, 1), 1, 1], init=0)
}
)";

static const net::File &library() {
  static const net::File parsed = [] {
    net::File file;
    if (!net::parse(kLibrary, file, [](net::Place, const std::string &) {}))
      llvm_unreachable("the library is a text of ours");
    return file;
  }();
  return parsed;
}

bool isLayerName(llvm::StringRef name, MLIRContext *context) {
  return name == "parameter" || name == "constant" || name == "size" ||
         RegisteredOperationName::lookup(("nn." + name).str(), context) ||
         llvm::any_of(library().blocks, [&](const net::Block &block) {
           return block.name == name;
         });
}

OwningOpRef<ModuleOp> readNet(llvm::StringRef text, llvm::StringRef name,
                              MLIRContext &context,
                              const ImportOptions &options) {
  if (text.size() > net::kMaxBytes) {
    fileError(&context, name, "net_limit")
        << "the text has " << text.size() << " bytes, at most "
        << net::kMaxBytes << " are read; a graph with large values is a .gmg";
    return {};
  }
  net::Places places(context, name);
  auto fail = [&](net::Place place, const std::string &message) {
    emitError(FileLineColLoc::get(places.file, place.line, place.column))
        << message;
  };
  net::File file;
  if (!net::parse(text, file, fail))
    return {};
  return net::GraphBuilder(file, library(), places).build(options.settings);
}

} // namespace gradmill
