#include "core/JsonFields.h"
#include "report/Ascii.h"
#include "report/Progress.h"
#include "test/Testing.h"

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

TEST(Terminal, ControlCharactersAreShown) {
  for (std::string text : {"plain", "two\n\tlines", "\u00e9\u2588\U0001f600"})
    EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable("a\033]0;title\a\r\bb"), "a\\x1B]0;title\\x07\\x0D\\x08b");
  EXPECT_EQ(printable("\x7f\u009b"), "\\x7F\\xC2\\x9B"); // DEL; CSI in one byte
  EXPECT_EQ(printable("\x9b\xe2\x82\xff\xc0\x80"),
            "\\x9B\\xE2\\x82\\xFF\\xC0\\x80");
  EXPECT_EQ(jsonText(Json("\033\x7f\u009b\u00e9")),
            "\"\\u001b\\u007f\\u009b\u00e9\"");
}

TEST(Ascii, InkBecomesCharacters) {
  uint8_t image[] = {0, 255, 0, 255};
  EXPECT_EQ(asciiArt(image, 2, 2), std::vector<std::string>{" @"});
}

static std::string drawn(const Terminal &terminal) {
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
    step.imagesPerSecond = 2;
    progress.onStep(step);
    progress.onEpoch({step, 0.5, 1.0});
  }
  std::fclose(stream);
  return readText(path);
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
