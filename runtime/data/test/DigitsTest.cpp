#include "data/Digits.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

namespace gradmill::rt {
namespace {

constexpr int kPixels = kDigitSide * kDigitSide;

const Pixels &imagesOf(const Dataset &data) { return data.columns[0].values; }
const Pixels &labelsOf(const Dataset &data) { return data.columns[1].values; }

// Softmax regression, the best a linear model can do, by plain SGD with
// momentum; returns its best test accuracy over the epochs.
class LinearModel {
public:
  double train(const DatasetSplit &data, int epochs) {
    double best = 0;
    for (int epoch = 0; epoch < epochs; ++epoch) {
      float rate = epoch < epochs * 2 / 3 ? 0.05f : 0.01f;
      for (size_t i = 0; i + kBatch <= data.train.size(); i += kBatch)
        step(data.train, i, rate);
      best = std::max(best, accuracy(data.test));
    }
    return best;
  }

private:
  static constexpr size_t kBatch = 100;
  using Weights = std::array<std::array<float, kPixels + 1>, 10>;

  std::array<float, 10> scores(const float *x) const {
    std::array<float, 10> z;
    for (size_t c = 0; c < 10; ++c) {
      float sums[8] = {}; // several chains, so that it vectorizes
      for (int i = 0; i < kPixels; i += 8)
        for (int k = 0; k < 8; ++k)
          sums[k] += weights[c][i + k] * x[i + k];
      z[c] = weights[c][kPixels];
      for (float s : sums)
        z[c] += s;
    }
    return z;
  }

  static std::array<float, kPixels> pixels(const Dataset &data, size_t i) {
    std::array<float, kPixels> x;
    for (int k = 0; k < kPixels; ++k)
      x[k] = imagesOf(data)[i * kPixels + k] / 255.0f;
    return x;
  }

  void step(const Dataset &data, size_t first, float rate) {
    Weights gradient{};
    for (size_t i = first; i < first + kBatch; ++i) {
      auto x = pixels(data, i);
      auto p = scores(x.data());
      float top = *std::max_element(p.begin(), p.end()), sum = 0;
      for (float &v : p)
        sum += v = std::exp(v - top);
      for (size_t c = 0; c < 10; ++c) {
        float d = p[c] / sum - float(labelsOf(data)[i] == c);
        for (int k = 0; k < kPixels; ++k)
          gradient[c][k] += d * x[k];
        gradient[c][kPixels] += d;
      }
    }
    for (size_t c = 0; c < 10; ++c)
      for (int k = 0; k <= kPixels; ++k) {
        momentum[c][k] = 0.9f * momentum[c][k] + gradient[c][k] / kBatch;
        weights[c][k] -= rate * momentum[c][k];
      }
  }

  double accuracy(const Dataset &data) const {
    size_t right = 0;
    for (size_t i = 0; i < data.size(); ++i) {
      auto z = scores(pixels(data, i).data());
      right += size_t(std::max_element(z.begin(), z.end()) - z.begin()) ==
               labelsOf(data)[i];
    }
    return double(right) / double(data.size());
  }

  Weights weights{}, momentum{};
};

TEST(Digits, DefaultSizesAndBalance) {
  auto begin = std::chrono::steady_clock::now();
  Result<DatasetSplit> data = drawDigits({});
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(data);
  EXPECT_EQ(data->train.size(), 10000u);
  EXPECT_EQ(data->test.size(), 2000u);
  EXPECT_EQ(data->source, "drawn digits (seed 1)");
  for (const Dataset *set : {&data->train, &data->test})
    for (int label = 0; label < 10; ++label)
      EXPECT_EQ(size_t(std::count(labelsOf(*set).begin(), labelsOf(*set).end(),
                                  label)),
                set->size() / 10);
  RecordProperty("seconds", std::to_string(took.count()));
  EXPECT_LT(took.count(), 20); // 0.15 s; sanitizers and a busy machine: more
}

TEST(Digits, DependOnSeedSplitAndIndexOnly) {
  Result<DatasetSplit> data = drawDigits({7, 50, 50});
  ASSERT_TRUE(data);
  for (uint64_t i : {49u, 0u, 17u}) { // in any order
    uint8_t pixels[kPixels];
    EXPECT_EQ(drawDigit(7, DigitSplit::Train, i, pixels),
              labelsOf(data->train)[i]);
    EXPECT_TRUE(std::equal(pixels, pixels + kPixels,
                           &imagesOf(data->train)[i * kPixels]));
  }
  EXPECT_NE(imagesOf(data->train), imagesOf(data->test));
  EXPECT_NE(imagesOf(data->train), imagesOf(drawDigits({8, 50, 50})->train));
}

TEST(Digits, AreAllDifferent) {
  Result<DatasetSplit> data = drawDigits({1, 1000, 1000});
  std::set<std::vector<uint8_t>> seen;
  for (const Dataset *set : {&data->train, &data->test})
    for (size_t i = 0; i < 1000; ++i)
      seen.insert({&imagesOf(*set)[i * kPixels],
                   &imagesOf(*set)[i * kPixels] + kPixels});
  EXPECT_EQ(seen.size(), 2000u);
}

TEST(Digits, AreWhiteOnBlackAndInsideTheFrame) {
  Result<DatasetSplit> data = drawDigits({});
  double sum = 0, border = 0;
  for (size_t i = 0; i < data->train.size(); ++i)
    for (int k = 0; k < kPixels; ++k) {
      double v = imagesOf(data->train)[i * kPixels + k] / 255.0;
      int x = k % kDigitSide, y = k / kDigitSide;
      sum += v;
      border += (x == 0 || y == 0 || x == 27 || y == 27) ? v : 0;
    }
  double mean = sum / double(imagesOf(data->train).size());
  EXPECT_GT(mean, 0.08); // MNIST: 0.1307
  EXPECT_LT(mean, 0.18);
  EXPECT_LT(border / sum, 0.05);
}

TEST(Digits, CountsAreChecked) {
  EXPECT_EQ(drawDigits({1, 0, 10}).error().code, "digits_count");
  EXPECT_EQ(drawDigits({1, 10, 0}).error().code, "digits_count");
  EXPECT_EQ(drawDigits({1, 2000000, 10}).error().code, "digits_count");
}

// The set is worth a network: a linear model stays well below one (a small
// convolutional net reaches 99.3 %), yet far above chance.
TEST(Digits, ALinearModelStaysBelow95Percent) {
  Result<DatasetSplit> data = drawDigits({});
  ASSERT_TRUE(data);
  auto model = std::make_unique<LinearModel>();
  double best = model->train(*data, 24);
  RecordProperty("accuracy", std::to_string(best));
  EXPECT_LT(best, 0.95);
  EXPECT_GT(best, 0.60);
}

} // namespace
} // namespace gradmill::rt
