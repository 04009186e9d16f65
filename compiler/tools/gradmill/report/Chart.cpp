#include "Chart.h"
#include "../Html.h"
#include "tools/RunLog.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace gradmill::cli {
namespace {

constexpr double kWidth = 460, kHeight = 270, kLeft = 58, kRight = 12, kTop = 12,
                 kBottom = 42;
constexpr size_t kMostPoints = 400; // of a line
constexpr size_t kMostMarks = 40;
constexpr size_t kStyles = 8; // that the page has classes for

std::string number(double value) { return llvm::formatv("{0:f1}", value).str(); }

// As short as it can be told apart from the next tick.
std::string tickText(double value, bool percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", percent ? 100 * value : value);
  return std::string(text) + (percent ? "%" : "");
}

// Round numbers in a range, about `count` of them.
std::vector<double> roundTicks(double low, double high, int count,
                               double least = 0) {
  double step = std::pow(10, std::floor(std::log10((high - low) / count)));
  for (double factor : {1.0, 2.0, 5.0, 10.0})
    if ((high - low) / (step * factor) <= count) {
      step *= factor;
      break;
    }
  step = std::max(step, least);
  std::vector<double> ticks;
  for (double tick = std::ceil(low / step - 1e-9) * step;
       tick <= high + 1e-9 * step && ticks.size() < 20; tick += step)
    ticks.push_back(std::fabs(tick) < 1e-9 * step ? 0 : tick);
  return ticks;
}

// 1, 2 and 5 times powers of ten; powers alone where those would be many.
std::vector<double> logTicks(double low, double high) {
  double decades = std::log10(high / low);
  std::vector<double> ticks;
  int every = std::max(1, int(std::ceil(decades / 6)));
  for (int power = int(std::floor(std::log10(low))); power <= std::log10(high); ++power)
    for (double factor : {1.0, 2.0, 5.0}) {
      double tick = factor * std::pow(10, power);
      bool kept = decades < 1.5 || (factor == 1 && power % every == 0) ||
                  (factor == 2 && decades < 2) || (factor == 5 && decades < 2);
      if (kept && tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
        ticks.push_back(tick);
    }
  return ticks;
}

struct Axis {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  bool log = false;

  void see(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
  // Room around; a single value lies in the middle.
  void settle(double margin) {
    if (log) {
      double by = high > low ? std::pow(high / low, margin) : 2;
      low /= by, high *= by;
      return;
    }
    double by = high > low ? (high - low) * margin
                           : std::max(std::fabs(high) * 0.1, 1e-3);
    low -= by, high += by;
  }
  double place(double value) const {
    return log ? std::log(value / low) / std::log(high / low)
               : (value - low) / (high - low);
  }
};

struct Frame {
  Axis x, y;
  bool percent = false;

  double atX(double value) const {
    return kLeft + x.place(value) * (kWidth - kLeft - kRight);
  }
  double atY(double value) const {
    return kTop + (1 - y.place(value)) * (kHeight - kTop - kBottom);
  }
};

// What the axes hold. Of losses that fall by far a logarithm shows the end, too.
Frame frameOf(const Chart &chart) {
  Frame frame;
  for (const ChartLine &line : chart.lines)
    for (auto [x, y] : line.points)
      frame.x.see(x), frame.y.see(y);
  if (frame.x.empty())
    return frame;
  frame.percent = rt::moreIsBetter(chart.what);
  frame.y.log = llvm::StringRef(chart.what).ends_with("loss") && frame.y.low > 0 &&
                frame.y.high / frame.y.low > 20;
  if (frame.x.high == frame.x.low)
    frame.x.settle(0);
  frame.y.settle(0.06);
  if (frame.percent)
    frame.y.low = std::max(frame.y.low, 0.0), frame.y.high = std::min(frame.y.high, 1.0);
  if (!(frame.y.high > frame.y.low)) // all are 0, or all are 100 %
    frame.y.low -= 0.01, frame.y.high += 0.01;
  return frame;
}

std::string axes(const Frame &frame, const std::string &xLabel) {
  std::string text;
  double right = kWidth - kRight, bottom = kHeight - kBottom;
  std::vector<double> ys = frame.y.log ? logTicks(frame.y.low, frame.y.high)
                                       : roundTicks(frame.y.low, frame.y.high, 5);
  for (double y : ys)
    text += llvm::formatv("<path class=\"grid\" d=\"M{0} {1}H{2}\"/><text x=\"{3}\" "
                          "y=\"{4}\" text-anchor=\"end\">{5}</text>\n",
                          number(kLeft), number(frame.atY(y)), number(right),
                          number(kLeft - 6), number(frame.atY(y) + 4),
                          tickText(y, frame.percent))
                .str();
  double least = frame.x.high - frame.x.low >= 1 ? 1 : 0; // whole epochs
  for (double x : roundTicks(frame.x.low, frame.x.high, 6, least))
    text += llvm::formatv("<text x=\"{0}\" y=\"{1}\" text-anchor=\"middle\">{2}</text>\n",
                          number(frame.atX(x)), number(bottom + 17), tickText(x, false))
                .str();
  return text +
         llvm::formatv("<path class=\"axis\" d=\"M{0} {1}H{2}\"/><text x=\"{3}\" "
                       "y=\"{4}\" text-anchor=\"middle\">{5}{6}</text>\n",
                       number(kLeft), number(bottom), number(right),
                       number((kLeft + right) / 2), number(kHeight - 6),
                       escaped(xLabel), frame.y.log ? ", logarithmic axis" : "")
             .str();
}

// The line's own shape around a place.
std::string mark(size_t style, double x, double y) {
  auto path = [](const std::string &d) { return "<path d=\"" + d + "\"/>"; };
  auto at = [](double px, double py) { return number(px) + " " + number(py); };
  switch (style % 4) {
  case 0:
    return "<circle cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"3.2\"/>";
  case 1:
    return path("M" + at(x - 3, y - 3) + "h6v6h-6z");
  case 2:
    return path("M" + at(x, y - 4) + "L" + at(x + 4, y + 3) + "H" + number(x - 4) + "z");
  default:
    return path("M" + at(x, y - 4.2) + "L" + at(x + 4.2, y) + "L" + at(x, y + 4.2) +
                "L" + at(x - 4.2, y) + "z");
  }
}

std::string lineShape(const ChartLine &line, size_t style, const Frame &frame) {
  auto points = thinned(line.points, kMostPoints);
  std::string path, marks;
  for (auto [x, y] : points) {
    path += (path.empty() ? "M" : "L") + number(frame.atX(x)) + " " +
            number(frame.atY(y));
    if (!line.faint && points.size() <= kMostMarks)
      marks += mark(style, frame.atX(x), frame.atY(y));
  }
  std::string shape = "<g class=\"c" + std::to_string(style) +
                      (line.faint ? " faint" : "") + "\"><path class=\"line\" d=\"" +
                      path + "\"/>";
  if (!marks.empty())
    shape += "<g class=\"marks\">" + marks + "</g>";
  return shape + "</g>\n";
}

std::string lastAndBest(const Chart &chart, const ChartLine &line) {
  double last = line.points.back().second;
  std::string text = rt::valueText(chart.what, last);
  bool judged = rt::moreIsBetter(chart.what) ||
                llvm::StringRef(chart.what).ends_with("loss");
  if (line.faint || !judged)
    return text;
  auto [at, best] = rt::bestOf(chart.what, line.points);
  if (best != last)
    text += ", best " + rt::valueText(chart.what, best) + " in " + chart.xLabel + " " +
            tickText(at, false);
  return text;
}

std::string legend(const Chart &chart) {
  std::string text = "<ul class=\"legend\">\n";
  for (size_t i = 0; i < chart.lines.size(); ++i) {
    const ChartLine &line = chart.lines[i];
    if (line.points.empty())
      continue;
    size_t style = i % kStyles;
    text += "<li><svg class=\"c" + std::to_string(style) +
            (line.faint ? " faint" : "") +
            "\" width=\"30\" height=\"12\" viewBox=\"0 0 30 12\" aria-hidden=\"true\">"
            "<path class=\"line\" d=\"M1 6H29\"/>" +
            (line.faint ? ""
                        : "<g class=\"marks\">" + mark(style, 15, 6) + "</g>") +
            "</svg> " + escaped(line.name) + " <b>" +
            escaped(lastAndBest(chart, line)) + "</b></li>\n";
  }
  return text + "</ul>\n";
}
} // namespace

std::vector<std::pair<double, double>>
thinned(const std::vector<std::pair<double, double>> &points, size_t count) {
  if (points.size() <= count)
    return points;
  std::vector<std::pair<double, double>> out;
  for (size_t i = 0; i < count; ++i) {
    size_t from = i * points.size() / count, to = (i + 1) * points.size() / count;
    double x = 0, y = 0;
    for (size_t p = from; p < to; ++p)
      x += points[p].first / double(to - from), y += points[p].second / double(to - from);
    out.push_back({x, y});
  }
  return out;
}

std::string chartFigure(const Chart &chart) {
  Frame frame = frameOf(chart);
  if (frame.x.empty())
    return "";
  std::string description;
  for (const ChartLine &line : chart.lines)
    if (!line.points.empty())
      description += (description.empty() ? "" : "; ") + line.name + ": " +
                     std::to_string(line.points.size()) + " values, from " +
                     rt::valueText(chart.what, line.points.front().second) + " to " +
                     lastAndBest(chart, line);
  std::string text =
      "<figure>\n<figcaption>" + escaped(chart.title) + "</figcaption>\n" +
      llvm::formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" "
                    "viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"{2}-t "
                    "{2}-d\">\n<title id=\"{2}-t\">{3}</title>\n<desc "
                    "id=\"{2}-d\">{4}</desc>\n",
                    kWidth, kHeight, chart.id, escaped(chart.title),
                    escaped(description))
          .str() +
      axes(frame, chart.xLabel);
  for (size_t i = 0; i < chart.lines.size(); ++i)
    if (!chart.lines[i].points.empty())
      text += lineShape(chart.lines[i], i % kStyles, frame);
  return text + "</svg>\n" + legend(chart) + "</figure>\n";
}

} // namespace gradmill::cli
