#include "files/CommandFiles.h"

#include "files/Paths.h"

#include <climits>
#include <cstdlib>
#include <sys/stat.h>

namespace gradmill::rt {
namespace {

// What two names of one file share: its inode or, for a file that does not
// exist yet, its future place.
struct Identity {
  dev_t device = 0;
  ino_t inode = 0;
  std::string place;

  bool operator==(const Identity &) const = default;
};

Identity identityOf(const std::string &path) {
  Identity identity;
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) {
    identity.device = info.st_dev;
    identity.inode = info.st_ino;
    return identity;
  }
  std::string target = followLinks(path), folder = folderOf(target);
  char real[PATH_MAX];
  identity.place = ::realpath(folder.c_str(), real)
                       ? joinPath(real, target.substr(target.rfind('/') + 1))
                       : target;
  return identity;
}

} // namespace

void CommandFiles::reads(const std::string &what, const std::string &path) {
  if (!path.empty())
    files.push_back({what, path, false, {}});
}

void CommandFiles::writes(const std::string &what, const std::string &path) {
  replaces(what, path, {});
}

void CommandFiles::replaces(const std::string &what, const std::string &path,
                            const std::string &input) {
  if (!path.empty())
    files.push_back({what, path, true, input});
}

Status CommandFiles::check() const {
  std::vector<File> all = files;
  all.push_back({"this program", "/proc/self/exe", false, {}});
  // A pipe or a terminal is refused as such, when it is opened.
  all.push_back({"standard output", "/proc/self/fd/1", false, {}});
  std::vector<Identity> identities;
  for (const File &file : all)
    identities.push_back(identityOf(file.path));
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = 0; j < all.size(); ++j) {
      const File &file = all[i], &other = all[j];
      // Of two outputs the later one is reported.
      if (!file.output || i == j || (other.output && i < j) ||
          !(identities[i] == identities[j]) || file.input == other.what)
        continue;
      return Error{kUsage, "same_file",
                   file.what + " " + file.path + " would overwrite " +
                       other.what +
                       (other.path == file.path || !other.output
                            ? ""
                            : " " + other.path) +
                       "; name another file"};
    }
  return ok;
}

} // namespace gradmill::rt
