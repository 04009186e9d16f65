#include "test/Testing.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/OptionParser.h"
#include "tools/RawInput.h"

namespace gradmill::rt {

static std::optional<int> parse(TrainOptions &options,
                                const Arguments &arguments) {
  CLI::App app("test", "test");
  addTrainOptions(app, options);
  return parseCommandLine(app, arguments);
}

TEST(Options, AreRead) {
  TrainOptions o;
  ASSERT_FALSE(parse(o, {"--epochs", "3", "--lr=0.5", "--schedule", "cosine",
                         "--warmup", "0.1", "--rotate", "7", "--data", "digits",
                         "-j2", "--no-download", "--json"}));
  EXPECT_EQ(o.epochs, 3);
  EXPECT_EQ(o.schedule.lr, 0.5);
  EXPECT_EQ(o.schedule.kind, ScheduleKind::Cosine);
  EXPECT_EQ(o.schedule.warmup, 0.1);
  EXPECT_EQ(o.augment.rotationDegrees, 7);
  EXPECT_EQ(o.threads, 2);
  EXPECT_FALSE(o.allowDownload);
  EXPECT_TRUE(o.json);
  EXPECT_EQ(o.given, (std::set<std::string>{"epochs", "lr", "schedule",
                                            "warmup", "rotate", "data"}));
}

static std::string usageErrorOf(const Arguments &arguments) {
  TrainOptions o;
  testing::internal::CaptureStderr();
  auto exit = parse(o, arguments);
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(exit, int(kUsage)) << text;
  return text;
}

TEST(Options, BadValuesAreUsageErrors) {
  struct {
    const char *option, *value, *allowed;
  } cases[] = {
      {"--epochs", "0", "1..100000"},
      {"--epochs", "1.5", "whole number"},
      {"--lr", "fast", "number"},
      {"--lr", "nan", "number"},
      {"--lr", "-1", "number"},
      {"--schedule", "linear", "onecycle"},
      {"--seed", "-3", "whole number"},
      {"--threads", "65", "0..64"},
      {"--warmup", "1", "0..0.99"},
      {"--max-steps", "x", "whole number"},
      {"--rotate", "inf", "0..180"},
      {"--demo", "99999999999999999999", "0..1000"},
  };
  for (auto &c : cases) {
    std::string text = usageErrorOf({std::string(c.option) + "=" + c.value});
    EXPECT_NE(text.find(c.option), std::string::npos) << text;
    EXPECT_NE(text.find(c.allowed), std::string::npos) << c.option << text;
  }
}

TEST(Options, WordsInEveryForm) {
  int number = 0;
  double rate = 0;
  bool quiet = false, json = true;
  std::string once, form, other;
  std::vector<std::string> plugins, images;
  CLI::App app("test", "test");
  app.add_option("-j,--threads", number, "")->take_last();
  app.add_option("--rate", rate, "")->take_last();
  app.add_flag("-q,--quiet", quiet, "");
  app.add_flag("--json", json, "");
  app.add_option("--once", once, "");
  app.add_option("--form", form, "")->implied("table");
  app.add_option("--other", other, "")->implied("table");
  app.add_option("--plugin", plugins, "")->allow_extra_args(false);
  app.add_option("IMAGE", images, "")->required();
  app.parse({"-qj", "3", "--rate", "-1.5e3", "--form", "a.png", "--other=json",
             "--json=false", "--plugin", "one", "--plugin=two", "-j4", "--",
             "--b.png"});
  EXPECT_EQ(number, 4);
  EXPECT_EQ(rate, -1500);
  EXPECT_TRUE(quiet);
  EXPECT_FALSE(json);
  EXPECT_EQ(form, "table"); // and "a.png" is not its value
  EXPECT_EQ(other, "json");
  EXPECT_EQ(plugins, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(images, (std::vector<std::string>{"a.png", "--b.png"}));
  auto problem = [](const Arguments &arguments) -> std::string {
    bool flag;
    std::string once, image;
    CLI::App app("test", "test");
    app.add_flag("--flag", flag, "");
    app.add_option("--once", once, "")->type_name("FILE");
    app.add_option("IMAGE", image, "")->required();
    try {
      app.parse(arguments);
    } catch (const CLI::ParseError &e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(problem({"i", "--once", "a", "--once", "b"}),
            "--once: given more than once");
  EXPECT_EQ(problem({"i", "--once"}), "--once: a value is missing, FILE");
  EXPECT_EQ(problem({"i", "--flag=maybe"}),
            "--flag: \"maybe\" is not true or false");
  EXPECT_EQ(problem({}), "IMAGE is required");
  EXPECT_EQ(problem({"i", "stray"}), "stray");
}

TEST(Options, TyposGetSuggestions) {
  EXPECT_NE(usageErrorOf({"--epoch", "3"}).find("did you mean --epochs"),
            std::string::npos);
  EXPECT_NE(usageErrorOf({"--treads=3"}).find("--threads"), std::string::npos);
  EXPECT_EQ(usageErrorOf({"--xyzzy"}).find("did you mean"), std::string::npos);
  usageErrorOf({"stray"});
  EXPECT_EQ(nearest("evla", {"train", "eval"}), "eval");
  EXPECT_EQ(nearest("x", {"train", "eval"}), "");
  EXPECT_EQ(nearest("epsilon", {"eps", "momentum"}), "eps");
  EXPECT_EQ(nearest(std::string(100, 'a'), {std::string(99, 'a')}), "");
}

TEST(Options, ConfigFilesYieldToTheCommandLine) {
  TemporaryDirectory dir;
  std::string path = dir.file("recipe.toml");
  writeText(path, "# a recipe\nepochs = 4\nlr = 0.2\nschedule = \"step\"\n"
                  "no-download = true\n");
  TrainOptions o;
  ASSERT_FALSE(parse(o, {"--lr", "0.3", "--config", path}));
  EXPECT_EQ(o.epochs, 4);
  EXPECT_EQ(o.schedule.lr, 0.3);
  EXPECT_EQ(o.schedule.kind, ScheduleKind::Step);
  EXPECT_FALSE(o.allowDownload);
  writeText(path, "[recipe]\ndata = 'a # b' # c\n; d\n\nepochs=5");
  TrainOptions quoted;
  ASSERT_FALSE(parse(quoted, {"--config=" + path}));
  EXPECT_EQ(quoted.data, "a # b");
  EXPECT_EQ(quoted.epochs, 5);
  writeText(path, "epochs = [1, 2]\n");
  EXPECT_EQ(expandConfig({"--config", path}).error().code, "bad_config");
  writeText(path, "epoch = 4\n");
  EXPECT_NE(usageErrorOf({"--config", path}).find("--epochs"),
            std::string::npos);
  EXPECT_EQ(expandConfig({"--config", dir.file("none")}).error().exit, kIo);
}

static PortSpec floatPort(int64_t elements) {
  PortSpec port;
  port.name = "x";
  port.shape = {elements};
  port.elements = uint64_t(elements);
  return port;
}

TEST(RawInput, ReadsNpyAndRaw) {
  TemporaryDirectory dir;
  float values[] = {1, 2, 3, 4};
  std::string data(reinterpret_cast<char *>(values), sizeof values);
  writeText(dir.file("raw"), data);
  auto raw = readPort(dir.file("raw"), floatPort(2));
  ASSERT_TRUE(bool(raw));
  EXPECT_EQ(std::string(raw->begin(), raw->end()), data);
  std::string header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";
  std::string npy = std::string("\x93NUMPY\x01\x00", 8) + char(header.size()) +
                    '\0' + header + data;
  writeText(dir.file("a.npy"), npy);
  auto parsed = readPort(dir.file("a.npy"), floatPort(2));
  ASSERT_TRUE(bool(parsed)) << parsed.error().message;
  EXPECT_EQ(*parsed, *raw);
  EXPECT_EQ(readPort(dir.file("raw"), floatPort(3)).error().code, "bad_size");
  EXPECT_EQ(readPort(dir.file("none"), floatPort(3)).error().code, "file_not_found");
  for (size_t size = 0; size < npy.size(); ++size) {
    writeText(dir.file("t.npy"), npy.substr(0, size));
    EXPECT_FALSE(bool(readPort(dir.file("t.npy"), floatPort(2)))) << size;
  }
}

// The header is a dictionary: what looks like a key within a value is none.
TEST(RawInput, NpyHeadersAreParsed) {
  TemporaryDirectory dir;
  std::string path = dir.file("a.npy");
  auto codeOf = [&](const std::string &header, char version = 1) {
    std::string size{char(header.size()), char(header.size() >> 8)};
    writeText(path, std::string("\x93NUMPY") + version + '\0' + size +
                        (version == 1 ? "" : std::string(2, '\0')) + header +
                        std::string(16, '\0'));
    auto values = readPort(path, floatPort(4));
    return values ? "" : values.error().code;
  };
  for (const char *good :
       {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4), }   \n",
        "{'shape':(4,),'fortran_order':False,\"descr\":\"<f4\"}",
        " { 'descr' : '<f4' , 'shape' : ( 1 , 4 ) , 'fortran_order' : False }"})
    EXPECT_EQ(codeOf(good), "") << good;
  for (const char *bad :
       {"", "{}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (4,), 'a': '<f4'}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4,)} '<f4'",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (4,), "
        "'x': \"'fortran_order': False\"}",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4, 1)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, "
        "'shape': (4,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (5,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': "
        "(4294967296, 4294967296, 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4,)",
        "'descr': '<f4', 'fortran_order': False, 'shape': (4,)"})
    EXPECT_EQ(codeOf(bad), "bad_npy") << bad;
  std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}";
  EXPECT_EQ(codeOf(good, 2), "");
  EXPECT_EQ(codeOf(good, 3), "");
  EXPECT_EQ(codeOf(good, 4), "bad_npy");
}

} // namespace gradmill::rt
