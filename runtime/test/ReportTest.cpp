#include "core/Json.h"
#include "core/Number.h"
#include "report/Ascii.h"
#include "report/Progress.h"
#include "test/Testing.h"

#include <cmath>

namespace gradmill::rt {

TEST(Terminal, Texts) {
  EXPECT_EQ(durationText(65), "1:05");
  EXPECT_EQ(durationText(3723), "1:02:03");
  EXPECT_EQ(durationText(-1), "--:--");
  Terminal plain;
  EXPECT_EQ(barText(plain, 0.5, 4), "##..");
  EXPECT_EQ(barText(plain, 7, 2), "##");
  EXPECT_EQ(colored(plain, "31", "x"), "x");
  EXPECT_EQ(clipped("a█b", 2), "a█");
  EXPECT_EQ(clipped("abc", 0), "");
}

// What a file says must not command the terminal.
TEST(Terminal, PrintableText) {
  EXPECT_EQ(printable("a\tb\nü€😀"), "a\tb\nü€😀");
  EXPECT_EQ(printable("\x1b[31m\x7f\r"), "\\x1B[31m\\x7F\\x0D");
  EXPECT_EQ(printable(std::string("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xC2\\x9B"); // a control character
  EXPECT_EQ(printable("\xff\xc3"), "\\xFF\\xC3");  // no UTF-8, cut short
  EXPECT_EQ(printable("\xc0\xaf\xe0\x80\x80"),       // longer than need be
            "\\xC0\\xAF\\xE0\\x80\\x80");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xED\\xA0\\x80"); // surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");
}

TEST(Terminal, PrintableJson) {
  EXPECT_EQ(jsonText(Json("\033\x7f\u009b\u00e9")),
            "\"\\u001b\\u007f\\u009b\u00e9\"");
}

TEST(Numbers, AsPeopleReadThem) {
  double nan = std::nan("");
  EXPECT_EQ(fixedText(1.23456, 4), "1.2346");
  EXPECT_EQ(fixedText(-11.5, 1), "-11.5");
  EXPECT_EQ(fixedText(-1e-9, 4), "0.0000");
  EXPECT_EQ(fixedText(-0.0, 0), "0");
  EXPECT_EQ(fixedText(-nan, 4), "nan");
  EXPECT_EQ(fixedText(nan, 4), "nan");
  EXPECT_EQ(fixedText(-INFINITY, 4), "-inf");
  EXPECT_EQ(fixedText(-1e308, 2).size(), 313u);
}

static std::string drawn(const Terminal &terminal, double loss = 1) {
  TemporaryDirectory dir;
  std::string path = dir.file("out");
  std::FILE *stream = std::fopen(path.c_str(), "w");
  {
    Progress progress(stream, terminal);
    StepReport step;
    step.step = step.batch = 1;
    step.totalSteps = step.batches = 10;
    step.epoch = 1, step.epochs = 2;
    step.batchSize = 4;
    step.samplesPerSecond = 2;
    PortSpec accuracy;
    accuracy.name = "accuracy";
    accuracy.share = true;
    step.epochLoss = loss;
    step.seconds = 11; // a plain line is due
    progress.onStep(step);
    EpochReport epoch;
    epoch.step = step;
    epoch.test = {1.0, {{&accuracy, 0.5}}, 0};
    progress.onEpoch(epoch);
  }
  std::fclose(stream);
  return readText(path);
}

// Everywhere that a loss stands.
TEST(Progress, LossesOfNothingAndOfNaN) {
  Terminal bar;
  bar.interactive = true;
  for (double loss : {-0.0, -1e-9, -std::nan("")}) {
    EpochReport report;
    report.step.epochLoss = loss;
    EXPECT_EQ(epochLine(report).find("loss -"), std::string::npos);
    for (const Terminal &terminal : {Terminal{}, bar}) {
      std::string text = drawn(terminal, loss);
      EXPECT_EQ(text.find("loss -"), std::string::npos) << text;
      EXPECT_NE(text.find(std::isnan(loss) ? "loss nan" : "loss 0.0000"),
                std::string::npos)
          << text;
    }
  }
}

TEST(Ascii, InkBecomesCharacters) {
  uint8_t image[] = {0, 255, 0, 255};
  EXPECT_EQ(asciiArt(image, 2, 2), std::vector<std::string>{" @"});
}

TEST(Progress, PlainWhenPiped) {
  std::string text = drawn(Terminal{});
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(text.find("epoch 1/2"), std::string::npos);
  EXPECT_NE(text.find("test 50.00%"), std::string::npos);
}

TEST(Progress, RedrawsOnATerminal) {
  Terminal terminal;
  terminal.interactive = true;
  std::string text = drawn(terminal);
  EXPECT_NE(text.find('\r'), std::string::npos);
  EXPECT_NE(text.find("ETA 0:18"), std::string::npos) << text;
}

} // namespace gradmill::rt
