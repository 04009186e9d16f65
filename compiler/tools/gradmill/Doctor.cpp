// gradmill doctor: what this machine has of what the commands need. A check
// does what a command would do, so that "ok" is not a guess.
#include "Backend.h"
#include "compiler/Version.h"
#include "compiler/codegen/Target.h"
#include "compiler/tools/Setup.h"
#include "core/Affinity.h"
#include "data/Fetch.h"
#include "data/Open.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <dlfcn.h>
#include <sys/sysinfo.h>
#include <thread>

using namespace mlir;

namespace gradmill::cli {
namespace {

enum class State { Ok, Note, Missing }; // a note: something works less well

struct Finding {
  const char *what;
  State state;
  std::string text, fix;
};

const char *word(State state) {
  switch (state) {
  case State::Ok:
    return "ok";
  case State::Note:
    return "note";
  case State::Missing:
    return "missing";
  }
  return "";
}

Finding processor() {
  Host host;
  if (llvm::Error error = registerBuiltins(host))
    return {"processor", State::Missing, llvm::toString(std::move(error)),
            "install gradmill again"};
  auto target = resolveTarget("native", host.registry());
  if (!target)
    return {"processor", State::Missing, llvm::toString(target.takeError()),
            "compile for another one with --cpu"};
  size_t all = std::thread::hardware_concurrency();
  size_t usable = rt::allowedProcessors().size();
  std::string text = llvm::formatv("{0}; {1} of {2} cores usable",
                                   target->describe(), usable ? usable : all, all);
  bool narrow = target->shape.vectorBytes < 32 &&
                llvm::Triple(target->triple).isX86();
  return {"processor", narrow ? State::Note : State::Ok, text,
          narrow ? "kernels are tuned for AVX2 and AVX-512; a virtual machine "
                   "may hide them"
                 : ""};
}

Finding memory() {
  struct sysinfo info {};
  if (sysinfo(&info))
    return {"memory", State::Note, "unknown", ""};
  double gib = 1024.0 * 1024 * 1024;
  double total = double(info.totalram) * info.mem_unit / gib;
  return {"memory", State::Ok, llvm::formatv("{0:F1} GiB", total).str(), ""};
}

Finding program(const char *what, ArrayRef<StringRef> names, const char *use,
                const char *fix) {
  for (StringRef name : names)
    if (auto found = llvm::sys::findProgramByName(name))
      return {what, State::Ok, *found, ""};
  return {what, State::Missing, use, fix};
}

// A folder that goes with this object.
class Folder {
public:
  Folder() {
    if (std::error_code error =
            llvm::sys::fs::createUniqueDirectory("gradmill-doctor", path))
      failure = "no temporary folder: " + error.message();
  }
  ~Folder() { llvm::sys::fs::remove_directories(path); }
  std::string file(StringRef name) const {
    llvm::SmallString<128> all(path);
    llvm::sys::path::append(all, name);
    return all.str().str();
  }
  std::string failure;

private:
  llvm::SmallString<128> path;
};

constexpr StringLiteral kNet = "input image: [N, 1, 8, 8]\n"
                               "conv2d(4, 3) | relu\n"
                               "conv2d(2, 6) | flatten | log_softmax\n";

// Compiles a net to an executable and starts it: the code generator, linker,
// runtime, zlib and libpng are all in that.
Finding trainer() {
  Folder folder;
  const char *what = "stand-alone trainer";
  const char *fix = "the message names what to install";
  if (!folder.failure.empty())
    return {what, State::Missing, folder.failure, "set TMPDIR"};
  std::string net = folder.file("doctor.net"), exe = folder.file("doctor");
  std::error_code error;
  llvm::raw_fd_ostream(net, error) << kNet;
  if (error)
    return {what, State::Missing, net + ": " + error.message(), "set TMPDIR"};
  auto start = std::chrono::steady_clock::now();
  CompileCommand command;
  command.graph.graph = net;
  command.graph.batch = 16;
  command.output = exe;
  command.quiet = true;
  if (rt::Status failed = compileGraph(command))
    return {what, State::Missing,
            failed->message.empty() ? "the compiler fails: see above"
                                    : failed->message,
            fix};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(
      exe, {exe, "--help"}, std::nullopt,
      {std::nullopt, StringRef("/dev/null"), std::nullopt}, 30, 0, &message);
  if (status)
    return {what, State::Missing,
            "it compiles, and does not start: " + message, fix};
  double seconds = std::chrono::duration<double>(
                       std::chrono::steady_clock::now() - start)
                       .count();
  return {what, State::Ok,
          llvm::formatv("compiled, linked and started in {0:F1} s", seconds),
          ""};
}

Finding mnist() {
  rt::DataOptions options;
  options.allowDownload = false;
  auto data = rt::openDataset("mnist", options);
  if (data)
    return {"MNIST", State::Ok, data->source, ""};
  bool absent = data.error().code == "data_absent";
  return {"MNIST", State::Note,
          absent ? "not on this machine" : data.error().message,
          absent ? "train downloads it (11 MB), or draws digits; "
                   "GRADMILL_MNIST_DIR names a folder that has it"
                 : ""};
}

Finding downloads() {
  for (const char *name : {"libcurl.so.4", "libcurl-gnutls.so.4"})
    if (void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL)) {
      dlclose(library);
      return {"downloads", State::Ok, name, ""};
    }
  return {"downloads", State::Note, "libcurl was not found",
          "apt install libcurl4 (data on this machine needs none)"};
}

Finding cache() {
  std::string path = rt::defaultCacheDirectory();
  if (path.empty())
    return {"cache", State::Note, "neither XDG_CACHE_HOME nor HOME is set",
            "set one: without it each command compiles anew"};
  CacheUse use = cacheUse();
  if (llvm::sys::fs::create_directories(path) ||
      llvm::sys::fs::access(path, llvm::sys::fs::AccessMode::Write))
    return {"cache", State::Missing, path + " cannot be written",
            "set XDG_CACHE_HOME to another folder"};
  return {"cache", State::Ok,
          llvm::formatv("{0}: {1} compiled models, {2:F1} MiB", path, use.models,
                        double(use.bytes) / (1024 * 1024)),
          ""};
}

llvm::json::Value toJson(ArrayRef<Finding> findings) {
  llvm::json::Array list;
  for (const Finding &f : findings)
    list.push_back(llvm::json::Object{
        {"what", f.what}, {"state", word(f.state)},
        {"text", llvm::json::fixUTF8(f.text)}, {"fix", f.fix}});
  return llvm::json::Object{{"gradmill", GRADMILL_VERSION},
                            {"llvm", LLVM_VERSION_STRING},
                            {"checks", std::move(list)}};
}
} // namespace

int runDoctor(bool json) {
  std::vector<Finding> findings{processor(), memory()};
  findings.push_back(program(
      "linker", {"ld.lld-22", "ld.lld", "ld"},
      "train, eval and predict link what they compile",
      "apt install lld-22 (or binutils)"));
  findings.push_back(program(
      "C++ compiler", {"clang++-22", "clang++", "g++", "c++"},
      "`compile` links executables with one", "apt install clang-22 (or g++)"));
  findings.push_back(trainer());
  findings.push_back(mnist());
  findings.push_back(downloads());
  findings.push_back(cache());
  bool missing = llvm::any_of(findings, [](const Finding &f) {
    return f.state == State::Missing;
  });
  if (json) {
    llvm::outs() << llvm::formatv("{0:2}", toJson(findings)) << "\n";
    return missing;
  }
  llvm::outs() << "Gradmill " GRADMILL_VERSION ", LLVM " LLVM_VERSION_STRING
                  "\n\n";
  for (const Finding &f : findings) {
    llvm::outs() << llvm::left_justify(word(f.state), 9)
                 << llvm::left_justify(f.what, 21) << f.text << "\n";
    if (!f.fix.empty())
      llvm::outs() << std::string(30, ' ') << f.fix << "\n";
  }
  llvm::outs() << "\n"
               << (missing ? "Something is missing: see above."
                           : "All that the commands need is there.")
               << "\n";
  return missing;
}

} // namespace gradmill::cli
