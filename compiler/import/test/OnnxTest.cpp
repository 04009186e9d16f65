// Damaged ONNX models: any bytes give an error with a label, or a graph that
// verifies. The models are those of test/onnx/Inputs.
#include "GraphTest.h"
#include "compiler/import/CheckGraph.h"
#include "compiler/import/onnx/ReadOnnx.h"
#include "nn/Registry.h"
#include "nn/families/Families.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <random>

using namespace mlir;

namespace gradmill {
namespace {

class OnnxTest : public GraphTest {
protected:
  OnnxTest() {
    std::vector<std::string> modules;
    registerBuiltinFamilies(registry, modules);
    context.appendDialectRegistry(dialects);
    std::error_code code;
    for (llvm::sys::fs::directory_iterator it(GRADMILL_ONNX_MODELS, code), end;
         it != end && !code; it.increment(code))
      if (llvm::sys::path::extension(it->path()) == ".onnx")
        paths.push_back(it->path());
    llvm::sort(paths);
  }

  static std::string bytesOf(const std::string &path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : "";
  }

  // Whether the outcome is one of the two allowed; true for a graph.
  bool check(const std::string &bytes, const std::string &what) {
    messages.clear();
    auto module = readOnnx(bytes, "x.onnx", context);
    if (module) {
      EXPECT_TRUE(succeeded(verify(*module))) << what;
      return succeeded(checkGraph(*module)) || messages.find("[") != std::string::npos;
    }
    EXPECT_NE(messages.find("["), std::string::npos) << what << ": no message";
    return false;
  }

  std::vector<std::string> paths;
};

TEST_F(OnnxTest, ModelsAreThere) {
  unsigned good = 0;
  for (const std::string &path : paths)
    good += check(bytesOf(path), path);
  EXPECT_GT(good, 15u);
  EXPECT_GT(paths.size(), good + 15);
}

TEST_F(OnnxTest, CutOff) {
  for (const std::string &path : paths) {
    std::string bytes = bytesOf(path);
    size_t step = std::max<size_t>(1, bytes.size() / 60);
    for (size_t size = 0; size < bytes.size(); size += step)
      check(std::string(bytes.data(), size), path + " cut to " + std::to_string(size));
  }
}

TEST_F(OnnxTest, FlippedBits) {
  std::mt19937 random(1);
  for (const std::string &path : paths) {
    std::string bytes = bytesOf(path);
    for (int round = 0; round < 150; ++round) {
      std::string damaged = bytes;
      for (int flips = 1 + random() % 3; flips > 0; --flips)
        damaged[random() % damaged.size()] ^= 1 << random() % 8;
      check(damaged, path + " round " + std::to_string(round));
    }
  }
}

// Numbers and lengths are varints: bytes that make them large, or end them.
TEST_F(OnnxTest, OverwrittenBytes) {
  std::mt19937 random(2);
  const uint8_t interesting[] = {0, 1, 2, 7, 8, 0x7f, 0x80, 0xff};
  for (const std::string &path : paths) {
    std::string bytes = bytesOf(path);
    for (int round = 0; round < 150; ++round) {
      std::string damaged = bytes;
      size_t at = random() % damaged.size(), count = 1 + random() % 4;
      for (size_t i = at; i < std::min(at + count, damaged.size()); ++i)
        damaged[i] = interesting[random() % 8];
      check(damaged, path + " round " + std::to_string(round));
    }
  }
}

// Pieces of one model in another, at places where fields begin by chance.
TEST_F(OnnxTest, MixedModels) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string a = bytesOf(paths[random() % paths.size()]), b = bytesOf(paths[random() % paths.size()]);
    size_t from = random() % b.size(), size = random() % (b.size() - from), to = random() % a.size();
    check(a.substr(0, to) + b.substr(from, size) + a.substr(to), "round " + std::to_string(round));
  }
}

// Two bytes of a file for an object in memory.
TEST_F(OnnxTest, EmptyNodesAreBounded) {
  std::string nodes;
  for (int i = 0; i < 5'000'000; ++i)
    nodes += std::string("\x0a\x00", 2);
  std::string length;
  for (size_t size = nodes.size(); size > 0; size >>= 7)
    length += char((size & 127) | (size > 127 ? 128 : 0));
  check("\x08\x08\x3a" + length + nodes, "empty nodes");
  EXPECT_HAS(messages, "[onnx_file] x.onnx: the model has more than 4000000 nodes");
}

} // namespace
} // namespace gradmill
