// The model `side` in a C++ program: trained on pictures in memory, then asked.
#include "side.h"
#include <cstdio>
#include <exception>
#include <gradmill/gradmill.hpp>
#include <random>

constexpr int kSize = 16, kSamples = 640;

int main() try {
  std::mt19937 random(1);
  gradmill::Column columns[] = {{"image", "f32", {1, kSize, kSize}},
                                {"label", "i32", {}, true, 2}};
  gradmill::Data pictures(
      "pictures", kSamples, columns,
      [&](int64_t, int64_t count, std::span<void *const> columns) {
        auto *pixel = static_cast<float *>(columns[0]);
        auto *label = static_cast<int32_t *>(columns[1]);
        for (int64_t i = 0; i < count; ++i) {
          label[i] = random() % 2; // the side that is bright
          for (int p = 0; p < kSize * kSize; ++p)
            *pixel++ = (p % kSize < kSize / 2) != label[i];
        }
        return true;
      });
  gradmill::Model model = gradmill::Model::of(side);
  std::vector<std::string> options{"--epochs", "3", "--lr", "0.05"};
  model.train(pictures, options, [](const gm_progress &p) {
    if (p.end_of_epoch)
      std::printf("epoch %d: loss %.3f\n", int(p.epoch), p.loss);
    return true;
  });
  std::printf("accuracy %.2f\n", model.evaluate(pictures)[1]);
} catch (const std::exception &error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
