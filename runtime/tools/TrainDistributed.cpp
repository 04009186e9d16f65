// What --distributed does: gradmill train, and the object that stand-alone
// trainers load.
#include "distributed/Processes.h"
#include "distributed/SharedSpec.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"

#include <algorithm>

namespace gradmill::rt {

static int trainInProcesses(Model &model, TrainOptions options) {
  auto count = processesOf(options.distributed);
  if (!count)
    return reportError(count.error());
  auto entry = model.requireTraining();
  if (!entry)
    return reportError(entry.error());
  auto shared =
      readShared(model.artifact().manifestText(), (*entry)->spec());
  if (!shared)
    return reportError(shared.error());
  if (options.threads == 0)
    options.threads = std::max(1, defaultThreads() / *count);
  std::string file = options.checkpoint;
  if (file.empty())
    file = options.resume.empty() ? defaultWeights(model) : options.resume;
  auto code = runProcesses(*count, shared->bytes(),
                           options.noCheckpoint
                               ? "start again"
                               : "continue with --resume " + file,
                           [&](Job &ranks) {
                             options.ranks = &ranks;
                             Pixels::mapFile = Pixels::map;
                             return trainRank(model, options);
                           });
  return code ? *code : reportError(code.error());
}

int trainDistributed(Model &model, const TrainOptions &given) {
  if (given.distributed.rfind("processes:", 0) == 0)
    return trainInProcesses(model, given);
  auto ranks = joinRanks(given.distributed);
  if (!ranks)
    return reportError(ranks.error());
  TrainOptions options = given;
  options.ranks = ranks->get();
  if (options.ranks)
    Pixels::mapFile = Pixels::map;
  return trainRank(model, options);
}

} // namespace gradmill::rt
