#include "files/CommandFiles.h"
#include "data/test/Temporary.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace gradmill::rt::test {
namespace {

class Files : public testing::Test {
protected:
  void SetUp() override {
    at.put("graph", {1});
    at.put("other", {2});
    std::filesystem::create_hard_link(at / "graph", at / "hard");
    std::filesystem::create_symlink("graph", at / "soft");
    std::filesystem::create_symlink("later", at / "dangling");
    std::filesystem::create_directory(at / "folder");
    std::filesystem::create_directory_symlink("folder", at / "folder2");
  }
  std::string messageOf(const CommandFiles &files) {
    Status status = files.check();
    if (!status)
      return "";
    EXPECT_EQ(status->code, "same_file");
    EXPECT_EQ(status->exit, kUsage);
    return status->message;
  }
  TemporaryDirectory at;
};

TEST_F(Files, AnInputByAnyName) {
  for (std::string name : {"graph", "./graph", "folder/../graph", "hard",
                           "soft", "folder2/../graph"}) {
    CommandFiles files;
    files.reads("the graph", at / "graph");
    files.writes("-o", at / name);
    EXPECT_EQ(messageOf(files), "-o " + (at / name) +
                                    " would overwrite the graph; name another "
                                    "file");
  }
  CommandFiles files;
  files.reads("the graph", at / "graph");
  files.writes("-o", at / "other");
  files.writes("--header", at / "absent");
  files.writes("--metrics", "");
  EXPECT_EQ(messageOf(files), "");
}

TEST_F(Files, OutputsThatAreNotThereYet) {
  for (auto [one, two] : {std::pair{"new", "./new"},
                          {"folder/new", "folder2/new"},
                          {"dangling", "later"},
                          {"no/folder", "no/folder"}}) {
    CommandFiles files;
    files.writes("-o", at / one);
    files.writes("--header", at / two);
    EXPECT_NE(messageOf(files).find("--header " + (at / two) +
                                    " would overwrite -o"),
              std::string::npos)
        << one;
  }
  CommandFiles files;
  files.writes("-o", at / "new");
  files.writes("--header", at / "folder/new");
  EXPECT_EQ(messageOf(files), "");
}

TEST_F(Files, WhatMayBeReplaced) {
  CommandFiles files;
  files.reads("--resume", at / "graph");
  files.replaces("--checkpoint", at / "graph", "--resume");
  EXPECT_EQ(messageOf(files), "");
  files.writes("--save-weights", at / "hard");
  EXPECT_NE(messageOf(files), "");
}

TEST_F(Files, ThisProgramAndStandardOutput) {
  char self[4096] = "";
  ASSERT_GT(::readlink("/proc/self/exe", self, sizeof self - 1), 0);
  CommandFiles files;
  files.writes("-o", self);
  EXPECT_NE(messageOf(files).find("this program"), std::string::npos);
}

} // namespace
} // namespace gradmill::rt::test
