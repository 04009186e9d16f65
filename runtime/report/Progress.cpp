#include "report/Progress.h"

#include "core/Number.h"

#include <algorithm>

namespace gradmill::rt {

static constexpr double kRedrawSeconds = 0.1;
static constexpr double kPlainSeconds = 10;

template <typename... Values>
static std::string format(const char *pattern, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

static std::string position(const StepReport &r) {
  return format("epoch %lld/%lld", (long long)r.epoch, (long long)r.epochs);
}

std::string epochLine(const EpochReport &report) {
  const StepReport &r = report.step;
  std::string line = position(r);
  line += format("  loss %s  train %.2f%%", fixedText(r.epochLoss, 4).c_str(),
                 100 * r.epochAccuracy);
  if (report.testAccuracy)
    line += format("  test %.2f%%", 100 * *report.testAccuracy);
  line += format("  lr %.3g  %.0f img/s  ", r.learningRate, r.imagesPerSecond);
  return line + durationText(r.seconds);
}

Progress::Progress(std::FILE *stream)
    : Progress(stream, Terminal::of(fileno(stream))) {}

Progress::Progress(std::FILE *stream, Terminal terminal)
    : stream(stream), terminal(terminal) {}

Progress::~Progress() { clearBar(); }

void Progress::clearBar() {
  if (drawn)
    std::fputs("\r\033[K", stream);
  drawn = false;
}

void Progress::onStep(const StepReport &report) {
  if (terminal.interactive) {
    if (lastDraw >= 0 && report.seconds - lastDraw < kRedrawSeconds)
      return;
    lastDraw = report.seconds;
    drawBar(report);
  } else if (report.seconds - lastLine >= kPlainSeconds) {
    lastLine = report.seconds;
    std::fprintf(stream,
                 "%s  step %lld/%lld  loss %s  train %.2f%%  %.0f img/s\n",
                 position(report).c_str(), (long long)report.step,
                 (long long)report.totalSteps,
                 fixedText(report.epochLoss, 4).c_str(),
                 100 * report.epochAccuracy, report.imagesPerSecond);
    std::fflush(stream);
  }
}

// The numbers first, then a bar in what the width leaves. Never the last
// column: some terminals wrap there.
void Progress::drawBar(const StepReport &r) {
  terminal.width = Terminal::of(fileno(stream)).width; // it may be resized
  double left = r.imagesPerSecond > 0
                    ? double(r.totalSteps - r.step) * double(r.batchSize) /
                          r.imagesPerSecond
                    : -1;
  std::string numbers =
      format(" loss %s  acc %.2f%%  %.0f img/s  ETA ",
             fixedText(r.epochLoss, 4).c_str(), 100 * r.epochAccuracy,
             r.imagesPerSecond) +
      durationText(left);
  std::string head = position(r) + " ";
  int room = terminal.width - 1 - int(head.size() + numbers.size());
  std::string bar;
  if (room >= 5)
    bar = barText(terminal,
                  double(r.batch) / double(std::max<int64_t>(r.batches, 1)),
                  std::min(room, 30));
  bool fits = room >= 0;
  std::string line = fits ? head + colored(terminal, "32", bar) + numbers
                          : clipped(head + numbers, terminal.width - 1);
  std::fprintf(stream, "\r%s\033[K", line.c_str());
  std::fflush(stream);
  drawn = true;
}

void Progress::onEpoch(const EpochReport &report) {
  clearBar();
  lastLine = report.step.seconds;
  std::fprintf(stream, "%s\n", epochLine(report).c_str());
  std::fflush(stream);
}

void Progress::onNote(const std::string &text) {
  clearBar();
  std::fprintf(stream, "%s\n", printable(text).c_str());
}

void Progress::onWarning(const std::string &text) {
  clearBar();
  std::fprintf(stream, "%s %s\n", colored(terminal, "33", "warning:").c_str(),
               printable(text).c_str());
}

} // namespace gradmill::rt
