// Options of `gradmill train` and `gradmill eval` that the stand-alone trainer
// leaves out to stay small, and the functions behind them.
#pragma once

#include "tools/Commands.h"

namespace gradmill::rt {

void addTrainExtras(CLI::App &app, TrainOptions &options);
void addEvalExtras(CLI::App &app, EvalOptions &options);

// All of it: the shared options, too.
void addFullTrainOptions(CLI::App &app, TrainOptions &options);
void addFullEvalOptions(CLI::App &app, EvalOptions &options);

} // namespace gradmill::rt
