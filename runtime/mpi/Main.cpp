// The training of a stand-alone trainer that a launcher has started: the trainer
// loads this object and hands over its model and its arguments. It has a runtime
// of its own, with all that the trainer leaves out for its size.
#include "core/Artifact.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/Extras.h"
#include "tools/OptionParser.h"

using namespace gradmill::rt;

extern "C" __attribute__((visibility("default"))) int
gradmill_train(const gm_artifact *raw, const char *program, size_t count,
               const char *const *words) {
  auto artifact = Artifact::fromMemory(raw, program);
  if (!artifact)
    return reportError(artifact.error());
  TrainOptions options;
  CLI::App app("Trains " + (*artifact)->manifest().name + ".", program);
  addFullTrainOptions(app, options);
  if (auto exit = parseCommandLine(app, Arguments(words, words + count),
                                   &options.files))
    return *exit;
  auto model = Model::create(*artifact, 1); // the command sets its own threads
  return model ? runTrain(**model, options) : reportError(model.error());
}
