#include "Cache.h"
#include "compiler/Version.h"
#include "data/Fetch.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"
#include <dlfcn.h>

using namespace mlir;

namespace gradmill::cli {
namespace {

// A file's identity without reading it.
std::string stamp(const std::string &path) {
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(path, status))
    return path;
  return path + ":" + std::to_string(status.getSize()) + ":" +
         std::to_string(
             status.getLastModificationTime().time_since_epoch().count());
}

std::string compilerStamp() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void *>(&compile), &info) && info.dli_fname)
    return stamp(info.dli_fname) +
           stamp((llvm::sys::path::parent_path(info.dli_fname) +
                  "/libGradmillFamilies.so")
                     .str());
  return "";
}
} // namespace

rt::Result<std::string>
cachedArtifact(const std::string &cacheDir, ModuleOp module,
               const CompileOptions &options, const Target &target,
               const std::vector<std::string> &plugins) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(
      os, OpPrintingFlags().enableDebugInfo(false).elideLargeElementsAttrs(-1));
  const PipelineOptions &p = options.pipeline;
  os << "\n"
     << options.name << "|" << p.batch << "|" << p.entry << "|" << p.loss << "|"
     << p.optimizer << "|" << p.train << p.infer << p.fuse << p.mergeTasks
     << p.clocks << p.single << p.exactConv << "|" << p.maxMemory << "|"
     << target.cpu << "|" << target.features << "|" << GRADMILL_VERSION << "|"
     << compilerStamp();
  for (const std::string &plugin : plugins)
    os << "|" << stamp(plugin);
  auto digest = llvm::SHA256::hash(llvm::ArrayRef(
      reinterpret_cast<const uint8_t *>(text.data()), text.size()));
  llvm::SmallString<256> path(cacheDir.empty() ? rt::defaultCacheDirectory()
                                               : cacheDir);
  llvm::sys::path::append(path, "compiled");
  if (auto error = llvm::sys::fs::create_directories(path))
    return rt::Error{rt::kIo, "cache_unwritable",
                     path.str().str() + ": " + error.message() +
                         "; set XDG_CACHE_HOME"};
  llvm::sys::path::append(path, options.name + "-" +
                                    llvm::toHex(digest, true).substr(0, 24) +
                                    ".so");
  return path.str().str();
}

} // namespace gradmill::cli
