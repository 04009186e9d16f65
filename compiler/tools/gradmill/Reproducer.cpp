#include "Reproducer.h"
#include "compiler/Version.h"
#include "report/Collect.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace mlir;

namespace gradmill::cli {
namespace {

// Made before the compilation: a signal handler may neither allocate nor print IR.
struct Prepared {
  std::string source, file, header, message;
};
Prepared prepared;
std::atomic<bool> isReady = false;
std::atomic<bool> isCompilersFault = false;

void add(std::string &command, const char *option, const std::string &value) {
  if (!value.empty())
    command += " " + shellWord(option + ("=" + value));
}

void addAll(std::string &command, const char *option,
            const std::vector<std::string> &values) {
  for (const std::string &value : values)
    add(command, option, value);
}

std::string absolute(const std::string &path) {
  llvm::SmallString<256> text(path);
  llvm::sys::fs::make_absolute(text);
  return text.str().str();
}

// The command line of these options, with `file` as the graph.
std::string commandOf(const CompileCommand &c, const std::string &file) {
  const GraphOptions &o = c.graph;
  std::string command = "gradmill compile " + shellWord(file);
  for (const std::string &plugin : o.plugins)
    add(command, "--plugin", absolute(plugin));
  addAll(command, "--set", o.settings);
  if (o.batch)
    add(command, "--batch", std::to_string(*o.batch));
  add(command, "--cpu", o.cpu == "native" ? "" : o.cpu);
  add(command, "--target", c.triple);
  add(command, "--function", o.entry == "main" ? "" : o.entry);
  addAll(command, "--loss", o.losses);
  addAll(command, "--metric", o.metrics);
  add(command, "--optimizer", o.optimizer);
  addAll(command, "--group", o.groups);
  addAll(command, "--transform", o.transforms);
  addAll(command, "--pass", o.passes);
  add(command, "--clip-norm", o.clipNorm);
  add(command, "--clip-value", o.clipValue);
  if (o.accumulate)
    add(command, "--accumulate", std::to_string(o.accumulate));
  if (o.ema != 0)
    add(command, "--ema", llvm::formatv("{0}", o.ema).str());
  add(command, "--gradients", o.gradients);
  if (o.maxMemory)
    add(command, "--max-memory", std::to_string(o.maxMemory));
  for (auto [flag, option] :
       {std::pair(o.allowBytecode, "--allow-bytecode"), {!o.fuse, "--no-fuse"},
        {!o.merge, "--no-merge"}, {o.clocks, "--kernel-clocks"},
        {o.exactConv, "--exact-conv"}, {o.uncheckedLoss, "--unchecked-loss"},
        {!o.train, "--infer"}})
    if (flag)
      command += std::string(" ") + option;
  if (o.single)
    return command + " --cached";
  auto emit = parseEmit(c.emit);
  if (emit && *emit < Emit::Object)
    return command + " --emit=" + c.emit + " -o -";
  return command + " --emit=obj -o " + shellWord(file + ".o");
}

std::string pipelineOf(const CompileOptions &options, const Registry &registry) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  PassManager pm(&context, ModuleOp::getOperationName());
  buildPipeline(pm, options.pipeline, registry, Stage::Graph, Stage::LLVM);
  std::string text;
  llvm::raw_string_ostream stream(text);
  pm.printAsTextualPipeline(stream);
  return text;
}

// In the working folder, or where temporary files go.
std::string fileName(const std::string &graph) {
  std::string name = "gradmill-failure-" + std::to_string(getpid()) +
                     llvm::sys::path::extension(graph).str();
  if (access(".", W_OK) == 0)
    return name;
  llvm::SmallString<128> folder;
  llvm::sys::path::system_temp_directory(/*erasedOnReboot=*/false, folder);
  llvm::sys::path::append(folder, name);
  return folder.str().str();
}

bool put(int file, const char *text, size_t size) {
  while (size > 0) {
    ssize_t written = ::write(file, text, size);
    if (written <= 0)
      return false;
    text += written;
    size -= size_t(written);
  }
  return true;
}

bool copyInto(int file) {
  int source = ::open(prepared.source.c_str(), O_RDONLY | O_CLOEXEC);
  if (source < 0)
    return false;
  static char buffer[1 << 16];
  ssize_t count;
  bool good = true;
  while (good && (count = ::read(source, buffer, sizeof buffer)) > 0)
    good = put(file, buffer, size_t(count));
  ::close(source);
  return good && count == 0;
}

struct sigaction before[NSIG];

void onCrash(int signal) {
  // The handler before cleans up, and ends the program.
  sigaction(signal, &before[signal], nullptr);
  writeReproducer();
  std::raise(signal);
}
} // namespace

void noteFault(StringRef code) {
  if (code == "internal" || code == "codegen" || code == "silent_failure" ||
      code.starts_with("stage_"))
    isCompilersFault = true;
}

Reproducer::Reproducer(const CompileCommand &command,
                       const CompileOptions &options, const Registry &registry) {
  const std::string &graph = command.graph.graph;
  isCompilersFault = false;
  if (graph == "-") // it is read already
    return;
  prepared.source = graph;
  prepared.file = fileName(graph);
  std::string again = commandOf(command, prepared.file);
  prepared.message =
      "gradmill: note: wrote " + prepared.file + ", which shows the failure; run it again:\n  " +
      again + "\n";
  bool isText = StringRef(graph).ends_with(".net") || StringRef(graph).ends_with(".mlir");
  prepared.header.clear();
  if (isText)
    prepared.header = "// Gradmill " GRADMILL_VERSION ", LLVM " LLVM_VERSION_STRING
                      ", failed to compile this graph.\n// Run it again: " +
                      again + "\n// Pipeline: " + pipelineOf(options, registry) + "\n";
  isReady = true;
}

Reproducer::~Reproducer() { isReady = false; }

rt::Error Reproducer::failed(rt::Error error) {
  noteFault(error.code);
  if (isCompilersFault)
    writeReproducer();
  return error;
}

void writeReproducer() {
  if (!isReady.exchange(false))
    return;
  int file = ::open(prepared.file.c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0)
    return;
  bool good = put(file, prepared.header.data(), prepared.header.size()) &&
              copyInto(file);
  if (::close(file) != 0 || !good) {
    ::unlink(prepared.file.c_str());
    return;
  }
  put(2, prepared.message.data(), prepared.message.size());
}

void reproduceCrashes() {
  struct sigaction action = {};
  action.sa_handler = onCrash;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    // A sanitizer keeps its handlers.
    if (sigaction(signal, nullptr, &before[signal]) == 0 &&
        !(before[signal].sa_flags & SA_SIGINFO))
      sigaction(signal, &action, nullptr);
  }
}

} // namespace gradmill::cli
