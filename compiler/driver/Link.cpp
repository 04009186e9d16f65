// From objects to something that loads or runs. This is the only place that
// starts other programs: the linker, and for executables the C++ compiler as
// its driver.
#include "compiler/Error.h"
#include "compiler/driver/Compile.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <deque>
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;

namespace gradmill {
namespace {

// A file in memory, which other programs open by name while this object exists.
// Nothing is left behind, however the program ends.
class MemoryFile {
public:
  explicit MemoryFile(const char *name) : fd(::memfd_create(name, 0)) {}
  MemoryFile(const MemoryFile &) = delete;
  ~MemoryFile() {
    if (fd >= 0)
      ::close(fd);
  }
  // As the child sees it, which inherits the descriptor.
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd); }
  llvm::Error write(StringRef bytes) {
    if (fd >= 0) {
      llvm::raw_fd_ostream os(fd, /*shouldClose=*/false);
      os << bytes;
      os.flush();
      std::error_code error = os.error();
      os.clear_error();
      if (!error)
        return llvm::Error::success();
      errno = error.value();
    }
    return fail("[temporary_file] cannot hand the code to the linker: " +
                llvm::errnoAsErrorCode().message());
  }
  std::string read(size_t most) const {
    std::string text(most, '\0');
    ssize_t got = ::pread(fd, text.data(), text.size(), 0);
    text.resize(got > 0 ? size_t(got) : 0);
    return text;
  }

private:
  int fd;
};

// While this object exists, a signal that ends the program first ends the
// linker, and waits for it. Otherwise the linker would write its output after
// the cleanup. The linker leads a session of its own, so its children get the
// signal too.
class LinkerGuard {
public:
  explicit LinkerGuard(pid_t leader) {
    linker = leader;
    struct sigaction action{};
    action.sa_handler = onSignal;
    for (auto [signal, old] : llvm::zip(signals, previous)) {
      sigaction(signal, nullptr, &old);
      if ((old.sa_flags & SA_SIGINFO) || old.sa_handler != SIG_IGN)
        sigaction(signal, &action, nullptr);
    }
  }
  ~LinkerGuard() {
    for (auto [signal, old] : llvm::zip(signals, previous))
      sigaction(signal, &old, nullptr);
    linker = 0;
  }

private:
  static void onSignal(int signal) {
    ::kill(-linker, SIGTERM);
    timespec moment{0, 5'000'000};
    for (int i = 0; i < 200 && ::kill(-linker, 0) == 0; ++i) {
      ::waitpid(linker, nullptr, WNOHANG);
      ::nanosleep(&moment, nullptr);
    }
    ::kill(-linker, SIGKILL);
    for (unsigned i = 0; i < std::size(signals); ++i)
      if (signals[i] == signal)
        sigaction(signal, &previous[i], nullptr);
    ::raise(signal); // continue with the previous handler
  }

  static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  static struct sigaction previous[std::size(signals)];
  static volatile pid_t linker;
};
struct sigaction LinkerGuard::previous[];
volatile pid_t LinkerGuard::linker = 0;

std::string findProgram(ArrayRef<StringRef> names) {
  for (StringRef name : names)
    if (auto found = llvm::sys::findProgramByName(name))
      return *found;
  return "";
}

// The linker's message, without the stack dump of a crash. lld crashes at a
// limit of file sizes, which is a signal.
std::string reasonOf(StringRef message, StringRef log) {
  StringRef text = log.take_front(
      std::min(log.find("PLEASE submit"), log.find("Stack dump")));
  std::string reason = (message + text).str();
  reason = StringRef(reason).trim().str();
  return reason.empty() ? "it crashed; a limit of memory or of file sizes "
                          "(ulimit -v, -f) does that"
                        : reason;
}

llvm::Error run(const std::string &program, ArrayRef<std::string> arguments) {
  MemoryFile log("gradmill-log");
  if (llvm::Error error = log.write(""))
    return error;
  std::string logPath = log.path();
  SmallVector<StringRef> argv{program};
  for (const std::string &a : arguments)
    argv.push_back(a);
  std::string message;
  bool failed = false;
  llvm::sys::ProcessInfo child = llvm::sys::ExecuteNoWait(
      program, argv, std::nullopt,
      {std::nullopt, StringRef(logPath), StringRef(logPath)}, 0, &message,
      &failed, nullptr, /*DetachProcess=*/true);
  if (!failed) {
    LinkerGuard guard(child.Pid);
    if (llvm::sys::Wait(child, std::nullopt, &message).ReturnCode == 0)
      return llvm::Error::success();
  }
  return fail("[link] " + program +
              " failed: " + reasonOf(message, log.read(2000)));
}

// Runs `PROGRAM before -o PATH OBJECTS after`.
llvm::Error link(ArrayRef<std::string> objects, StringRef path,
                 const std::string &program, std::vector<std::string> before,
                 ArrayRef<std::string> after) {
  before.insert(before.end(), {"-o", path.str()});
  std::deque<MemoryFile> inputs;
  for (const std::string &object : objects) {
    if (llvm::Error error = inputs.emplace_back("gradmill-object").write(object))
      return error;
    before.push_back(inputs.back().path());
  }
  llvm::append_range(before, after);
  return run(program, before);
}

llvm::Expected<std::string> findLinker() {
  std::string linker = findProgram({"ld.lld-22", "ld.lld", "ld"});
  if (linker.empty())
    return fail("[no_linker] no linker was found; install lld-22 or binutils");
  return linker;
}

bool contains(const std::string &dir, StringRef name) {
  return llvm::sys::fs::exists(dir + "/" + name);
}

// The folder of the runtime's libraries: beside this program (for another
// machine in a folder such as aarch64-linux-gnu, see cmake/cross-runtime), or
// installed. A static executable takes the runtime for musl if there is one.
std::string findRuntime(const llvm::Triple &triple, bool isStatic) {
  Dl_info info;
  llvm::SmallString<256> beside;
  if (dladdr(reinterpret_cast<void *>(&findRuntime), &info) && info.dli_fname)
    beside = info.dli_fname;
  llvm::sys::path::remove_filename(beside); // lib/ also holds this library
  std::string lib = beside.str().str();
  std::string cross =
      lib + "/" + llvm::Triple::getArchTypeName(triple.getArch()).str() +
      "-linux-";
  std::vector<std::string> places;
  if (isStatic)
    places.push_back(cross + "musl");
  if (!triple.isMusl())
    places.push_back(isForeign(triple.str()) ? cross + "gnu" : lib);
  if (const char *override = getenv("GRADMILL_RUNTIME_DIR"))
    places = {override};
  for (const std::string &place : places)
    if (contains(place, "libgradmill_trainer.a"))
      return place;
  return "";
}

// The other libraries of an executable.
std::vector<std::string> libraries(const std::string &runtime, bool isStatic) {
  std::vector<std::string> names;
  auto own = [&](StringRef name) {
    names.push_back(runtime + "/" + name.str());
  };
  for (const char *name : {"trainer", "runtime", "data"})
    own("libgradmill_" + std::string(name) + ".a");
  if (isStatic)
    own("libgradmill_static.a");
  if (contains(runtime, "crt1.o")) { // it has a C library of its own: musl
    for (const char *name :
         {"crt1.o", "libpng.a", "libz.a", "libc++.a", "libc++abi.a",
          "libunwind.a", "libc.a", "libzigc.a", "libcompiler_rt.a"})
      if (contains(runtime, name))
        own(name);
    names.insert(names.begin(), {"-static", "-nostdlib", "-Wl,--start-group"});
    // musl's threads have 128 KB of stack unless the program asks for more.
    names.insert(names.end(), {"-Wl,--end-group", "-Wl,--eh-frame-hdr",
                               "-Wl,-z,stack-size=8388608"});
    return names;
  }
  // Without --static as well, link libraries statically if a machine without
  // development packages lacks them.
  if (isStatic)
    names.insert(names.end(), {"-static", "-lpng", "-lz", "-lpthread", "-lm"});
  else
    names.insert(names.end(),
                 {"-static-libstdc++", "-static-libgcc", "-Wl,-Bstatic",
                  "-lpng", "-lz", "-Wl,-Bdynamic", "-lpthread", "-lm", "-ldl"});
#ifdef GRADMILL_SANITIZED_RUNTIME
  names.push_back("-fsanitize=address,undefined"); // like its libraries
#endif
  return names;
}
} // namespace

// Written, not mapped: a full disk is then an error and not a SIGBUS.
static const char *const kWriteOutput = "--no-mmap-output-file";

static llvm::Error linkAs(const char *kind, ArrayRef<std::string> objects,
                          StringRef path) {
  auto linker = findLinker();
  if (!linker)
    return linker.takeError();
  std::vector<std::string> options{kind};
  if (StringRef(*linker).contains("lld"))
    options.push_back(kWriteOutput);
  return link(objects, path, *linker, options, {});
}

llvm::Error linkSharedLibrary(ArrayRef<std::string> objects, StringRef path) {
  return linkAs("-shared", objects, path);
}

llvm::Error linkObject(ArrayRef<std::string> objects, StringRef path) {
  return linkAs("-r", objects, path);
}

// Flags for small executables. lld also folds equal functions, and packs
// relocations in the form that glibc reads since 2.36 (13 KB).
static void shrink(StringRef driver, bool forGlibc,
                   std::vector<std::string> &arguments) {
  for (const char *flag : {"-Wl,--gc-sections", "-s"})
    arguments.push_back(flag);
  std::string lld = findProgram({"ld.lld-22", "ld.lld"});
  if (!lld.empty() && driver.contains("clang"))
    for (const std::string &flag :
         {"--ld-path=" + lld, std::string("-Wl,--icf=all,-O2,") + kWriteOutput})
      arguments.push_back(flag);
  if (!lld.empty() && driver.contains("clang") && forGlibc)
    arguments.push_back("-Wl,-z,pack-relative-relocs");
}

llvm::Error linkExecutable(ArrayRef<std::string> objects, StringRef path,
                           StringRef triple, bool isStatic) {
  std::string driver = findProgram({"clang++-22", "clang++", "g++", "c++"});
  if (driver.empty())
    return fail(
        "[no_linker] an executable needs a C++ compiler to link with; install "
        "clang-22 or g++");
  isStatic = isStatic || llvm::Triple(triple).isMusl();
  std::string runtime = findRuntime(llvm::Triple(triple), isStatic);
  if (runtime.empty() && isForeign(triple))
    return fail(
        "[no_runtime] an executable for " + triple +
        " needs a runtime for it, and libgradmill_trainer.a was not found in "
        "the folder of that name beside the compiler. Either write a library "
        "(-o model.a) and link it on the device, where Gradmill's runtime is "
        "built with cmake -S runtime: c++ -o trainer libgradmill_trainer.a "
        "libgradmill_runtime.a libgradmill_data.a model.a -lpng -lz -lpthread "
        "-lm -ldl; or build the runtime here: for AArch64 "
        "cmake/cross-runtime aarch64-linux-gnu (or -musl) does so; another one "
        "is named by GRADMILL_RUNTIME_DIR (docs/architecture.md, Targets)");
  if (runtime.empty())
    return fail("[no_runtime] libgradmill_trainer.a was not found beside the "
                "compiler; set GRADMILL_RUNTIME_DIR to the folder that holds "
                "it");
  std::vector<std::string> arguments = libraries(runtime, isStatic);
  if (isForeign(triple))
    arguments.push_back(("--target=" + triple).str());
  if (contains(runtime, "sysroot"))
    arguments.push_back("--sysroot=" + runtime + "/sysroot");
  // A static executable relocates nothing.
  shrink(driver, !isStatic && !contains(runtime, "crt1.o"), arguments);
  return link(objects, path, driver, {}, arguments);
}

llvm::Expected<std::string> archiveLibrary(ArrayRef<std::string> objects) {
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
  std::vector<llvm::NewArchiveMember> members;
  for (const std::string &object : objects) {
    buffers.push_back(llvm::MemoryBuffer::getMemBufferCopy(
        object, "model" + std::to_string(buffers.size()) + ".o"));
    members.emplace_back(buffers.back()->getMemBufferRef());
  }
  auto archive = llvm::writeArchiveToBuffer(
      members, llvm::SymtabWritingMode::NormalSymtab,
      llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return (*archive)->getBuffer().str();
}

} // namespace gradmill
