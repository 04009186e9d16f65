#include "report/Progress.h"

#include "core/Number.h"

#include <algorithm>
#include <cmath>
#include <iterator>

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

// Less in a narrow terminal: without the speed (1), the rate (2), and all but what
// was measured last (3).
static std::string epochLine(const EpochReport &report, int shorter) {
  const StepReport &r = report.step;
  std::string tested = measured(" val ", report.validation) +
                       measured(" test ", report.test);
  if (shorter == 3)
    return position(r).substr(6) + " loss " + fixedText(r.epochLoss, 4) + tested;
  std::string line = position(r) + training(r) + tested;
  if (shorter < 2)
    line += format("  lr %.3g", r.learningRate);
  if (shorter < 1)
    line += format("  %.0f samples/s", r.samplesPerSecond);
  return line + "  " + durationText(r.seconds);
}

std::string epochLine(const EpochReport &report) { return epochLine(report, 0); }

std::string sparkline(const Terminal &terminal, const std::vector<double> &values,
                      int width) {
  static constexpr const char *kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr char kPlain[] = "_.-=+*#@";
  size_t count = std::min(values.size(), size_t(width));
  auto [least, most] = std::minmax_element(values.begin(), values.end());
  auto place = [&, low = *least](double v) { return low > 0 ? std::log(v) : v; };
  double low = place(*least), size = place(*most) - low;
  std::string line;
  for (size_t i = 0; i < count; ++i) {
    size_t from = i * values.size() / count, to = (i + 1) * values.size() / count;
    double sum = 0;
    for (size_t v = from; v < to; ++v)
      sum += place(values[v]);
    double height = size > 0 ? (sum / double(to - from) - low) / size : 0;
    int bar = std::clamp(int(height * 8), 0, 7);
    line += terminal.unicode ? kBars[bar] : std::string(1, kPlain[bar]);
  }
  return line;
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

// At most so many; then each two become one.
void Progress::remember(double loss) {
  constexpr size_t kMost = 64;
  lossSum += loss;
  if (++lossSteps < stretch || !std::isfinite(lossSum))
    return;
  losses.push_back(lossSum / double(lossSteps));
  lossSum = 0, lossSteps = 0;
  if (losses.size() < kMost)
    return;
  for (size_t i = 0; i < kMost / 2; ++i)
    losses[i] = (losses[2 * i] + losses[2 * i + 1]) / 2;
  losses.resize(kMost / 2);
  stretch *= 2;
}

void Progress::onStep(const StepReport &report) {
  if (terminal.interactive) {
    remember(report.loss);
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

// As many parts as the width holds, those that matter most first; what is left is
// the bar's. Never in the last column, because some terminals wrap there.
void Progress::drawBar(const StepReport &r) {
  terminal.width = Terminal::of(fileno(stream)).width; // it may be resized
  constexpr int kSpark = 12, kLeastBar = 6, kMostBar = 30;
  double left = r.samplesPerSecond > 0
                    ? double(r.totalSteps - r.step) * double(r.batchSize) /
                          r.samplesPerSecond
                    : -1;
  std::string metrics;
  for (const Score &score : r.metrics)
    metrics += (metrics.empty() ? "train " : ", ") + named(score, r.metrics);
  bool some = !losses.empty();
  // In the order in which they stand; `rank` is how much they matter.
  struct Part {
    std::string text;
    int rank, width;
  };
  Part parts[] = {
      {"epoch", 4, 5},
      {position(r).substr(6), 0, 0},
      {"", 5, kLeastBar}, // the bar
      {"loss " + fixedText(r.epochLoss, 4), 1, 0},
      {some ? sparkline(terminal, losses, kSpark) : "", 7,
       int(std::min<size_t>(losses.size(), kSpark))},
      {metrics, 2, 0},
      {format("lr %.3g", r.learningRate), 6, 0},
      {format("%.0f samples/s", r.samplesPerSecond), 8, 0},
      {"ETA " + durationText(left), 3, 0},
  };
  int room = terminal.width - 1;
  bool shown[std::size(parts)] = {};
  for (int rank = 0; rank <= 8; ++rank)
    for (size_t i = 0; i < std::size(parts); ++i)
      if (Part &part = parts[i]; part.rank == rank) {
        part.width = part.width ? part.width : int(part.text.size());
        int needed = part.width ? part.width + 1 : 0; // with a space
        shown[i] = needed && (needed <= room || rank == 0);
        room -= shown[i] ? needed : 0;
      }
  int bar = std::min(kLeastBar + std::max(room, 0), kMostBar);
  parts[2].text = colored(
      terminal, "32",
      barText(terminal, double(r.batch) / double(std::max<int64_t>(r.batches, 1)),
              bar));
  std::string line;
  for (size_t i = 0; i < std::size(parts); ++i)
    if (shown[i])
      line += (line.empty() ? "" : " ") + parts[i].text;
  std::fprintf(stream, "\r%s\033[K", line.c_str());
  std::fflush(stream);
  drawn = true;
}

void Progress::onEpoch(const EpochReport &report) {
  clearBar();
  lastLine = report.step.seconds;
  std::string line = epochLine(report);
  for (int shorter = 1; shorter <= 3 && terminal.interactive &&
                        int(line.size()) >= terminal.width; ++shorter)
    line = epochLine(report, shorter);
  if (terminal.interactive)
    line = clipped(line, terminal.width - 1);
  std::fprintf(stream, "%s\n", line.c_str());
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
