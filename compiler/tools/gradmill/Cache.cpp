// An entry is a shared library, followed by a digest of its bytes and of what
// they were compiled from. It is replaced as a whole, and used only after the
// digest has been compared.
#include "Cache.h"
#include "compiler/driver/Fingerprint.h"
#include "data/Fetch.h"
#include "files/Output.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

constexpr size_t kDigits = 24; // of a digest, in a file's name

// Empty: there is no cache.
std::string entryFolder() {
  llvm::SmallString<256> path(rt::defaultCacheDirectory());
  if (!path.empty())
    llvm::sys::path::append(path, "compiled");
  return path.str().str();
}

std::string entryPath(StringRef name, StringRef digest) {
  llvm::SmallString<256> path(entryFolder());
  if (path.empty())
    return "";
  llvm::sys::path::append(path, name + "-" + digest.take_front(kDigits) + ".so");
  return path.str().str();
}

// A name that entryPath makes: nothing else in the folder is ours to remove.
bool isEntry(StringRef file) {
  auto [name, digest] = file.rsplit('-');
  return digest.consume_back(".so") && digest.size() == kDigits &&
         llvm::all_of(digest, llvm::isHexDigit);
}

struct Entry {
  std::string path;
  uint64_t bytes;
  llvm::sys::TimePoint<> used;
};

std::vector<Entry> entries() {
  std::vector<Entry> list;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(entryFolder(), error, false), end;
       it != end && !error; it.increment(error)) {
    llvm::sys::fs::file_status status;
    if (isEntry(llvm::sys::path::filename(it->path())) &&
        !llvm::sys::fs::status(it->path(), status, /*Follow=*/false) &&
        llvm::sys::fs::is_regular_file(status))
      list.push_back({it->path(), status.getSize(),
                      std::max(status.getLastAccessedTime(),
                               status.getLastModificationTime())});
  }
  return list;
}

std::string sealOf(StringRef digest, StringRef library) {
  return "gradmill cache " + contentDigest((digest + library).str());
}

// Read, not mapped: another process may cut it short meanwhile.
std::unique_ptr<llvm::MemoryBuffer> read(StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false,
                                          /*IsVolatile=*/true);
  return file ? std::move(*file) : nullptr;
}
} // namespace

std::optional<std::string> findCached(StringRef name, StringRef digest) {
  std::string path = entryPath(name, digest);
  std::unique_ptr<llvm::MemoryBuffer> file =
      path.empty() ? nullptr : read(path);
  if (!file)
    return std::nullopt;
  StringRef bytes = file->getBuffer();
  size_t size = sealOf("", "").size();
  if (bytes.size() <= size ||
      bytes.take_back(size) != sealOf(digest, bytes.drop_back(size)))
    return std::nullopt;
  return path;
}

rt::Result<CompiledLibrary> keepInCache(StringRef name, StringRef digest,
                                        CompiledLibrary built) {
  std::string path = entryPath(name, digest);
  if (path.empty())
    return built;
  auto unwritable = [&](StringRef what) {
    return rt::Error{rt::kIo, "cache_unwritable",
                     what.str() + "; set XDG_CACHE_HOME"};
  };
  StringRef folder = llvm::sys::path::parent_path(path);
  if (auto error = llvm::sys::fs::create_directories(folder))
    return unwritable((folder + ": " + error.message()).str());
  std::unique_ptr<llvm::MemoryBuffer> library = read(built.path());
  if (!library)
    return unwritable(built.path() + ": cannot read what was compiled");
  StringRef bytes = library->getBuffer();
  std::string seal = sealOf(digest, bytes);
  if (rt::Status error = rt::writeFile(path, {bytes, seal}))
    return unwritable(error->message);
  return CompiledLibrary(path);
}

CacheUse cacheUse() {
  CacheUse use{entryFolder()};
  for (const Entry &entry : entries()) {
    ++use.models;
    use.bytes += entry.bytes;
  }
  return use;
}

rt::Result<CacheUse> cleanCache(int64_t days) {
  CacheUse removed{entryFolder()};
  auto limit = std::chrono::system_clock::now() - std::chrono::hours(24 * days);
  for (const Entry &entry : entries()) {
    if (entry.used > limit && days > 0)
      continue;
    if (auto error = llvm::sys::fs::remove(entry.path))
      return rt::Error{rt::kIo, "cache_unwritable",
                       entry.path + ": " + error.message()};
    ++removed.models;
    removed.bytes += entry.bytes;
  }
  return removed;
}

} // namespace gradmill::cli
