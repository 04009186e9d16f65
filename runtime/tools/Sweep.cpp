#include "tools/Sweep.h"

#include "core/Json.h"
#include "core/Number.h"
#include "core/Text.h"
#include "data/Source.h"
#include "files/Input.h"
#include "files/Output.h"
#include "files/Paths.h"
#include "report/Table.h"
#include "report/Terminal.h"
#include "tools/Commands.h"
#include "train/Interrupt.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <optional>
#include <set>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

namespace gradmill::rt {
namespace {

constexpr size_t kMostRuns = 10000;

// Options of one number: a list of them can only mean several runs.
constexpr const char *kNumbers[] = {
    "lr",        "batch",     "epochs",    "warmup",           "lr-step",
    "lr-gamma",  "cycle",     "min-lr",    "div-factor",       "final-div-factor",
    "clip-norm", "clip-value", "accumulate", "ema",            "rotate",
    "translate", "scale",     "shear",     "lr-patience",      "val-seed"};
// Of words.
constexpr const char *kWords[] = {"schedule"};
// Files that each run would write anew, and what is about one run.
constexpr const char *kRefused[] = {"checkpoint",   "keep-best", "resume",
                                    "save-weights", "metrics",   "seed",
                                    "config",       "demo",      "report",
                                    "csv",          "tensorboard"};
// Options without a value: the next word is none of theirs.
constexpr const char *kFlags[] = {"no-download", "no-checkpoint", "no-report", "quiet",
                                  "partial-weights", "unchecked-loss",
                                  "exact-conv", "overwrite",
                                  "allow-bytecode"};

template <size_t N>
bool isOneOf(const char *const (&list)[N], const std::string &name) {
  return std::any_of(std::begin(list), std::end(list),
                     [&](const char *item) { return name == item; });
}

Error usage(const std::string &what) { return Error{kUsage, "usage", what}; }

// "3": 1 to 3; "2..5"; "1,4,7".
Result<std::vector<std::string>> seedsOf(const std::string &text) {
  std::vector<std::string> seeds;
  size_t dots = text.find("..");
  uint64_t first = 1, last = 0;
  bool range = dots != text.npos
                   ? parseWhole(text.substr(0, dots), first) &&
                         parseWhole(text.substr(dots + 2), last)
                   : parseWhole(text, last);
  if (range && first <= last && last <= uint64_t(INT64_MAX) &&
      last - first < kMostRuns) {
    for (uint64_t seed = first; seed <= last; ++seed)
      seeds.push_back(std::to_string(seed));
    return seeds;
  }
  for (const std::string &item : splitAt(text, ',')) {
    uint64_t seed = 0;
    if (range || text.find(',') == text.npos || !parseWhole(item, seed) ||
        seed > uint64_t(INT64_MAX))
      return usage("--seeds " + text +
                   ": expected how many, as 3, a range, as 1..5, or a list, as "
                   "1,4,7");
    seeds.push_back(item);
  }
  return seeds;
}

class Planner {
public:
  Result<SweepPlan> plan(const Arguments &arguments) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const std::string &word = arguments[i];
      if (!word.starts_with("--")) {
        plain.common.push_back(word);
        continue;
      }
      size_t equals = word.find('=');
      std::string name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
      if (Status error = refuse(name))
        return *error;
      bool flag = isOneOf(kFlags, name) || name == "json";
      bool apart = equals == word.npos && !flag && i + 1 < arguments.size();
      std::string value = equals != word.npos ? word.substr(equals + 1)
                          : apart             ? arguments[++i]
                                              : "";
      if (Status error = take(name, value, equals != word.npos || apart))
        return *error;
    }
    if (!seeds.values.empty())
      plain.swept.push_back(std::move(seeds));
    if (Status error = check())
      return *error;
    return std::move(plain);
  }

private:
  static Status refuse(const std::string &name) {
    if (!isOneOf(kRefused, name))
      return ok;
    return usage("--" + name + " is about one run, but here are several" +
                 (name == "seed" ? "; name seeds with --seeds" : ""));
  }

  Status take(const std::string &name, const std::string &value, bool valued) {
    if (name == "seeds")
      return takeSeeds(value);
    if (name == "vary")
      return takeVaried(value);
    if (name == "log" || name == "what") {
      (name == "log" ? plain.log : plain.what) = value;
      return ok;
    }
    if (name == "json") {
      plain.json = true;
      return ok;
    }
    if (name == "set" && value.find(',') != value.npos)
      return takeSetting(value);
    bool list = value.find(',') != value.npos &&
                (isOneOf(kNumbers, name) || isOneOf(kWords, name));
    if (list)
      return sweep(name, "--" + name + "=", splitAt(value, ','));
    plain.common.push_back("--" + name + (valued ? "=" + value : ""));
    return ok;
  }

  Status takeSeeds(const std::string &text) {
    auto list = seedsOf(text);
    if (!list)
      return list.error();
    seeds = {"seed", {}, *list};
    for (const std::string &seed : *list)
      seeds.arguments.push_back({"--seed=" + seed});
    return ok;
  }

  // lr=0.1|0.2, optimizer=sgd|adam:beta1=0.8
  Status takeVaried(const std::string &text) {
    size_t equals = text.find('=');
    if (equals == text.npos || equals == 0)
      return usage("--vary " + text + ": expected OPTION=VALUE|VALUE");
    std::string name = text.substr(0, equals);
    if (Status error = refuse(name))
      return error;
    return sweep(name, "--" + name + "=", splitAt(text.substr(equals + 1), '|'));
  }

  Status takeSetting(const std::string &text) {
    size_t equals = text.find('=');
    if (equals == text.npos)
      return usage("--set " + text + ": expected NAME=VALUE,VALUE");
    std::string name = text.substr(0, equals);
    return sweep("set " + name, "--set=" + name + "=",
                 splitAt(text.substr(equals + 1), ','));
  }

  Status sweep(const std::string &name, const std::string &beginning,
               const std::vector<std::string> &values) {
    SweptOption option{name, {}, values};
    for (const std::string &value : values) {
      if (value.empty())
        return usage("--" + name + ": an empty value in the list");
      option.arguments.push_back({beginning + value});
    }
    for (const SweptOption &other : plain.swept)
      if (other.name == name)
        return usage("--" + name + " varies twice; give all values in one list");
    plain.swept.push_back(std::move(option));
    return ok;
  }

  // A run that counts twice would make the spread too small.
  static Status checkDistinct(const SweptOption &option) {
    std::set<std::string> seen;
    for (const std::string &value : option.values)
      if (!seen.insert(value).second)
        return usage("--" + option.name + ": " + value + " stands twice in the list");
    return ok;
  }

  Status check() const {
    if (plain.common.empty() || plain.common.front().starts_with("-"))
      return usage("the graph comes first: gradmill sweep GRAPH --lr 0.03,0.1 "
                   "--seeds 3");
    size_t runs = 1;
    for (const SweptOption &option : plain.swept) {
      if ((runs *= option.values.size()) > kMostRuns)
        return usage("that is more than " + std::to_string(kMostRuns) + " runs");
      if (Status error = checkDistinct(option))
        return error;
    }
    if (plain.swept.empty())
      return usage("nothing varies: give a list of values, as --lr 0.03,0.1, or "
                   "--seeds 3");
    return ok;
  }

  SweepPlan plain;
  SweptOption seeds;
};

// --- Running --------------------------------------------------------------------

std::string shown(const SweepPlan &plan, const SweepRun &run) {
  std::string text;
  for (size_t i = 0; i < plan.swept.size(); ++i)
    text += (i ? " " : "") + plan.swept[i].name + "=" + run.values[i];
  return printable(text);
}

void addStamp(uint32_t &stamp, const std::string &text) {
  stamp = uint32_t(crc32_z(stamp, reinterpret_cast<const Bytef *>(text.data()),
                           text.size()));
}

// Size and time of a file, or of those of a folder; nothing if there is none.
void addFile(uint32_t &stamp, const std::string &path, int depth = 0) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return;
  if (S_ISDIR(status.st_mode) && depth < 3) {
    std::set<std::string> names;
    if (DIR *folder = ::opendir(path.c_str())) {
      while (dirent *entry = ::readdir(folder))
        if (entry->d_name[0] != '.')
          names.insert(entry->d_name);
      ::closedir(folder);
    }
    for (const std::string &name : names)
      addFile(stamp, path + "/" + name, depth + 1);
  } else if (S_ISREG(status.st_mode)) {
    addStamp(stamp, join({path, " ", int64_t(status.st_size), " ",
                          int64_t(status.st_mtim.tv_sec), " ",
                          int64_t(status.st_mtim.tv_nsec)}));
  }
}

// The files that options name: data (cifar10:FOLDER, FILE.csv?target=a), plugins,
// weights.
void addFiles(uint32_t &stamp, const Arguments &arguments) {
  for (const std::string &word : arguments) {
    size_t equals = word.find('=');
    if (!word.starts_with("--") || equals == word.npos ||
        word.starts_with("--data-cache"))
      continue;
    std::string value = word.substr(equals + 1);
    addFile(stamp, value);
    value = value.substr(0, value.find('?'));
    addFile(stamp, value);
    if (size_t colon = value.find(':'); colon != value.npos)
      addFile(stamp, value.substr(colon + 1));
  }
}

// What decides a run's result: the words of its command line, the files that they
// name, the graph, the program.
std::string keyOf(const SweepRun &run, uint32_t stamp) {
  addFiles(stamp, run.arguments);
  std::string key = std::to_string(stamp);
  for (const std::string &word : run.arguments)
    key += "\n" + word;
  return key;
}

struct Outcome {
  int exit = 0;
  std::string output, messages;
};

std::string readBack(int fd) {
  std::string text;
  char block[4096];
  ::lseek(fd, 0, SEEK_SET);
  for (ssize_t size; (size = ::read(fd, block, sizeof block)) > 0;)
    text.append(block, size_t(size));
  return text;
}

// Runs `train` in a process of its own: a crash or a lack of memory is one run's.
Result<Outcome> runOnce(const std::string &program, const Arguments &arguments) {
  std::FILE *out = std::tmpfile(), *err = std::tmpfile();
  std::vector<std::string> words = {program, "train"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char *> list;
  for (std::string &word : words)
    list.push_back(word.data());
  list.push_back(nullptr);
  const pid_t sweep = ::getpid();
  pid_t child = out && err ? ::fork() : -1;
  if (child == 0) {
    // A sweep that is killed takes its run along. (It may have been, just now.)
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != sweep)
      _exit(127);
    ::dup2(::fileno(out), STDOUT_FILENO);
    ::dup2(::fileno(err), STDERR_FILENO);
    ::execv("/proc/self/exe", list.data());
    _exit(127);
  }
  Outcome outcome;
  int status = 0;
  pid_t ended = -1;
  while (child > 0 && (ended = ::waitpid(child, &status, 0)) < 0 && errno == EINTR)
    ; // Ctrl-C reaches the child, too: it ends with its own status
  if (ended > 0) {
    outcome.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.output = readBack(::fileno(out));
    outcome.messages = readBack(::fileno(err));
  }
  if (out)
    std::fclose(out);
  if (err)
    std::fclose(err);
  if (ended > 0)
    return outcome;
  return Error{kFailure, "process",
               std::string("cannot start a run: ") + std::strerror(errno)};
}

// The line of the first error, else the last one: a hint may stand behind an error.
std::string reasonIn(const std::string &text) {
  std::string last;
  for (const std::string &line : splitAt(text, '\n')) {
    if (line.find("error[") != line.npos)
      return line;
    if (!line.empty())
      last = line;
  }
  return last;
}

class Sweep {
public:
  Sweep(SweepPlan plan, std::string program, const std::string &build)
      : plan(std::move(plan)), program(std::move(program)), build(build),
        runs(runsOf(this->plan)) {}

  Status prepare() {
    const std::string &graph = plan.common.front();
    auto bytes = readFile(graph, uint64_t(1) << 32);
    if (!bytes)
      return bytes.error();
    checksum = uint32_t(crc32_z(0, bytes->data(), bytes->size()));
    addStamp(checksum, build);
    for (const SweepRun &one : runs)
      keys.push_back(keyOf(one, checksum));
    if (plan.log.empty()) {
      std::string name = graph.substr(graph.rfind('/') + 1);
      plan.log = name.substr(0, name.rfind('.')) + ".sweep.jsonl";
    }
    if (Status error = readLog())
      return error;
    Result<int> opened = openToUpdate(plan.log, O_WRONLY | O_APPEND);
    if (!opened)
      return opened.error();
    log = *opened;
    if (whole && ::ftruncate(log, *whole) != 0)
      return unwritable();
    return ok;
  }

  ~Sweep() {
    if (log >= 0)
      ::close(log);
  }

  // The exit status of a run that was interrupted, or 0.
  Result<int> run() {
    InterruptGuard interrupt;
    size_t number = 0;
    for (const SweepRun &one : runs) {
      const std::string &key = keys[number++];
      if (!summaries.count(key)) {
        if (interrupt.requested())
          return kInterruptedExit;
        auto outcome = runOnce(program, one.arguments);
        if (!outcome)
          return outcome.error();
        if (outcome->exit == kInterruptedExit || interrupt.requested())
          return kInterruptedExit;
        if (Status error = record(one, key, *outcome))
          return *error;
      }
      say(number, one, key);
    }
    return 0;
  }

  int finish() {
    if (plan.json)
      std::printf("%s\n", jsonText(jsonOf(), 2).c_str());
    else
      print();
    bool failed = failures > 0;
    return finishOutput(failed ? kFailure : kOk);
  }

  const std::string &logFile() const { return plan.log; }

private:
  Status readLog() {
    if (!isRegularFile(plan.log))
      return ok;
    auto bytes = readFile(plan.log, uint64_t(1) << 30);
    if (!bytes)
      return bytes.error();
    std::string text(bytes->begin(), bytes->end());
    size_t lines = 0;
    for (const std::string &line : splitAt(text, '\n')) {
      ++lines;
      if (line.empty())
        continue;
      Json record = parseJson(line);
      const Json *key = record.find("key"), *summary = record.find("summary");
      if (!key || !key->is_string()) {
        // A line that was cut off by a crash goes, and its run is done again.
        size_t end = text.rfind('\n') + 1;
        if (record.is_discarded() && text.compare(end, text.npos, line) == 0) {
          whole = off_t(end);
          break;
        }
        return fileError(kBadInput, "bad_log", plan.log,
                         "line " + std::to_string(lines) +
                             " is no line of a sweep's log",
                         "name another file with --log");
      }
      if (summary && summary->is_object())
        summaries[key->get<std::string>()] = parseJson(jsonText(*summary));
    }
    return ok;
  }

  Status record(const SweepRun &one, const std::string &key,
                const Outcome &outcome) {
    Json line = Json::object({{"type", "sweep"}, {"key", key}});
    for (size_t i = 0; i < plan.swept.size(); ++i)
      line["values"][plan.swept[i].name] = one.values[i];
    Json summary = parseJson(outcome.output);
    if (outcome.exit == 0 && summary.is_object()) {
      line["summary"] = parseJson(outcome.output);
      summaries[key] = std::move(summary);
    } else {
      ++failures;
      std::string why = reasonIn(outcome.messages);
      line["failed"] = why;
      failed[key] = why.empty() ? "exit " + std::to_string(outcome.exit) : why;
    }
    std::string text = jsonText(line) + "\n";
    if (::write(log, text.data(), text.size()) != ssize_t(text.size()))
      return unwritable();
    return ok;
  }

  Error unwritable() const {
    return fileError(kIo, "write_failed", plan.log, std::strerror(errno),
                     "make room, and run the same command again");
  }

  void say(size_t number, const SweepRun &one, const std::string &key) {
    if (plan.json)
      return;
    auto found = summaries.find(key);
    std::string result =
        found == summaries.end()
            ? "failed: " + failed[key]
            : chosen() + " " + valueText(valueIn(found->second));
    std::fprintf(stderr, "%zu/%zu %s: %s\n", number, runs.size(),
                 shown(plan, one).c_str(), printable(result).c_str());
  }

  // What is compared: what was asked for, else the first metric of the best set.
  std::string chosen() {
    if (!plan.what.empty() || summaries.empty())
      return plan.what.empty() ? "loss" : plan.what;
    const Json &any = summaries.begin()->second;
    for (const char *part : {"val_", "test_"})
      for (const auto &[name, value] : any.items())
        if (name.starts_with(part) && !name.ends_with("loss") && value.is_number())
          return plan.what = name;
    for (const char *name : {"val_loss", "test_loss", "loss"})
      if (any.contains(name))
        return plan.what = name;
    return "loss";
  }

  double valueIn(const Json &summary) {
    const Json *value = summary.find(chosen());
    return value && value->is_number() ? value->get<double>() : std::nan("");
  }

  bool share() { return chosen().ends_with("accuracy"); }
  std::string valueText(double value) {
    return share() ? fixedText(100 * value, 2) + "%" : fixedText(value, 4);
  }

  struct Group {
    std::vector<std::string> values; // without the seed
    std::vector<double> results;
    int64_t failures = 0;

    double mean() const {
      double sum = 0;
      for (double result : results)
        sum += result;
      return results.empty() ? std::nan("") : sum / double(results.size());
    }
    // Of a sample: over n - 1.
    double spread() const {
      double sum = 0;
      for (double result : results)
        sum += (result - mean()) * (result - mean());
      return results.size() > 1 ? std::sqrt(sum / double(results.size() - 1)) : 0;
    }
  };

  bool seeded() const {
    return !plan.swept.empty() && plan.swept.back().name == "seed";
  }

  std::vector<Group> groups() {
    std::vector<Group> list;
    size_t number = 0;
    for (const SweepRun &one : runs) {
      const std::string &key = keys[number++];
      std::vector<std::string> values = one.values;
      if (seeded())
        values.pop_back();
      if (list.empty() || list.back().values != values)
        list.push_back({values, {}, 0});
      auto found = summaries.find(key);
      if (found == summaries.end())
        ++list.back().failures;
      else
        list.back().results.push_back(valueIn(found->second));
    }
    return list;
  }

  void print() {
    TableRow header;
    for (const SweptOption &option : plan.swept)
      if (option.name != "seed")
        header.push_back(printable(option.name));
    for (const std::string &name :
         {std::string("runs"), "mean " + chosen(), std::string("spread"),
          std::string("lowest"), std::string("highest")})
      header.push_back(name);
    std::vector<TableRow> rows = {header};
    for (const Group &group : groups()) {
      TableRow row;
      for (const std::string &value : group.values)
        row.push_back(printable(value));
      row.push_back(std::to_string(group.results.size()) +
                    (group.failures
                         ? " (" + std::to_string(group.failures) + " failed)"
                         : ""));
      bool any = !group.results.empty();
      auto [low, high] =
          std::minmax_element(group.results.begin(), group.results.end());
      row.push_back(any ? valueText(group.mean()) : "-");
      row.push_back(group.results.size() > 1 ? valueText(group.spread()) : "-");
      row.push_back(any ? valueText(*low) : "-");
      row.push_back(any ? valueText(*high) : "-");
      rows.push_back(row);
    }
    std::printf("%s", tableText(rows, {}).c_str());
    // To look at noise is one thing, to choose by the test set another.
    bool chooses = plan.swept.size() > (seeded() ? 1 : 0);
    if (chooses && chosen().starts_with("test_"))
      std::fprintf(stderr, "note: compared by test samples; to choose by, hold "
                           "out others with --val-split 0.1\n");
  }

  Json jsonOf() {
    Json list = Json::array();
    for (const Group &group : groups()) {
      Json one = Json::object({{"runs", group.results.size()},
                               {"failed", group.failures},
                               {"mean", group.mean()},
                               {"spread", group.spread()},
                               {"results", group.results}});
      for (size_t i = 0; i < group.values.size(); ++i)
        one["values"][plan.swept[i].name] = group.values[i];
      list.push_back(std::move(one));
    }
    return Json::object({{"what", chosen()}, {"groups", std::move(list)}});
  }

  SweepPlan plan;
  std::string program;
  std::vector<SweepRun> runs;
  std::vector<std::string> keys; // of the runs, from before the first one
  std::string build;
  uint32_t checksum = 0; // of the graph and the program
  int log = -1;
  std::optional<off_t> whole; // bytes of the log before a line that is cut off
  std::map<std::string, Json> summaries; // of the runs that are done, by key
  std::map<std::string, std::string> failed;
  int64_t failures = 0;
};

constexpr const char *kHelp =
    "Trains with several values of options and several seeds, and compares.\n"
    "Usage: gradmill sweep GRAPH [OPTIONS]\n"
    "       gradmill train GRAPH --seeds 1..5 [OPTIONS]\n\n"
    "  --lr 0.03,0.1            the same for every option of one number, and\n"
    "                           --schedule\n"
    "  --set NAME=0,0.05        for a setting of a net's text\n"
    "  --vary 'OPTION=A|B'      for any other option\n"
    "  --seeds 3 | 1..5 | 1,4   several seeds: mean and spread\n"
    "  --what NAME              what is compared: val_accuracy, test_loss, ...\n"
    "  --log FILE               results as JSON lines; runs that stand there are\n"
    "                           not done again (default: NAME.sweep.jsonl)\n"
    "  --json                   print JSON\n\n"
    "All other options are those of gradmill train.\n";

} // namespace

Result<SweepPlan> planSweep(const Arguments &arguments) {
  return Planner().plan(arguments);
}

std::vector<SweepRun> runsOf(const SweepPlan &plan) {
  std::vector<SweepRun> runs = {{plan.common, {}}};
  for (const SweptOption &option : plan.swept) {
    std::vector<SweepRun> next;
    for (const SweepRun &run : runs)
      for (size_t i = 0; i < option.values.size(); ++i) {
        next.push_back(run);
        next.back().values.push_back(option.values[i]);
        next.back().arguments.insert(next.back().arguments.end(),
                                     option.arguments[i].begin(),
                                     option.arguments[i].end());
      }
    runs = std::move(next);
  }
  for (SweepRun &run : runs)
    run.arguments.insert(run.arguments.end(),
                         {"--no-checkpoint", "--no-report", "--quiet", "--json"});
  return runs;
}

int runSweep(const Arguments &arguments, const std::string &program,
             const std::string &build) {
  for (const std::string &word : arguments)
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp, stdout);
      return finishOutput(kOk);
    }
  auto plan = planSweep(arguments);
  if (!plan)
    return reportError(plan.error());
  Sweep sweep(std::move(*plan), program, build);
  if (Status error = sweep.prepare())
    return reportError(*error);
  auto stopped = sweep.run();
  if (!stopped)
    return reportError(stopped.error());
  if (*stopped) {
    std::fprintf(stderr, "stopped; the same command goes on from %s\n",
                 printable(sweep.logFile()).c_str());
    return *stopped;
  }
  return sweep.finish();
}

} // namespace gradmill::rt
