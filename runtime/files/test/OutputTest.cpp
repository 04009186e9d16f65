#include "files/Output.h"
#include "data/test/Temporary.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gradmill::rt::test {
namespace {

std::string textOf(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

unsigned modeOf(const std::string &path) {
  struct stat info{};
  ::stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

// Everything in the folder, also what is hidden.
std::vector<std::string> namesIn(const std::string &folder) {
  std::vector<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}
using Names = std::vector<std::string>;

// The exit status of a process that does this, or 1000 and its signal.
template <typename Body> int inChild(Body body) {
  pid_t child = ::fork();
  if (child == 0)
    ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

class Output : public testing::Test {
protected:
  TemporaryDirectory at;
};

TEST_F(Output, AppearsWholeOrNotAtAll) {
  {
    auto file = OutputFile::create(at / "a");
    ASSERT_TRUE(bool(file));
    EXPECT_FALSE(file->write("half"));
    EXPECT_FALSE(std::filesystem::exists(at / "a"));
  }
  EXPECT_EQ(namesIn(at.path), Names{});
  ASSERT_FALSE(writeFile(at / "a", {"on", "e"}));
  EXPECT_EQ(textOf(at / "a"), "one");
  EXPECT_EQ(namesIn(at.path), Names{"a"});
}

TEST_F(Output, OfAnotherProgram) {
  auto file = OutputFile::create(at / "a");
  ASSERT_TRUE(bool(file));
  // As linkers do: a new file under that name.
  std::filesystem::remove(file->temporary());
  std::ofstream(file->temporary()) << "linked";
  ASSERT_FALSE(file->commit(/*executable=*/true));
  EXPECT_EQ(textOf(at / "a"), "linked");
  EXPECT_TRUE(modeOf(at / "a") & 0100);
  EXPECT_EQ(namesIn(at.path), Names{"a"});
}

TEST_F(Output, ReplacesOnlyRegularFiles) {
  ASSERT_EQ(::mkfifo((at / "pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(at / "folder");
  int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{AF_UNIX, ""};
  std::string name = at / "socket";
  ASSERT_LT(name.size(), sizeof address.sun_path);
  name.copy(address.sun_path, name.size());
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr *>(&address),
                   sizeof address),
            0);
  std::filesystem::create_symlink("pipe", at / "link");
  Names before = namesIn(at.path);
  for (std::string path :
       {at / "pipe", at / "folder", at / "socket", at / "link", at / "folder/",
        at / "absent/", at / "absent/a", std::string("/dev/null"),
        std::string("/dev/full"), std::string("/proc/gradmill"),
        std::string()}) {
    Status status = writeFile(path, {"x"});
    ASSERT_TRUE(bool(status)) << path;
    EXPECT_EQ(status->code, "write_failed");
    EXPECT_EQ(status->exit, kIo);
    EXPECT_TRUE(bool(checkWritable(path))) << path;
  }
  for (std::string path : {at / "pipe", at / "folder", at / "socket",
                           at / "link", std::string("/dev/full")})
    EXPECT_FALSE(bool(openToUpdate(path, O_WRONLY | O_APPEND))) << path;
  EXPECT_FALSE(checkWritable(at / "new"));
  EXPECT_EQ(namesIn(at.path), before);
  ::close(socket);
}

TEST_F(Output, WritesThroughLinksAndKeepsThem) {
  std::filesystem::create_directory(at / "b");
  std::ofstream(at / "b/real") << "old";
  std::filesystem::create_symlink("b/real", at / "one");
  std::filesystem::create_symlink("one", at / "two");
  std::filesystem::create_symlink("b/later", at / "dangling");
  std::filesystem::create_symlink("circle", at / "circle");
  ASSERT_FALSE(writeFile(at / "two", {"new"}));
  EXPECT_EQ(textOf(at / "b/real"), "new");
  ASSERT_FALSE(writeFile(at / "dangling", {"new"}));
  EXPECT_EQ(textOf(at / "b/later"), "new");
  EXPECT_TRUE(bool(writeFile(at / "circle", {"new"})));
  for (const char *link : {"one", "two", "dangling", "circle"})
    EXPECT_TRUE(std::filesystem::is_symlink(at / link)) << link;
}

TEST_F(Output, KeepsPermissions) {
  mode_t mask = ::umask(027);
  ASSERT_FALSE(writeFile(at / "new", {"x"}));
  EXPECT_EQ(modeOf(at / "new"), 0640u);
  for (unsigned mode : {0600u, 0664u, 0755u}) {
    ::chmod((at / "new").c_str(), mode);
    ASSERT_FALSE(writeFile(at / "new", {"x"}));
    EXPECT_EQ(modeOf(at / "new"), mode);
  }
  ::umask(mask);
}

TEST_F(Output, LongNames) {
  std::string longest(255, 'n');
  EXPECT_FALSE(writeFile(at / longest, {"x"}));
  EXPECT_TRUE(bool(writeFile(at / (longest + "n"), {"x"})));
  EXPECT_EQ(namesIn(at.path), Names{longest});
}

// A full disk, as far as write() can tell.
TEST_F(Output, FailuresKeepTheOldFile) {
  ASSERT_FALSE(writeFile(at / "a", {"old"}));
  EXPECT_EQ(inChild([&] {
              cleanUpOnSignals(); // SIGXFSZ is no death
              rlimit limit{100, 100};
              ::setrlimit(RLIMIT_FSIZE, &limit);
              Status status = writeFile(at / "a", {std::string(1000, 'x')});
              return status && status->exit == kIo &&
                             status->message.find("ulimit") != std::string::npos
                         ? 0
                         : 1;
            }),
            0);
  EXPECT_EQ(textOf(at / "a"), "old");
  EXPECT_EQ(namesIn(at.path), Names{"a"});
}

TEST_F(Output, SignalsRemoveWhatIsUnfinished) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGABRT, SIGSEGV}) {
    int status = inChild([&] {
      rlimit none{0, 0};
      ::setrlimit(RLIMIT_CORE, &none);
      cleanUpOnSignals();
      auto done = writeFile(at / "done", {"x"});
      auto file = OutputFile::create(at / "a"), other = OutputFile::create(at / "b");
      (void)file->write("half");
      ::kill(::getpid(), signal);
      return 0;
    });
    // AddressSanitizer ends with a report and a status of its own.
    EXPECT_NE(status, 0);
    if (signal != SIGSEGV) {
      EXPECT_EQ(status, 1000 + signal);
      EXPECT_EQ(namesIn(at.path), Names{"done"}) << signal;
    }
    for (const std::string &name : namesIn(at.path))
      std::filesystem::remove(at / name);
  }
}

TEST_F(Output, MoreFilesThanSlots) {
  std::vector<OutputFile> files;
  for (int i = 0; i < 40; ++i) {
    auto file = OutputFile::create(at / std::to_string(i));
    ASSERT_TRUE(bool(file));
    (void)file->write("x");
    files.push_back(std::move(*file));
  }
  for (OutputFile &file : files)
    EXPECT_FALSE(file.commit());
  files.clear();
  EXPECT_EQ(namesIn(at.path).size(), 40u);
}

} // namespace
} // namespace gradmill::rt::test
