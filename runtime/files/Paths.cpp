#include "files/Paths.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace gradmill::rt {

Error fileError(ExitCode exit, std::string code, const std::string &path,
                const std::string &cause, const std::string &fix) {
  return {exit, std::move(code), path + ": " + cause + "; " + fix};
}

// Not std::filesystem: its paths bring the locales of libstdc++, 0.4 MB of a
// stand-alone executable.
Status makeDirectories(const std::string &path) {
  int reason = 0;
  for (size_t end = 1; end <= path.size(); ++end)
    if (end == path.size() || path[end] == '/')
      if (::mkdir(path.substr(0, end).c_str(), 0777) != 0)
        reason = errno;
  if (!isDirectory(path))
    return fileError(kIo, "directory_unwritable", path,
                     reason && reason != EEXIST ? std::strerror(reason)
                                                : "is not a directory",
                     "name a directory that can be made and written");
  return ok;
}

bool isRegularFile(const std::string &path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

bool isDirectory(const std::string &path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string joinPath(const std::string &directory, const std::string &name) {
  if (directory.empty() || directory.back() == '/')
    return directory + name;
  return directory + "/" + name;
}

std::string folderOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
}

std::string followLinks(const std::string &path) {
  constexpr int most = 40; // as the kernel
  std::string at = path;
  for (int i = 0; i < most; ++i) {
    char link[PATH_MAX];
    ssize_t size = ::readlink(at.c_str(), link, sizeof link);
    if (size <= 0) // no link, or nothing there
      return at;
    std::string next(link, size_t(size));
    at = next[0] == '/' ? next : folderOf(at) + next;
  }
  return {};
}

} // namespace gradmill::rt
