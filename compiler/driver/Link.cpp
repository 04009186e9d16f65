// From an object to something that loads or runs: the only place that starts
// other programs (the linker, and for executables the C++ compiler as its
// driver).
#include "compiler/Error.h"
#include "compiler/driver/Compile.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <deque>
#include <dlfcn.h>

using namespace mlir;

namespace gradmill {
namespace {

// A file beside `path` that is renamed to it on success and gone otherwise.
class PendingFile {
public:
  explicit PendingFile(StringRef path) : path(path) {}
  ~PendingFile() {
    if (!temporary.empty())
      llvm::sys::fs::remove(temporary);
  }
  llvm::Error create() {
    if (auto error =
            llvm::sys::fs::createUniqueFile(path + ".%%%%%%.tmp", temporary))
      return fail("[output_unwritable] " + path + ": " + error.message());
    return llvm::Error::success();
  }
  StringRef name() const { return temporary; }
  llvm::Error commit(bool executable) {
    if (executable)
      llvm::sys::fs::setPermissions(temporary, llvm::sys::fs::perms(0755));
    if (auto error = llvm::sys::fs::rename(temporary, path))
      return fail("[output_unwritable] " + path + ": " + error.message());
    temporary.clear();
    return llvm::Error::success();
  }

private:
  StringRef path;
  llvm::SmallString<128> temporary;
};

// The object in a temporary file, removed at the end.
class ObjectFile {
public:
  llvm::Error write(StringRef bytes) {
    int fd;
    if (auto error =
            llvm::sys::fs::createTemporaryFile("gradmill", "o", fd, path))
      return fail("[temporary_file] " + error.message());
    remover.emplace(path);
    llvm::raw_fd_ostream os(fd, true);
    os << bytes;
    os.close();
    if (os.has_error()) {
      auto error = os.error();
      os.clear_error();
      return fail("[temporary_file] " + path.str() + ": " + error.message());
    }
    return llvm::Error::success();
  }
  llvm::SmallString<128> path;

private:
  std::optional<llvm::FileRemover> remover;
};

std::string findProgram(ArrayRef<StringRef> names) {
  for (StringRef name : names)
    if (auto found = llvm::sys::findProgramByName(name))
      return *found;
  return "";
}

llvm::Error run(const std::string &program, ArrayRef<std::string> arguments) {
  llvm::SmallString<128> log;
  if (auto error = llvm::sys::fs::createTemporaryFile("gradmill", "log", log))
    return fail("[temporary_file] " + error.message());
  llvm::FileRemover remover(log);
  SmallVector<StringRef> argv{program};
  for (const std::string &a : arguments)
    argv.push_back(a);
  std::string message;
  int status = llvm::sys::ExecuteAndWait(
      program, argv, std::nullopt,
      {std::nullopt, StringRef(log), StringRef(log)}, 0, 0, &message);
  if (status == 0)
    return llvm::Error::success();
  std::string output = message;
  if (auto text = llvm::MemoryBuffer::getFile(log))
    output += (*text)->getBuffer().take_front(2000).str();
  return fail("[link] " + program + " failed: " + StringRef(output).trim());
}

// Runs `PROGRAM before -o OUTPUT OBJECTS after`; `path` appears only if that
// worked.
llvm::Error link(ArrayRef<std::string> objects, StringRef path,
                 const std::string &program, std::vector<std::string> before,
                 ArrayRef<std::string> after, bool executable = true) {
  PendingFile output(path);
  if (llvm::Error error = output.create())
    return error;
  before.insert(before.end(), {"-o", output.name().str()});
  std::deque<ObjectFile> inputs;
  for (const std::string &object : objects) {
    if (llvm::Error error = inputs.emplace_back().write(object))
      return error;
    before.push_back(inputs.back().path.str().str());
  }
  llvm::append_range(before, after);
  if (llvm::Error error = run(program, before))
    return error;
  return output.commit(executable);
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

// Where the runtime's libraries are: beside this program (for anything but this
// machine in a folder as aarch64-linux-gnu, see cmake/cross-runtime), or
// installed. A static executable takes the runtime for musl if there is one.
std::string findRuntime(const llvm::Triple &triple, bool isStatic) {
  Dl_info info;
  llvm::SmallString<256> beside;
  if (dladdr(reinterpret_cast<void *>(&findRuntime), &info) && info.dli_fname)
    beside = info.dli_fname;
  llvm::sys::path::remove_filename(beside); // lib/ holds this library, too
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

// Everything else that an executable is linked with.
std::vector<std::string> libraries(const std::string &runtime, bool isStatic) {
  std::vector<std::string> names;
  auto own = [&](StringRef name) {
    names.push_back(runtime + "/" + name.str());
  };
  for (const char *name : {"trainer", "runtime", "data"})
    own("libgradmill_" + std::string(name) + ".a");
  if (isStatic)
    own("libgradmill_static.a");
  if (contains(runtime, "crt1.o")) { // with a C library of its own: musl
    for (const char *name :
         {"crt1.o", "libpng.a", "libz.a", "libc++.a", "libc++abi.a",
          "libunwind.a", "libc.a", "libzigc.a", "libcompiler_rt.a"})
      if (contains(runtime, name))
        own(name);
    names.insert(names.begin(), {"-static", "-nostdlib", "-Wl,--start-group"});
    // musl's threads have 128 KB of stack unless the program says so.
    names.insert(names.end(), {"-Wl,--end-group", "-Wl,--eh-frame-hdr",
                               "-Wl,-z,stack-size=8388608"});
    return names;
  }
  // Without --static, too, what a machine without development packages lacks
  // goes in.
  if (isStatic)
    names.insert(names.end(), {"-static", "-lpng", "-lz", "-lpthread", "-lm"});
  else
    names.insert(names.end(),
                 {"-static-libstdc++", "-static-libgcc", "-Wl,-Bstatic",
                  "-lpng", "-lz", "-Wl,-Bdynamic", "-lpthread", "-lm", "-ldl"});
#ifdef GRADMILL_SANITIZED_RUNTIME
  names.push_back("-fsanitize=address,undefined"); // as its libraries were
#endif
  return names;
}
} // namespace

llvm::Error linkSharedLibrary(ArrayRef<std::string> objects, StringRef path) {
  auto linker = findLinker();
  if (!linker)
    return linker.takeError();
  return link(objects, path, *linker, {"-shared"}, {});
}

llvm::Error linkObject(ArrayRef<std::string> objects, StringRef path) {
  auto linker = findLinker();
  if (!linker)
    return linker.takeError();
  return link(objects, path, *linker, {"-r"}, {}, /*executable=*/false);
}

// The flags that make small executables; lld folds equal functions, too.
static void shrink(StringRef driver, std::vector<std::string> &arguments) {
  for (const char *flag : {"-Wl,--gc-sections", "-s"})
    arguments.push_back(flag);
  std::string lld = findProgram({"ld.lld-22", "ld.lld"});
  if (!lld.empty() && driver.contains("clang"))
    for (const std::string &flag :
         {"--ld-path=" + lld, std::string("-Wl,--icf=all,-O2")})
      arguments.push_back(flag);
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
  shrink(driver, arguments);
  return link(objects, path, driver, {}, arguments);
}

llvm::Error archiveLibrary(ArrayRef<std::string> objects, StringRef path) {
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
  std::vector<llvm::NewArchiveMember> members;
  for (const std::string &object : objects) {
    buffers.push_back(llvm::MemoryBuffer::getMemBufferCopy(
        object, "model" + std::to_string(buffers.size()) + ".o"));
    members.emplace_back(buffers.back()->getMemBufferRef());
  }
  PendingFile output(path);
  if (llvm::Error error = output.create())
    return error;
  if (llvm::Error error = llvm::writeArchive(
          output.name(), members, llvm::SymtabWritingMode::NormalSymtab,
          llvm::object::Archive::K_GNU, true, false))
    return error;
  return output.commit(false);
}

} // namespace gradmill
