// The text of a net: any bytes give a module that verifies or an error with a
// label, and what is written back is read as the same.
#include "GraphTest.h"
#include "compiler/import/CheckGraph.h"
#include "compiler/import/MlirErrors.h"
#include "compiler/import/net/ReadNet.h"
#include <chrono>
#include <random>

using namespace mlir;

namespace gradmill {
namespace {

// Of the shell's ops alone, and all that the text can say.
constexpr const char *kNet = R"net(// A net.
let n = 2
let scale = 0.5 * n + 1e-3
input x: [N, 4] mean=0.5 std=[1, 2, 3.5, 4] name="data"
default weighted_sum(weights=[1, -0.25])
block twice(w=[2], count = n) { before: it
  repeat count weighted_sum(weights=w) | it + before }
inline block bias(i): it + b{i}: parameter([4], init=scale)
twice | deep.er: twice(count=1) | (bias(1)) + it
  | bias(n)
table: parameter([size(it, -1), 2], init="kaiming_normal", fan_in=2) | broadcast(shape=[4, 2])
y: weighted_sum(deep.er, deep.er)
z: ({ deep.er | broadcast([0, 4]) } + constant([1, 2, 3, 4]))
again: (y + z) | "odd name": parameter([2], init=[1, 2.5], role="buffer")
output z, other: again share=false
loss z, target: [N, 4] ignore=-1 { weighted_sum(z, target) | weighted_sum(weights=1)
  output loss: it, share: it share=true }
)net";

class NetTextTest : public GraphTest {
protected:
  OwningOpRef<ModuleOp> read(llvm::StringRef text) {
    messages.clear();
    GraphErrors errors(context, "");
    return readNet(text, "x.net", context);
  }
  std::string refusedNet(llvm::StringRef text) {
    EXPECT_FALSE(read(text)) << text.str();
    return messages;
  }
  void check(llvm::StringRef text, const std::string &what) {
    auto module = read(text);
    if (module)
      EXPECT_TRUE(succeeded(verify(*module))) << what;
    else
      EXPECT_NE(messages.find("["), std::string::npos) << what << "\n"
                                                       << text.str();
  }
};

TEST_F(NetTextTest, RoundTrip) {
  auto module = read(kNet);
  ASSERT_TRUE(module) << messages;
  ASSERT_TRUE(succeeded(verify(*module)));
  ASSERT_TRUE(succeeded(checkGraph(*module))) << messages;
  auto text = writeGraph(*module, ".net");
  ASSERT_TRUE(text) << messages;
  auto again = read(*text);
  ASSERT_TRUE(again) << *text << messages;
  ExportOptions options;
  options.locations = false;
  auto twice = writeGraph(*again, ".net");
  ASSERT_TRUE(twice) << messages;
  EXPECT_EQ(*text, *twice);
  EXPECT_EQ(*writeGraph(*module, ".gmg", options),
            *writeGraph(*again, ".gmg", options));
}

TEST_F(NetTextTest, CutAtEveryByte) {
  llvm::StringRef text = kNet;
  for (size_t size = 0; size < text.size(); ++size) {
    std::string cut = text.take_front(size).str();
    check(cut, "cut to " + std::to_string(size));
  }
}

TEST_F(NetTextTest, DamagedLetters) {
  std::mt19937 random(5);
  const char letters[] = "{}[]()|\",:=+-*/%.0123456789eNit\n _xw\\\t#\xff";
  std::string text = kNet;
  for (int round = 0; round < 6000; ++round) {
    std::string damaged = text;
    for (int flips = 1 + random() % 3; flips > 0; --flips)
      damaged[random() % damaged.size()] =
          letters[random() % (sizeof letters - 1)];
    check(damaged, "round " + std::to_string(round));
  }
}

// Words and lines that change places, are doubled, or go.
TEST_F(NetTextTest, DamagedWords) {
  std::mt19937 random(6);
  SmallVector<llvm::StringRef> words;
  llvm::StringRef text = kNet;
  while (!text.empty()) {
    auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
    size_t length = std::max<size_t>(1, text.take_while(isWord).size());
    words.push_back(text.take_front(length));
    text = text.drop_front(length);
  }
  for (int round = 0; round < 6000; ++round) {
    SmallVector<llvm::StringRef> changed(words);
    for (int changes = 1 + random() % 3; changes > 0; --changes) {
      size_t at = random() % changed.size(), from = random() % words.size();
      if (random() % 3 == 0)
        changed.erase(changed.begin() + at);
      else if (random() % 2)
        changed[at] = words[from];
      else
        changed.insert(changed.begin() + at, words[from]);
    }
    check(llvm::join(changed, ""), "round " + std::to_string(round));
  }
}

TEST_F(NetTextTest, WorkIsBounded) {
  auto repeated = [](llvm::StringRef part, unsigned count) {
    std::string text;
    for (unsigned i = 0; i < count; ++i)
      text += part;
    return text;
  };
  std::string input = "input x: [N, 4]\n";
  auto start = std::chrono::steady_clock::now();
  for (const char *open : {"(", "{", "[", "-", "x: (", "repeat 2 ", "add(x, -"})
    EXPECT_HAS(refusedNet(input + repeated(open, 100000)), "[net_")
        << open;
  EXPECT_HAS(refusedNet(input + "let a = " + repeated("1+", 100000) + "1"),
             "[net_limit]");
  EXPECT_HAS(refusedNet(input + repeated("it + ", 100000) + "it"),
             "[net_limit]");
  EXPECT_HAS(refusedNet(input + "repeat 1000000000 it"), "[net_limit]");
  EXPECT_HAS(refusedNet(input + "repeat 99999 repeat 99999 it"), "[net_limit]");
  EXPECT_HAS(refusedNet(input + "repeat 0 - 9000000000000000000 it"), "[");
  std::string doubling = input + "block b0 { it }\n";
  for (int i = 1; i < 60; ++i)
    doubling += "block b" + std::to_string(i) + " { b" + std::to_string(i - 1) +
                " | b" + std::to_string(i - 1) + " }\n";
  EXPECT_HAS(refusedNet(doubling + "b59"), "[net_limit]");
  std::string deep = input + "block b0 { it }\n";
  for (int i = 1; i < 2000; ++i)
    deep += "block b" + std::to_string(i) + ": b" + std::to_string(i - 1) + "\n";
  EXPECT_HAS(refusedNet(deep + "b1999"), "[net_limit]");
  EXPECT_HAS(refusedNet(input + repeated("a", 17 << 20)), "[net_limit]");
  EXPECT_HAS(refusedNet("input x: [N, 99999999999999]"), "[net_");
  EXPECT_HAS(refusedNet("input x: [N" + repeated(", 1", 40) + "]"), "[net_");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST_F(NetTextTest, Settings) {
  ImportOptions options;
  options.settings = {{"n", "3"}, {"scale", "0.25"}};
  auto module = readNet(kNet, "x.net", context, options);
  ASSERT_TRUE(module) << messages;
  EXPECT_HAS(print(*module), "init = 2.500000e-01");
  options.settings = {{"scales", "1"}};
  messages.clear();
  EXPECT_FALSE(readNet(kNet, "x.net", context, options));
  EXPECT_HAS(messages, "[net_set]");
  for (const char *bad : {"", "[", "x", "true", "[1]", "\"a\"", "1 2", "1/0"}) {
    options.settings = {{"scale", bad}};
    messages.clear();
    EXPECT_FALSE(readNet(kNet, "x.net", context, options)) << bad;
    EXPECT_HAS(messages, "[net_") << bad;
  }
}

} // namespace
} // namespace gradmill
