// A directory for one test, removed with everything in it.
#pragma once

#include "files/Paths.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace gradmill::rt::test {

class TemporaryDirectory {
public:
  TemporaryDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "gradmill-XXXXXX").string();
    path = ::mkdtemp(pattern.data()) ? pattern : ".";
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (path != ".")
      std::filesystem::remove_all(path, ignored);
  }
  std::string operator/(const std::string &name) const {
    return joinPath(path, name);
  }
  // Writes a file and returns its path.
  std::string put(const std::string &name,
                  const std::vector<uint8_t> &bytes) const {
    std::string file = joinPath(path, name);
    std::filesystem::create_directories(
        std::filesystem::path(file).parent_path());
    // Not writeFile, which waits for the disk.
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char *>(bytes.data()),
               std::streamsize(bytes.size()));
    return file;
  }

  std::string putText(const std::string &name, const std::string &text) const {
    return put(name, {text.begin(), text.end()});
  }

  std::string path;
};

// Sets an environment variable (null: unsets it) and puts the old value back.
class ScopedVariable {
public:
  ScopedVariable(const char *name, const char *value) : name(name) {
    const char *before = std::getenv(name);
    had = before != nullptr;
    old = before ? before : "";
    set(value);
  }
  ~ScopedVariable() { set(had ? old.c_str() : nullptr); }

private:
  void set(const char *value) {
    if (value)
      ::setenv(name.c_str(), value, 1);
    else
      ::unsetenv(name.c_str());
  }
  std::string name, old;
  bool had;
};

} // namespace gradmill::rt::test
