// What the tests share: the fake model, tiny data, temporary directories.
#pragma once

#include "core/Model.h"
#include "data/Dataset.h"
#include "train/Trainer.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace gradmill::rt {

class TemporaryDirectory {
public:
  TemporaryDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "gradmill-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all,
                                 ignored);
    std::filesystem::remove_all(path, ignored);
  }
  std::string file(const std::string &name) const { return path + "/" + name; }
  size_t count() const {
    return size_t(std::distance(std::filesystem::directory_iterator(path),
                                std::filesystem::directory_iterator()));
  }
  std::string path;
};

inline std::string readText(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void writeText(const std::string &path, const std::string &text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::unique_ptr<Model> fakeModel(int threads = 1) {
  auto artifact = Artifact::fromMemory(&gradmill_artifact, "fake");
  EXPECT_TRUE(bool(artifact));
  auto model = Model::create(*artifact, threads);
  EXPECT_TRUE(bool(model));
  return std::move(*model);
}

// A bright bar whose place is the class, in noise: a linear model learns it.
inline Dataset barData(size_t size, uint32_t seed) {
  Dataset data;
  data.name = "bars";
  data.samples = size;
  Column images, labels;
  images.name = "image";
  images.shape = {1, 28, 28};
  labels.name = "label";
  labels.target = true;
  labels.classes = 10;
  uint32_t random = seed * 2654435761u + 1;
  auto next = [&] { return random = random * 1664525u + 1013904223u; };
  for (size_t i = 0; i < size; ++i) {
    uint8_t label = uint8_t(next() >> 16) % 10;
    labels.values.push_back(label);
    for (int y = 0; y < 28; ++y)
      for (int x = 0; x < 28; ++x) {
        bool bar = y / 2 == label + 2;
        images.values.push_back(uint8_t((next() >> 25) + (bar ? 90 : 0)));
      }
  }
  data.columns.push_back(std::move(images));
  data.columns.push_back(std::move(labels));
  return data;
}

inline DatasetSplit barSplit(size_t train = 168, size_t test = 75) {
  return {barData(train, 1), barData(test, 2), "bars", {}};
}

// Every byte of the model's state.
inline std::string stateBytes(const Model &model) {
  std::string bytes;
  for (const Tensor &tensor : model.tensors())
    bytes.append(static_cast<const char *>(tensor.data), tensor.spec->bytes);
  return bytes;
}

} // namespace gradmill::rt
