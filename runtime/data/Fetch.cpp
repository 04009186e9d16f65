#include "data/Fetch.h"

#include "data/Curl.h"
#include "data/Sha256.h"
#include "files/Input.h"
#include "files/Output.h"
#include "files/Paths.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gradmill::rt {
namespace {

// Held while a directory is filled, so that two programs that start together do
// not write into one .part file.
class DirectoryLock {
public:
  explicit DirectoryLock(const std::string &directory)
      : file(::open(joinPath(directory, ".lock").c_str(),
                    O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644)) {
    if (file >= 0)
      while (::flock(file, LOCK_EX) != 0 && errno == EINTR)
        ;
  }
  ~DirectoryLock() {
    if (file >= 0)
      ::close(file);
  }
  bool held() const { return file >= 0; }

private:
  int file;
};

uint64_t sizeOf(const std::string &path) {
  struct stat facts;
  return ::stat(path.c_str(), &facts) == 0 ? uint64_t(facts.st_size) : 0;
}

bool isIntact(const std::string &path, const RemoteFile &wanted) {
  if (sizeOf(path) != wanted.size)
    return false;
  Result<InputFile> file = InputFile::open(path);
  if (!file)
    return false;
  Sha256 hash;
  std::vector<uint8_t> chunk(1 << 16);
  for (;;) {
    Result<size_t> got = file->read(chunk.data(), chunk.size());
    if (!got)
      return false;
    hash.update(chunk.data(), *got);
    if (*got < chunk.size())
      return hash.finish() == wanted.sha256;
  }
}

Error unwritable(const std::string &path, int reason) {
  return fileError(kIo, "fetch_unwritable", path, std::strerror(reason),
                   "check permissions and free space, or choose another cache "
                   "directory with XDG_CACHE_HOME");
}

// One file that is being fetched: the content of its .part, and the progress.
class Download {
public:
  Download(const RemoteFile &wanted, const std::string &directory,
           const FetchOptions &options)
      : wanted(wanted), options(options),
        path(joinPath(directory, wanted.name)), part(path + ".part") {}

  // Error: the whole download must stop. False: this mirror does not help, and
  // `why` says so.
  Result<bool> tryMirror(const std::string &mirror, std::string &why) {
    // Twice: an interrupted transfer is continued once where it stopped, and a
    // part that turns out wrong is fetched again from its beginning.
    for (int attempt = 0; attempt < 2; ++attempt) {
      uint64_t before = sizeOf(part);
      if (before > wanted.size) {
        std::remove(part.c_str());
        before = 0;
      }
      HttpAnswer answer;
      if (before < wanted.size) {
        Result<HttpAnswer> got = transfer(mirror, before);
        if (!got)
          return got.error();
        answer = *got;
      }
      if (sizeOf(part) == wanted.size) {
        if (isIntact(part, wanted))
          return publish();
        why = "the bytes do not have the SHA-256 expected";
        std::remove(part.c_str());
        if (before == 0)
          return false;
        continue;
      }
      why = describe(answer);
      if (answer.status == 416) // our part is no prefix of what is there
        std::remove(part.c_str());
      else if (sizeOf(part) <= before)
        return false; // no byte gained: another mirror may do better
    }
    return false;
  }

private:
  Result<HttpAnswer> transfer(const std::string &mirror, uint64_t from) {
    // Not an OutputFile: the received bytes stay for the next attempt.
    Result<int> opened = openToUpdate(part, from ? O_RDWR : O_RDWR | O_TRUNC);
    if (!opened)
      return Error{kIo, "fetch_unwritable", opened.error().message};
    FILE *file = ::fdopen(*opened, "r+b");
    uint64_t at = from;
    int reason = 0;
    bool placed = false, tooMuch = false, cancelled = false;

    HttpGet get;
    get.url = joinPath(mirror, wanted.name);
    get.from = from;
    get.connectTimeoutMs = options.connectTimeoutMs;
    get.stallSeconds = options.stallSeconds;
    get.body = [&](long status, const uint8_t *bytes, size_t size) {
      if (status != 200 && status != 206)
        return true; // an error page, of no use
      if (!placed) {
        // 200: the server ignored the range and sends the file from its start.
        at = status == 206 ? from : 0;
        placed = true;
        if (::ftruncate(::fileno(file), off_t(at)) != 0 ||
            std::fseek(file, long(at), SEEK_SET) != 0) {
          reason = errno;
          return false;
        }
      }
      tooMuch = size > wanted.size - at;
      if (tooMuch)
        return false;
      if (std::fwrite(bytes, 1, size, file) != size) {
        reason = errno;
        return false;
      }
      at += size;
      return true;
    };
    get.keepGoing = [&] {
      if (!cancelled && options.progress)
        cancelled = !options.progress({wanted.name, mirror, at, wanted.size});
      return !cancelled;
    };
    Result<HttpAnswer> answer = httpGet(get);
    // On disk before the rename: a power cut must not leave a named empty file.
    if (std::fflush(file) != 0 && reason == 0)
      reason = errno;
    ::fsync(::fileno(file));
    std::fclose(file);
    if (sizeOf(part) == 0)
      std::remove(part.c_str());
    if (!answer)
      return answer.error();
    if (reason != 0)
      return unwritable(part, reason);
    if (cancelled)
      return Error{kFailure, "fetch_cancelled",
                   wanted.name + ": the download was stopped; start again to "
                                 "go on where it stopped"};
    if (tooMuch) {
      std::remove(part.c_str());
      answer->failure = "more than " + std::to_string(wanted.size) + " bytes";
    }
    return answer;
  }

  Result<bool> publish() {
    if (std::rename(part.c_str(), path.c_str()) != 0)
      return unwritable(path, errno);
    return true;
  }

  static std::string describe(const HttpAnswer &answer) {
    if (answer.status != 0 && answer.status != 200 && answer.status != 206)
      return "HTTP status " + std::to_string(answer.status);
    return answer.failure.empty() ? "the file is too short" : answer.failure;
  }

  const RemoteFile &wanted;
  const FetchOptions &options;
  std::string path, part;
};

Status fetchOne(const RemoteFile &file, const std::string &directory,
                const FetchOptions &options) {
  if (isIntact(joinPath(directory, file.name), file))
    return ok;
  Download download(file, directory, options);
  std::string reasons;
  for (const std::string &mirror : options.mirrors) {
    std::string why;
    Result<bool> done = download.tryMirror(mirror, why);
    if (!done)
      return done.error();
    if (*done)
      return ok;
    std::string line = joinPath(mirror, file.name) + ": " + why;
    if (options.message)
      options.message(line);
    reasons += "\n  " + line;
  }
  return fileError(kIo, "fetch_failed", file.name,
                   options.mirrors.empty() ? "no mirror to download from"
                                           : "no mirror could give it",
                   "check the network or proxy, or put the files into " +
                       directory + " by hand" + reasons);
}

} // namespace

Status fetchFiles(const std::vector<RemoteFile> &files,
                  const std::string &directory, const FetchOptions &options) {
  if (Status bad = makeDirectories(directory))
    return bad;
  DirectoryLock lock(directory);
  if (!lock.held())
    return unwritable(directory, errno);
  for (const RemoteFile &file : files)
    if (Status bad = fetchOne(file, directory, options))
      return bad;
  return ok;
}

const std::vector<RemoteFile> &mnistFiles() {
  static const std::vector<RemoteFile> files{
      {"train-images-idx3-ubyte.gz",
       "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
       9912422},
      {"train-labels-idx1-ubyte.gz",
       "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
       28881},
      {"t10k-images-idx3-ubyte.gz",
       "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
       1648877},
      {"t10k-labels-idx1-ubyte.gz",
       "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
       4542}};
  return files;
}

std::vector<std::string> mnistMirrors() {
  const char *own = std::getenv("GRADMILL_MNIST_MIRRORS");
  if (!own || !*own)
    return {"https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/"};
  std::vector<std::string> mirrors;
  std::string list = own;
  for (size_t at = 0; at <= list.size();) {
    size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at)
      mirrors.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return mirrors;
}

// A relative path would be another folder for each working directory. The XDG
// specification says to ignore it.
std::string defaultCacheDirectory() {
  auto absolute = [](const char *path) { return path && *path == '/'; };
  const char *cache = std::getenv("XDG_CACHE_HOME");
  if (absolute(cache))
    return joinPath(cache, "gradmill");
  const char *home = std::getenv("HOME");
  return absolute(home) ? joinPath(home, ".cache/gradmill") : "";
}

} // namespace gradmill::rt
