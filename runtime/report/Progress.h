// Shows a training run to a person, on stderr: one line that redraws itself on
// a terminal, with as much as its width holds, else a plain line per epoch and
// every ten seconds.
#pragma once

#include "report/Terminal.h"
#include "train/Trainer.h"

#include <cstdio>
#include <string>
#include <vector>

namespace gradmill::rt {

class Progress : public TrainObserver {
public:
  explicit Progress(std::FILE *stream = stderr);
  Progress(std::FILE *stream, Terminal terminal);
  ~Progress() override;

  void onStep(const StepReport &report) override;
  void onEpoch(const EpochReport &report) override;
  void onNote(const std::string &text) override;
  void onWarning(const std::string &text) override;

private:
  void drawBar(const StepReport &report);
  void remember(double loss);
  void clearBar();

  std::FILE *stream;
  Terminal terminal;
  bool drawn = false;
  double lastDraw = -1, lastLine = 0;
  std::vector<double> losses; // of the whole run, thinned out
  double lossSum = 0;         // of the steps since the last of them
  int64_t lossSteps = 0;
  int64_t stretch = 1; // steps that one of them stands for
};

// "epoch 1/20  loss 0.1234  train 96.50%  test 98.10%  lr 0.01  1234 samples/s
// 0:47"
std::string epochLine(const EpochReport &report);

// The values as `width` bars, the least lowest; by their logarithms if all are
// above 0. requires: values, all finite.
std::string sparkline(const Terminal &terminal, const std::vector<double> &values,
                      int width);

} // namespace gradmill::rt
