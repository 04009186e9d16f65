#include "Temporary.h"
#include "data/Elements.h"
#include "data/Open.h"
#include "data/Random.h"
#include "data/sources/CsvText.h"

#include "IdxFiles.h"

#include <cmath>
#include <gtest/gtest.h>

namespace gradmill::rt::test {
namespace {

struct Csv : ::testing::Test {
  TemporaryDirectory at;

  // All in the training set.
  Result<DatasetSplit> open(const std::string &text,
                            const std::string &options = "",
                            const std::string &name = "a.csv") {
    at.putText(name, text);
    return openDataset((at / name) + "?holdout=0" +
                           (options.empty() ? "" : "&" + options),
                       {});
  }
  std::string message(const std::string &text,
                      const std::string &options = "") {
    auto data = open(text, options);
    return data ? "none" : data.error().message;
  }
  void expectError(const std::string &text, const std::string &part,
                   const std::string &options = "") {
    EXPECT_NE(message(text, options).find(part), std::string::npos)
        << message(text, options);
  }
};

template <typename T> std::vector<T> valuesOf(const Column &column) {
  std::vector<T> values(column.values.size() / sizeof(T));
  std::memcpy(values.data(), column.values.data(), column.values.size());
  return values;
}

using Wholes = std::vector<int64_t>;
using Numbers = std::vector<double>;

const char *const kHouses = "area,rooms,city,price\n"
                            "70.5,3,Rome,100\n"
                            "40,2,\"New, York\",90\n"
                            "55,2,Rome,-3\n";

TEST_F(Csv, ColumnsHaveTheTypesOfTheirValues) {
  auto data = open(kHouses, "target=price,city&group=");
  ASSERT_TRUE(data) << data.error().message;
  const Dataset &set = data->train;
  EXPECT_EQ(set.samples, 3u);
  EXPECT_EQ(valuesOf<double>(*set.find("area")), (Numbers{70.5, 40, 55}));
  EXPECT_EQ(valuesOf<int64_t>(*set.find("rooms")), (Wholes{3, 2, 2}));
  EXPECT_EQ(valuesOf<int64_t>(*set.find("price")), (Wholes{100, 90, -3}));
  EXPECT_EQ(set.find("price")->classes, 0);
  const Column &city = *set.find("city");
  EXPECT_EQ(city.classNames, (std::vector<std::string>{"New, York", "Rome"}));
  EXPECT_EQ(city.classes, 2);
  EXPECT_EQ(valuesOf<int64_t>(city), (Wholes{1, 0, 1}));
  EXPECT_TRUE(city.target);
  EXPECT_FALSE(set.find("area")->target);
}

TEST_F(Csv, NumbersBecomeOneColumnUnlessGroupsAreNamed) {
  auto all = open(kHouses, "target=price&drop=city");
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->train.columns.size(), 2u);
  const Column &x = *all->train.find("x");
  EXPECT_EQ(x.shape, (std::vector<int64_t>{2}));
  EXPECT_EQ(valuesOf<double>(x), (Numbers{70.5, 3, 40, 2, 55, 2}));
  auto named =
      open("a,b,c,d\n1,2,3,4\n5,6,7,8\n", "target=d&group=q:c,a&group=rest:*");
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(valuesOf<int64_t>(*named->train.find("q")), (Wholes{3, 1, 7, 5}));
  EXPECT_EQ(valuesOf<int64_t>(*named->train.find("rest")), (Wholes{2, 6}));
  EXPECT_EQ(named->train.find("rest")->shape, (std::vector<int64_t>{1}));
  auto targets = open("a,b,c\n1,2,3.5\n", "target=b,c&group=t:b,c&group=a:a");
  ASSERT_TRUE(targets) << targets.error().message;
  EXPECT_TRUE(targets->train.find("t")->target);
  EXPECT_EQ(valuesOf<double>(*targets->train.find("t")), (Numbers{2, 3.5}));
  expectError(kHouses, "cannot be in group", "target=price&group=x:area,city");
  expectError(kHouses, "cannot be in group", "target=price&group=x:area,price");
  expectError(kHouses, "cannot be in group", "group=x:area,area");
  expectError(kHouses, "no column of its own", "group=x:aera");
  expectError(kHouses, "expected NAME:COLUMN", "group=area");
  expectError(kHouses, "there is already", "group=rooms:area");
  expectError(kHouses, "there is nothing for",
              "group=a:area,rooms,price&group=b:*");
}

TEST_F(Csv, LooseText) {
  for (const char *text :
       {"a,b\r\n1,2\r\n3,4\r\n",
        "\xef\xbb\xbf"
        "a,b\n1,2\n3,4",
        "a , b\n 1 ,2\n3, 4 \n\n", "\"a\",\"b\"\n\"1\",2\n3,\"4\" \n"}) {
    auto data = open(text);
    ASSERT_TRUE(data) << data.error().message << text;
    EXPECT_EQ(valuesOf<int64_t>(*data->train.find("x")), (Wholes{1, 2, 3, 4}));
  }
  auto tabs = open("a\tb\n1\t2\n", "", "a.tsv");
  ASSERT_TRUE(tabs) << tabs.error().message;
  auto other = open("a;b\n1;2,5\n", "delimiter=;&text=b");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->train.find("b")->classNames[0], "2,5");
  auto lines = open("t,u\n\"say \"\"hi\"\"\nthere\",1\n");
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->train.find("t")->classNames[0], "say \"hi\"\nthere");
}

TEST_F(Csv, PackedFiles) {
  std::string text(kHouses);
  at.put("a.csv.gz", gzip({text.begin(), text.end()}));
  auto data = openDataset(at / "a.csv.gz", {});
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->train.samples + data->test.samples, 3u);
}

TEST_F(Csv, HeadersThatAreMissing) {
  expectError("1,2\n3,4\n", "header=no");
  auto data = open("1,2\n3,4\n", "header=no&target=2");
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->train.samples, 2u);
  EXPECT_TRUE(data->train.find("2")->target);
  EXPECT_EQ(open("1,2\n3,4\n", "header=yes")->train.samples, 1u);
  EXPECT_TRUE(open(",b\n3,4\n")->train.find("x"));
  expectError("a,a\n1,2\n", "names two columns \"a\"");
}

TEST_F(Csv, WhatIsWrongIsNamedByLineAndColumn) {
  expectError("a,b\n1,2\n3,\n", "line 3 column b has no value");
  expectError("a,b\n1,2\n,3\n", "line 3 column a has no value");
  expectError("a,b\n1,2\n3\n", "line 3 has 1 fields, not 2");
  expectError("a,b\n1,2\n3,4,5\n", "line 3 has 3 fields, not 2");
  expectError("a,b\n1,2\n3,n/a\n",
              "line 3 column b holds \"n/a\", but numbers");
  expectError("a,b\n1,red\n3,4\n", "line 3 column b holds \"4\", but text");
  expectError("a,b\n1,2\n3,nan\n", "holds \"nan\"");
  expectError("a,b\n1,\"2\n3,4\n", "line 2 opens a quote");
  expectError("a,b\n1,\"2\"3\n", "line 2 goes on after a closing quote");
  expectError(std::string("a,b\n1,\0\n", 8), "line 2 holds a zero byte");
  expectError("", "no samples");
  expectError("a,b\n", "no samples");
  expectError(kHouses, "target= names \"prise\"", "target=prise");
  expectError(kHouses, "names no column \"x\"", "drop=x");
}

TEST_F(Csv, NumbersAreExact) {
  std::string text = "a\n";
  Numbers wanted;
  RandomStream random(2, Purpose::Digits, 0);
  for (int i = 0; i < 500; ++i) {
    char field[64];
    double value =
        (random.unit() - 0.5) * std::pow(10.0, double(random.below(30)) - 12);
    std::snprintf(field, sizeof field, i % 3 ? "%.9g" : "%.6f", value);
    wanted.push_back(std::strtod(field, nullptr));
    text += std::string(field) + "\n";
  }
  auto data = open(text + "9007199254740993\n1e-400\n.5\n");
  ASSERT_TRUE(data) << data.error().message;
  wanted.insert(wanted.end(), {9007199254740992.0, 0, 0.5});
  EXPECT_EQ(valuesOf<double>(*data->train.find("a")), wanted);
}

TEST_F(Csv, ATestSetHasTheClassesOfTheTrainingSet) {
  at.putText("train.csv", "a,kind\n1,dog\n2,cat\n3,emu\n");
  at.putText("test.csv", "a,kind\n4,emu\n5,cat\n");
  std::string spec =
      (at / "train.csv") + "?target=kind&test=" + (at / "test.csv");
  auto data = openDataset(spec, {});
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(valuesOf<int64_t>(*data->test.find("kind")), (Wholes{2, 0}));
  EXPECT_EQ(data->test.find("kind")->classes, 3);
  EXPECT_EQ(data->files.size(), 2u);
  at.putText("test.csv", "a,kind\n4,emu\n5,ant\n");
  EXPECT_NE(openDataset(spec, {}).error().message.find(
                "line 3 column kind holds \"ant\""),
            std::string::npos);
  at.putText("test.csv", "a,kind\n4,1\n5,2\n");
  EXPECT_EQ(openDataset(spec, {}).error().code, "data_columns");
  at.putText("test.csv", "b,kind\n4,emu\n");
  EXPECT_EQ(openDataset(spec, {}).error().code, "data_split");
}

TEST_F(Csv, MoreColumnsThanASetHas) {
  std::string text(65535, ',');
  auto many = open(text + "\n" + std::string(65535, '1') + "\n", "header=no");
  EXPECT_FALSE(many);
  std::string row = "1";
  for (int i = 1; i < 65536; ++i)
    row += ",1";
  auto wide = open(row + "\n" + row + "\n", "header=no");
  ASSERT_TRUE(wide) << wide.error().message;
  EXPECT_EQ(wide->train.columns[0].shape, (std::vector<int64_t>{65536}));
  expectError(row + ",1\n", "more than 65536 fields", "header=no");
}

// Any bytes are an error or a set whose columns are as long as it says.
TEST_F(Csv, RandomBytes) {
  RandomStream random(4, Purpose::Digits, 0);
  const std::string letters = "\",\n\r\t ab1.-e\0;", whole = kHouses;
  for (int trial = 0; trial < 600; ++trial) {
    std::string text = trial % 3 ? whole : "";
    for (uint64_t n = random.below(40); n > 0; --n) {
      char letter = letters[random.below(letters.size())];
      if (random.below(2) && !text.empty())
        text[random.below(text.size())] = letter;
      else
        text.insert(random.below(text.size() + 1), 1, letter);
    }
    auto data = open(text, trial % 2 ? "" : "header=no");
    if (!data)
      continue;
    for (const Column &column : data->train.columns)
      ASSERT_EQ(column.values.size(), data->train.samples * column.bytes());
  }
}

} // namespace
} // namespace gradmill::rt::test
