// Prepared buffers and inference of single images, on an artifact written by
// hand: `prepare` doubles the one weight, inference multiplies by what was
// prepared. The batch adds 1000, so that a result says which entry computed it.
#include "checkpoint/Checkpoint.h"
#include "gradmill/runtime.h"
#include "test/Nlohmann.h"
#include "test/Testing.h"

#include <numeric>

namespace gradmill::rt {
namespace {

constexpr int kBatch = 16;
int preparations;

void prepare(void **b, gm_parallel_fn, void *) {
  ++preparations;
  *static_cast<float *>(b[1]) = 2 * *static_cast<float *>(b[0]);
}

void inferBatch(void **b, gm_parallel_fn, void *) {
  for (int i = 0; i < kBatch; ++i)
    static_cast<float *>(b[2])[i] =
        static_cast<float *>(b[0])[i] * *static_cast<float *>(b[1]) + 1000;
}

void inferSingle(void **b, gm_parallel_fn, void *) {
  *static_cast<float *>(b[2]) =
      *static_cast<float *>(b[0]) * *static_cast<float *>(b[1]);
}

const char kManifest[] = R"json({
  "format": 2, "name": "prepared", "parameters": 1,
  "ports": [{"name": "image", "role": "data", "dtype": "f32", "shape": [1]},
            {"name": "output", "role": "prediction", "dtype": "f32", "shape": [1]}],
  "tensors": [{"name": "w", "role": "parameter", "dtype": "f32", "shape": [1],
               "init": {"kind": "constant", "value": 3}}],
  "entries": {
    "prepare": {"does": "prepare", "arena_bytes": 0, "buffers": [
      {"kind": "state", "tensor": 0},
      {"kind": "prepared", "name": "w2", "dtype": "f32", "shape": [1]}]},
    "infer": {"does": "infer", "batch": 16, "arena_bytes": 0, "buffers": [
      {"kind": "input", "name": "image", "dtype": "f32", "shape": [16, 1]},
      {"kind": "prepared", "name": "w2", "dtype": "f32", "shape": [1]},
      {"kind": "output", "name": "output", "dtype": "f32", "shape": [16, 1]}]},
    "infer_single": {"does": "infer", "batch": 1, "arena_bytes": 0, "buffers": [
      {"kind": "input", "name": "image", "dtype": "f32", "shape": [1, 1]},
      {"kind": "prepared", "name": "w2", "dtype": "f32", "shape": [1]},
      {"kind": "output", "name": "output", "dtype": "f32", "shape": [1, 1]}]}
  }
})json";

const gm_entry kEntries[] = {
    {"prepare", prepare}, {"infer", inferBatch}, {"infer_single", inferSingle}};
const gm_artifact kArtifact = {sizeof(gm_artifact),
                               GRADMILL_ARTIFACT_ABI,
                               kManifest,
                               sizeof kManifest - 1,
                               kEntries,
                               3,
                               nullptr,
                               0};

std::unique_ptr<Model> preparedModel() {
  preparations = 0;
  auto artifact = Artifact::fromMemory(&kArtifact, "prepared");
  EXPECT_TRUE(bool(artifact)) << artifact.error().message;
  auto model = Model::create(*artifact, 1);
  EXPECT_TRUE(bool(model));
  return std::move(*model);
}

float inferOne(Model &model, float image) {
  float output = 0;
  const void *in[] = {&image};
  void *out[] = {&output};
  EXPECT_FALSE(model.infer(in, 1, out));
  return output;
}

float &weight(Model &model) {
  return *static_cast<float *>(model.tensor("w")->data);
}
} // namespace

TEST(Prepared, OnceUntilTensorsChange) {
  auto model = preparedModel();
  EXPECT_EQ(inferOne(*model, 5), 30);
  EXPECT_EQ(inferOne(*model, 7), 42);
  EXPECT_EQ(preparations, 1);
  model->init(2);
  EXPECT_EQ(inferOne(*model, 5), 30);
  EXPECT_EQ(preparations, 2);
  weight(*model) = 4;
  model->tensorsChanged();
  EXPECT_EQ(inferOne(*model, 5), 40);
  EXPECT_EQ(preparations, 3);
}

TEST(Prepared, AfterLoading) {
  TemporaryDirectory directory;
  auto a = preparedModel(), b = preparedModel();
  weight(*a) = 10;
  ASSERT_FALSE(saveWeights(*a, directory.file("w.safetensors")));
  EXPECT_EQ(inferOne(*b, 1), 6);
  ASSERT_FALSE(loadWeights(*b, directory.file("w.safetensors")));
  EXPECT_EQ(inferOne(*b, 1), 20);
}

// Who has a pointer from the C functions may write to it at any time.
TEST(Prepared, TensorsWrittenThroughC) {
  preparations = 0;
  gm_model *model = nullptr;
  ASSERT_EQ(gm_model_from_artifact(&kArtifact, 1, &model), GM_OK);
  gm_tensor tensor;
  ASSERT_EQ(gm_model_tensor(model, "w", &tensor), GM_OK);
  float image = 1, output = 0;
  for (float value : {3.0f, 5.0f, 5.0f, -1.0f}) {
    *static_cast<float *>(tensor.data) = value;
    ASSERT_EQ(gm_model_infer(model, &image, 1, &output), GM_OK);
    EXPECT_EQ(output, 2 * value);
  }
  EXPECT_EQ(preparations, 3);
  gm_model_close(model);
}

TEST(SingleInference, FewImagesGoOneByOne) {
  auto model = preparedModel();
  std::vector<float> images(20), output(20);
  std::iota(images.begin(), images.end(), 1.0f);
  for (int count : {1, 2, 3, 16, 18, 20}) {
    const void *in[] = {images.data()};
    void *out[] = {output.data()};
    ASSERT_FALSE(model->infer(in, count, out));
    // Up to an eighth of a batch that is left over is done singly.
    int left = count % kBatch, singly = left <= kBatch / 8 ? left : 0;
    for (int i = 0; i < count; ++i)
      EXPECT_EQ(output[size_t(i)],
                6 * images[size_t(i)] + (i < count - singly ? 1000 : 0))
          << count << " " << i;
  }
}

TEST(Prepared, DamagedManifests) {
  auto problem = [](const char *pointer, const char *value) {
    Nlohmann json = Nlohmann::parse(kManifest);
    json[Nlohmann::json_pointer(pointer)] = Nlohmann::parse(value);
    auto manifest = parseManifest(json.dump(), 0, "prepared");
    return manifest ? std::string() : manifest.error().message;
  };
  auto contains = [](const std::string &text, const char *part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  contains(problem("/entries/infer/buffers/1/name", "\"w3\""),
           "not one that an entry prepares");
  contains(problem("/entries/infer_single/buffers/1/shape", "[2]"),
           "not one that an entry prepares");
  contains(problem("/entries/prepare/buffers/1/kind", "\"output\""),
           "not one that an entry prepares");
  contains(
      problem(
          "/entries/prepare/buffers/2",
          R"({"kind": "output", "name": "o", "dtype": "f32", "shape": [1]})"),
      "output \"o\" in the entry that prepares");
  contains(problem("/entries/infer/batch", "null"), "batch");
}

} // namespace gradmill::rt
