// Formats by name and content, and files that cannot be read or written.
#include "GraphTest.h"
#include "llvm/Support/MemoryBuffer.h"
#include <sys/resource.h>
#include <unistd.h>

using namespace mlir;

namespace gradmill {
namespace {

class FileTest : public GraphTest {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("gradmill-file", folder));
  }
  void TearDown() override {
    llvm::sys::fs::setPermissions(folder, llvm::sys::fs::all_all);
    llvm::sys::fs::remove_directories(folder);
  }
  std::string path(llvm::StringRef name) { return (folder + "/" + name).str(); }
  void put(llvm::StringRef name, llvm::StringRef text) {
    std::error_code code;
    llvm::raw_fd_ostream(path(name), code) << text;
  }
  std::string get(llvm::StringRef name) {
    auto buffer = llvm::MemoryBuffer::getFile(path(name));
    return buffer ? (*buffer)->getBuffer().str() : "";
  }
  size_t filesInFolder() {
    std::error_code code;
    size_t count = 0;
    for (llvm::sys::fs::directory_iterator it(folder, code), end; it != end;
         it.increment(code))
      ++count;
    return count;
  }
  std::string refusedFile(llvm::StringRef name) {
    messages.clear();
    EXPECT_FALSE(importGraph(path(name), context));
    return messages;
  }
  llvm::SmallString<128> folder;
};

TEST_F(FileTest, EveryFormatRoundTrips) {
  auto module = parse(kPlainGraph);
  std::string want = *writeGraph(*module, ".gmg");
  ImportOptions options;
  options.allowBytecode = true;
  for (const char *name : {"a.mlir", "a.mlirbc", "a.gmg", "a.json"}) {
    ASSERT_TRUE(succeeded(exportGraph(*module, path(name)))) << messages;
    MLIRContext other(context.getDialectRegistry());
    other.loadAllAvailableDialects();
    other.allowUnregisteredDialects();
    auto again = importGraph(path(name), other, options);
    ASSERT_TRUE(again) << name;
    EXPECT_EQ(*writeGraph(*again, ".gmg", {}), want) << name;
  }
  EXPECT_EQ(filesInFolder(), 4u);
}

TEST_F(FileTest, TheNameSaysTheFormat) {
  auto module = parse(kPlainGraph);
  for (llvm::StringRef format : {".mlir", ".mlirbc", ".gmg", ".json"})
    for (const char *name : {"a.mlir", "a.mlirbc", "a.gmg", "a.json", "a.bin"})
      if (!llvm::StringRef(name).ends_with(format)) {
        ASSERT_TRUE(succeeded(exportGraph(*module, path(name), format)));
        EXPECT_NE(refusedFile(name), "") << name;
        if (format != ".mlir") // which any text may be
          EXPECT_HAS(messages, "[graph_format]");
      }
}

TEST_F(FileTest, BytecodeOnlyForWhoAsks) {
  auto module = parse(kPlainGraph);
  ASSERT_TRUE(succeeded(exportGraph(*module, path("a.mlirbc"))));
  EXPECT_HAS(refusedFile("a.mlirbc"), "[graph_bytecode]");
  EXPECT_HAS(messages, "--allow-bytecode");
  put("b.mlirbc", "func.func @f() { return }");
  ImportOptions options;
  options.allowBytecode = true;
  messages.clear();
  EXPECT_FALSE(importGraph(path("b.mlirbc"), context, options));
  EXPECT_HAS(messages, "[graph_format]");
}

TEST_F(FileTest, WhatCannotBeRead) {
  EXPECT_HAS(refusedFile("missing.gmg"), "[graph_io]");
  EXPECT_HAS(refusedFile("."), "[graph_io]");
  put("a.txt", "hello");
  EXPECT_HAS(refusedFile("a.txt"), "[graph_format]");
  EXPECT_HAS(
      messages,
      ".mlir (MLIR text), .mlirbc (MLIR bytecode), .gmg (FlatBuffers), .json");
  put("empty.gmg", "");
  EXPECT_HAS(refusedFile("empty.gmg"), "[gmg_truncated]");
  put("text.gmg", "func.func @f() { return }");
  EXPECT_HAS(refusedFile("text.gmg"), "identifier GMG1 is missing");
  put("bad.mlir", "func.func @f( {");
  EXPECT_HAS(refusedFile("bad.mlir"), "bad.mlir\":1:14");
}

TEST_F(FileTest, WhatCannotBeWritten) {
  auto module = parse(kGraph);
  auto fails = [&](const std::string &target) {
    messages.clear();
    EXPECT_TRUE(failed(exportGraph(*module, target)));
    return messages;
  };
  EXPECT_HAS(fails(path("a.bin")), "[graph_format]");
  EXPECT_HAS(fails(path("no/such/a.gmg")), "[graph_io]");
  put("dir.gmg.x", "");
  ASSERT_FALSE(llvm::sys::fs::create_directory(path("dir.gmg")));
  EXPECT_HAS(fails(path("dir.gmg")), "[graph_io]");
  EXPECT_EQ(filesInFolder(), 2u);
}

// A graph that has no form in the file leaves the old file as it was.
TEST_F(FileTest, AFailureKeepsTheOldFile) {
  put("a.gmg", "old");
  auto module = parse("func.func @f(%a: i32) {\n return\n}");
  EXPECT_TRUE(failed(exportGraph(*module, path("a.gmg"))));
  EXPECT_EQ(get("a.gmg"), "old");

  // A full disk: no file may grow beyond 16 bytes.
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 16;
  signal(SIGXFSZ, SIG_IGN);
  module = parse(kGraph);
  setrlimit(RLIMIT_FSIZE, &small);
  bool written = succeeded(exportGraph(*module, path("a.gmg")));
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(written);
  EXPECT_HAS(messages, "[graph_io]");
  EXPECT_EQ(get("a.gmg"), "old");
  EXPECT_EQ(filesInFolder(), 1u);
}

TEST_F(FileTest, ALinkIsFollowed) {
  put("real.gmg", "old");
  ASSERT_FALSE(llvm::sys::fs::create_link("real.gmg", path("link.gmg")));
  auto module = parse(kGraph);
  ASSERT_TRUE(succeeded(exportGraph(*module, path("link.gmg")))) << messages;
  EXPECT_TRUE(llvm::sys::fs::is_symlink_file(path("link.gmg")));
  EXPECT_NE(get("real.gmg"), "old");
}

} // namespace
} // namespace gradmill
