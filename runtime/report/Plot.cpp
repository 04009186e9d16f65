#include "report/Plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace gradmill::rt {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// The rectangle of all points, in which they have places from 0 to 1.
class Frame {
public:
  Frame(const std::vector<Curve> &curves, bool logX) : logX(logX) {
    for (const Curve &curve : curves)
      for (auto [x, y] : curve.points)
        if (shows(x, y)) {
          low.first = std::min(low.first, at(x));
          high.first = std::max(high.first, at(x));
          low.second = std::min(low.second, y);
          high.second = std::max(high.second, y);
        }
  }

  bool empty() const { return low.first > high.first; }
  bool shows(double x, double y) const {
    return std::isfinite(at(x)) && std::isfinite(y);
  }
  double placeX(double x) const { return share(at(x), low.first, high.first); }
  double placeY(double y) const { return share(y, low.second, high.second); }
  // The mark at a place.
  double x(double place) const {
    double value = low.first + place * (high.first - low.first);
    return logX ? std::pow(10, value) : value;
  }
  double y(double place) const {
    return low.second + place * (high.second - low.second);
  }

private:
  double at(double x) const { return logX ? std::log10(x) : x; }
  static double share(double value, double low, double high) {
    return high > low ? (value - low) / (high - low) : 0.5;
  }

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  bool logX;
  std::pair<double, double> low{kInfinity, kInfinity},
      high{-kInfinity, -kInfinity};
};

constexpr const char *kPlainMarks[] = {"*", "o", "+", "x", "#", "@", "%", "&"};
constexpr const char *kMarks[] = {"●", "○", "▲", "△", "■", "□", "◆", "◇"};
constexpr const char *kColours[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd",
                                    "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f"};

const char *markOf(size_t curve, bool unicode) {
  return unicode ? kMarks[curve % std::size(kMarks)]
                 : kPlainMarks[curve % std::size(kPlainMarks)];
}

// The marks of all curves, line by line from the top; an earlier curve wins.
std::vector<std::vector<int>> raster(const std::vector<Curve> &curves,
                                     const Frame &frame, int width,
                                     int height) {
  std::vector<std::vector<int>> cells(size_t(height),
                                      std::vector<int>(size_t(width), -1));
  auto set = [&](size_t curve, double px, double py) {
    size_t row = size_t(std::lround((1 - py) * (height - 1)));
    size_t column = size_t(std::lround(px * (width - 1)));
    if (cells[row][column] < 0)
      cells[row][column] = int(curve);
  };
  for (size_t c = 0; c < curves.size(); ++c) {
    bool any = false;
    double beforeX = 0, beforeY = 0;
    for (auto [x, y] : curves[c].points) {
      if (!frame.shows(x, y))
        continue;
      double px = frame.placeX(x), py = frame.placeY(y);
      // A mark in each column between two points.
      int steps = any ? int(std::ceil((px - beforeX) * (width - 1))) : 1;
      for (int s = 1; s <= std::max(steps, 1); ++s) {
        double t = any ? double(s) / std::max(steps, 1) : 1;
        set(c, any ? beforeX + t * (px - beforeX) : px,
            any ? beforeY + t * (py - beforeY) : py);
      }
      any = true, beforeX = px, beforeY = py;
    }
  }
  return cells;
}

std::string padded(const std::string &text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text
                             : text;
}

std::string escaped(const std::string &text) {
  std::string out;
  for (char c : text)
    out += c == '&'   ? "&amp;"
           : c == '<' ? "&lt;"
           : c == '>' ? "&gt;"
                      : std::string(1, c);
  return out;
}

} // namespace

std::string plotText(const std::vector<Curve> &curves,
                     const PlotOptions &options) {
  Frame frame(curves, options.logX);
  if (frame.empty())
    return "";
  constexpr size_t kLabel = 10;
  int width = std::max(options.width - int(kLabel) - 2, 10);
  int height = std::max(options.height, 4);
  const char *bar = options.unicode ? "│" : "|";
  std::string text = options.yLabel.empty() ? "" : options.yLabel + "\n";
  auto cells = raster(curves, frame, width, height);
  for (int row = 0; row < height; ++row) {
    bool labelled = row % 5 == 0 || row == height - 1;
    double place = 1 - double(row) / (height - 1);
    std::string line =
        padded(labelled ? number(frame.y(place)) : "", kLabel) + " " + bar;
    size_t kept = line.size();
    for (int cell : cells[size_t(row)]) {
      line += cell < 0 ? " " : markOf(size_t(cell), options.unicode);
      kept = cell < 0 ? kept : line.size();
    }
    text += line.substr(0, kept) + "\n";
  }
  std::string left = number(frame.x(0)), right = number(frame.x(1));
  std::string middle = options.xLabel;
  size_t room = size_t(width);
  size_t used = left.size() + middle.size() + right.size();
  size_t gap = room > used ? (room - used) / 2 : 1;
  text += std::string(kLabel + 2, ' ') + left + std::string(gap, ' ') + middle +
          std::string(room > used + gap ? room - used - gap : 1, ' ') + right +
          "\n";
  for (size_t c = 0; c < curves.size() && curves.size() > 1; ++c)
    text += std::string(kLabel + 2, ' ') + markOf(c, options.unicode) + " " +
            curves[c].name + "\n";
  return text;
}

std::string plotSvg(const std::vector<Curve> &curves,
                    const PlotOptions &options) {
  constexpr int kWidth = 720, kHeight = 420, kLeft = 70, kTop = 20;
  constexpr int kInnerWidth = 620, kInnerHeight = 330;
  Frame frame(curves, options.logX);
  auto text = [](double x, double y, const char *anchor,
                 const std::string &what) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) +
           "\" text-anchor=\"" + anchor + "\">" + escaped(what) + "</text>\n";
  };
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" +
                    std::to_string(kWidth) + "\" height=\"" +
                    std::to_string(kHeight) +
                    "\" font-family=\"sans-serif\" font-size=\"12\">\n"
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  for (int i = 0; i <= 4 && !frame.empty(); ++i) {
    double place = i / 4.0;
    double x = kLeft + place * kInnerWidth, y = kTop + (1 - place) * kInnerHeight;
    svg += "<path d=\"M" + number(kLeft) + " " + number(y) + "H" +
           number(kLeft + kInnerWidth) + "M" + number(x) + " " + number(kTop) +
           "V" + number(kTop + kInnerHeight) + "\" stroke=\"#ddd\"/>\n" +
           text(kLeft - 6, y + 4, "end", number(frame.y(place))) +
           text(x, kTop + kInnerHeight + 18, "middle", number(frame.x(place)));
  }
  for (size_t c = 0; c < curves.size(); ++c) {
    const char *colour = kColours[c % std::size(kColours)];
    std::string path;
    for (auto [x, y] : curves[c].points)
      if (frame.shows(x, y))
        path += (path.empty() ? "M" : "L") +
                number(kLeft + frame.placeX(x) * kInnerWidth) + " " +
                number(kTop + (1 - frame.placeY(y)) * kInnerHeight);
    svg += "<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colour +
           "\" stroke-width=\"2\"/>\n";
    if (!curves[c].name.empty())
      svg += "<text x=\"" + number(kLeft + 10) + "\" y=\"" +
             number(kTop + 16 + 15 * double(c)) + "\" fill=\"" + colour + "\">" +
             escaped(curves[c].name) + "</text>\n";
  }
  return svg +
         text(kLeft + kInnerWidth / 2.0, kHeight - 20, "middle", options.xLabel) +
         text(kLeft, kTop - 6, "start", options.yLabel) + "</svg>\n";
}

} // namespace gradmill::rt
