// Curves for people: in the terminal, and as a picture.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

struct Curve {
  std::string name;
  std::vector<std::pair<double, double>> points; // x ascending
};

struct PlotOptions {
  std::string xLabel, yLabel;
  bool logX = false;      // x above 0 only
  int width = 80;         // columns of a text, with the labels
  int height = 16;        // its lines without the labels
  bool unicode = false;   // dots and lines that are no ASCII
};

// Points that are not finite, or have no logarithm, are left out. The curves are
// drawn by the characters that the legend shows. Without a point: "".
std::string plotText(const std::vector<Curve> &curves,
                     const PlotOptions &options);

// A whole SVG file.
std::string plotSvg(const std::vector<Curve> &curves,
                    const PlotOptions &options);

} // namespace gradmill::rt
