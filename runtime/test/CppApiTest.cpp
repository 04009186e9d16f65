// gradmill.hpp: values, exceptions and functions of the program.
#include "gradmill/gradmill.hpp"
#include <algorithm>
#include <array>
#include <cstdio>
#include <gtest/gtest.h>

namespace {

using gradmill::Column;
using gradmill::Data;
using gradmill::Error;
using gradmill::Model;

std::string codeOf(const std::function<void()> &call) {
  try {
    call();
  } catch (const Error &error) {
    EXPECT_NE(error.status(), GM_OK);
    EXPECT_FALSE(std::string(error.what()).empty());
    return error.code();
  }
  return "";
}

// Pictures with a bright row, whose number is the class.
Data rows(int64_t samples, bool fails = false) {
  std::array columns{Column{"image", "u8", {1, 28, 28}},
                     Column{"label", "i32", {}, true, 10}};
  return Data("rows", samples, columns,
              [&](int64_t first, int64_t count,
                  std::span<void *const> columns) {
                if (fails)
                  throw std::runtime_error("the camera is off");
                auto *pixels = static_cast<uint8_t *>(columns[0]);
                auto *labels = static_cast<int32_t *>(columns[1]);
                std::fill(pixels, pixels + count * 784, 0);
                for (int64_t i = 0; i < count; ++i) {
                  labels[i] = int32_t((first + i) % 10);
                  std::fill_n(pixels + i * 784 + 28 * (labels[i] + 3), 28, 255);
                }
                return true;
              });
}

TEST(CppApi, Facts) {
  Model model = Model::of(gradmill_artifact, 1);
  EXPECT_EQ(model.name(), "fake");
  EXPECT_EQ(model.inputShape(), (std::vector<int64_t>{1, 28, 28}));
  EXPECT_EQ(model.classes(), 10u);
  EXPECT_EQ(model.ports().size(), 5u);
  EXPECT_EQ(model.ports()[2].name, "label");
  EXPECT_EQ(model.ports()[0].shape.size(), 3u);
  EXPECT_EQ(model.entries().size(), 4u);
  EXPECT_NE(model.manifest().find("\"fake\""), std::string_view::npos);
}

TEST(CppApi, TensorsAreViews) {
  Model model = Model::open(FAKE_MODEL, 1);
  gradmill::Tensor bias = model.tensor("bias");
  bias.values<float>()[3] = 5;
  EXPECT_EQ(model.tensor("bias").values<const float>()[3], 5);
  EXPECT_EQ(model.tensors().size(), 5u);
  EXPECT_EQ(bias.role(), "parameter");
  EXPECT_EQ(codeOf([&] { bias.values<double>(); }), "bad_dtype");
  EXPECT_EQ(codeOf([&] { model.tensor("bia"); }), "unknown_tensor");
}

TEST(CppApi, InfersAndTrainsSteps) {
  Model model = Model::of(gradmill_artifact, 1);
  model.init(3);
  std::vector<uint8_t> pixels(model.trainBatch() * 784);
  std::vector<int32_t> labels(model.trainBatch());
  for (size_t i = 0; i < labels.size(); ++i) {
    labels[i] = int32_t(i % 10);
    std::fill_n(pixels.begin() + i * 784 + 28 * (labels[i] + 3), 28, 255);
  }
  std::vector<float> images = model.normalize(pixels);
  float first = 0, loss = 0;
  for (int step = 0; step < 50; ++step) {
    loss = model.trainStep(images, labels, 0.05f, 1, step);
    first = step ? first : loss;
  }
  EXPECT_LT(loss, 0.2f * first);
  std::vector<float> scores = model.infer(images);
  ASSERT_EQ(scores.size(), 10 * labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    auto row = scores.begin() + 10 * i;
    EXPECT_EQ(std::max_element(row, row + 10) - row, labels[i]);
  }
  std::span<const float> all = images;
  EXPECT_EQ(codeOf([&] { model.infer(all.first(783)); }), "bad_size");
  EXPECT_EQ(codeOf([&] {
              std::vector<float> little(9);
              model.infer(all.first(784), little);
            }),
            "bad_size");
  EXPECT_EQ(codeOf([&] { model.trainStep(all.first(784), labels, 0, 1, 0); }),
            "bad_size");
}

TEST(CppApi, RunsEntriesByName) {
  Model model = Model::of(gradmill_artifact, 1);
  std::vector<float> output(32 * 10, -3);
  std::vector<int32_t> labels(32);
  for (size_t i = 0; i < labels.size(); ++i) {
    labels[i] = int32_t(i % 10);
    output[i * 10 + size_t(labels[i])] = -0.5f;
  }
  float loss = 0, accuracy = 0;
  model.run("loss", {{"output", std::span(output)},
                     {"label", std::span(labels)},
                     {"loss", loss},
                     {"accuracy", accuracy}});
  EXPECT_FLOAT_EQ(loss, 0.5f);
  EXPECT_EQ(accuracy, 1);
  EXPECT_EQ(codeOf([&] { model.run("loss", {{"los", loss}}); }),
            "unknown_port");
}

TEST(CppApi, TrainsOnData) {
  Model model = Model::of(gradmill_artifact, 1);
  std::vector<std::string> options{"--epochs", "2", "--lr", "0.05"};
  int64_t steps = 0;
  Data data = rows(160);
  model.train(data, options, [&](const gm_progress &p) {
    steps += !p.end_of_epoch;
    return true;
  });
  EXPECT_EQ(steps, 20);
  std::vector<double> scores = model.evaluate(data);
  ASSERT_EQ(scores.size(), 2u);
  EXPECT_GT(scores[1], 0.9);

  steps = 0;
  model.train(data, options, [&](const gm_progress &) { return ++steps < 3; });
  EXPECT_EQ(steps, 3);
  EXPECT_THROW(model.train(data, options,
                           [](const gm_progress &) -> bool {
                             throw std::out_of_range("enough");
                           }),
               std::out_of_range);
  EXPECT_EQ(codeOf([&] {
              model.train(data, std::vector<std::string>{"--epoch", "2"});
            }).empty(),
            false);
}

TEST(CppApi, ExceptionsOfTheProgramComeThrough) {
  EXPECT_THROW(rows(20, true), std::runtime_error);
  Model model = Model::of(gradmill_artifact, 1);
  EXPECT_EQ(codeOf([&] { model.onGradients([](auto) { return true; }); }),
            "no_gradients");
  EXPECT_EQ(codeOf([] { Model::open("/nowhere/model.so"); }).empty(), false);
  EXPECT_EQ(codeOf([&] { model.load("/nowhere"); }).empty(), false);
  Model moved = std::move(model);
  EXPECT_EQ(moved.name(), "fake");
}

} // namespace
