// A model compiled by hand: softmax regression on 28x28 images with SGD and
// momentum. It follows the artifact ABI to the letter, uses the parallel
// callback, and noise keyed by seed and step, so that everything the runtime
// promises about real artifacts can be tested without a compiler.
#include "gradmill/artifact.h"

#include <cmath>
#include <cstring>

namespace {

constexpr int kTrainBatch = 16, kInferBatch = 32, kPixels = 784, kClasses = 10;
constexpr float kMomentum = 0.9f;

const char kManifest[] = R"json({
  "format": 2, "name": "fake", "compiler": "by hand",
  "target": {"triple": "any", "cpu": "any", "features": "", "vector_bytes": 4},
  "graph": "00fake00", "loss": "nll_loss",
  "parameters": 7850,
  "ports": [
    {"name": "image", "role": "data", "dtype": "f32", "shape": [1, 28, 28],
     "mean": [0.5], "std": [0.5], "preprocess": "digit"},
    {"name": "output", "role": "prediction", "dtype": "f32", "shape": [10],
     "meaning": "log-probabilities"},
    {"name": "label", "role": "target", "dtype": "i32", "shape": [], "classes": 10},
    {"name": "loss", "role": "loss", "dtype": "f32", "shape": []},
    {"name": "accuracy", "role": "metric", "dtype": "f32", "shape": [], "share": true}
  ],
  "optimizer": {"name": "sgd", "momentum": 0.9},
  "tensors": [
    {"name": "weight", "role": "parameter", "dtype": "f32", "shape": [10, 784],
     "init": {"kind": "kaiming_uniform", "fan_in": 784, "gain": 0.57735}},
    {"name": "bias", "role": "parameter", "dtype": "f32", "shape": [10],
     "init": {"kind": "data", "offset": 8, "bytes": 40}},
    {"name": "running_mean", "role": "buffer", "dtype": "f32", "shape": [1],
     "init": {"kind": "constant", "value": 0}},
    {"name": "weight/velocity", "role": "optimizer", "dtype": "f32",
     "shape": [10, 784], "init": {"kind": "constant", "value": 0.0}},
    {"name": "bias/velocity", "role": "optimizer", "dtype": "f32",
     "shape": [10], "init": {"kind": "constant", "value": 0.0}}
  ],
  "entries": {
    "train": {"does": "train", "batch": 16,
      "arena_bytes": 1280, "arena_lower_bound_bytes": 1280,
      "buffers": [
        {"kind": "arena"},
        {"kind": "input", "name": "image", "dtype": "f32", "shape": [16, 1, 28, 28]},
        {"kind": "input", "name": "label", "dtype": "i32", "shape": [16]},
        {"kind": "scalar", "name": "learning_rate", "dtype": "f32"},
        {"kind": "scalar", "name": "seed", "dtype": "i64"},
        {"kind": "scalar", "name": "step", "dtype": "i64"},
        {"kind": "state", "tensor": 0}, {"kind": "state", "tensor": 1},
        {"kind": "state", "tensor": 2}, {"kind": "state", "tensor": 3},
        {"kind": "state", "tensor": 4},
        {"kind": "output", "name": "loss", "dtype": "f32", "shape": []},
        {"kind": "output", "name": "accuracy", "dtype": "f32", "shape": []}
      ],
      "kernels": [
        {"name": "linear + softmax", "ops": ["hand.linear"], "at": "fake.c:1",
         "macs": 125440, "bytes_read": 81944, "bytes_written": 640, "lanes": 1,
         "schedule": "1 image"},
        {"name": "update", "macs": 125440, "bytes_read": 81944,
         "bytes_written": 31400}
      ],
      "calls": [[0], [1]],
      "notes": [{"text": "not vectorized: written by hand", "kernels": [0, 1]}]},
    "infer": {"does": "infer", "batch": 32, "arena_bytes": 0, "arena_lower_bound_bytes": 0,
      "buffers": [
        {"kind": "input", "name": "image", "dtype": "f32", "shape": [32, 1, 28, 28]},
        {"kind": "state", "tensor": 0}, {"kind": "state", "tensor": 1},
        {"kind": "output", "name": "output", "dtype": "f32", "shape": [32, 10]}
      ]},
    "loss": {"does": "loss", "batch": 32, "arena_bytes": 0,
      "buffers": [
        {"kind": "input", "name": "output", "dtype": "f32", "shape": [32, 10]},
        {"kind": "input", "name": "label", "dtype": "i32", "shape": [32]},
        {"kind": "output", "name": "loss", "dtype": "f32", "shape": []},
        {"kind": "output", "name": "accuracy", "dtype": "f32", "shape": []}
      ]},
    "loss_single": {"does": "loss", "batch": 1, "arena_bytes": 0,
      "buffers": [
        {"kind": "input", "name": "output", "dtype": "f32", "shape": [1, 10]},
        {"kind": "input", "name": "label", "dtype": "i32", "shape": [1]},
        {"kind": "output", "name": "loss", "dtype": "f32", "shape": []},
        {"kind": "output", "name": "accuracy", "dtype": "f32", "shape": []}
      ]}
  }
})json";

// Bias values 0.001 .. 0.010 behind 8 bytes of nothing: "offset" is not 0.
const float kData[] = {9,      9,      0.001f, 0.002f, 0.003f, 0.004f,
                       0.005f, 0.006f, 0.007f, 0.008f, 0.009f, 0.010f};

enum TrainBuffer {
  Arena,
  Image,
  Label,
  Rate,
  Seed,
  Step,
  Weight,
  Bias,
  Mean,
  WeightV,
  BiasV,
  Loss,
  Accuracy
};

template <typename T> T *at(void **buffers, int index) {
  return static_cast<T *>(buffers[index]);
}

// Log-softmax of weight * image + bias.
void forward(const float *image, const float *weight, const float *bias,
             float *output) {
  float largest = -INFINITY, sum = 0;
  for (int c = 0; c < kClasses; ++c) {
    float dot = bias[c];
    for (int k = 0; k < kPixels; ++k)
      dot += weight[c * kPixels + k] * image[k];
    output[c] = dot;
    largest = dot > largest ? dot : largest;
  }
  for (int c = 0; c < kClasses; ++c)
    sum += std::exp(output[c] - largest);
  for (int c = 0; c < kClasses; ++c)
    output[c] -= largest + std::log(sum);
}

// In place of dropout: a factor near 1 that depends on seed, step and image.
float noise(int64_t seed, int64_t step, int64_t image) {
  uint64_t x = uint64_t(seed) * 0x9e3779b97f4a7c15u +
               uint64_t(step) * 1000003u + uint64_t(image);
  x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9u;
  return 0.9f + 0.2f * float(x >> 40) * 0x1p-24f;
}

// The mean loss of `count` rows of log-probabilities, and the share of them in
// which the label's is the largest.
void score(const float *output, const int32_t *labels, int count, float *loss,
           float *accuracy) {
  float sum = 0, right = 0;
  for (int i = 0; i < count; ++i, output += kClasses) {
    sum -= output[labels[i]];
    int best = 0;
    for (int c = 1; c < kClasses; ++c)
      best = output[c] > output[best] ? c : best;
    right += best == labels[i];
  }
  *loss = sum / float(count);
  *accuracy = right / float(count);
}

// Behind the gradients.
float *predictions(void **b) {
  return at<float>(b, Arena) + kTrainBatch * kClasses;
}

void trainImage(void **b, int64_t i, void *) {
  float *output = predictions(b) + i * kClasses;
  float *gradient = at<float>(b, Arena) + i * kClasses;
  forward(at<float>(b, Image) + i * kPixels, at<float>(b, Weight),
          at<float>(b, Bias), output);
  float scale = noise(*at<int64_t>(b, Seed), *at<int64_t>(b, Step), i);
  for (int c = 0; c < kClasses; ++c)
    gradient[c] = scale * (std::exp(output[c]) -
                           (c == at<int32_t>(b, Label)[i] ? 1.0f : 0.0f));
}

void trainClass(void **b, int64_t c, void *) {
  float rate = *at<float>(b, Rate);
  auto update = [&](float &value, float &velocity, float gradient) {
    velocity = kMomentum * velocity + gradient / kTrainBatch;
    value -= rate * velocity;
  };
  const float *gradient = at<float>(b, Arena);
  const float *images = at<float>(b, Image);
  for (int k = 0; k < kPixels; ++k) {
    float sum = 0;
    for (int i = 0; i < kTrainBatch; ++i)
      sum += gradient[i * kClasses + c] * images[i * kPixels + k];
    update(at<float>(b, Weight)[c * kPixels + k],
           at<float>(b, WeightV)[c * kPixels + k], sum);
  }
  float sum = 0;
  for (int i = 0; i < kTrainBatch; ++i)
    sum += gradient[i * kClasses + c];
  update(at<float>(b, Bias)[c], at<float>(b, BiasV)[c], sum);
}

void train(void **b, gm_parallel_fn parallel, void *pool) {
  parallel(pool, trainImage, b, kTrainBatch);
  score(predictions(b), at<int32_t>(b, Label), kTrainBatch, at<float>(b, Loss),
        at<float>(b, Accuracy));
  *at<float>(b, Mean) =
      0.9f * *at<float>(b, Mean) + 0.1f * at<float>(b, Image)[400];
  parallel(pool, trainClass, b, kClasses);
}

void inferImage(void **b, int64_t i, void *) {
  forward(at<float>(b, 0) + i * kPixels, at<float>(b, 1), at<float>(b, 2),
          at<float>(b, 3) + i * kClasses);
}

void infer(void **b, gm_parallel_fn parallel, void *pool) {
  parallel(pool, inferImage, b, kInferBatch);
}

template <int count> void lossOf(void **b, gm_parallel_fn, void *) {
  score(at<float>(b, 0), at<int32_t>(b, 1), count, at<float>(b, 2),
        at<float>(b, 3));
}

const gm_entry kEntries[] = {{"train", train},
                             {"infer", infer},
                             {"loss", lossOf<kInferBatch>},
                             {"loss_single", lossOf<1>}};

} // namespace

extern "C" __attribute__((visibility("default")))
const gm_artifact gradmill_artifact = {sizeof(gm_artifact),
                                       GRADMILL_ARTIFACT_ABI,
                                       kManifest,
                                       sizeof kManifest - 1,
                                       kEntries,
                                       4,
                                       kData,
                                       sizeof kData,
                                       nullptr,
                                       0};
