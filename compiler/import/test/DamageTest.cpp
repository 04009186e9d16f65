// Any bytes give an error or a module that verifies; run under sanitizers,
// nothing else.
#include "GraphTest.h"
#include <chrono>
#include <random>

using namespace mlir;

namespace gradmill {
namespace {

class DamageTest : public GraphTest {
protected:
  // Whether the outcome is one of the two allowed.
  void check(llvm::StringRef bytes, const std::string &what) {
    messages.clear();
    auto module = readGmg(bytes, "x.gmg", context);
    if (module)
      EXPECT_TRUE(succeeded(verify(*module))) << what;
    else
      EXPECT_NE(messages.find("["), std::string::npos)
          << what << ": no message";
  }
};

TEST_F(DamageTest, CutAtEveryByte) {
  std::string bytes = gmg(kGraph);
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string cut =
        bytes.substr(0, size); // of its own, so that a read beyond is seen
    messages.clear();
    check(cut, "cut to " + std::to_string(size));
    if (size < 16)
      EXPECT_HAS(messages, "[gmg_truncated] x.gmg: ");
  }
}

TEST_F(DamageTest, FlippedBits) {
  std::string bytes = gmg(kGraph);
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    for (int flips = 1 + random() % 3; flips > 0; --flips)
      damaged[random() % damaged.size()] ^= 1 << random() % 8;
    check(damaged, "round " + std::to_string(round));
  }
}

TEST_F(DamageTest, OverwrittenNumbers) {
  std::string bytes = gmg(kGraph);
  std::mt19937 random(2);
  const uint32_t interesting[] = {
      0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 64};
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    uint32_t value =
        round % 2 ? interesting[random() % 7] : random() % damaged.size();
    memcpy(&damaged[random() % (damaged.size() / 4) * 4], &value, 4);
    check(damaged, "round " + std::to_string(round));
  }
}

TEST_F(DamageTest, Noise) {
  std::mt19937 random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string noise(random() % 200, '\0');
    for (char &c : noise)
      c = char(random());
    if (noise.size() >= 8 && round % 2)
      noise.replace(4, 4, "GMG1");
    check(noise, "round " + std::to_string(round));
  }
}

TEST_F(DamageTest, JsonWithFlippedBytes) {
  auto module = parse(kGraph);
  std::string text = *writeGraph(*module, ".json");
  std::mt19937 random(4);
  const char letters[] = "{}[]\",:0123456789-.eE\\/tfn'_ ";
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = text;
    for (int flips = 1 + random() % 2; flips > 0; --flips)
      damaged[random() % damaged.size()] =
          letters[random() % (sizeof letters - 1)];
    messages.clear();
    auto result = readJson(damaged, "x.json", context);
    EXPECT_TRUE(result || !messages.empty()) << round;
  }
}

// A few bytes that claim the work of hours: one large array, referred to very
// often.
TEST_F(DamageTest, RepetitionIsBounded) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<int64_t> numbers(1 << 16, 1);
  auto ints = schema::CreateIntsAttr(builder, schema::ElementType::I64,
                                     builder.CreateVector(numbers));
  auto element = schema::CreateAttribute(
      builder, 0, schema::AttributeValue::IntsAttr, ints.Union());
  std::vector<flatbuffers::Offset<schema::Attribute>> many(1 << 18, element);
  auto array = schema::CreateArrayAttr(builder, builder.CreateVector(many));
  auto attribute =
      schema::CreateAttribute(builder, builder.CreateString("a.b"),
                              schema::AttributeValue::ArrayAttr, array.Union());
  auto attributes = builder.CreateVector(&attribute, 1);
  schema::FinishGraphBuffer(builder,
                            schema::CreateGraph(builder, 1, 0, 0, attributes));
  llvm::StringRef bytes(
      reinterpret_cast<const char *>(builder.GetBufferPointer()),
      builder.GetSize());
  auto start = std::chrono::steady_clock::now();
  EXPECT_HAS(refused(bytes), "repeats its data");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

// Arrays that share their elements: 2^30 of them in a few hundred bytes.
TEST_F(DamageTest, SharedTreesAreBounded) {
  flatbuffers::FlatBufferBuilder builder;
  flatbuffers::Offset<schema::Attribute> node =
      schema::CreateAttribute(builder, 0, schema::AttributeValue::UnitAttr,
                              schema::CreateUnitAttr(builder).Union());
  for (int depth = 0; depth < 10; ++depth) {
    std::vector<flatbuffers::Offset<schema::Attribute>> children(8, node);
    auto array =
        schema::CreateArrayAttr(builder, builder.CreateVector(children));
    node = schema::CreateAttribute(builder, builder.CreateString("a"),
                                   schema::AttributeValue::ArrayAttr,
                                   array.Union());
  }
  auto attributes = builder.CreateVector(&node, 1);
  schema::FinishGraphBuffer(builder,
                            schema::CreateGraph(builder, 1, 0, 0, attributes));
  EXPECT_HAS(
      refused({reinterpret_cast<const char *>(builder.GetBufferPointer()),
               builder.GetSize()}),
      "[gmg_corrupt]");
}

} // namespace
} // namespace gradmill
