#include "core/Init.h"
#include "test/Testing.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

TEST(Model, InitIsDeterministicAndInRange) {
  auto a = fakeModel(), b = fakeModel();
  a->init(5);
  EXPECT_NE(stateBytes(*a), stateBytes(*b));
  b->init(5);
  EXPECT_EQ(stateBytes(*a), stateBytes(*b));
  float bound = float(0.57735 * std::sqrt(3.0 / 784)), largest = 0;
  auto *weight = static_cast<float *>(a->tensor("weight")->data);
  for (int i = 0; i < 7840; ++i)
    largest = std::max(largest, std::abs(weight[i]));
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, 0.99f * bound);
  EXPECT_FLOAT_EQ(static_cast<float *>(a->tensor("bias")->data)[3], 0.004f);
  EXPECT_EQ(a->tensor("nothing"), nullptr);
}

TEST(Model, NormalInitHasItsMoments) {
  TensorSpec spec;
  spec.elements = 20001;
  spec.init = {TensorInit::Kind::KaimingNormal, 0, 4, 1, 0, 0};
  std::vector<float> values(spec.elements);
  initTensor(spec, 3, 1, nullptr, values.data());
  double sum = 0, squares = 0;
  for (float value : values)
    sum += value, squares += double(value) * value;
  EXPECT_NEAR(sum / values.size(), 0, 0.015);
  EXPECT_NEAR(std::sqrt(squares / values.size()), 0.5, 0.01);
}

TEST(Model, BuffersAreAligned) {
  auto model = fakeModel();
  for (const Tensor &tensor : model->tensors())
    EXPECT_EQ(uintptr_t(tensor.data) % 64, 0u);
  EXPECT_EQ(uintptr_t(model->entry("train")->input("image")) % 64, 0u);
  EXPECT_EQ(model->entry("train")->input("nothing"), nullptr);
}

TEST(Model, PartialBatchesAgreeWithFullOnes) {
  auto model = fakeModel(2);
  Dataset data = barData(75, 3);
  std::vector<float> images(75 * 784), all(750), single(10);
  const PortSpec &port = *model->manifest().port("image");
  for (int i = 0; i < 75; ++i)
    Model::normalize(port, &data.columns[0].values[size_t(i) * 784],
                     &images[size_t(i) * 784]);
  auto infer = [&](const float *from, int64_t count, float *to) {
    const void *in[] = {from};
    void *out[] = {to};
    return model->infer(in, count, out);
  };
  ASSERT_FALSE(infer(images.data(), 75, all.data()));
  for (int i : {0, 31, 32, 74}) {
    ASSERT_FALSE(infer(&images[size_t(i) * 784], 1, single.data()));
    EXPECT_EQ(0, std::memcmp(single.data(), &all[size_t(i) * 10], 40));
  }
}

// Means over all samples, those that fill no batch included.
TEST(Model, ScoresAnyNumberOfSamples) {
  auto model = fakeModel();
  std::vector<float> rows(75 * 10, std::log(0.05f));
  std::vector<int32_t> labels(75);
  for (int i = 0; i < 75; ++i) {
    labels[size_t(i)] = i % 10;
    rows[size_t(i * 10 + (i < 60 ? i : i + 1) % 10)] = std::log(0.55f);
  }
  PortValues values{{model->manifest().port("output"), rows.data()},
                    {model->manifest().port("label"), labels.data()}};
  auto scores = model->score(values, 75);
  ASSERT_TRUE(bool(scores)) << scores.error().message;
  EXPECT_NEAR((*scores)[0], -(60 * std::log(0.55) + 15 * std::log(0.05)) / 75,
              1e-5);
  EXPECT_NEAR((*scores)[1], 60.0 / 75, 1e-6);
  EXPECT_EQ(model->scores()[1]->name, "accuracy");
}

TEST(Model, ClassesOutOfRangeAreAnError) {
  PortSpec port;
  port.name = "label";
  port.dtype = DType::I32;
  port.classes = 10;
  int32_t values[] = {0, 9, 255, 3};
  EXPECT_FALSE(checkClasses(port, values, 2));
  ASSERT_TRUE(checkClasses(port, values, 4));
  port.ignore = 255;
  EXPECT_FALSE(checkClasses(port, values, 4));
  values[3] = -1;
  EXPECT_EQ(checkClasses(port, values, 4)->code, "bad_label");
}

TEST(Model, MissingEntryIsAnError) {
  auto model = fakeModel();
  auto entry = model->require("distill");
  ASSERT_FALSE(bool(entry));
  EXPECT_EQ(entry.error().code, "no_entry");
}

TEST(Buffer, RefusesAbsurdSizes) {
  for (uint64_t bytes : {UINT64_MAX, UINT64_MAX - 63, kMaxBufferBytes + 1}) {
    auto buffer = AlignedBuffer::allocate(bytes, "test");
    ASSERT_FALSE(bool(buffer));
    EXPECT_EQ(buffer.error().code, "out_of_memory");
  }
  auto empty = AlignedBuffer::allocate(0, "test");
  ASSERT_TRUE(bool(empty));
  EXPECT_NE(empty->data(), nullptr);
  EXPECT_FALSE(elementCount({1 << 30, 1 << 30, 1 << 30}));
  EXPECT_FALSE(elementCount({-1}));
  EXPECT_EQ(elementCount({}), 1u);
}

// What fills huge pages begins with one, and is whole vectors to its end.
TEST(Buffer, LargeOnesAreAlignedToHugePagesAndZero) {
  for (uint64_t bytes : {(uint64_t(2) << 20) - 3, uint64_t(5) << 20}) {
    auto buffer = AlignedBuffer::allocate(bytes, "test");
    ASSERT_TRUE(bool(buffer));
    EXPECT_EQ(uintptr_t(buffer->data()) % (2u << 20), 0u);
    char *data = buffer->as<char>();
    EXPECT_EQ(std::count(data, data + bytes + kAlignment, 0),
              ptrdiff_t(bytes + kAlignment));
    data[bytes + kAlignment - 1] = 1;
  }
}

} // namespace gradmill::rt
