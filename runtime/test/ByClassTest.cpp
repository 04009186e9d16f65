#include "report/Table.h"
#include "test/Testing.h"
#include "train/ByClass.h"

#include <cmath>

namespace gradmill::rt {

static PortSpec port(const char *name, PortRole role, DType dtype,
                     std::vector<int64_t> shape) {
  PortSpec spec;
  spec.name = name, spec.role = role, spec.dtype = dtype;
  spec.shape = shape;
  for (int64_t extent : shape)
    spec.elements *= uint64_t(extent);
  return spec;
}

// Three classes: 0 is found twice of three times, 1 is taken for 2, 2 is right.
TEST(ByClass, Counts) {
  PortSpec output = port("output", PortRole::Prediction, DType::F32, {3});
  PortSpec label = port("label", PortRole::Target, DType::I32, {});
  label.classes = 3;
  ByClass one({&output, &label});
  const float scores[] = {3, 1, 0, 3, 1, 0, 0, 1, 0, 0, 0, 5, 0, 0, 5, 9, 9, 9};
  const int32_t labels[] = {0, 0, 0, 1, 2, 1};
  PortValues values = {{&output, scores}, {&label, labels}};
  one.see(10, 5, values); // the sixth is padding
  EXPECT_EQ(one.count(0, 0), 2);
  EXPECT_EQ(one.count(0, 1), 1);
  EXPECT_EQ(one.count(1, 2), 1);
  EXPECT_EQ(one.count(1, 1), 0);
  ClassScores zero = one.scores(0), two = one.scores(2);
  EXPECT_EQ(zero.samples, 3);
  EXPECT_DOUBLE_EQ(zero.recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(zero.precision(), 1);
  EXPECT_DOUBLE_EQ(zero.f1(), 0.8);
  EXPECT_EQ(zero.rival, 1);
  EXPECT_DOUBLE_EQ(two.recall(), 1);
  EXPECT_DOUBLE_EQ(two.precision(), 0.5);
  EXPECT_DOUBLE_EQ(one.balancedAccuracy(), (2.0 / 3 + 0 + 1) / 3);
  ASSERT_EQ(one.mistakes().size(), 2u);
  EXPECT_EQ(one.mistakes()[0].sample, 12u);
  EXPECT_EQ(one.mistakes()[1].sample, 13u);
  EXPECT_EQ(one.mistakes()[1].guess, 2);
  EXPECT_NEAR(one.mistakes()[1].confidence,
              std::exp(5) / (std::exp(5) + 2), 1e-9);
}

// A class for each pixel, [C, 2]; label 9 does not count.
TEST(ByClass, PixelsAndIgnoredLabels) {
  PortSpec output = port("mask", PortRole::Prediction, DType::F32, {2, 2});
  PortSpec label = port("mask_label", PortRole::Target, DType::I32, {2});
  label.classes = 2;
  label.ignore = 9;
  ByClass one({&output, &label});
  const float scores[] = {1, 0, 0, 1, 1, 0, 0, 1};
  const int32_t labels[] = {0, 0, 9, 1};
  one.see(0, 2, {{&output, scores}, {&label, labels}});
  EXPECT_EQ(one.count(0, 0), 1);
  EXPECT_EQ(one.count(0, 1), 1);
  EXPECT_EQ(one.count(1, 1), 1);
  EXPECT_EQ(one.scores(1).samples, 1);
  EXPECT_TRUE(one.mistakes().empty()); // which sample, nobody can say
}

static Result<std::vector<ClassPair>> pairsOf(std::vector<PortSpec> ports) {
  static Manifest manifest;
  manifest = Manifest();
  manifest.name = "net";
  manifest.ports = std::move(ports);
  return classPairs(manifest);
}

TEST(ByClass, FindsTheOutputOfATarget) {
  PortSpec a = port("kind", PortRole::Prediction, DType::F32, {3});
  PortSpec b = port("place", PortRole::Prediction, DType::F32, {3});
  PortSpec target = port("place_label", PortRole::Target, DType::I32, {});
  target.classes = 3;
  auto pairs = pairsOf({a, b, target});
  ASSERT_TRUE(bool(pairs));
  EXPECT_EQ(pairs->at(0).prediction->name, "place");
  target.name = "which";
  pairs = pairsOf({a, b, target});
  ASSERT_FALSE(bool(pairs));
  EXPECT_EQ(pairs.error().code, "no_classes");
  pairs = pairsOf({a, target});
  ASSERT_TRUE(bool(pairs));
  target.classes = 0;
  EXPECT_FALSE(bool(pairsOf({a, target})));
}

TEST(Table, ColumnsAreAsWideAsWhatIsInThem) {
  EXPECT_EQ(tableText({{"class", "n", "why"}, {"käse", "12", "-"}, {"b", "3"}},
                      {0, 2}),
            "class   n  why\nkäse   12  -\nb       3\n");
}

} // namespace gradmill::rt
