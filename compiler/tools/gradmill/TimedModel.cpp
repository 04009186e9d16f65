#include "TimedModel.h"

namespace gradmill::cli {

rt::Result<TimedModel> timeModel(const std::string &library, int threads) {
  auto artifact = rt::Artifact::open(library);
  if (!artifact)
    return artifact.error();
  auto model = rt::Model::create(*artifact, threads);
  if (!model)
    return model.error();
  auto entry = (*artifact)->manifest().training() ? (*model)->requireTraining()
                                                  : (*model)->require(rt::kInfer);
  if (!entry)
    return entry.error();
  (*model)->init(1);
  rt::fillInputs(**model, **entry);
  rt::BenchOptions bench;
  bench.rounds = 3;
  bench.seconds = 0.3;
  bench.best = true; // whatever else the machine does
  auto times = rt::timeKernels(**model, **entry, bench);
  if (!times)
    return times.error();
  return TimedModel{*artifact, std::move(*model), &(*entry)->spec(),
                    std::move(*times)};
}

} // namespace gradmill::cli
