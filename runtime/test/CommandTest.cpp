// The stand-alone trainer as a user meets it: a process with exit codes.
#include "test/Nlohmann.h"
#include "test/Testing.h"

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gradmill::rt {

class Command : public testing::Test {
protected:
  pid_t start(std::vector<std::string> arguments, const char *out = nullptr) {
    std::string stdoutPath = out ? out : dir.file("stdout");
    pid_t child = fork();
    if (child != 0)
      return child;
    arguments.insert(arguments.begin(), FAKE_TRAINER);
    std::vector<char *> argv;
    for (std::string &argument : arguments)
      argv.push_back(argument.data());
    argv.push_back(nullptr);
    dup2(open(stdoutPath.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
    dup2(open(dir.file("stderr").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600),
         2);
    if (chdir(dir.path.c_str()) == 0)
      execv(argv[0], argv.data());
    _exit(99);
  }
  int wait(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  int run(std::vector<std::string> arguments, const char *out = nullptr) {
    return wait(start(std::move(arguments), out));
  }
  std::string out() { return readText(dir.file("stdout")); }
  std::string err() { return readText(dir.file("stderr")); }

  TemporaryDirectory dir;
};

static const std::vector<std::string> kShort{"--data", "digits:400", "--epochs",
                                             "2",      "--threads",  "1"};

static std::vector<std::string> with(std::vector<std::string> base,
                                     std::vector<std::string> more) {
  base.insert(base.end(), more.begin(), more.end());
  return base;
}

TEST_F(Command, TrainsEvaluatesAndRuns) {
  ASSERT_EQ(run(kShort), 0) << err();
  EXPECT_NE(out().find("test accuracy"), std::string::npos) << out();
  EXPECT_NE(out().find("test image 0"), std::string::npos) << out();
  EXPECT_NE(err().find("epoch 2/2"), std::string::npos) << err();
  ASSERT_EQ(run({"eval", "--data", "digits:400", "--json"}), 0) << err();
  Nlohmann json = Nlohmann::parse(out(), nullptr, false);
  EXPECT_EQ(json["samples"], 80) << out();
  ASSERT_EQ(run({"run", "--count", "3", "--json"}), 0) << err();
  EXPECT_EQ(Nlohmann::parse(out(), nullptr, false)["output"].size(), 3u);
  ASSERT_EQ(run({"info", "--tensors"}), 0);
  EXPECT_NE(out().find("weight/velocity"), std::string::npos);
}

TEST_F(Command, JsonSummaryIsAllThereIsOnStdout) {
  ASSERT_EQ(run(with(kShort, {"--json", "--quiet"})), 0) << err();
  Nlohmann json = Nlohmann::parse(out(), nullptr, false);
  ASSERT_TRUE(json.is_object()) << out();
  EXPECT_EQ(json["step"], 50);
  EXPECT_TRUE(json["test_accuracy"].is_number());
  EXPECT_EQ(err(), "");
}

TEST_F(Command, BenchShowsKernels) {
  ASSERT_EQ(run({"bench", "--train", "--per-op", "--rounds", "2", "--seconds",
                 "0.02", "--sort", "time", "--threads", "2"}),
            0)
      << err();
  for (const char *expected :
       {"train: batch 16, 2 threads, medians of", "linear + softmax", "update",
        "1 image", "between kernels", "Share of that bound",
        "0, 1: not vectorized: written by hand"})
    EXPECT_NE(out().find(expected), std::string::npos) << out();
  EXPECT_EQ(out().find('\033'), std::string::npos);
  std::istringstream lines(out());
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 120u) << line;
}

TEST_F(Command, BenchKernelsAddUpToTheStep) {
  ASSERT_EQ(run({"bench", "--train", "--per-op", "--json", "--rounds", "1",
                 "--seconds", "0.1", "--threads", "1"}),
            0)
      << err();
  Nlohmann json = Nlohmann::parse(out(), nullptr, false);
  ASSERT_TRUE(json.is_object()) << out();
  ASSERT_EQ(json["kernels"].size(), 2u);
  double sum = json["between_kernels_seconds"];
  for (const Nlohmann &kernel : json["kernels"]) {
    EXPECT_GT(kernel["seconds"], 0.0);
    EXPECT_GT(kernel["gflops"], 0.0);
    sum += kernel["seconds"].get<double>();
  }
  // Medians do not add up exactly.
  EXPECT_NEAR(sum, json["step_seconds"].get<double>(), 0.5 * sum);
  EXPECT_GT(json["peak_gflops"], 0.1);
  EXPECT_NEAR(json["bound_seconds"].get<double>(),
              2 * 250880 / (1e9 * json["peak_gflops"].get<double>()), 1e-9);
}

TEST_F(Command, BenchWithoutKernelsSaysSo) {
  EXPECT_EQ(run({"bench", "--infer", "--per-op", "--seconds", "0.01"}), 3);
  EXPECT_NE(err().find("error[no_kernels]"), std::string::npos) << err();
  EXPECT_NE(err().find("compile the model again"), std::string::npos) << err();
  EXPECT_EQ(run({"bench", "--per-op", "--sort", "name"}), 2);
}

TEST_F(Command, InterruptLeavesACheckpointToResume) {
  std::vector<std::string> full =
      with(kShort, {"--epochs", "20000", "--eval-every", "0", "--max-steps"});
  for (int signal : {SIGINT, SIGTERM}) {
    pid_t child = start(with(full, {"1000000"}));
    // The first checkpoint says that training is under way.
    while (!std::filesystem::exists(dir.file("fake.ckpt.safetensors")))
      usleep(2000);
    kill(child, signal);
    EXPECT_EQ(wait(child), 130) << err();
    EXPECT_NE(err().find("--resume fake.ckpt.safetensors"), std::string::npos)
        << err();
    ASSERT_EQ(run({"--resume", "fake.ckpt.safetensors", "--max-steps", "1"}), 0)
        << err();
    EXPECT_NE(err().find("nothing to do"), std::string::npos) << err();
    std::filesystem::remove(dir.file("fake.ckpt.safetensors"));
    EXPECT_EQ(dir.count(), 2u); // stdout, stderr
  }
}

// A disk that fills up while training: a warning, the training goes on, the
// previous checkpoint survives, and the exit status tells.
TEST_F(Command, FullDiskKeepsThePreviousCheckpoint) {
  ASSERT_EQ(run(with(kShort, {"--max-steps", "5"})), 0) << err();
  std::string before = readText(dir.file("fake.ckpt.safetensors"));
  pid_t child = fork();
  if (child == 0) {
    rlimit limit{8192, 8192};
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit(run(with(kShort, {"--resume", "fake.ckpt.safetensors"})));
  }
  EXPECT_EQ(wait(child), 4);
  EXPECT_NE(err().find("checkpoint not written"), std::string::npos) << err();
  EXPECT_NE(out().find("test accuracy"), std::string::npos);
  EXPECT_EQ(readText(dir.file("fake.ckpt.safetensors")), before);
  EXPECT_EQ(dir.count(), 3u);
}

TEST_F(Command, SecondSignalStopsAtOnce) {
  pid_t child = start(with(kShort, {"--epochs", "20000", "--eval-every", "0"}));
  while (!std::filesystem::exists(dir.file("fake.ckpt.safetensors")))
    usleep(2000);
  kill(child, SIGINT);
  kill(child, SIGTERM);
  EXPECT_EQ(wait(child), 130);
}

TEST_F(Command, UsageErrors) {
  EXPECT_EQ(run({"--epochs", "none"}), 2);
  EXPECT_EQ(run({"evaluate"}), 2);
  EXPECT_NE(err().find("did you mean eval"), std::string::npos) << err();
  EXPECT_EQ(run({"predict"}), 2);
  EXPECT_EQ(run({"--resume", "a", "--weights", "b"}), 2);
  EXPECT_EQ(run({"eval", "--tread", "1"}), 2);
  EXPECT_NE(err().find("--threads"), std::string::npos) << err();
}

TEST_F(Command, BadInputAndIo) {
  EXPECT_EQ(run({"eval"}), 4); // no weights yet
  EXPECT_NE(err().find("train first"), std::string::npos);
  writeText(dir.file("bad"), "not a checkpoint");
  EXPECT_EQ(run({"--resume", "bad"}), 3);
  EXPECT_EQ(run({"eval", "--weights", "bad"}), 3);
  EXPECT_EQ(run({"eval", "--weights", "absent"}), 4);
  EXPECT_EQ(run({"run", "--init", "bad"}), 3);
  EXPECT_EQ(run(with(kShort, {"--checkpoint", "absent/c"})), 4);
  EXPECT_EQ(run(with(kShort, {"--metrics", "absent/m"})), 4);
  EXPECT_EQ(run({"info"}, "/dev/full"), 4);
}

// Before, NaN was a class and a loss like any other.
TEST_F(Command, WeightsThatAreNotFiniteAreSaid) {
  std::string header =
      R"({"weight":{"dtype":"F32","shape":[10,784],"data_offsets":[0,31360]},)"
      R"("bias":{"dtype":"F32","shape":[10],"data_offsets":[31360,31400]},)"
      R"("running_mean":{"dtype":"F32","shape":[1],)"
      R"("data_offsets":[31400,31404]}})";
  std::string data(31404, '\0'), size(8, '\0');
  data.replace(31396, 4, "\xff\xff\xff\xff", 4); // bias[9]
  size[0] = char(header.size()), size[1] = char(header.size() >> 8);
  writeText(dir.file("w"), size + header + data);
  for (auto arguments : std::vector<std::vector<std::string>>{
           {"eval", "--data", "digits:400", "-w", "w"},
           {"eval", "--data", "digits:400", "-w", "w", "--json"},
           {"run", "-w", "w"},
           {"run", "-w", "w", "--json"}}) {
    EXPECT_EQ(run(arguments), 1) << arguments[0] << out();
    EXPECT_NE(err().find("error[output_not_finite]"), std::string::npos)
        << err();
    EXPECT_NE(err().find("so is \"bias\""), std::string::npos) << err();
    EXPECT_EQ(out().find("-nan"), std::string::npos) << out();
  }
}

TEST_F(Command, HelpFitsTwoScreens) {
  ASSERT_EQ(run({"--help"}), 0);
  std::string text = out();
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 60) << text;
  EXPECT_NE(text.find("predict"), std::string::npos);
  EXPECT_EQ(run({"--version"}), 0);
}

TEST_F(Command, PredictKeepsGoingAfterABadImage) {
  ASSERT_EQ(run(with(kShort, {"--max-steps", "3"})), 0) << err();
  writeText(dir.file("bad.png"), "no image");
  EXPECT_NE(run({"predict", "bad.png", "--json"}), 0);
  EXPECT_EQ(Nlohmann::parse(out(), nullptr, false).size(), 0u);
}

} // namespace gradmill::rt
