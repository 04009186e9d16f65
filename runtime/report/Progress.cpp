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

// If a share is the only metric, its name is not printed.
static std::string named(const Score &score, const std::vector<Score> &all) {
  bool plain = all.size() == 1 && score.port->share;
  return (plain ? "" : score.port->name + " ") + scoreText(score);
}

static std::string training(const StepReport &r) {
  std::string text = "  loss " + fixedText(r.epochLoss, 4);
  for (const Score &score : r.metrics)
    text += "  train " + named(score, r.metrics);
  return text;
}

static std::string measured(const std::string &part, const PartReport &report) {
  std::string text;
  if (report.loss && report.metrics.empty())
    text = " " + part + "loss " + fixedText(*report.loss, 4);
  for (const Score &score : report.metrics)
    text += " " + part + named(score, report.metrics);
  return text;
}

std::string epochLine(const EpochReport &report) {
  const StepReport &r = report.step;
  std::string line = position(r) + training(r);
  line += measured(" val ", report.validation) + measured(" test ", report.test);
  line += format("  lr %.3g  %.0f samples/s  ", r.learningRate, r.samplesPerSecond);
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
    std::fprintf(stream, "%s  step %lld/%lld%s  %.0f samples/s\n",
                 position(report).c_str(), (long long)report.step,
                 (long long)report.totalSteps, training(report).c_str(),
                 report.samplesPerSecond);
    std::fflush(stream);
  }
}

// The numbers first, then a bar in the rest of the width. Never in the last
// column, because some terminals wrap there.
void Progress::drawBar(const StepReport &r) {
  terminal.width = Terminal::of(fileno(stream)).width; // it may be resized
  double left = r.samplesPerSecond > 0
                    ? double(r.totalSteps - r.step) * double(r.batchSize) /
                          r.samplesPerSecond
                    : -1;
  std::string numbers = training(r).substr(1) +
                        format("  %.0f samples/s  ETA ", r.samplesPerSecond) +
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
