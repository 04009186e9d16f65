#include "report/KernelTable.h"
#include "test/Nlohmann.h"
#include "test/Testing.h"
#include "tools/Commands.h"

namespace gradmill::rt {

static EntrySpec entryOf(std::vector<KernelSpec> kernels) {
  EntrySpec entry;
  entry.name = "train";
  entry.batch = 128;
  entry.kernels = std::move(kernels);
  return entry;
}

static KernelSpec kernel(const std::string &name, int64_t macs) {
  KernelSpec k;
  k.name = name;
  k.macs = macs;
  k.bytesRead = 1'000'000;
  return k;
}

TEST(KernelTable, ShareOfPeakIsOfTheMultiplyAdds) {
  EntrySpec entry = entryOf({kernel("conv", 1'000'000'000), kernel("relu", 0)});
  StepTimes times;
  times.kernels = {{0.04, 0.004}, {0.06, 0}};
  times.step = 0.1;
  times.steps = 3;
  times.peak = {100, "avx2"};
  std::string text = kernelTable(entry, &times, false);
  // 2 GFLOP in 40 ms: 50 GFLOP/s, half of the peak, a tenth of it serial.
  EXPECT_NE(text.find("40.000  40.0%  10.0%     50.0  50.0%"),
            std::string::npos)
      << text;
  // 2 GFLOP at the peak take 20 ms of the 100.
  EXPECT_NE(text.find("20.000 ms, 6400/s. Share of that bound: 20.0%"),
            std::string::npos)
      << text;
  std::string sorted = kernelTable(entry, &times, true);
  EXPECT_LT(text.find("conv"), text.find("relu"));
  EXPECT_GT(sorted.find("conv"), sorted.find("relu"));
}

TEST(KernelTable, LongNamesAndNotesStayWithinTheLine) {
  std::string name = "op";
  for (int i = 0; i < 20; ++i)
    name += " + operation" + std::to_string(i);
  EntrySpec entry = entryOf({kernel(name, 5), kernel(name, 7)});
  entry.kernels[0].notes = {std::string(300, 'x'), "slow because " + name};
  entry.kernels[1].notes = {"slow because " + name};
  entry.kernels[0].schedule = "2 pixels x 4 channels";
  StepTimes times;
  times.kernels = {{1, 0}, {0, 0}};
  times.step = 1;
  times.peak = {100, "avx2"};
  for (const StepTimes *given :
       {(const StepTimes *)nullptr, (const StepTimes *)&times}) {
    std::string text = kernelTable(entry, given, false);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(line.size(), 120u) << line;
    EXPECT_NE(text.find("operation19"), std::string::npos);
    EXPECT_NE(text.find("0, 1: slow because"), std::string::npos) << text;
    EXPECT_NE(text.find("2 pixels x 4 channels"), std::string::npos);
  }
}

// What runs in one loop is shown together, whichever calls say so.
TEST(KernelTable, MergedLoopsHaveOneTime) {
  EntrySpec entry = entryOf(
      {kernel("a", 100), kernel("b", 200), kernel("c", 300), kernel("d", 400)});
  entry.calls = {{2}, {3}, {2, 3}, {1, 2}};
  EXPECT_EQ(firstOfLoop(entry), (std::vector<size_t>{0, 1, 1, 1}));
  StepTimes times;
  times.kernels = {{0.25, 0}, {0.75, 0}, {}, {}};
  times.step = 1;
  times.peak = {100, "avx2"};
  std::string text = kernelTable(entry, &times, true);
  EXPECT_NE(text.find("one loop of 3 kernels"), std::string::npos) << text;
  EXPECT_LT(text.find("   3 d"), text.find("   0 a")) << text;
  Nlohmann json = Nlohmann::parse(kernelJson(entry, &times));
  EXPECT_EQ(json["kernels"][2]["in_loop_of"], 1);
  EXPECT_FALSE(json["kernels"][2].contains("seconds"));
  EXPECT_DOUBLE_EQ(json["kernels"][1]["gflops"], 2e-9 * 900 / 0.75);
  EXPECT_NE(kernelTable(entry, nullptr, false).find("1, 2, 3: run in one loop"),
            std::string::npos);
}

// With clocks each kernel of a loop has its own time, and the loop their sum.
TEST(KernelTable, KernelsOfALoopAreTimedApart) {
  EntrySpec entry = entryOf({kernel("conv", 1'000'000'000), kernel("relu", 0)});
  entry.calls = {{0, 1}};
  StepTimes times;
  times.kernels = {{0.04, 0}, {0.06, 0}};
  times.apart = true;
  times.step = 0.2;
  times.peak = {100, "avx2"};
  std::string text = kernelTable(entry, &times, false);
  for (const char *row : {"100.000  50.0%   0.0%     20.0  20.0%",
                          "40.000  20.0%   0.0%     50.0  50.0%",
                          "60.000  30.0%   0.0%        -      -"})
    EXPECT_NE(text.find(row), std::string::npos) << row << "\n" << text;
  auto json = Nlohmann::parse(kernelJson(entry, &times));
  EXPECT_EQ(json["kernels"][0]["seconds"], 0.04);
  EXPECT_EQ(json["kernels"][1]["seconds"], 0.06);
  EXPECT_EQ(json["kernels"][1]["in_loop_of"], 0);
  EXPECT_EQ(json["kernels"][0]["share_of_peak"], 0.5);
}

TEST(KernelTable, NothingMeasuredIsNotAnError) {
  EntrySpec entry = entryOf({kernel("conv", 3)});
  Nlohmann json = Nlohmann::parse(kernelJson(entry, nullptr));
  EXPECT_FALSE(json.contains("step_seconds"));
  EXPECT_EQ(json["kernels"][0]["macs"], 3);
  StepTimes times;
  times.kernels = {{}};
  EXPECT_FALSE(kernelTable(entry, &times, true).empty());
}

// The code makes two calls; the manifest speaks of three.
TEST(KernelTable, CodeAndListMustFit) {
  Nlohmann manifest = Nlohmann::parse(gradmill_artifact.manifest);
  manifest["entries"]["train"]["calls"] = Nlohmann::parse("[[0], [1], [1]]");
  std::string text = manifest.dump();
  gm_artifact raw = gradmill_artifact;
  raw.manifest = text.c_str();
  raw.manifest_size = text.size();
  auto artifact = Artifact::fromMemory(&raw, "fake");
  ASSERT_TRUE(bool(artifact));
  auto model = Model::create(*artifact, 1);
  ASSERT_TRUE(bool(model));
  BenchOptions options;
  options.train = options.perOp = true;
  options.seconds = 0.01;
  options.threads = 1;
  testing::internal::CaptureStderr();
  EXPECT_EQ(runBench(**model, options), kBadInput);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("do not fit together"),
            std::string::npos);
}

} // namespace gradmill::rt
