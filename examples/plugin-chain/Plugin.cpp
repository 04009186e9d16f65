// A format of graphs, read and written: a chain of linear layers and formulas, a
// word and a number to a line.
//
//   input 784
//   linear 64
//   relu
//   linear 10
//   log_softmax
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/Formats.h"
#include "nn/Make.h"
#include "nn/Registry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/LineIterator.h"

using namespace mlir;
using namespace gradmill;
using namespace gradmill::nn;

static constexpr int64_t kMostFeatures = 1 << 20;

namespace {
class Reader {
public:
  Reader(llvm::MemoryBuffer &file, StringRef path, MLIRContext &context)
      : lines(file, /*SkipBlanks=*/true, '#'), path(path), b(&context) {}

  OwningOpRef<ModuleOp> read() {
    OwningOpRef<ModuleOp> module = ModuleOp::create(b.getUnknownLoc());
    b.setInsertionPointToEnd(module->getBody());
    if (failed(readInput()))
      return {};
    for (++lines; !lines.is_at_eof(); ++lines)
      if (failed(readLayer()))
        return {};
    return finish() ? std::move(module) : OwningOpRef<ModuleOp>();
  }

private:
  Location loc() {
    return FileLineColLoc::get(b.getContext(), path, unsigned(lines.line_number()), 1);
  }
  LogicalResult wrong(const Twine &what) {
    return emitError(loc()) << "[chain] " << what;
  }
  // The number behind a word, or 0.
  static int64_t numberOf(StringRef text) {
    int64_t number = 0;
    return text.trim().getAsInteger(10, number) || number < 1 || number > kMostFeatures
               ? 0
               : number;
  }

  LogicalResult readInput() {
    if (lines.is_at_eof())
      return wrong("the first line must be: input NUMBER");
    auto [word, number] = lines->trim().split(' ');
    int64_t features = numberOf(number);
    if (word != "input" || !features)
      return wrong("the first line must be: input NUMBER");
    auto type = RankedTensorType::get({ShapedType::kDynamic, features}, b.getF32Type());
    function = func::FuncOp::create(b, loc(), "main", b.getFunctionType({type}, {}));
    function.setArgAttr(0, "nn.name", b.getStringAttr("input"));
    b.setInsertionPointToStart(function.addEntryBlock());
    last = function.getArgument(0);
    return success();
  }

  LogicalResult readLayer() {
    auto [word, number] = lines->trim().split(' ');
    if (word == "linear")
      return readLinear(numberOf(number));
    if (!number.trim().empty() || !llvm::is_contained({"relu", "tanh", "sigmoid", "log_softmax"}, word))
      return wrong("\"" + *lines + "\" is no layer; there are: linear NUMBER, relu, tanh, "
                   "sigmoid, log_softmax");
    last = make(b, loc(), ("nn." + word).str(), last);
    return success(bool(last));
  }

  LogicalResult readLinear(int64_t outputs) {
    if (!outputs)
      return wrong("linear needs the number of its outputs, from 1 to " + Twine(kMostFeatures));
    std::string name = ("linear" + Twine(++layers)).str();
    auto parameter = [&](StringRef of, ArrayRef<int64_t> shape) -> Value {
      return ParameterOp::create(b, loc(), RankedTensorType::get(shape, b.getF32Type()),
                                 b.getStringAttr(name + "." + of), StringAttr(),
                                 of == "bias" ? b.getF32FloatAttr(0) : Attribute(), IntegerAttr());
    };
    Value weight = parameter("weight", {outputs, typeOf(last).getDimSize(1)});
    last = make(b, loc(), "nn.linear", {last, weight, parameter("bias", {outputs})});
    return success(bool(last));
  }

  bool finish() {
    func::ReturnOp::create(b, loc(), last);
    function.setType(b.getFunctionType(function.getArgumentTypes(), {last.getType()}));
    function.setResultAttr(0, "nn.name", b.getStringAttr("output"));
    return true;
  }

  llvm::line_iterator lines;
  StringRef path;
  OpBuilder b;
  func::FuncOp function;
  Value last;
  int layers = 0;
};
} // namespace

// A line for each op of the chain. Weights are not kept.
static std::optional<std::string> writeText(ModuleOp module, const ExportOptions &) {
  auto function = module.lookupSymbol<func::FuncOp>("main");
  if (!function || function.getNumArguments() != 1 || typeOf(function.getArgument(0)).getRank() != 2) {
    module.emitError("[chain] a chain has one input of features, [N, F]");
    return std::nullopt;
  }
  Value last = function.getArgument(0);
  std::string text = ("input " + Twine(typeOf(last).getDimSize(1)) + "\n").str();
  for (Operation &op : function.getOps()) {
    StringRef name = op.getName().stripDialect();
    if (isa<ParameterOp, func::ReturnOp>(op))
      continue;
    bool isLinear = name == "linear" && op.getNumOperands() == 3;
    if (op.getOperand(0) != last ||
        !(isLinear || llvm::is_contained({"relu", "tanh", "sigmoid", "log_softmax"}, name))) {
      op.emitError("[chain] '") << op.getName() << "' has no form in a chain; write .net or .mlir";
      return std::nullopt;
    }
    last = op.getResult(0);
    text += name.str() + (isLinear ? " " + std::to_string(typeOf(last).getDimSize(1)) : "") + "\n";
  }
  return text;
}

GRADMILL_PLUGIN(chain) {
  registry.importer({".chain", "a chain of layers",
                     [](std::unique_ptr<llvm::MemoryBuffer> file, StringRef path, MLIRContext &context,
                        const ImportOptions &) {
                       context.loadDialect<func::FuncDialect>();
                       return Reader(*file, path, context).read();
                     }});
  registry.exporter({".chain", "a chain of layers", writeText});
}
