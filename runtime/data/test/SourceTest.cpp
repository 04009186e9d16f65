// What stands after --data: names, paths, options; and how samples are split.
#include "data/Source.h"

#include "IdxFiles.h"
#include "data/Elements.h"
#include "data/Random.h"
#include "data/sources/Split.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace gradmill::rt::test {
namespace {

struct Source : ::testing::Test {
  TemporaryDirectory at;

  Source() { at.putText("a.csv", "x,y\n1,2\n"); }
  std::string message(const std::string &spec) {
    Result<DataSpec> parsed = parseDataSpec(spec);
    return parsed ? "none" : parsed.error().message;
  }
  std::string codeOf(const std::string &spec) {
    Result<DataSpec> parsed = parseDataSpec(spec);
    return parsed ? "none" : parsed.error().code;
  }
};

TEST_F(Source, EachHasANameADocAndOptionsWithDocs) {
  std::set<std::string> names;
  for (const DataSource *source : dataSources()) {
    EXPECT_TRUE(names.insert(source->name).second) << source->name;
    EXPECT_EQ(std::string(source->usage).find(source->name), 0u);
    EXPECT_NE(std::string(source->doc), "");
    for (const SourceOption &option : source->options)
      EXPECT_NE(std::string(option.doc), "") << option.key;
  }
  EXPECT_EQ(names.size(), 11u);
}

TEST_F(Source, NamesPathsAndOptions) {
  Result<DataSpec> name = parseDataSpec("mnist");
  ASSERT_TRUE(name);
  EXPECT_STREQ(name->source->name, "mnist");
  EXPECT_EQ(name->path, "");
  Result<DataSpec> path = parseDataSpec(at / "a.csv");
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_STREQ(path->source->name, "csv");
  EXPECT_EQ(path->path, at / "a.csv");
  Result<DataSpec> all =
      parseDataSpec("csv:" + (at / "a.csv") + "?target=a%26b&group=&header");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->path, at / "a.csv");
  SourceOptions given(*all);
  EXPECT_EQ(given.text("target"), "a&b");
  EXPECT_EQ(given.text("group"), "");
  EXPECT_TRUE(given.flag("header"));
  // Not there: whoever opens it says so.
  EXPECT_EQ(parseDataSpec("csv:none.csv?target=x")->path, "none.csv");
}

TEST_F(Source, APathMayHoldWhatSeparates) {
  at.putText("what? no.csv", "x,y\n1,2\n");
  at.putText("c:d?e=f.csv", "x,y\n1,2\n");
  Result<DataSpec> plain = parseDataSpec(at / "what? no.csv");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->path, at / "what? no.csv");
  Result<DataSpec> with = parseDataSpec((at / "c:d?e=f.csv") + "?seed=3");
  ASSERT_TRUE(with) << with.error().message;
  EXPECT_EQ(with->path, at / "c:d?e=f.csv");
  EXPECT_EQ(with->options.size(), 1u);
}

TEST_F(Source, MistakesGetSuggestions) {
  EXPECT_NE(message("cvs:a.csv").find("did you mean csv?"), std::string::npos);
  EXPECT_NE(message("safetensor:x").find("did you mean safetensors?"),
            std::string::npos);
  std::string unknown = message("csv:a.csv?tarket=y");
  EXPECT_NE(unknown.find("csv has no option \"tarket\"; did you mean target?"),
            std::string::npos)
      << unknown;
  EXPECT_NE(unknown.find("holdout"), std::string::npos);
  EXPECT_NE(message("mnist?seed=1").find("it has: none"), std::string::npos);
  EXPECT_EQ(codeOf("csv:a?seed=1&seed=2"), "data_option");
  EXPECT_EQ(codeOf("csv:a?target=%2"), "data_option");
  EXPECT_EQ(codeOf("csv:a?target=%zz"), "data_option");
  EXPECT_EQ(codeOf("csv:a?"), "data_option");
  EXPECT_EQ(codeOf(at / "none.csv"), "data_unknown");
  at.putText("a.txt", "");
  std::string unrecognized = message(at / "a.txt");
  EXPECT_NE(unrecognized.find("csv:FILE"), std::string::npos) << unrecognized;
  EXPECT_NE(openDataset("csv", {}).error().message.find("csv:FILE"),
            std::string::npos);
  EXPECT_EQ(openDataset("mnist:x", {}).error().code, "data_option");
}

TEST_F(Source, ValuesAreChecked) {
  for (const char *option :
       {"holdout=2", "holdout=-0.1", "holdout=x", "holdout=nan", "seed=-1",
        "seed=1.5", "holdout=0.5&test=b", "seed=2&test=b", "header=maybe",
        "delimiter=ab"}) {
    auto data = openDataset((at / "a.csv") + "?" + option, {});
    ASSERT_FALSE(data) << option;
    EXPECT_EQ(data.error().code, "data_option") << option;
    EXPECT_EQ(data.error().exit, kUsage);
  }
}

TEST_F(Source, AnySpecIsAnErrorOrAPath) {
  RandomStream random(1, Purpose::Digits, 0);
  const std::string letters = "csv:?&=%x1/.,;~\n";
  for (int trial = 0; trial < 2000; ++trial) {
    std::string spec = trial % 2 ? "csv:" + (at / "a.csv") + "?" : "";
    for (uint64_t n = random.below(12); n > 0; --n)
      spec += letters[random.below(letters.size())];
    Result<DataSpec> parsed = parseDataSpec(spec);
    if (!parsed)
      EXPECT_FALSE(parsed.error().message.empty());
  }
}

// --- Splits ------------------------------------------------------------------

Dataset numbered(uint64_t count) {
  Dataset data{"set", count, {}};
  Column column{.name = "x", .dtype = DType::I32, .shape = {2}};
  column.values = Pixels::allocate(count * 8);
  for (uint64_t i = 0; i < 2 * count; ++i)
    store(column.values.data(), i, int32_t(i / 2));
  data.columns.push_back(std::move(column));
  return data;
}

std::vector<int32_t> numbers(const Dataset &data) {
  std::vector<int32_t> all;
  for (uint64_t i = 0; i < data.samples; ++i) {
    all.push_back(load<int32_t>(data.columns[0].values.data(), 2 * i));
    EXPECT_EQ(load<int32_t>(data.columns[0].values.data(), 2 * i + 1),
              all.back());
  }
  return all;
}

TEST(Split, EachSampleIsInOnePartInOrder) {
  DatasetSplit split = holdOut(numbered(1000), 0.1, 1);
  auto train = numbers(split.train), test = numbers(split.test);
  EXPECT_EQ(train.size(), 900u);
  EXPECT_EQ(test.size(), 100u);
  EXPECT_TRUE(std::is_sorted(train.begin(), train.end()));
  EXPECT_TRUE(std::is_sorted(test.begin(), test.end()));
  std::set<int32_t> all(train.begin(), train.end());
  all.insert(test.begin(), test.end());
  EXPECT_EQ(all.size(), 1000u);
  EXPECT_LT(test[10], 300); // from everywhere
  EXPECT_EQ(numbers(holdOut(numbered(1000), 0.1, 1).test), test);
  EXPECT_NE(numbers(holdOut(numbered(1000), 0.1, 2).test), test);
}

TEST(Split, NeitherPartIsEmptyUnlessAsked) {
  for (uint64_t count : {2u, 3u, 9u}) {
    EXPECT_EQ(holdOut(numbered(count), 0.01, 1).test.samples, 1u);
    EXPECT_EQ(holdOut(numbered(count), 0.99, 1).train.samples, 1u);
  }
  EXPECT_EQ(holdOut(numbered(5), 0, 1).test.samples, 0u);
  EXPECT_EQ(holdOut(numbered(5), 1, 1).test.samples, 5u);
  EXPECT_EQ(holdOut(numbered(1), 0.5, 1).train.samples +
                holdOut(numbered(1), 0.5, 1).test.samples,
            1u);
}

} // namespace
} // namespace gradmill::rt::test
