// --distributed processes:N, which the stand-alone trainer leaves out for its
// size.
#include "distributed/Processes.h"
#include "distributed/SharedRun.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"

#include <algorithm>

namespace gradmill::rt {

int trainInProcesses(Model &model, const TrainOptions &given) {
  auto count = processesOf(given.distributed);
  if (!count)
    return reportError(count.error());
  auto entry = model.requireTraining();
  if (!entry)
    return reportError(entry.error());
  TrainOptions options = given;
  if (options.threads == 0)
    options.threads = std::max(1, defaultThreads() / *count);
  std::string file = options.checkpoint;
  if (file.empty())
    file = options.resume.empty() ? defaultWeights(model) : options.resume;
  auto code = runProcesses(*count, SharedRun::bytesOf((*entry)->spec()),
                           options.noCheckpoint
                               ? "start again"
                               : "continue with --resume " + file,
                           [&](Ranks &ranks) {
                             options.ranks = &ranks;
                             return trainRank(model, options);
                           });
  return code ? *code : reportError(code.error());
}

} // namespace gradmill::rt
