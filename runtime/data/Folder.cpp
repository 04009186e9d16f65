#include "data/Folder.h"

#include "files/Paths.h"

#include <dirent.h>
#include <set>
#include <strings.h>

namespace gradmill::rt {

static std::set<std::string> namesIn(const std::string &folder) {
  std::set<std::string> names;
  DIR *directory = ::opendir(folder.c_str());
  if (!directory)
    return names;
  while (const dirent *entry = ::readdir(directory))
    if (entry->d_name[0] != '.')
      names.insert(entry->d_name);
  ::closedir(directory);
  return names;
}

std::vector<std::string> filesIn(const std::string &folder,
                                 const std::string &ending) {
  std::vector<std::string> paths;
  for (const std::string &name : namesIn(folder)) {
    std::string path = joinPath(folder, name);
    if (name.size() > ending.size() &&
        strcasecmp(name.c_str() + name.size() - ending.size(),
                   ending.c_str()) == 0 &&
        isRegularFile(path))
      paths.push_back(path);
  }
  return paths;
}

std::vector<std::string> foldersIn(const std::string &folder) {
  std::vector<std::string> folders;
  for (const std::string &name : namesIn(folder))
    if (isDirectory(joinPath(folder, name)))
      folders.push_back(name);
  return folders;
}

} // namespace gradmill::rt
