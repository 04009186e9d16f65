#include "data/Validation.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace gradmill::rt {

// Samples 0, 1, 2, ..., each with its class. A sample's number is its value.
static DatasetSplit numbered(const std::vector<uint8_t> &labels,
                             int64_t classes) {
  DatasetSplit data;
  data.source = "numbers";
  data.train.name = "numbers/train";
  data.train.samples = labels.size();
  Column number{"x", DType::I32, {}};
  number.values = Pixels::allocate(4 * labels.size());
  for (size_t i = 0; i < labels.size(); ++i)
    reinterpret_cast<int32_t *>(number.values.data())[i] = int32_t(i);
  Column label{"label", DType::U8, {}, true, classes};
  label.values = Pixels(labels);
  data.train.columns = {number, label};
  return data;
}

static std::vector<int32_t> numbers(const Dataset &data) {
  auto *values =
      reinterpret_cast<const int32_t *>(data.columns[0].values.data());
  return {values, values + data.samples};
}

static std::vector<int64_t> perClass(const Dataset &data, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes));
  for (uint64_t i = 0; i < data.samples; ++i)
    ++counts[data.columns[1].values[i]];
  return counts;
}

static std::vector<uint8_t> cyclic(size_t count, size_t classes) {
  std::vector<uint8_t> labels;
  for (size_t i = 0; i < count; ++i)
    labels.push_back(uint8_t(i % classes));
  return labels;
}

TEST(Validation, PartsAreDisjointCompleteAndInOrder) {
  DatasetSplit data = numbered(cyclic(100, 5), 5);
  ASSERT_FALSE(holdOutValidation(data, {0.2, 1}));
  EXPECT_EQ(data.validation.samples, 20u);
  EXPECT_EQ(data.train.samples, 80u);
  std::vector<int32_t> held = numbers(data.validation), left = numbers(data.train);
  EXPECT_TRUE(std::is_sorted(held.begin(), held.end()));
  EXPECT_TRUE(std::is_sorted(left.begin(), left.end()));
  std::vector<int32_t> all;
  std::merge(held.begin(), held.end(), left.begin(), left.end(),
             std::back_inserter(all));
  for (int32_t i = 0; i < 100; ++i)
    EXPECT_EQ(all[size_t(i)], i);
  // The label went along.
  for (size_t i = 0; i < held.size(); ++i)
    EXPECT_EQ(data.validation.columns[1].values[i], held[i] % 5);
}

TEST(Validation, EachClassInItsProportion) {
  std::vector<uint8_t> labels(90, 0);
  labels.resize(120, 1); // 90 and 30
  DatasetSplit data = numbered(labels, 2);
  ASSERT_FALSE(holdOutValidation(data, {40, 7}));
  EXPECT_EQ(perClass(data.validation, 2), (std::vector<int64_t>{30, 10}));
  // 7 of 3 equal classes: the first has the one that is left over.
  data = numbered(cyclic(30, 3), 3);
  ASSERT_FALSE(holdOutValidation(data, {7, 7}));
  EXPECT_EQ(perClass(data.validation, 3), (std::vector<int64_t>{3, 2, 2}));
}

TEST(Validation, DependsOnTheSeedAndNothingElse) {
  auto held = [](double amount, uint64_t seed) {
    DatasetSplit data = numbered(cyclic(100, 4), 4);
    EXPECT_FALSE(holdOutValidation(data, {amount, seed}));
    return numbers(data.validation);
  };
  EXPECT_EQ(held(0.2, 1), held(20, 1));
  EXPECT_NE(held(0.2, 1), held(0.2, 2));
  // A larger set holds the smaller one.
  std::vector<int32_t> small = held(20, 1), large = held(40, 1);
  EXPECT_TRUE(std::includes(large.begin(), large.end(), small.begin(),
                            small.end()));
}

TEST(Validation, NumbersAreDrawnWithoutClasses) {
  DatasetSplit data = numbered(cyclic(50, 50), 0);
  ASSERT_FALSE(holdOutValidation(data, {0.1, 1}));
  EXPECT_EQ(data.validation.samples, 5u);
}

TEST(Validation, SomethingMustBeLeft) {
  for (double amount : {100.0, 500.0, 0.001, 0.999}) {
    DatasetSplit data = numbered(cyclic(100, 5), 5);
    Status error = holdOutValidation(data, {amount, 1});
    ASSERT_TRUE(error) << amount;
    EXPECT_EQ(error->code, "val_split");
    EXPECT_EQ(data.train.samples, 100u);
  }
  DatasetSplit data = numbered(cyclic(100, 5), 5);
  ASSERT_FALSE(holdOutValidation(data, {})); // nothing asked for
  EXPECT_EQ(data.validation.samples, 0u);
}

} // namespace gradmill::rt
