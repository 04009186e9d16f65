#include "Calibration.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cmath>

namespace gradmill::cli {

Calibration calibrate(const std::vector<Verdict> &verdicts) {
  constexpr int kBins = 10;
  Calibration all;
  for (int i = 0; i < kBins; ++i)
    all.bins.push_back({double(i) / kBins, double(i + 1) / kBins, 0, 0, 0});
  for (const Verdict &v : verdicts) {
    if (v.label < 0)
      continue;
    // 0.3 lies in the bin that ends there.
    int index = std::clamp(int(std::ceil(v.likelihood * kBins)) - 1, 0, kBins - 1);
    Bin &bin = all.bins[size_t(index)];
    ++bin.samples;
    ++all.samples;
    bin.likelihood += v.likelihood;
    bin.accuracy += v.predicted == v.label ? 1 : 0;
  }
  for (Bin &bin : all.bins) {
    if (!bin.samples)
      continue;
    all.likelihood += bin.likelihood;
    all.accuracy += bin.accuracy;
    all.ece += std::fabs(bin.likelihood - bin.accuracy);
    bin.likelihood /= double(bin.samples);
    bin.accuracy /= double(bin.samples);
  }
  double count = double(std::max<int64_t>(all.samples, 1));
  all.likelihood /= count;
  all.accuracy /= count;
  all.ece /= count;
  return all;
}

std::vector<ClassRow> byClass(const std::vector<Verdict> &verdicts,
                              int64_t classes) {
  std::vector<ClassRow> rows(static_cast<size_t>(classes));
  std::vector<std::vector<int64_t>> taken(
      static_cast<size_t>(classes), std::vector<int64_t>(static_cast<size_t>(classes)));
  for (const Verdict &v : verdicts) {
    if (v.label < 0 || v.label >= classes)
      continue;
    ClassRow &row = rows[size_t(v.label)];
    ++row.samples;
    row.ofLabel += v.ofLabel;
    row.right += v.predicted == v.label ? 1 : 0;
    if (v.predicted != v.label)
      ++taken[size_t(v.label)][size_t(v.predicted)];
  }
  for (size_t c = 0; c < rows.size(); ++c) {
    rows[c].label = int64_t(c);
    rows[c].ofLabel /= double(std::max<int64_t>(rows[c].samples, 1));
    auto most = std::max_element(taken[c].begin(), taken[c].end());
    if (*most > 0) {
      rows[c].takenFor = most - taken[c].begin();
      rows[c].times = *most;
    }
  }
  return rows;
}

std::string calibrationText(const Calibration &all) {
  std::string text = "likelihood    samples  mean likelihood  accuracy\n";
  for (const Bin &bin : all.bins)
    if (bin.samples)
      text += llvm::formatv("{0:f1} to {1:f1}  {2,9}  {3,15:f4}  {4,8:f4}\n", bin.low,
                            bin.high, bin.samples, bin.likelihood, bin.accuracy)
                  .str();
  return text + llvm::formatv("all         {0,9}  {1,15:f4}  {2,8:f4}\nexpected "
                              "calibration error {3:f4}\n",
                              all.samples, all.likelihood, all.accuracy, all.ece)
                    .str();
}

std::string classText(const std::vector<ClassRow> &rows) {
  std::string text = "class  samples   right  likelihood of the right class  most "
                     "often taken for\n";
  for (const ClassRow &row : rows) {
    std::string likelihood =
        row.samples ? llvm::formatv("{0:f4}", row.ofLabel).str() : "-";
    text += llvm::formatv("{0,5}  {1,7}  {2,6}  {3,29}  ", row.label, row.samples,
                          row.right, likelihood)
                .str();
    text += row.takenFor < 0
                ? "-\n"
                : llvm::formatv("{0} ({1} times)\n", row.takenFor, row.times).str();
  }
  return text;
}

std::string reliabilityDiagram(const Calibration &all) {
  constexpr double size = 400, left = 60, top = 20;
  auto x = [&](double v) { return left + v * size; };
  auto y = [&](double v) { return top + (1 - v) * size; };
  std::string text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 480 480\" "
      "width=\"480\" height=\"480\" role=\"img\">\n<title>Reliability: accuracy by "
      "likelihood</title>\n<style>\n"
      ".paper { fill: #fff } .line { stroke: #8a94a3; fill: none } .bar { fill: "
      "#4a86c5 } .gap { fill: #d9534f; opacity: .35 } text { font: 13px system-ui, "
      "sans-serif; fill: #1c2430 }\n@media (prefers-color-scheme: dark) { .paper { "
      "fill: #14181f } text { fill: #e3e8ef } .bar { fill: #6fa8e0 } }\n</style>\n"
      "<rect class=\"paper\" width=\"480\" height=\"480\"/>\n";
  for (const Bin &bin : all.bins) {
    if (!bin.samples)
      continue;
    double width = (bin.high - bin.low) * size - 2;
    double low = std::min(bin.accuracy, bin.likelihood);
    double high = std::max(bin.accuracy, bin.likelihood);
    text += llvm::formatv("<rect class=\"bar\" x=\"{0:f1}\" y=\"{1:f1}\" "
                          "width=\"{2:f1}\" height=\"{3:f1}\"><title>{4} samples, "
                          "likelihood {5:f4}, accuracy {6:f4}</title></rect>\n",
                          x(bin.low) + 1, y(bin.accuracy), width,
                          bin.accuracy * size, bin.samples, bin.likelihood,
                          bin.accuracy)
                .str();
    text += llvm::formatv("<rect class=\"gap\" x=\"{0:f1}\" y=\"{1:f1}\" "
                          "width=\"{2:f1}\" height=\"{3:f1}\"/>\n",
                          x(bin.low) + 1, y(high), width, (high - low) * size)
                .str();
  }
  text += llvm::formatv("<path class=\"line\" d=\"M{0:f1} {1:f1}V{2:f1}H{3:f1}\"/>\n"
                        "<path class=\"line\" stroke-dasharray=\"5 4\" d=\"M{0:f1} "
                        "{2:f1}L{3:f1} {1:f1}\"/>\n",
                        x(0), y(1), y(0), x(1))
              .str();
  for (double tick : {0.0, 0.5, 1.0})
    text += llvm::formatv("<text x=\"{0:f1}\" y=\"{1:f1}\" text-anchor=\"middle\">"
                          "{2:f1}</text><text x=\"{3:f1}\" y=\"{4:f1}\" "
                          "text-anchor=\"end\">{2:f1}</text>\n",
                          x(tick), y(0) + 18, tick, x(0) - 6, y(tick) + 4)
                .str();
  return text +
         llvm::formatv("<text x=\"{0:f1}\" y=\"{1:f1}\" text-anchor=\"middle\">"
                       "likelihood (expected calibration error {2:f4})</text>\n"
                       "<text x=\"16\" y=\"{3:f1}\" text-anchor=\"middle\" "
                       "transform=\"rotate(-90 16 {3:f1})\">accuracy</text>\n</svg>\n",
                       x(0.5), y(0) + 40, all.ece, y(0.5))
             .str();
}

} // namespace gradmill::cli
