#include "checkpoint/AtomicFile.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gradmill::rt {

static Error writeError(const std::string &path, const std::string &reason) {
  return Error{kIo, "write_failed", path + ": cannot write: " + reason};
}

static std::string reason(int error) {
  std::string text = std::strerror(error);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG)
    text += "; free some space or name a file on another disk";
  return text;
}

// Where the bytes shall end up: renaming over a symbolic link would replace the
// link, not the file that it names.
static std::string resolve(const std::string &path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) ? resolved : path;
}

static std::string directoryOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

static bool writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes.remove_prefix(size_t(written));
  }
  return true;
}

// mkstemp makes private files; give this one what open() would have.
static void applyUmask(int fd) {
  mode_t mask = umask(0);
  umask(mask);
  (void)fchmod(fd, 0666 & ~mask);
}

static Status checkTarget(const std::string &path) {
  if (path.empty())
    return writeError("(empty path)", "no file name");
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return writeError(path, S_ISDIR(info.st_mode) ? "is a directory"
                                                  : "is not a regular file");
  return ok;
}

// The rename is durable once its directory is.
static void syncDirectory(const std::string &directory) {
  int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  (void)fsync(fd);
  close(fd);
}

Status writeFileAtomically(const std::string &path,
                           std::span<const std::string_view> parts) {
  if (Status error = checkTarget(path))
    return error;
  std::string target = resolve(path);
  std::string temporary = target + ".tmp-XXXXXX";
  int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0)
    return writeError(path, reason(errno));
  applyUmask(fd);
  int failure = 0;
  for (std::string_view part : parts)
    if (!failure && !writeAll(fd, part))
      failure = errno;
  if (!failure && fsync(fd) != 0)
    failure = errno;
  if (close(fd) != 0 && !failure)
    failure = errno;
  if (!failure && rename(temporary.c_str(), target.c_str()) != 0)
    failure = errno;
  if (failure) {
    unlink(temporary.c_str());
    return writeError(path, reason(failure));
  }
  syncDirectory(directoryOf(target));
  return ok;
}

Status checkWritable(const std::string &path) {
  if (Status error = checkTarget(path))
    return error;
  std::string temporary = resolve(path) + ".tmp-XXXXXX";
  int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0)
    return writeError(path, reason(errno));
  close(fd);
  unlink(temporary.c_str());
  return ok;
}

} // namespace gradmill::rt
