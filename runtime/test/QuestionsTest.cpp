// The parts of lr-find, sweep and compare that need no training.
#include "report/Plot.h"
#include "test/Testing.h"
#include "tools/LrFind.h"
#include "tools/Sweep.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

// --- Plots -------------------------------------------------------------------

static PlotOptions smallPlot() {
  PlotOptions options;
  options.width = 32; // 20 columns of curve
  options.height = 5;
  options.xLabel = "x";
  return options;
}

TEST(Plot, DrawsALine) {
  EXPECT_EQ(plotText({{"", {{0, 0}, {1, 1}}}}, smallPlot()),
            "         1 |                 ***\n"
            "           |            *****\n"
            "           |        ****\n"
            "           |   *****\n"
            "         0 |***\n"
            "            0        x         1\n");
}

TEST(Plot, LogarithmsAndWhatHasNone) {
  PlotOptions options = smallPlot();
  options.logX = true;
  std::string text =
      plotText({{"", {{0, 5}, {0.1, 1}, {1, std::nan("")}, {10, 1}}}}, options);
  EXPECT_NE(text.find("0.1"), std::string::npos);
  EXPECT_NE(text.find("10\n"), std::string::npos);
  EXPECT_EQ(plotText({{"", {{0, 5}}}}, options), "");
  EXPECT_EQ(plotText({}, options), "");
}

TEST(Plot, CurvesHaveMarksAndNames) {
  std::string text =
      plotText({{"one", {{0, 0}, {1, 0}}}, {"two", {{0, 1}, {1, 1}}}},
               smallPlot());
  EXPECT_NE(text.find("* one\n"), std::string::npos);
  EXPECT_NE(text.find("o two\n"), std::string::npos);
  EXPECT_NE(text.find("|oooooooooooooooooooo\n"), std::string::npos);
}

TEST(Plot, Svg) {
  std::string svg = plotSvg({{"a<b", {{0, 0}, {1, 1}}}}, smallPlot());
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("a&lt;b"), std::string::npos);
  EXPECT_NE(svg.find("M70 350L690 20"), std::string::npos) << svg;
}

// --- lr-find -------------------------------------------------------------------

// A loss that falls between 1e-3 and 1e-1, fastest at 1e-2, and then explodes.
TEST(LrFind, Advice) {
  std::vector<RangePoint> points;
  for (int i = 0; i <= 100; ++i) {
    double decade = -5 + 6.0 * i / 100;
    double loss = 2.3 - 2 / (1 + std::exp(-4 * (decade + 2)));
    if (decade > -1)
      loss += (decade + 1) * 3;
    points.push_back({std::pow(10, decade), loss, loss});
  }
  RangeAdvice advice = adviceFrom(points);
  EXPECT_NEAR(std::log10(advice.steepest), -2, 0.1);
  EXPECT_NEAR(std::log10(advice.lowest), -1, 0.1);
  EXPECT_GT(advice.rate, advice.steepest);
  EXPECT_LT(advice.rate, advice.lowest);
}

TEST(LrFind, NoAdviceWhereTheLossOnlyRises) {
  std::vector<RangePoint> points;
  for (int i = 0; i < 20; ++i)
    points.push_back({std::pow(10.0, i), double(i), double(i)});
  EXPECT_EQ(adviceFrom(points).rate, 0);
  EXPECT_EQ(adviceFrom({}).rate, 0);
}

// --- sweep ---------------------------------------------------------------------

static std::vector<std::string> linesOf(const Arguments &arguments) {
  auto plan = planSweep(arguments);
  EXPECT_TRUE(bool(plan)) << plan.error().message;
  std::vector<std::string> lines;
  for (const SweepRun &run : runsOf(*plan)) {
    std::string line;
    for (const std::string &word : run.arguments)
      line += (line.empty() ? "" : " ") + word;
    lines.push_back(line);
  }
  return lines;
}

TEST(Sweep, AllCombinations) {
  const std::string end = " --no-checkpoint --no-report --quiet --json";
  EXPECT_EQ(linesOf({"a.net", "--set", "p=0,0.1", "--lr=0.1,0.2", "--epochs",
                     "2", "--seeds", "2"}),
            (std::vector<std::string>{
                "a.net --epochs=2 --set=p=0 --lr=0.1 --seed=1" + end,
                "a.net --epochs=2 --set=p=0 --lr=0.1 --seed=2" + end,
                "a.net --epochs=2 --set=p=0 --lr=0.2 --seed=1" + end,
                "a.net --epochs=2 --set=p=0 --lr=0.2 --seed=2" + end,
                "a.net --epochs=2 --set=p=0.1 --lr=0.1 --seed=1" + end,
                "a.net --epochs=2 --set=p=0.1 --lr=0.1 --seed=2" + end,
                "a.net --epochs=2 --set=p=0.1 --lr=0.2 --seed=1" + end,
                "a.net --epochs=2 --set=p=0.1 --lr=0.2 --seed=2" + end}));
}

// A comma that belongs to one value is left alone; any option varies by --vary.
TEST(Sweep, WhatVaries) {
  EXPECT_EQ(linesOf({"a.net", "--optimizer", "sgd:momentum=0,nesterov=false",
                     "--no-download", "--seeds", "7"})
                .size(),
            7u);
  EXPECT_EQ(linesOf({"a.net", "--vary", "optimizer=sgd|adam:beta1=0.8,beta2=0.9"}),
            (std::vector<std::string>{
                "a.net --optimizer=sgd --no-checkpoint --no-report --quiet --json",
                "a.net --optimizer=adam:beta1=0.8,beta2=0.9 --no-checkpoint --no-report "
                "--quiet --json"}));
  EXPECT_EQ(planSweep({"a.net", "--seeds", "3..5"})->swept[0].values,
            (std::vector<std::string>{"3", "4", "5"}));
  EXPECT_EQ(planSweep({"a.net", "--seeds=4,9"})->swept[0].values,
            (std::vector<std::string>{"4", "9"}));
}

TEST(Sweep, WhatCannotBe) {
  for (const Arguments &bad : std::vector<Arguments>{
           {"a.net"},
           {"--lr", "1,2"},
           {"a.net", "--seeds", "0"},
           {"a.net", "--seeds", "5..3"},
           {"a.net", "--seeds", "x"},
           {"a.net", "--seeds", "1,,2"},
           {"a.net", "--seeds", "1..100000000000"},
           {"a.net", "--lr", "1,,2"},
           {"a.net", "--lr", "1,2", "--checkpoint", "c"},
           {"a.net", "--lr", "1,2", "--seed", "3"},
           {"a.net", "--lr", "1,2,1"},
           {"a.net", "--seeds", "1,1"},
           {"a.net", "--lr", "1,2", "--vary", "lr=1|3"},
           {"a.net", "--vary", "lr"},
           {"a.net", "--vary", "checkpoint=a|b"}}) {
    auto plan = planSweep(bad);
    ASSERT_FALSE(bool(plan)) << bad.back();
    EXPECT_EQ(plan.error().exit, kUsage);
  }
}

} // namespace gradmill::rt
