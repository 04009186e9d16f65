#include "files/Output.h"

#include "files/Paths.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gradmill::rt {
namespace {

Error writeError(const std::string &path, const std::string &reason) {
  return Error{kIo, "write_failed", path + ": cannot write: " + reason};
}

std::string reasonOf(int error) {
  std::string text = std::strerror(error);
  switch (error) {
  case ENOSPC:
  case EDQUOT:
    return text + "; free some space or name a file on another disk";
  case EFBIG:
    return text + "; raise the limit of file sizes (ulimit -f)";
  case EACCES:
  case EPERM:
  case EROFS:
    return text + "; the file, if it is there, and its folder must be writable";
  case ENOENT:
    return text + "; make its folder first";
  }
  return text;
}

std::string kindOf(mode_t mode) {
  if (S_ISDIR(mode))
    return "is a directory";
  return std::string(S_ISFIFO(mode)   ? "is a pipe"
                     : S_ISSOCK(mode) ? "is a socket"
                                      : "is a device") +
         "; name a regular file";
}

// Hidden, and short whatever the target's name is. The process and the time
// make it unique.
std::string temporaryIn(const std::string &folder) {
  static std::atomic<unsigned> count{0};
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  char name[64];
  std::snprintf(name, sizeof name, ".gradmill-tmp-%lx-%x-%llx",
                (unsigned long)::getpid(), count++,
                (unsigned long long)now.tv_sec * 1000000000ull +
                    (unsigned long long)now.tv_nsec);
  return folder + name;
}

bool writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes.remove_prefix(size_t(written));
  }
  return true;
}

// The rename is durable once its folder is.
void syncFolder(const std::string &folder) {
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  (void)::fsync(fd);
  ::close(fd);
}

} // namespace

int OutputFile::Descriptor::close() {
  int open = fd;
  fd = -1;
  return open < 0 || ::close(open) == 0 ? 0 : errno;
}

OutputFile::Descriptor::~Descriptor() { (void)close(); }

OutputFile::~OutputFile() = default;

Error OutputFile::failed(int reason) const {
  return writeError(path, reasonOf(reason));
}

Result<OutputFile> OutputFile::create(const std::string &path) {
  if (path.empty())
    return writeError("(empty path)", "no file name");
  OutputFile out;
  out.path = path;
  out.target = followLinks(path);
  struct stat old, led;
  bool exists = ::stat(path.c_str(), &old) == 0;
  if (!exists && errno != ENOENT)
    return out.failed(errno);
  if (exists && !S_ISREG(old.st_mode))
    return writeError(path, kindOf(old.st_mode));
  if (exists) {
    // Links of /proc lead to files that have no name any more.
    if (::stat(out.target.c_str(), &led) != 0 || led.st_dev != old.st_dev ||
        led.st_ino != old.st_ino)
      return writeError(path, "the file that it leads to has no name");
    // A rename would replace a file that its owner has made read-only.
    if (::access(out.target.c_str(), W_OK) != 0)
      return out.failed(errno);
    out.mode = old.st_mode & 0777;
    out.owner = old.st_uid;
    out.group = old.st_gid;
  } else if (out.target.back() == '/') {
    return out.failed(EISDIR);
  }
  out.content =
      std::make_unique<UnfinishedFile>(temporaryIn(folderOf(out.target)));
  // Nobody may read more of it than of the old file.
  out.file.fd = ::open(out.temporary().c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                       exists ? 0600 : 0666);
  if (out.file.fd < 0)
    return out.failed(errno);
  return out;
}

Status OutputFile::write(std::string_view bytes) {
  written = true;
  return writeAll(file.fd, bytes) ? ok : Status(failed(errno));
}

Status OutputFile::commit(bool executable) {
  // Another program may have put a new file there.
  if (!written) {
    (void)file.close();
    file.fd = ::open(temporary().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  }
  struct stat now;
  if (file.fd < 0 || ::fstat(file.fd, &now) != 0)
    return failed(errno);
  unsigned wanted = mode ? mode : now.st_mode & 0777;
  if (executable)
    wanted |= (wanted & 0444) >> 2;
  // Only root may give a file to another user. For others it is theirs already,
  // or becomes theirs.
  if (mode && (now.st_uid != owner || now.st_gid != group))
    (void)!::fchown(file.fd, owner, group);
  // Some file systems have no permissions (vfat), some cannot sync.
  (void)!::fchmod(file.fd, wanted);
  if (::fsync(file.fd) != 0 && errno != EINVAL)
    return failed(errno);
  if (int reason = file.close())
    return failed(reason);
  if (::rename(temporary().c_str(), target.c_str()) != 0)
    return failed(errno);
  content->keep();
  syncFolder(folderOf(target));
  return ok;
}

Status writeFile(const std::string &path,
                 std::initializer_list<std::string_view> parts) {
  Result<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.error();
  for (std::string_view part : parts)
    if (Status error = file->write(part))
      return error;
  return file->commit();
}

Status checkWritable(const std::string &path) {
  Result<OutputFile> file = OutputFile::create(path);
  return file ? ok : Status(file.error());
}

Result<int> openToUpdate(const std::string &path, int flags) {
  // O_NONBLOCK: a FIFO without a reader must not hang.
  int fd = ::open(path.c_str(),
                  flags | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  struct stat info{};
  if (fd < 0 && errno != ENXIO)
    return writeError(path, reasonOf(errno));
  if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    if (fd >= 0)
      ::close(fd);
    return writeError(path, fd < 0 ? "is a pipe; name a regular file"
                                   : kindOf(info.st_mode));
  }
  return fd;
}

} // namespace gradmill::rt
