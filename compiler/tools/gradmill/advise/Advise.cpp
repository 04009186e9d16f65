// `gradmill advise`: asks all rules of the registry about a graph, and about the
// log of a run.
#include "Advise.h"
#include "../Session.h"
#include "Findings.h"
#include "MetricsLog.h"
#include "compiler/tools/Rules.h"
#include "core/Nearest.h"
#include "files/CommandFiles.h"
#include "files/Output.h"
#include "report/Terminal.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

// The rules that --off leaves. Error: unknown_rule.
rt::Result<std::vector<AdviceRule>> chosenRules(const AdviseCommand &c,
                                                const Registry &registry) {
  std::vector<std::string> names;
  for (const AdviceRule &rule : registry.adviceRules())
    names.push_back(rule.name);
  for (const std::string &off : c.off) {
    if (llvm::is_contained(names, off))
      continue;
    std::string hint = rt::nearest(off, names);
    return rt::Error{rt::kUsage, "unknown_rule",
                     "--off " + off + ": there is no such rule" +
                         (hint.empty() ? "; --list shows them"
                                       : "; did you mean " + hint + "?")};
  }
  std::vector<AdviceRule> rules;
  for (const AdviceRule &rule : registry.adviceRules())
    if (!llvm::is_contained(c.off, rule.name))
      rules.push_back(rule);
  return rules;
}

rt::Result<std::vector<nn::Advice>> ask(const AdviseCommand &c, Session &session,
                                        ArrayRef<AdviceRule> rules,
                                        std::vector<nn::EpochRecord> epochs) {
  nn::Advisor::Question question;
  if (c.object > 0)
    question.object = c.object;
  question.epochs = std::move(epochs);
  auto module = session.load(c.graph);
  if (!module)
    return module.error();
  auto func = (**module).lookupSymbol<func::FuncOp>(c.graph.entry);
  if (!func)
    return rt::Error{rt::kBadInput, "no_entry",
                     c.graph.graph + ": the graph has no function @" +
                         c.graph.entry};
  question.hasLoss = !c.graph.losses.empty() ||
                     (**module).lookupSymbol<func::FuncOp>("loss");
  auto advice = askRules(func, std::move(question), rules);
  if (failed(advice))
    return alreadyReported(rt::kBadInput);
  return std::move(*advice);
}
} // namespace

rt::Result<std::vector<Finding>> adviceOn(const GraphOptions &graph,
                                          std::vector<nn::EpochRecord> epochs) {
  AdviseCommand c;
  c.graph = graph;
  Session session;
  if (auto error = session.start(graph.plugins, graph.quiet))
    return *error;
  auto advice = ask(c, session, session.registry().adviceRules(), std::move(epochs));
  if (!advice)
    return advice.error();
  std::vector<Finding> findings;
  for (const nn::Advice &one : *advice)
    findings.push_back(findingOf(one));
  return findings;
}

rt::Result<bool> adviseGraph(const AdviseCommand &c) {
  rt::CommandFiles files;
  files.reads("the graph", c.graph.graph);
  files.reads("--metrics", c.metrics);
  files.writes("--sarif", c.sarif == "-" ? "" : c.sarif);
  if (auto error = files.check())
    return *error;
  Session session;
  if (auto error = session.start(c.graph.plugins))
    return *error;
  auto rules = chosenRules(c, session.registry());
  if (!rules)
    return rules.error();
  std::string text;
  bool isClean = true;
  if (c.list) {
    text = c.json ? rulesJson(*rules) : rulesText(*rules);
  } else {
    CompileOptions options = compileOptions(c.graph, session.host().plugins());
    if (auto error = checkOptions(options, session.registry()))
      return *error;
    std::vector<nn::EpochRecord> epochs;
    if (!c.metrics.empty()) {
      auto read = readMetricsLog(c.metrics);
      if (!read)
        return read.error();
      epochs = std::move(*read);
    }
    auto advice = ask(c, session, *rules, std::move(epochs));
    if (!advice)
      return advice.error();
    isClean = advice->empty();
    std::string sarif = findingsSarif(*advice, c.metrics, *rules);
    if (c.sarif == "-")
      text = sarif;
    else
      text = c.json ? findingsJson(*advice, c.metrics)
                    : rt::printable(findingsText(*advice, c.metrics));
    if (!c.sarif.empty() && c.sarif != "-")
      if (auto error = rt::writeFile(c.sarif, {sarif}))
        return *error;
  }
  llvm::outs() << text;
  if (auto error = flushOutput())
    return *error;
  return isClean;
}

} // namespace gradmill::cli
