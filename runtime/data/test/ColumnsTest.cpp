// Which column a port gets, and what becomes of its values.
#include "data/Convert.h"
#include "data/Elements.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace gradmill::rt {
namespace {

using Shape = std::vector<int64_t>;

template <typename T> Pixels bytesOf(const std::vector<T> &values) {
  Pixels bytes;
  bytes.resize(values.size() * sizeof(T));
  if (!values.empty())
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <typename T> DType typeOf() {
  return std::is_same_v<T, float>     ? DType::F32
         : std::is_same_v<T, double>  ? DType::F64
         : std::is_same_v<T, int32_t> ? DType::I32
         : std::is_same_v<T, int64_t> ? DType::I64
                                      : DType::U8;
}

template <typename T>
Column column(const char *name, bool target, Shape shape,
              const std::vector<T> &values) {
  return {.name = name,
          .dtype = typeOf<T>(),
          .shape = std::move(shape),
          .target = target,
          .values = bytesOf(values)};
}

PortSpec port(const char *name, PortRole role, DType dtype, Shape shape) {
  PortSpec spec;
  spec.name = name;
  spec.role = role;
  spec.dtype = dtype;
  spec.shape = std::move(shape);
  for (int64_t extent : spec.shape)
    spec.elements *= uint64_t(extent);
  return spec;
}

struct Columns : ::testing::Test {
  Result<std::vector<PortColumn>> match() {
    std::vector<const PortSpec *> wanted;
    for (const PortSpec &spec : ports)
      wanted.push_back(&spec);
    return columnsFor(data, wanted, map, "net.mlir");
  }
  // The names of the columns, in the order of the ports; or the error's code.
  std::string names() {
    auto pairs = match();
    if (!pairs)
      return pairs.error().code;
    std::string text;
    for (const PortColumn &pair : *pairs)
      text += pair.column->name + " ";
    return text;
  }
  std::string message() {
    auto pairs = match();
    return pairs ? "none" : pairs.error().message;
  }
  // What the only port gets of the only column.
  template <typename T> std::vector<T> converted() {
    auto pairs = match();
    EXPECT_TRUE(pairs) << pairs.error().message;
    std::vector<T> out(data.size() * ports[0].elements);
    Conversion conversion((*pairs)[0]);
    for (uint64_t i = 0; i < data.size(); ++i)
      conversion.write(
          i, reinterpret_cast<uint8_t *>(&out[i * ports[0].elements]));
    return out;
  }
  void only(PortSpec spec, Column values, uint64_t samples) {
    ports = {std::move(spec)};
    data = {"set", samples, {std::move(values)}};
  }

  Dataset data{"set", 2, {}};
  std::vector<PortSpec> ports;
  std::vector<std::pair<std::string, std::string>> map;
};

constexpr PortRole kData = PortRole::Data, kTarget = PortRole::Target;

TEST_F(Columns, AreFoundByNameThenAsTheOnlyOneLeft) {
  data.columns = {column<float>("a", false, {}, {1, 2}),
                  column<float>("b", false, {}, {3, 4}),
                  column<int32_t>("label", true, {}, {0, 1})};
  ports = {port("b", kData, DType::F32, {}), port("x", kData, DType::F32, {1}),
           port("target", kTarget, DType::I32, {})};
  EXPECT_EQ(names(), "b a label ");
  ports[0].name = "y"; // now two ports have no column of their name
  EXPECT_EQ(names(), "data_mismatch");
  map = {{"y", "b"}};
  EXPECT_EQ(names(), "b a label ");
  ports.erase(ports.begin() + 1); // a column may be left over
  EXPECT_EQ(names(), "b label ");
}

TEST_F(Columns, APictureCanBeDataAndTarget) {
  data.columns = {
      column<uint8_t>("image", false, {1, 1, 2}, {0, 51, 102, 255})};
  ports = {port("x", kData, DType::F32, {1, 1, 2}),
           port("target", kTarget, DType::F32, {1, 1, 2})};
  EXPECT_EQ(names(), "data_mismatch");
  map = {{"target", "image"}};
  EXPECT_EQ(names(), "image image ");
  float out[2];
  auto pairs = match();
  Conversion((*pairs)[1]).write(1, reinterpret_cast<uint8_t *>(out));
  EXPECT_FLOAT_EQ(out[0], 0.4f);
  EXPECT_FLOAT_EQ(out[1], 1);
}

TEST_F(Columns, AnErrorListsBothSides) {
  data.columns = {column<uint8_t>("image", false, {3, 32, 32}, {}),
                  column<uint8_t>("label", true, {}, {})};
  data.columns[1].classes = 10;
  ports = {port("x", kData, DType::F32, {1, 28, 28}),
           port("target", kTarget, DType::I32, {})};
  EXPECT_EQ(
      message(),
      "net.mlir and set do not fit: port x is [1, 28, 28], but column "
      "image is [3, 32, 32]; the model's ports: x (data f32 [1, 28, 28]), "
      "target (target i32 []); the data's columns: image (data u8 [3, 32, "
      "32]), label (target u8 [], 10 classes); pair them with --map "
      "PORT=COLUMN");
}

TEST_F(Columns, AMapMustNameWhatThereIs) {
  data.columns = {column<float>("area", false, {}, {1, 2})};
  ports = {port("size", kData, DType::F32, {})};
  map = {{"size", "aera"}};
  EXPECT_NE(message().find("did you mean area?"), std::string::npos);
  map = {{"siez", "area"}};
  EXPECT_NE(message().find("did you mean size?"), std::string::npos);
  EXPECT_EQ(names(), "data_map");
  map = {{"size", "area"}, {"size", "area"}};
  EXPECT_EQ(names(), "data_map");
}

TEST_F(Columns, BytesBecomeLevels) {
  only(port("x", kData, DType::F32, {2, 2}),
       column<uint8_t>("x", false, {2, 2}, {0, 51, 102, 255}), 1);
  ports[0].mean = {0.5f, 0.25f};
  ports[0].std = {0.5f, 2};
  auto single = converted<float>();
  ports[0].dtype = DType::F64;
  auto wide = converted<double>();
  const double wanted[] = {-1, -0.6, 0.075, 0.375};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(wide[i], wanted[i], 1e-15);
    if (i < 2) // a picture of 2 x 2 has one channel
      EXPECT_NEAR(single[i], wanted[i], 1e-6);
  }
  ports[0].dtype = DType::I32; // not scaled
  EXPECT_EQ(converted<int32_t>(), (std::vector<int32_t>{0, 51, 102, 255}));
}

TEST_F(Columns, FloatsAreNormalized) {
  only(port("x", kData, DType::F32, {2}),
       column<double>("x", false, {2}, {1, 2, 3, 4.5}), 2);
  ports[0].mean = {1, 2};
  ports[0].std = {2, 0.5f};
  EXPECT_EQ(converted<float>(), (std::vector<float>{0, 0, 1, 5}));
  data.columns[0].values = bytesOf<double>({1, 2, 1e300, 1});
  EXPECT_NE(message().find("1e+300 (sample 1)"), std::string::npos);
}

TEST_F(Columns, ClassNumbersAreChecked) {
  only(port("t", kTarget, DType::I32, {1}),
       column<uint8_t>("t", true, {}, {0, 9, 25, 3}), 4);
  ports[0].classes = 10;
  EXPECT_NE(message().find("holds 25, but port t takes class numbers 0 to 9"),
            std::string::npos)
      << message();
  ports[0].classes = 26;
  EXPECT_EQ(converted<int32_t>(), (std::vector<int32_t>{0, 9, 25, 3}));
  data.columns[0] = column<int64_t>("t", true, {}, {0, -1, 25, 3});
  EXPECT_NE(message().find("holds -1"), std::string::npos) << message();
  ports[0].ignore = -1;
  EXPECT_EQ(converted<int32_t>(), (std::vector<int32_t>{0, -1, 25, 3}));
  data.columns[0] = column<int64_t>("t", true, {}, {0, -1, 1ll << 40, 3});
  EXPECT_EQ(names(), "data_mismatch");
}

TEST_F(Columns, WideNumbersDoNotWrapAround) {
  only(port("t", kTarget, DType::I32, {}),
       column<int64_t>("t", true, {}, {5, 1ll << 32}), 2);
  EXPECT_NE(message().find("holds 4294967296"), std::string::npos);
  ports[0].dtype = DType::I64;
  EXPECT_EQ(converted<int64_t>(), (std::vector<int64_t>{5, 1ll << 32}));
  ports[0].dtype = DType::U8;
  EXPECT_EQ(names(), "data_mismatch");
}

TEST_F(Columns, TargetsKeepTheirNumbers) {
  only(port("t", kTarget, DType::F32, {1}),
       column<uint8_t>("t", true, {}, {0, 255}), 2);
  EXPECT_EQ(converted<float>(), (std::vector<float>{0, 255}));
  data.columns[0] = column<int64_t>("t", true, {}, {-7, 1 << 24});
  EXPECT_EQ(converted<float>(), (std::vector<float>{-7, 16777216}));
  data.columns[0] = column<int64_t>("t", true, {}, {-7, (1 << 24) + 1});
  EXPECT_NE(message().find("16777217 (sample 1), which is no exact f32"),
            std::string::npos);
  ports[0].dtype = DType::F64;
  EXPECT_EQ(converted<double>(), (std::vector<double>{-7, 16777217}));
  data.columns[0] =
      column<int64_t>("t", true, {}, {0, std::numeric_limits<int64_t>::max()});
  EXPECT_EQ(names(), "data_mismatch");
}

TEST_F(Columns, WholeFloatsBecomeClassNumbers) {
  only(port("t", kTarget, DType::I32, {}),
       column<float>("t", true, {}, {0, 2, -0.0f}), 3);
  ports[0].classes = 3;
  EXPECT_EQ(converted<int32_t>(), (std::vector<int32_t>{0, 2, 0}));
  for (float bad : {0.5f, NAN, INFINITY, 1e30f}) {
    data.columns[0] = column<float>("t", true, {}, {0, 2, bad});
    EXPECT_NE(message().find("(sample 2)"), std::string::npos) << bad;
  }
}

// Two pictures of one sample turn alike, whatever the ports' types.
TEST_F(Columns, AugmentationIsOneForASample) {
  std::vector<uint8_t> pixels(2 * 36);
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = uint8_t(i * 37);
  data.columns = {column("a", false, {1, 6, 6}, pixels),
                  column("b", false, {6, 6}, pixels)};
  ports = {port("a", kData, DType::F32, {1, 6, 6}),
           port("b", kTarget, DType::F64, {6, 6}),
           port("c", kData, DType::U8, {6, 6})};
  map = {{"c", "a"}};
  auto pairs = match();
  ASSERT_TRUE(pairs) << pairs.error().message;
  LoaderOptions options;
  options.batch = 2;
  options.augment.rotationDegrees = 30;
  auto loader = Loader::create(data, *pairs, options);
  ASSERT_TRUE(loader);
  (*loader)->start(3);
  const Batch *batch = (*loader)->next();
  ASSERT_NE(batch, nullptr);
  auto *a = static_cast<const float *>(batch->at(0));
  auto *b = static_cast<const double *>(batch->at(1));
  auto *c = static_cast<const uint8_t *>(batch->at(2));
  for (size_t i = 0; i < 72; ++i) {
    EXPECT_EQ(a[i], b[i]);
    EXPECT_NEAR(a[i] * 255, c[i], 0.51);
  }
}

TEST_F(Columns, ABatchThatNoMachineHoldsIsAnError) {
  data.columns = {column<uint8_t>("x", false, {}, {1, 2})};
  ports = {port("x", kData, DType::F32, {})};
  auto pairs = match();
  LoaderOptions options;
  options.batch = std::numeric_limits<int64_t>::max();
  auto loader = Loader::create(data, *pairs, options);
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().code, "out_of_memory");
}

} // namespace
} // namespace gradmill::rt
