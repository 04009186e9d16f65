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
  for (int i = 0; i < 75; ++i)
    model->normalize(&data.images[size_t(i) * 784], &images[size_t(i) * 784]);
  ASSERT_FALSE(model->infer(images.data(), 75, all.data()));
  for (int i : {0, 31, 32, 74}) {
    ASSERT_FALSE(model->infer(&images[size_t(i) * 784], 1, single.data()));
    EXPECT_EQ(0, std::memcmp(single.data(), &all[size_t(i) * 10], 40));
  }
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
