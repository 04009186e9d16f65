// The format @name@: files NAME.@name@ with the sizes of linear layers, as "784 32 10".
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/Formats.h"
#include "nn/Make.h"
#include "nn/Registry.h"

using namespace mlir;
using namespace gradmill;
using namespace gradmill::nn;

static Value parameter(OpBuilder &b, Location loc, const Twine &name, ArrayRef<int64_t> shape,
                       Attribute init = {}) {
  return ParameterOp::create(b, loc, RankedTensorType::get(shape, b.getF32Type()), b.getStringAttr(name),
                             StringAttr(), init, IntegerAttr());
}

// Null after an error at a line of the file.
static OwningOpRef<ModuleOp> readText(std::unique_ptr<llvm::MemoryBuffer> file, StringRef path,
                                  MLIRContext &context, const ImportOptions &) {
  context.loadDialect<func::FuncDialect>();
  OpBuilder b(&context);
  Location loc = FileLineColLoc::get(&context, path, 1, 1);
  SmallVector<StringRef> words;
  file->getBuffer().trim().split(words, ' ', -1, /*KeepEmpty=*/false);
  SmallVector<int64_t> sizes;
  for (StringRef word : words)
    if (word.getAsInteger(10, sizes.emplace_back()) || sizes.back() < 1 || sizes.back() > 1 << 20) {
      emitError(loc) << "[@name@] \"" << word << "\" is no size from 1 to 1048576";
      return {};
    }
  if (sizes.size() < 2) {
    emitError(loc) << "[@name@] expected two sizes or more, as: 784 32 10";
    return {};
  }
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  auto input = RankedTensorType::get({ShapedType::kDynamic, sizes[0]}, b.getF32Type());
  auto function = func::FuncOp::create(b, loc, "main", b.getFunctionType({input}, {}));
  function.setArgAttr(0, "nn.name", b.getStringAttr("input"));
  b.setInsertionPointToStart(function.addEntryBlock());
  Value last = function.getArgument(0);
  for (size_t i = 1; i < sizes.size() && last; ++i) {
    std::string name = "linear" + std::to_string(i);
    if (i > 1)
      last = make(b, loc, "nn.relu", last);
    Value weight = parameter(b, loc, name + ".weight", {sizes[i], sizes[i - 1]});
    Value bias = parameter(b, loc, name + ".bias", {sizes[i]}, b.getF32FloatAttr(0));
    last = make(b, loc, "nn.linear", {last, weight, bias});
  }
  last = make(b, loc, "nn.log_softmax", last);
  if (!last)
    return {};
  func::ReturnOp::create(b, loc, last);
  function.setType(b.getFunctionType({input}, {last.getType()}));
  function.setResultAttr(0, "nn.name", b.getStringAttr("output"));
  return module;
}

GRADMILL_PLUGIN(@name@) { registry.importer({".@name@", "sizes of linear layers", readText}); }
