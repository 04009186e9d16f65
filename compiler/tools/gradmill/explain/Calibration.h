// Whether likelihoods hold: of the samples that a model is 90 % sure of, nine in
// ten should be right.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::cli {

/// What the model says of one sample.
struct Verdict {
  int64_t index = 0;      // of the sample
  int64_t predicted = 0;  // the most likely class
  int64_t label = -1;     // the right one; -1: unknown
  double likelihood = 0;  // of the predicted class
  double ofLabel = 0;     // of the right one
};

struct Bin {
  double low = 0, high = 0;
  int64_t samples = 0;
  double likelihood = 0, accuracy = 0; // means
};

struct Calibration {
  std::vector<Bin> bins;
  int64_t samples = 0;
  double accuracy = 0, likelihood = 0;
  /// Expected calibration error: how far likelihood and accuracy are apart, by
  /// bins, weighed by samples. Guo et al., 2017.
  double ece = 0;
};

struct ClassRow {
  int64_t label = 0, samples = 0, right = 0;
  double ofLabel = 0; // the mean likelihood of the right class
  int64_t takenFor = -1, times = 0; // the most frequent mistake
};

/// Of the verdicts with a label, in ten bins of equal width.
Calibration calibrate(const std::vector<Verdict> &verdicts);
std::vector<ClassRow> byClass(const std::vector<Verdict> &verdicts,
                              int64_t classes);

std::string calibrationText(const Calibration &calibration);
std::string classText(const std::vector<ClassRow> &rows);
/// A reliability diagram that needs no other file, light or dark.
std::string reliabilityDiagram(const Calibration &calibration);

} // namespace gradmill::cli
