// Curves as SVG inside of a page, whose colours they take.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace gradmill::cli {

struct ChartLine {
  std::string name;
  std::vector<std::pair<double, double>> points; // x ascending, finite
  bool faint = false; // of single steps: thin, without marks
};

struct Chart {
  std::string id; // of the page's element
  std::string title, xLabel, what; // "test_accuracy": how numbers are written
  std::vector<ChartLine> lines;
};

/// A figure with its curves and a legend that says the last and best values. The
/// curves differ by dashes and marks, too. "" without a point.
std::string chartFigure(const Chart &chart);

/// At most `count` points: means of as many stretches.
std::vector<std::pair<double, double>>
thinned(const std::vector<std::pair<double, double>> &points, size_t count);

} // namespace gradmill::cli
