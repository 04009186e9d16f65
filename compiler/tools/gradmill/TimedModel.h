// How long the kernels of a compiled model take.
#pragma once
#include "core/Artifact.h"
#include "core/Model.h"
#include "tools/BenchKernels.h"

namespace gradmill::cli {

struct TimedModel {
  std::shared_ptr<const rt::Artifact> artifact;
  std::unique_ptr<rt::Model> model;
  const rt::EntrySpec *entry; // what was timed
  rt::StepTimes times;
};

/// Times a step of training, or of inference if the model has no training.
/// `threads`: 0 for one per core. Errors: those of loading, no_memory.
rt::Result<TimedModel> timeModel(const std::string &library, int threads);

} // namespace gradmill::cli
