#include "core/Manifest.h"
#include "test/Nlohmann.h"
#include "test/Testing.h"

namespace gradmill::rt {

static std::string goodText() { return gradmill_artifact.manifest; }

static Result<Manifest> parse(const std::string &text) {
  return parseManifest(text, gradmill_artifact.data_size, "fake");
}

TEST(Manifest, ParsesTheFakeModel) {
  auto manifest = parse(goodText());
  ASSERT_TRUE(bool(manifest)) << manifest.error().message;
  EXPECT_EQ(manifest->name, "fake");
  EXPECT_EQ(manifest->tensors.size(), 5u);
  EXPECT_EQ(manifest->tensors[0].bytes, 10u * 784 * 4);
  EXPECT_EQ(manifest->entry("train")->batch, 16);
  EXPECT_EQ(manifest->entry("nothing"), nullptr);
  EXPECT_EQ(manifest->optimizer, "sgd");
  EXPECT_EQ(manifest->graph, "00fake00");
  EXPECT_EQ(manifest->loss, "nll_loss");
  EXPECT_EQ(manifest->port("output")->meaning, Meaning::LogProbabilities);
  EXPECT_EQ(manifest->port("label")->classes, 10);
  EXPECT_EQ(manifest->port("image")->preprocess, "digit");
  EXPECT_TRUE(manifest->port("accuracy")->share);
  EXPECT_FALSE(manifest->port("loss")->batched);
  EXPECT_EQ(manifest->port("nothing"), nullptr);
  EXPECT_EQ(manifest->portsOf(PortRole::Data).size(), 1u);
  EXPECT_EQ(manifest->doing("loss")->name, "loss");
  EXPECT_EQ(manifest->doingSingly("loss")->name, "loss_single");
  EXPECT_EQ(manifest->doing("distill"), nullptr);
  const EntrySpec &train = *manifest->entry("train");
  ASSERT_EQ(train.kernels.size(), 2u);
  EXPECT_EQ(train.kernels[0].name, "linear + softmax");
  EXPECT_EQ(train.kernels[0].macs, 125440);
  EXPECT_EQ(train.kernels[0].notes.size(), 1u);
  EXPECT_EQ(train.kernels[1].schedule, "");
  EXPECT_EQ(train.calls, (std::vector<std::vector<int64_t>>{{0}, {1}}));
  // A compiler that says nothing of its kernels is none the worse.
  EXPECT_TRUE(manifest->entry("infer")->kernels.empty());
}

struct Damage {
  const char *name, *pointer, *value, *expected;
};

class ManifestDamage : public testing::TestWithParam<Damage> {};

TEST_P(ManifestDamage, IsReported) {
  Nlohmann json = Nlohmann::parse(goodText());
  json[Nlohmann::json_pointer(GetParam().pointer)] =
      Nlohmann::parse(GetParam().value);
  auto manifest = parse(json.dump());
  ASSERT_FALSE(bool(manifest));
  EXPECT_EQ(manifest.error().code, "bad_manifest");
  EXPECT_EQ(manifest.error().exit, kBadInput);
  EXPECT_NE(manifest.error().message.find(GetParam().expected),
            std::string::npos)
      << manifest.error().message;
}

static const Damage kDamages[] = {
    {"Format", "/format", "3", "format"},
    {"OlderFormat", "/format", "1", "older"},
    {"Name", "/name", "7", "name"},
    {"EmptyName", "/name", "\"\"", "name"},
    {"Graph", "/graph", "7", "graph"},
    {"Loss", "/loss", "[]", "loss"},
    {"Meaning", "/ports/1/meaning", "\"numbers\"", "ports[1].meaning"},
    {"Ports", "/ports", "{}", "ports"},
    {"PortRole", "/ports/0/role", "\"guest\"", "ports[0].role"},
    {"PortTwice", "/ports/1/name", "\"image\"", "used twice"},
    {"PortOfNoEntry", "/ports/0/name", "\"picture\"", "is no port"},
    {"PortOfOtherRole", "/ports/0/role", "\"metric\"", "a port for metric"},
    {"Ignore", "/ports/2/ignore", "1e12", "ports[2].ignore"},
    {"Share", "/ports/4/share", "1", "ports[4].share"},
    {"Does", "/entries/train/does", "\"dance\"", "unknown"},
    {"Plugins", "/plugins", "[1]", "plugins"},
    {"Accumulate", "/accumulate", "0", "accumulate"},
    {"AccumulateHuge", "/accumulate", "1e300", "accumulate"},
    {"AccumulateAlone", "/entries/train/does", "\"accumulate\"",
     "\"accumulate\" is missing"},
    {"UpdateAlone", "/entries/train/does", "\"update\"",
     "\"accumulate\" is missing"},
    {"Gradients", "/entries/infer/does", "\"gradients\"",
     "no port for a gradient"},
    {"AverageOfNothing", "/tensors/3/role", "\"average\"",
     "is the average of no tensor"},
    {"Whole", "/ports/0/whole", "1", "ports[0].whole"},
    {"ExactConv", "/exact_conv", "1", "exact_conv"},
    {"Classes", "/ports/2/classes", "-1", "classes"},
    {"HugeClasses", "/ports/2/classes", "18446744073709551615", "classes"},
    {"PortShape", "/ports/0/shape", "[1, -28, 28]", "ports[0].shape"},
    {"PortRank", "/ports/0/shape", "[1,1,1,1,1,1,1,1,1]", "ports[0].shape"},
    {"PortOverflow", "/ports/0/shape", "[2147483647, 2147483647, 2147483647]",
     "ports[0].shape"},
    {"Std", "/ports/0/std", "[0]", "ports[0].std"},
    {"Mean", "/ports/0/mean", "[1, 2]", "ports[0].mean"},
    {"MeanText", "/ports/0/mean", "[\"a\"]", "ports[0].mean"},
    {"Optimizer", "/optimizer", "3", "optimizer"},
    {"NoRate", "/learning_rate", "0", "learning_rate"},
    {"EndlessRate", "/learning_rate", "1e300", "learning_rate"},
    {"Tensors", "/tensors", "{}", "tensors"},
    {"Role", "/tensors/0/role", "\"boss\"", "tensors[0].role"},
    {"DType", "/tensors/0/dtype", "\"f7\"", "tensors[0].dtype"},
    {"TensorShape", "/tensors/0/shape", "[1.5]", "tensors[0].shape"},
    {"TensorOverflow", "/tensors/0/shape",
     "[2147483647, 2147483647, 2147483647]", "too large"},
    {"Twice", "/tensors/1/name", "\"weight\"", "used twice"},
    {"InitKind", "/tensors/0/init/kind", "\"magic\"", "init.kind"},
    {"FanIn", "/tensors/0/init/fan_in", "0", "fan_in"},
    {"Gain", "/tensors/0/init/gain", "\"x\"", "gain"},
    {"DataOffset", "/tensors/1/init/offset", "9", "data bytes"},
    {"DataNegative", "/tensors/1/init/offset", "-1", "offset"},
    {"DataBytes", "/tensors/1/init/bytes", "44", "bytes"},
    {"Entries", "/entries", "{}", "entries"},
    {"Batch", "/entries/train/batch", "0", "batch"},
    {"BatchMismatch", "/entries/train/batch", "8", "expected"},
    {"Arena", "/entries/train/arena_bytes", "-1", "arena_bytes"},
    {"HugeArena", "/entries/train/arena_bytes", "1000000000000000",
     "arena_bytes"},
    {"BufferKind", "/entries/train/buffers/0/kind", "\"attic\"", "kind"},
    {"StateIndex", "/entries/train/buffers/6/tensor", "5", "tensor"},
    {"StateTwice", "/entries/train/buffers/6/tensor", "1", "listed twice"},
    {"TwoArenas", "/entries/train/buffers/1", "{\"kind\": \"arena\"}",
     "two arenas"},
    {"Scalar", "/entries/train/buffers/3/name", "\"mood\"", "unknown"},
    {"ScalarType", "/entries/train/buffers/3/dtype", "\"i32\"", "expected"},
    {"InputType", "/entries/train/buffers/1/dtype", "\"f64\"", "expected"},
    {"LossMissing", "/entries/train/buffers/11/name", "\"los\"", "is no port"},
    {"LossGone", "/entries/train/buffers/11",
     "{\"kind\": \"prepared\", \"name\": \"p\", \"dtype\": \"f32\", \"shape\": []}",
     "missing"},
    {"Kernels", "/entries/train/kernels", "{}", "entries.train.kernels"},
    {"KernelIsNone", "/entries/train/kernels/1", "3",
     "entries.train.kernels[1]"},
    {"KernelName", "/entries/train/kernels/0/name", "\"\"",
     "entries.train.kernels[0].name"},
    {"KernelMacs", "/entries/train/kernels/1/macs", "-1", "kernels[1].macs"},
    {"KernelHugeMacs", "/entries/train/kernels/1/macs", "9223372036854775807",
     "kernels[1].macs"},
    {"KernelBytes", "/entries/train/kernels/0/bytes_read", "\"many\"",
     "kernels[0].bytes_read"},
    {"KernelSchedule", "/entries/train/kernels/0/schedule", "[2, 4]",
     "kernels[0].schedule"},
    {"Notes", "/entries/train/notes", "{}", "entries.train.notes"},
    {"NoteIsNone", "/entries/train/notes/0", "\"slow\"",
     "entries.train.notes[0]"},
    {"NoteText", "/entries/train/notes/0/text", "1",
     "entries.train.notes[0].text"},
    {"NoteOfNoKernel", "/entries/train/notes/0/kernels", "[2]",
     "entries.train.notes[0].kernels"},
    {"NotesAlone", "/entries/infer/notes", "[]", "entries.infer.kernels"},
    {"KernelLanes", "/entries/train/kernels/0/lanes", "0", "kernels[0].lanes"},
    {"Calls", "/entries/train/calls", "7", "entries.train.calls"},
    {"CallOfNoKernel", "/entries/train/calls/1", "[0, 2]",
     "entries.train.calls[1]"},
    {"CallNegative", "/entries/train/calls/0", "[-1]",
     "entries.train.calls[0]"},
    {"CallHuge", "/entries/train/calls/0", "[18446744073709551615]",
     "entries.train.calls[0]"},
    {"CallNumber", "/entries/train/calls/0", "0", "entries.train.calls[0]"},
    {"CallsAlone", "/entries/infer/calls", "[[0]]", "entries.infer.kernels"},
    {"OutputShape", "/entries/infer/buffers/3/shape", "[32, 11]", "expected"},
};

INSTANTIATE_TEST_SUITE_P(All, ManifestDamage, testing::ValuesIn(kDamages),
                         [](const auto &info) { return info.param.name; });

// What the compiler asks of a manifest before it writes one: the same rules,
// named without the advice for files.
TEST(Manifest, ProblemNamesTheRule) {
  uint64_t size = gradmill_artifact.data_size;
  EXPECT_EQ(manifestProblem(goodText(), size), "");
  EXPECT_EQ(manifestProblem("{\"a\": nan}", size), "not valid JSON");
  Nlohmann json = Nlohmann::parse(goodText());
  json["ports"][0]["std"] = {0.0};
  EXPECT_EQ(manifestProblem(json.dump(), size), "ports[0].std is not positive");
}

// Lists are bounded by the size of the text, and read in a time that follows
// it.
TEST(Manifest, ManyKernelsAndTensors) {
  constexpr size_t many = 20000;
  Nlohmann json = Nlohmann::parse(goodText());
  Nlohmann &train = json["entries"]["train"];
  for (size_t i = 2; i < many; ++i) {
    train["kernels"].push_back(train["kernels"][1]);
    train["calls"].push_back({i});
    Nlohmann tensor = json["tensors"][2];
    tensor["name"] = "t" + std::to_string(i);
    json["tensors"].push_back(tensor);
  }
  auto manifest = parse(json.dump());
  ASSERT_TRUE(bool(manifest)) << manifest.error().message;
  EXPECT_EQ(manifest->entry("train")->kernels.size(), many);
  json["tensors"].back()["name"] = "t7";
  EXPECT_FALSE(bool(parse(json.dump())));
  EXPECT_FALSE(bool(parse(std::string((64u << 20) + 1, ' '))));
}

// Whatever happens to the bytes: an error, or a manifest that can be used.
TEST(ManifestFuzz, Truncations) {
  std::string good = goodText();
  for (size_t size = 0; size + 1 < good.size(); ++size)
    EXPECT_FALSE(bool(parse(good.substr(0, size)))) << size;
}

TEST(ManifestFuzz, ByteFlips) {
  std::string good = goodText();
  for (size_t i = 0; i < good.size(); ++i)
    for (unsigned char flip : {0x01, 0x04, 0x10, 0x80}) {
      std::string bad = good;
      bad[i] = char(bad[i] ^ flip);
      auto manifest = parse(bad);
      if (manifest) {
        EXPECT_TRUE(entryProblem(*manifest, manifest->entries[0]).empty());
      } else {
        EXPECT_EQ(manifest.error().code, "bad_manifest");
      }
    }
}

TEST(ManifestFuzz, DeepNesting) {
  EXPECT_FALSE(bool(parse(std::string(200000, '['))));
  EXPECT_FALSE(
      bool(parse(std::string("{\"name\":") + std::string(100000, '['))));
}

} // namespace gradmill::rt
