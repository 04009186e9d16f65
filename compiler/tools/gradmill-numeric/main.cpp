// The developers' command line of numeric/Check.h: lit tests of every family run
// it (test/numeric.mlir there). Users have `gradmill check`.
//
// It also takes functions that no graph file may hold (adjoints, layouts).
// With --machine and --vector-bytes, tiles and layouts are those for another
// machine, in code for this one: the logic of 64-byte vectors is tested where
// there are none.
// With --train, the whole training step instead: loss, output and every updated
// tensor.
// With --record, nothing is run: the compiled functions, their inputs and the
// references' results go to a folder, for gradmill-replay on another machine.
#include "compiler/tools/Setup.h"
#include "compiler/tools/numeric/Check.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace gradmill::numeric;

namespace {

struct Options : CheckOptions {
  std::string file;
  bool train = false;
};

constexpr llvm::StringLiteral kUsage =
    "usage: gradmill-numeric FILE.mlir [--batch=N] [--cpu=CPU] [--samples=N] "
    "[--machine=NAME] [--vector-bytes=N] "
    "[--train] [--optimizer=SPEC] [--no-fuse] [--exact-conv] [--no-gradient] "
    "[--record=FOLDER] [--plugin=FILE]\n";

int usage(const llvm::Twine &message) {
  llvm::errs() << "gradmill-numeric: " << message << "\n" << kUsage;
  return 2;
}
} // namespace

int main(int argc, char **argv) {
  gradmill::Host host;
  std::vector<const char *> arguments(argv + 1, argv + argc);
  if (llvm::Error error = gradmill::setUp(host, arguments))
    return usage(llvm::toString(std::move(error)));
  Options options;
  gradmill::CompileOptions &compile = options.compile;
  compile.pipeline.optimizer = "sgd:momentum=0.9";
  for (StringRef a : arguments) {
    if (a == "--help") {
      llvm::outs() << kUsage;
      return 0;
    }
    if (a == "--train")
      options.train = true;
    else if (a == "--no-fuse")
      compile.pipeline.fuse = false;
    else if (a == "--exact-conv")
      compile.pipeline.exactConv = true;
    else if (a == "--no-gradient")
      options.gradient = false;
    else if (a.consume_front("--cpu="))
      compile.cpu = a.str();
    else if (a.consume_front("--machine="))
      compile.machine = a.str();
    else if (a.consume_front("--record="))
      options.record = a.str();
    else if (a.consume_front("--vector-bytes=")) {
      if (a.getAsInteger(10, compile.vectorBytes) ||
          !llvm::isPowerOf2_64(compile.vectorBytes))
        return usage("--vector-bytes: " + a + " is no power of 2");
    } else if (a.consume_front("--optimizer="))
      compile.pipeline.optimizer = a.str();
    else if (a.consume_front("--batch=")
                 ? !a.getAsInteger(10, options.batch)
                 : a.consume_front("--samples=") &&
                       !a.getAsInteger(10, options.samples))
      ;
    else if (a.starts_with("-") && a != "-")
      return usage("unknown option " + a);
    else
      options.file = a.str();
  }
  if (options.file.empty())
    return usage("no file");
  MLIRContext context(host.dialects(), MLIRContext::Threading::DISABLED);
  context.appendDialectRegistry(gradmill::Host::compilerDialects());
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(options.file, &context);
  if (!module)
    return 1;
  Checker checker(host, context, options);
  auto print = [](const FunctionReport &report) {
    llvm::outs() << textOf(report);
  };
  bool good = options.train ? checker.checkStep(*module, print)
                            : checker.checkFunctions(*module, print);
  return good ? 0 : 1;
}
