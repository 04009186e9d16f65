// gradmill check: are the numbers of a graph right? A model is checked by its
// entries, other files function by function (numeric/Check.h).
#include "Check.h"
#include "Session.h"
#include "compiler/Version.h"
#include "compiler/tools/numeric/Check.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace gradmill::cli {

rt::Status checkNumbers(const CheckCommand &c) {
  Session session;
  if (auto error = session.start(c.graph.plugins))
    return error;
  numeric::CheckOptions options;
  options.compile = compileOptions(c.graph, session.host().plugins());
  if (auto error = checkOptions(options.compile, session.registry()))
    return error;
  auto module = session.load(c.graph);
  if (!module)
    return module.error();
  // Code of a vector's worth of images is checked as well as that of many.
  options.batch = c.graph.batch.value_or(4);
  options.samples = c.samples;
  options.seconds = c.seconds;
  options.compile.pipeline.train = !c.inferOnly;
  llvm::json::Array functions;
  auto done = [&](const numeric::FunctionReport &report) {
    if (c.json)
      functions.push_back(numeric::jsonOf(report));
    else
      llvm::outs() << numeric::textOf(report);
    llvm::outs().flush();
  };
  numeric::Checker checker(session.host(), session.context(), options);
  bool isModel = (*module)->lookupSymbol(c.graph.entry) != nullptr;
  bool good = isModel ? checker.checkModel(**module, done)
                      : checker.checkFunctions(**module, done);
  if (c.json)
    llvm::outs() << llvm::formatv(
        "{0:2}\n", llvm::json::Value(llvm::json::Object{
                       {"gradmill", GRADMILL_VERSION},
                       {"graph", llvm::json::fixUTF8(c.graph.graph)},
                       {"ok", good},
                       {"functions", std::move(functions)}}));
  if (auto error = flushOutput())
    return error;
  if (!good)
    return alreadyReported(rt::kFailure);
  return rt::ok;
}

} // namespace gradmill::cli
