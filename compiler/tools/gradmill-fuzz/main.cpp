// Random graphs against a judge, which protects the compiler while it is
// redesigned (docs/fuzzing.md).
//
//   gradmill-fuzz [--seed=N] [--count=N] ...   random graphs
//   gradmill-fuzz FILE.mlir [OPTION ...]       one graph, in the form in which
//                                              findings are saved
#include "Check.h"
#include "Child.h"
#include "Generate.h"
#include "Shrink.h"
#include "compiler/tools/Setup.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <deque>

using namespace llvm;
using namespace gradmill;
using namespace gradmill::fuzz;

namespace {

struct Options {
  std::string file, save = ".";
  int64_t seed = 1, first = 0, count = 100, jobs = 2, attempts = 300;
  const Size *size = findSize("small");
  std::vector<std::string> cpus;
  std::vector<std::string> plugins; // for the command that reproduces
  bool verbose = false, print = false;
  Case given; // for a file
};

//===-- One graph -----------------------------------------------------------===//

class Fuzzer {
public:
  Fuzzer(Host &host, const Options &options) : host(host), options(options) {}

  /// Exit status.
  int runFile() {
    Case c = options.given;
    auto text = MemoryBuffer::getFile(options.file);
    if (!text) {
      errs() << "gradmill-fuzz: " << options.file << ": "
             << text.getError().message() << "\n";
      return 1;
    }
    c.graph = (*text)->getBuffer().str();
    std::unique_ptr<Child> child = start(c, 900);
    while (!child->wait(1000))
      ;
    std::string finding = findingOf(*child);
    outs() << (finding.empty() ? "ok\n" : "FAILED " + finding + "\n");
    errs() << child->messages;
    return !finding.empty();
  }

  int runMany() {
    std::deque<Job> jobs;
    int64_t next = options.first, end = options.first + options.count;
    while (next < end || !jobs.empty()) {
      while (next < end && int64_t(jobs.size()) < options.jobs)
        jobs.push_back(startJob(next++));
      for (size_t i = 0; i < jobs.size(); ++i)
        if (jobs[i].child->wait(jobs.size() > 1 ? 5 : 100)) {
          finish(jobs[i]);
          jobs.erase(jobs.begin() + long(i--));
        }
    }
    summarize();
    return findings ? 1 : 0;
  }

private:
  struct Job {
    int64_t index;
    std::vector<int64_t> choices;
    Case c;
    std::unique_ptr<Child> child;
  };

  std::unique_ptr<mlir::MLIRContext> makeContext() {
    auto context = std::make_unique<mlir::MLIRContext>(
        host.dialects(), mlir::MLIRContext::Threading::DISABLED);
    context->appendDialectRegistry(Host::compilerDialects());
    context->loadAllAvailableDialects();
    return context;
  }

  // The first line of a report has numbers, the rest is the finding.
  std::unique_ptr<Child> start(const Case &c, int seconds) {
    auto run = [&, c](std::string &report) {
      std::unique_ptr<mlir::MLIRContext> context = makeContext();
      Verdict v = check(c, host.registry(), *context);
      report = formatv("{0} {1} {2}\n{3}", v.tensors, v.blind, v.arena,
                       v.finding);
      return v.finding.empty();
    };
    return std::make_unique<Child>(run, seconds);
  }

  static std::string findingOf(const Child &child) {
    if (child.good)
      return "";
    if (!child.death.empty())
      return child.death;
    return StringRef(child.report).split('\n').second.str();
  }

  Case caseOf(std::vector<int64_t> &choices) {
    Choices replay(choices);
    auto context = makeContext();
    Case c = generate(replay, *options.size, options.cpus, !options.given.train,
                      *context);
    choices = replay.taken();
    return c;
  }

  Job startJob(int64_t index) {
    // Each graph depends only on the seed and its number.
    Random mix(uint64_t(options.seed));
    Choices choices(mix.next() + uint64_t(index));
    auto context = makeContext();
    Case c = generate(choices, *options.size, options.cpus, !options.given.train,
                      *context);
    if (options.print)
      outs() << "// " << index << ":" << c.commandLine() << "\n" << c.graph;
    auto child = start(c, options.size->seconds);
    return {index, choices.taken(), std::move(c), std::move(child)};
  }

  void finish(Job &job) {
    count(job);
    std::string finding = findingOf(*job.child);
    if (options.verbose)
      outs() << job.index << (finding.empty() ? " ok" : " FAILED")
             << job.c.commandLine() << "\n";
    outs().flush();
    if (finding.empty())
      return;
    ++findings;
    outs() << "FAILED " << options.seed << "/" << job.index << ": " << finding
           << "\n"
           << StringRef(job.child->messages).take_front(2000);
    outs().flush();
    reduce(job, finding);
  }

  void count(const Job &job) {
    ++graphs;
    bool f64 = StringRef(job.c.graph).contains("xf64>");
    (f64 ? doubles : singles) += 1;
    inferences += !job.c.train;
    SmallVector<StringRef> numbers;
    StringRef(job.child->report).split('\n').first.split(numbers, ' ');
    int64_t values[3] = {};
    for (size_t i = 0; i < std::min<size_t>(3, numbers.size()); ++i)
      (void)numbers[i].getAsInteger(10, values[i]);
    tensors += values[0];
    blind += values[1];
    arena = std::max(arena, values[2]);
    above256 += values[2] > (int64_t(256) << 20);
    above2048 += values[2] > (int64_t(2048) << 20);
  }

  // A smaller graph that fails in the same way, as a file.
  void reduce(Job &job, std::string finding) {
    auto kind = [](StringRef f) { // "step", "infer", "does not compile", ...
      return f.take_until([](char c) { return c == ':' || isDigit(c); }).str();
    };
    std::string wanted = kind(finding), messages = job.child->messages;
    Case smallest = job.c;
    auto fails = [&](std::vector<int64_t> &choices) {
      Case c = caseOf(choices);
      auto child = start(c, options.size->seconds);
      while (!child->wait(100))
        ;
      std::string found = findingOf(*child);
      if (found.empty() || kind(found) != wanted)
        return false;
      smallest = c;
      finding = found;
      messages = child->messages;
      return true;
    };
    shrink(job.choices, int(options.attempts), fails);
    save(job, smallest, finding, messages);
  }

  void save(const Job &job, const Case &c, StringRef finding,
            StringRef messages) {
    SmallString<128> path(options.save);
    sys::path::append(path, formatv("fuzz-{0}-{1}-{2}.mlir", options.size->name,
                                    options.seed, job.index)
                                .str());
    std::error_code error = sys::fs::create_directories(options.save);
    if (!error && !sys::fs::is_directory(options.save))
      error = std::make_error_code(std::errc::not_a_directory);
    std::optional<raw_fd_ostream> opened;
    if (!error)
      opened.emplace(path, error);
    if (error) {
      outs() << "  " << path << ": " << error.message() << "\n";
      return;
    }
    raw_ostream &file = *opened;
    std::string plugins;
    for (const std::string &plugin : options.plugins)
      plugins += " --plugin=" + plugin;
    file << "// " << finding << "\n";
    SmallVector<StringRef> lines;
    messages.take_front(2000).split(lines, '\n', -1, false);
    for (StringRef line : lines)
      file << "// " << line << "\n";
    file << "//\n// gradmill-fuzz " << sys::path::filename(path)
         << c.commandLine() << plugins << "\n"
         << c.graph;
    outs() << "  reduced: gradmill-fuzz " << path << c.commandLine() << plugins
           << "\n";
    outs().flush();
  }

  void summarize() {
    outs() << formatv(
        "{0} graphs ({1} in f32, {2} in f64, {3} of them for inference only): "
        "{4} findings\n"
        "{5} tensors compared, {6} of them where rounding changes more than 2 "
        "%\n"
        "largest arena {7:f1} MiB; {8} above 256 MiB, {9} above 2 GiB\n",
        graphs, singles, doubles, inferences, findings, tensors, blind,
        double(arena) / (1 << 20), above256, above2048);
  }

  Host &host;
  const Options &options;
  int64_t graphs = 0, singles = 0, doubles = 0, inferences = 0, findings = 0,
          tensors = 0, blind = 0, arena = 0, above256 = 0, above2048 = 0;
};

//===-- Options ---------------------------------------------------------------===//

constexpr StringLiteral kUsage =
    R"(usage: gradmill-fuzz [--seed=N] [--first=N] [--count=N] [--class=small|large|huge] [--cpu=NAME,...]
                     [--jobs=N] [--save=FOLDER] [--attempts=N] [--infer-only] [--print] [--verbose]
                     [--plugin=FILE]
       gradmill-fuzz FILE.mlir [--batch=N] [--data=N] [--infer-only] [--single] [--loss=NAME] [--optimizer=SPEC]
                     [--cpu=NAME] [--machine=NAME] [--vector-bytes=N] [--no-fuse] [--no-merge]
                     [--no-rematerialize] [--exact-conv] [--memory-percent=N] [--second-schedule] [--plugin=FILE]
                     [--transforms=SPEC] [--accumulate=N] [--ema-percent=N]
)";

int usage(const Twine &message) {
  errs() << "gradmill-fuzz: " << message << "\n" << kUsage;
  return 2;
}

bool parseNumber(StringRef a, Options &o) {
  const std::pair<StringLiteral, int64_t Options::*> numbers[] = {
      {"--seed=", &Options::seed},   {"--first=", &Options::first},
      {"--count=", &Options::count}, {"--jobs=", &Options::jobs},
      {"--attempts=", &Options::attempts},
  };
  for (auto [option, field] : numbers)
    if (StringRef value = a; value.consume_front(option))
      return !value.getAsInteger(10, o.*field) && o.*field >= 0;
  return false;
}

bool parse(StringRef a, Options &o) {
  if (StringRef value = a; value.consume_front("--class="))
    return (o.size = findSize(value));
  if (StringRef value = a; value.consume_front("--save="))
    return !(o.save = value.str()).empty();
  if (StringRef value = a; value.consume_front("--cpu=")) {
    o.given.cpu = value.str();
    SmallVector<StringRef> names;
    value.split(names, ',');
    o.cpus.assign(names.begin(), names.end());
    return !value.empty();
  }
  if (a == "--verbose" || a == "--print") {
    (a == "--print" ? o.print : o.verbose) = true;
    return true;
  }
  return parseNumber(a, o) || o.given.parse(a);
}

} // namespace

int main(int argc, char **argv) {
  Host host;
  Options options;
  std::vector<const char *> arguments(argv + 1, argv + argc);
  for (StringRef a : arguments)
    if (a.consume_front("--plugin="))
      options.plugins.push_back(a.str());
  if (Error error = setUp(host, arguments))
    return usage(toString(std::move(error)));
  options.cpus = runnableCpus(host.registry());
  for (StringRef a : arguments) {
    if (a == "--help") {
      outs() << kUsage;
      return 0;
    }
    if (!a.starts_with("-"))
      options.file = a.str();
    else if (!parse(a, options))
      return usage("unknown option or value: " + a);
  }
  Fuzzer fuzzer(host, options);
  return options.file.empty() ? fuzzer.runMany() : fuzzer.runFile();
}
