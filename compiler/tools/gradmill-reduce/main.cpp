// Shrinks a graph with which a command fails, to a small one with which it fails
// in the same way.
#include "Reduce.h"
#include "compiler/export/Export.h"
#include "compiler/import/Import.h"
#include "compiler/tools/Setup.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace gradmill;

namespace {

constexpr const char *kUsage =
    R"(usage: gradmill-reduce GRAPH -o SMALL.mlir [OPTION ...] -- COMMAND ... {} ...

Runs the command with the graph's file in the place of {}. If it fails, the graph
is shrunk for as long as the command fails with the same status and the same
error label.

  -o FILE          where the smallest graph goes, in any format of a graph
  --match TEXT     look for a text that the command prints, whatever its status
  --timeout N      seconds that a run may take (60); to take longer is a failure, too
  --set NAME=VALUE the value of a setting of a .net
  --plugin FILE    a plugin of the graph's ops
)";

int fail(int status, const llvm::Twine &message) {
  llvm::errs() << "gradmill-reduce: error: " << message << "\n";
  return status;
}

struct Options {
  std::string graph, output, match;
  unsigned timeout = 60;
  std::vector<std::string> command;
  ImportOptions import;
};

// What a run of the command showed.
struct Outcome {
  int status = 0;
  std::string label; // of the first "error[label]", or ""
  bool matches = false;

  bool operator==(const Outcome &) const = default;
  std::string text() const {
    std::string how = status == -2  ? "dies of a signal or takes too long"
                      : status == -1 ? "cannot be started"
                                     : "ends with status " + std::to_string(status);
    return how + (label.empty() ? "" : ", error[" + label + "]");
  }
};

class Command {
public:
  explicit Command(const Options &options) : o(options) {}

  llvm::Error start() {
    auto program = llvm::sys::findProgramByName(o.command.front());
    if (!program)
      return fault(o.command.front() + ": " + program.getError().message());
    path = *program;
    llvm::SmallString<128> made;
    if (auto code = llvm::sys::fs::createUniqueDirectory("gradmill-reduce", made))
      return fault("cannot make a temporary folder: " + code.message());
    folder = made.str();
    return llvm::Error::success();
  }
  ~Command() {
    if (!folder.empty())
      llvm::sys::fs::remove_directories(folder);
  }

  Outcome run(ModuleOp graph) {
    ++runs;
    std::string file = folder + "/graph.mlir", printed = folder + "/output";
    if (failed(exportGraph(graph, file)))
      return {-1, "", false};
    std::vector<std::string> words(o.command);
    for (std::string &word : words)
      for (size_t at; (at = word.find("{}")) != std::string::npos;)
        word.replace(at, 2, file);
    llvm::SmallVector<llvm::StringRef> arguments(words.begin(), words.end());
    std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(""),
                                                  llvm::StringRef(printed),
                                                  llvm::StringRef(printed)};
    llvm::sys::fs::remove(printed); // it would not be cut to what is new
    Outcome outcome;
    outcome.status = llvm::sys::ExecuteAndWait(path, arguments, std::nullopt,
                                               redirects, o.timeout);
    auto buffer = llvm::MemoryBuffer::getFile(printed);
    llvm::StringRef text = buffer ? (*buffer)->getBuffer() : "";
    if (!o.match.empty())
      return {0, "", text.contains(o.match)};
    outcome.label =
        text.split("error[").second.split(']').first.take_front(80).str();
    return outcome;
  }

  int runs = 0;

private:
  static llvm::Error fault(const std::string &message) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
  }

  const Options &o;
  std::string path, folder;
};

// 0: the options are complete; otherwise the exit status.
int readOptions(llvm::ArrayRef<const char *> arguments, Options &o) {
  for (size_t i = 1; i < arguments.size(); ++i) {
    llvm::StringRef word = arguments[i];
    auto value = [&](std::string &to) {
      if (i + 1 < arguments.size())
        to = arguments[++i];
    };
    std::string text;
    if (word == "--") {
      o.command.assign(arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (word == "-o") {
      value(o.output);
    } else if (word == "--match") {
      value(o.match);
    } else if (word == "--timeout") {
      value(text);
      if (llvm::StringRef(text).getAsInteger(10, o.timeout) || !o.timeout)
        return fail(2, "--timeout " + text + ": expected seconds, at least 1");
    } else if (word == "--set") {
      value(text);
      auto [name, setting] = llvm::StringRef(text).split('=');
      o.import.settings.push_back({name.str(), setting.str()});
    } else if (word.starts_with("-")) {
      return fail(2, "unknown option " + word + "; --help lists them");
    } else if (o.graph.empty()) {
      o.graph = word.str();
    } else {
      return fail(2, word + ": there is a graph already, " + o.graph);
    }
  }
  if (o.graph.empty())
    return fail(2, "no graph; --help shows how");
  if (o.output.empty())
    return fail(2, "name the file for the smallest graph with -o FILE");
  if (o.command.empty() ||
      !llvm::any_of(o.command, [](const std::string &word) {
        return llvm::StringRef(word).contains("{}");
      }))
    return fail(2, "after -- comes a command, with {} in the place of the graph");
  return 0;
}

int reduce(const Options &o, Host &host) {
  MLIRContext context(host.dialects(), MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  OwningOpRef<ModuleOp> graph = importGraph(o.graph, context, o.import);
  if (!graph || !graph->lookupSymbol<func::FuncOp>("main"))
    return fail(3, o.graph + ": cannot be read, or has no @main");
  Command command(o);
  if (llvm::Error error = command.start())
    return fail(2, llvm::toString(std::move(error)));
  Outcome wanted = command.run(*graph);
  if (wanted.status == -1)
    return fail(2, "the command cannot be started");
  if (o.match.empty() ? wanted.status == 0 : !wanted.matches)
    return fail(1, o.match.empty()
                       ? "the command succeeds with " + o.graph +
                             ": there is nothing to reduce"
                       : "the command does not print \"" + o.match + "\"");
  size_t before = countOps(*graph), smallest = before;
  llvm::errs() << "the command "
               << (o.match.empty() ? wanted.text() : "prints the text")
               << "; the graph has " << before << " ops\n";
  auto small = reduceGraph(*graph, [&](ModuleOp smaller) {
    bool shows = command.run(smaller) == wanted;
    if (shows && countOps(smaller) < smallest) {
      smallest = countOps(smaller);
      llvm::errs() << "  " << smallest << " ops after " << command.runs
                   << " runs\n";
    }
    return shows;
  });
  ExportOptions plain;
  plain.locations = false; // they are those of the large graph
  if (failed(exportGraph(*small, o.output, "", plain)))
    return 4;
  llvm::errs() << o.output << ": " << countOps(*small) << " of " << before
               << " ops, " << command.runs << " runs\n";
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  Host host;
  std::vector<const char *> all(argv, argv + argc), command;
  // The command has plugins of its own.
  auto dashes = llvm::find_if(all, [](llvm::StringRef word) { return word == "--"; });
  command.assign(dashes, all.end());
  all.erase(dashes, all.end());
  if (all.size() > 1 && llvm::StringRef(all[1]) == "--help") {
    llvm::outs() << kUsage;
    return 0;
  }
  if (llvm::Error error = setUp(host, all))
    return fail(2, llvm::toString(std::move(error)));
  all.insert(all.end(), command.begin(), command.end());
  Options options;
  if (int status = readOptions(all, options))
    return status;
  return reduce(options, host);
}
