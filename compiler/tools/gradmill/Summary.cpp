// `gradmill summary`: a row a layer, with blocks, costs, receptive field and
// memory; or the differences of two graphs.
#include "Session.h"
#include "compiler/Passes.h"
#include "files/CommandFiles.h"
#include "files/Output.h"
#include "report/Terminal.h"
#include "summary/Describe.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

// The batch that all inputs are fixed to; 0 if it is open.
int64_t fixedBatch(func::FuncOp func) {
  for (Type type : func.getArgumentTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type);
        tensor && tensor.getRank() > 0 && !tensor.isDynamicDim(0))
      return tensor.getDimSize(0);
  return 0;
}

} // namespace

rt::Result<Summary> summaryOf(const SummaryCommand &c, const std::string &path) {
  GraphOptions graph = c.graph;
  graph.graph = path;
  Session session;
  if (auto error = session.start(graph.plugins, graph.quiet))
    return *error;
  CompileOptions options = compileOptions(graph, session.host().plugins());
  if (auto error = checkOptions(options, session.registry()))
    return *error;
  auto module = session.load(graph);
  if (!module)
    return module.error();
  auto func = (**module).lookupSymbol<func::FuncOp>(graph.entry);
  if (!func)
    return rt::Error{rt::kBadInput, "no_entry",
                     path + ": the graph has no function @" + graph.entry};
  OwningOpRef<ModuleOp> marked((**module).clone());
  auto copy = marked->lookupSymbol<func::FuncOp>(graph.entry);
  markRows(layerOps(copy));
  int64_t batch = fixedBatch(func);
  PassManager passes(&session.context());
  passes.addPass(createSpecializeBatch({batch ? batch : 1}));
  if (failed(passes.run(**module)))
    return alreadyReported(rt::kBadInput);
  Summary summary = describe(func, layerOps(func));
  summary.graph = path;
  summary.batch = batch;
  std::vector<Layer *> rows = rowsOf(summary);
  addTraining(summary, rows, *marked, graph, session);
  if (!c.measure.empty())
    if (auto error = addTimes(summary, rows, *marked, graph, session,
                              c.measure == "train"))
      return *error;
  addUp(summary);
  return collapsed(std::move(summary), c.depth);
}

rt::Status summarizeGraph(const SummaryCommand &c) {
  rt::CommandFiles files;
  files.reads("the graph", c.graph.graph);
  files.reads("--diff", c.other);
  files.writes("--html", c.html == "-" ? "" : c.html);
  if (auto error = files.check())
    return error;
  auto summary = summaryOf(c, c.graph.graph);
  if (!summary)
    return summary.error();
  std::string text;
  if (!c.other.empty()) {
    auto other = summaryOf(c, c.other);
    if (!other)
      return other.error();
    text = c.json ? summaryDifferenceJson(*summary, *other)
                  : summaryDifference(*summary, *other);
  } else if (c.html == "-") {
    llvm::outs() << summaryPage(*summary);
    return flushOutput();
  } else {
    text = c.json ? summaryJson(*summary) : summaryTable(*summary);
  }
  if (!c.html.empty())
    return rt::writeFile(c.html, {summaryPage(*summary)});
  llvm::outs() << (c.json ? text : rt::printable(text));
  return flushOutput();
}

} // namespace gradmill::cli
