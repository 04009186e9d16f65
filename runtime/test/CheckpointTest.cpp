#include "checkpoint/Checkpoint.h"
#include "checkpoint/SafeTensors.h"
#include "test/Testing.h"

namespace gradmill::rt {

static TrainState sampleState() {
  TrainState state;
  state.step = 12;
  state.epoch = 1;
  state.seed = 9;
  state.lossSum = 0.1;
  state.metricSums = {3, 0.1};
  state.seen = 32;
  state.options = "{\"epochs\":3}";
  state.dataHash = "hash";
  return state;
}

TEST(Checkpoint, RoundTrip) {
  TemporaryDirectory dir;
  std::string path = dir.file("c");
  auto a = fakeModel(), b = fakeModel();
  a->init(7);
  ASSERT_FALSE(saveCheckpoint(*a, sampleState(), path));
  auto state = loadCheckpoint(*b, path);
  ASSERT_TRUE(bool(state)) << state.error().message;
  EXPECT_EQ(stateBytes(*a), stateBytes(*b));
  EXPECT_EQ(state->step, 12);
  EXPECT_EQ(state->epoch, 1);
  EXPECT_EQ(state->seed, 9u);
  EXPECT_EQ(state->lossSum, 0.1);
  EXPECT_EQ(state->metricSums, (std::vector<double>{3, 0.1}));
  EXPECT_EQ(state->options, "{\"epochs\":3}");
}

// The checkpoint with one entry of its metadata changed, or removed.
static std::string altered(const TemporaryDirectory &dir,
                           const std::string &path, const std::string &key,
                           const char *value) {
  auto file = readSafeTensors(path);
  EXPECT_TRUE(bool(file));
  file->metadata.erase("gradmill.crc32");
  file->metadata.erase(key);
  if (value)
    file->metadata[key] = value;
  EXPECT_FALSE(
      writeSafeTensors(dir.file("altered"), file->tensors, file->metadata));
  return dir.file("altered");
}

TEST(Checkpoint, RefusesWhatAnotherModelWasTrainedBy) {
  TemporaryDirectory dir;
  std::string path = dir.file("c");
  auto model = fakeModel();
  ASSERT_FALSE(saveCheckpoint(*model, sampleState(), path));
  std::string before = stateBytes(*model);
  struct {
    const char *key, *value, *line;
  } changes[] = {
      {"gradmill.graph", "another",
       "graph: another in the checkpoint, 00fake00"},
      {"gradmill.loss", "hinge",
       "loss: hinge in the checkpoint, nll_loss here"},
      {"gradmill.batch", "32", "batch: 32 in the checkpoint, 16 here"},
      {"gradmill.optimizer", "{\"momentum\":0.5,\"name\":\"sgd\"}",
       "optimizer: {\"momentum\":0.5,\"name\":\"sgd\"} in the checkpoint, "
       "{\"momentum\":0.9,\"name\":\"sgd\"} here"}};
  for (auto [key, value, line] : changes) {
    auto state = loadCheckpoint(*model, altered(dir, path, key, value));
    ASSERT_FALSE(bool(state)) << key;
    EXPECT_EQ(state.error().code, "resume_mismatch");
    EXPECT_NE(state.error().message.find(line), std::string::npos)
        << state.error().message;
    EXPECT_EQ(stateBytes(*model), before);
    auto missing = loadCheckpoint(*model, altered(dir, path, key, nullptr));
    ASSERT_FALSE(bool(missing)) << key;
    EXPECT_EQ(missing.error().code, "not_a_checkpoint");
  }
  // Code may differ; who resumes is told.
  auto other = loadCheckpoint(*model, altered(dir, path, "gradmill.code", "x"));
  ASSERT_TRUE(bool(other));
  EXPECT_EQ(other->origin.code, "x");
}

TEST(Checkpoint, RefusesDamagedSums) {
  TemporaryDirectory dir;
  std::string path = dir.file("c");
  auto model = fakeModel();
  ASSERT_FALSE(saveCheckpoint(*model, sampleState(), path));
  for (const char *bad : {"x", "1,", ",1", "1,,2", "nan", "1;2"}) {
    auto state = loadCheckpoint(
        *model, altered(dir, path, "gradmill.epoch_metric_sums", bad));
    ASSERT_FALSE(bool(state)) << bad;
    EXPECT_EQ(state.error().code, "not_a_checkpoint");
  }
}

// Another head, a tensor that is gone and one that nobody knows.
TEST(Checkpoint, WeightsThatFitOnlyInPart) {
  TemporaryDirectory dir;
  auto from = fakeModel(), to = fakeModel();
  from->init(5);
  ASSERT_FALSE(saveCheckpoint(*from, sampleState(), dir.file("c")));
  auto file = readSafeTensors(dir.file("c"));
  ASSERT_TRUE(bool(file));
  std::vector<StoredTensor> tensors;
  for (StoredTensor tensor : file->tensors) {
    if (tensor.name == "weight")
      tensor.shape = {784, 10};
    if (tensor.name == "running_mean")
      tensor.name = "stranger";
    tensors.push_back(tensor);
  }
  ASSERT_FALSE(writeSafeTensors(dir.file("other"), tensors, {}));
  ASSERT_TRUE(loadWeights(*to, dir.file("other"))); // refused as a whole
  auto loaded = loadWeightsThatFit(*to, dir.file("other"));
  ASSERT_TRUE(bool(loaded)) << loaded.error().message;
  using Names = std::vector<std::string>;
  EXPECT_EQ(loaded->taken, Names{"bias"});
  EXPECT_EQ(loaded->differ,
            Names{"weight: F32 [784, 10], the model has F32 [10, 784]: exactly "
                   "transposed; gradmill weights --transpose turns it around"});
  EXPECT_EQ(loaded->missing, Names{"running_mean"});
  EXPECT_EQ(loaded->unused, Names{"stranger"});
  EXPECT_EQ(0, std::memcmp(to->tensor("bias")->data, from->tensor("bias")->data,
                           40));
  EXPECT_NE(0, std::memcmp(to->tensor("weight")->data,
                           from->tensor("weight")->data, 31360));
  for (StoredTensor &tensor : tensors)
    tensor.name = "x." + tensor.name;
  ASSERT_FALSE(writeSafeTensors(dir.file("none"), tensors, {}));
  auto none = loadWeightsThatFit(*to, dir.file("none"));
  ASSERT_FALSE(bool(none));
  EXPECT_EQ(none.error().code, "weights_mismatch");
}

TEST(Checkpoint, OptimizerAsOption) {
  EXPECT_EQ(optimizerOption("{\"name\":\"adam\"}"), "adam");
  EXPECT_EQ(optimizerOption("{\"name\":\"sgd\",\"momentum\":0.1,\"nesterov\":1,"
                            "\"weight_decay\":0.0005}"),
            "sgd:momentum=0.1,nesterov=1,weight_decay=0.0005");
  const char *grouped = "{\"name\":\"sgd\",\"groups\":\"*.bias:lr=0\"}";
  EXPECT_EQ(optimizerOption(grouped), "sgd");
  EXPECT_EQ(stepOption(grouped, "groups"), "*.bias:lr=0");
  EXPECT_EQ(stepOption("{\"name\":\"sgd\"}", "groups"), "");
  const std::string step =
      "{\"accumulate\":4,\"ema\":0.999,\"name\":\"sgd\",\"transforms\":"
      "\"clip_norm:max=1\"}";
  EXPECT_EQ(optimizerOption(step), "sgd");
  EXPECT_EQ(stepOption(step, "accumulate"), "4");
  EXPECT_EQ(stepOption(step, "ema"), "0.999");
  EXPECT_EQ(stepOption(step, "transforms"), "clip_norm:max=1");
  for (const char *bad : {"", "[]", "{}", "{\"name\":1}",
                          "{\"name\":\"sgd\",\"momentum\":\"a\"}"})
    EXPECT_EQ(optimizerOption(bad), "") << bad;
}

TEST(Checkpoint, WeightsHaveNoOptimizerState) {
  TemporaryDirectory dir;
  std::string path = dir.file("w");
  auto a = fakeModel(), b = fakeModel();
  a->init(7);
  ASSERT_FALSE(saveWeights(*a, path));
  auto file = readSafeTensors(path);
  ASSERT_TRUE(bool(file));
  EXPECT_EQ(file->tensors.size(), 3u);
  EXPECT_FALSE(loadWeights(*b, path));
  EXPECT_EQ(stateBytes(*a), stateBytes(*b));
  auto state = loadCheckpoint(*b, path);
  ASSERT_FALSE(bool(state));
  EXPECT_EQ(state.error().code, "not_a_checkpoint");
}

TEST(Checkpoint, MismatchesAreAllListed) {
  TemporaryDirectory dir;
  std::string path = dir.file("w");
  float values[10] = {};
  ASSERT_FALSE(writeSafeTensors(path,
                                {{"bias", "F32", {5}, values, 20},
                                 {"running_mean", "I32", {1}, values, 4}},
                                {}));
  auto model = fakeModel();
  std::string before = stateBytes(*model);
  Status status = loadWeights(*model, path);
  ASSERT_TRUE(bool(status));
  EXPECT_EQ(status->code, "weights_mismatch");
  for (const char *part :
       {"bias: F32 [5]", "running_mean: I32", "weight: missing"})
    EXPECT_NE(status->message.find(part), std::string::npos) << status->message;
  EXPECT_EQ(stateBytes(*model), before);
}

// A flipped byte anywhere is noticed, whether training goes on or starts from
// the weights; and the model is untouched.
TEST(CheckpointFuzz, DamageNeverLoads) {
  TemporaryDirectory dir;
  std::string path = dir.file("c"), bad = dir.file("bad");
  auto model = fakeModel();
  ASSERT_FALSE(saveCheckpoint(*model, sampleState(), path));
  std::string good = readText(path), before = stateBytes(*model);
  for (size_t i = 0; i < good.size(); i += i < 1600 ? 1 : 97) {
    for (char flip : {0x01, 0x11, 0x20}) {
      std::string flipped = good;
      flipped[i] = char(flipped[i] ^ flip);
      writeText(bad, flipped);
      EXPECT_FALSE(bool(loadCheckpoint(*model, bad))) << i;
      EXPECT_TRUE(bool(loadWeights(*model, bad))) << i;
    }
    writeText(bad, good.substr(0, i));
    EXPECT_FALSE(bool(loadCheckpoint(*model, bad)));
  }
  EXPECT_EQ(stateBytes(*model), before);
}

} // namespace gradmill::rt
