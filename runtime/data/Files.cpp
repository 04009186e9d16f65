#include "data/Files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace gradmill::rt {

Error fileError(ExitCode exit, std::string code, const std::string &path,
                const std::string &cause, const std::string &fix) {
  return {exit, std::move(code), path + ": " + cause + "; " + fix};
}

Result<std::vector<uint8_t>> readFile(const std::string &path, uint64_t limit) {
  FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return fileError(kIo, "file_unreadable", path, std::strerror(errno),
                     "check the path and its permissions");
  // Grows with what is really there: a size from stat() means nothing for a
  // pipe, and a file may change under us.
  std::vector<uint8_t> bytes;
  constexpr size_t step = 1 << 16;
  size_t used = 0, got = 0;
  do {
    bytes.resize(used + step);
    got = std::fread(bytes.data() + used, 1, step, file);
    used += got;
  } while (got == step && used <= limit);
  bool failed = std::ferror(file);
  int reason = errno;
  std::fclose(file);
  if (failed)
    return fileError(kIo, "file_unreadable", path, std::strerror(reason),
                     "check that it is a readable file");
  if (used > limit)
    return fileError(kBadInput, "file_too_large", path,
                     "more than " + std::to_string(limit) + " bytes",
                     "give a smaller file");
  bytes.resize(used);
  return bytes;
}

Status writeFileAtomically(const std::string &path, const void *bytes,
                           size_t size) {
  // The process id keeps two writers of one file apart.
  std::string temporary = path + ".tmp" + std::to_string(::getpid());
  FILE *file = std::fopen(temporary.c_str(), "wb");
  bool good = file && std::fwrite(bytes, 1, size, file) == size;
  int reason = errno;
  if (file && std::fclose(file) != 0 && good) {
    reason = errno;
    good = false;
  }
  if (good && std::rename(temporary.c_str(), path.c_str()) != 0) {
    reason = errno;
    good = false;
  }
  if (good)
    return ok;
  if (file)
    std::remove(temporary.c_str());
  return fileError(kIo, "file_unwritable", path, std::strerror(reason),
                   "check the directory, its permissions and free space");
}

// Not std::filesystem: its paths bring the locales of libstdc++ along, 0.4 MB
// of a stand-alone executable.
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

} // namespace gradmill::rt
