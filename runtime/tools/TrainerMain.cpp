// main() of a stand-alone executable: the model is linked in.
#include "core/Artifact.h"
#include "files/Cleanup.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/OptionParser.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <new>

using namespace gradmill::rt;

// The libraries' own handlers print the exception's type, for which they carry
// a demangler of 45 KB (libstdc++) or 90 (libc++). These take their places, so
// that it is not linked.
#ifdef _LIBCPP_VERSION
extern "C" {
std::terminate_handler __cxa_terminate_handler = endByException;
std::terminate_handler __cxa_unexpected_handler = endByException;
std::new_handler __cxa_new_handler = endOutOfMemory;
}
static void setHandlers() {}
#else
namespace __cxxabiv1 {
extern std::terminate_handler __terminate_handler;
std::terminate_handler __terminate_handler = endByException;
} // namespace __cxxabiv1
static void setHandlers() { std::set_new_handler(endOutOfMemory); }
#endif

namespace {
struct Command {
  const char *name;
  int (*run)(const std::shared_ptr<const Artifact> &,
             const std::string &program, const Arguments &);
};
} // namespace

static Result<std::unique_ptr<Model>>
modelOf(const std::shared_ptr<const Artifact> &artifact) {
  return Model::create(artifact, 1); // the command sets its own threads
}

// Declares, parses, makes the model, runs.
template <typename Options>
static int withModel(const std::shared_ptr<const Artifact> &artifact,
                     CLI::App &app, const Arguments &arguments,
                     void (*add)(CLI::App &, Options &),
                     int (*run)(Model &, const Options &)) {
  Options options;
  add(app, options);
  CommandFiles *files = nullptr;
  if constexpr (std::is_same_v<Options, TrainOptions>)
    files = &options.files;
  if (auto exit = parseCommandLine(app, arguments, files))
    return *exit;
  auto model = modelOf(artifact);
  if (!model)
    return reportError(model.error());
  return run(**model, options);
}

// Whether a launcher of MPI, or --distributed, wants several processes.
static bool isDistributed(const Arguments &arguments) {
  bool isLaunched = std::getenv("OMPI_COMM_WORLD_SIZE") || std::getenv("PMI_SIZE");
  for (size_t i = 0; i + 1 < arguments.size(); ++i)
    if (arguments[i] == "--distributed")
      return arguments[i + 1] != "none";
  return isLaunched;
}

// Hands over to the object that can do it, which this program leaves out for its
// size (mpi/Main.cpp).
static int trainDistributed(const std::string &program,
                            const Arguments &arguments) {
  const char *file = std::getenv("GRADMILL_MPI");
  void *library = dlopen(file ? file : "libgradmill_mpi.so", RTLD_NOW | RTLD_GLOBAL);
  std::vector<const char *> words;
  for (const std::string &word : arguments)
    words.push_back(word.c_str());
  auto train = reinterpret_cast<int (*)(const gm_artifact *, const char *, size_t,
                                        const char *const *)>(
      library ? dlsym(library, "gradmill_train") : nullptr);
  return train ? train(&gradmill_artifact, program.c_str(), words.size(),
                       words.data())
               : reportError({kUsage, "no_backend",
                              "libgradmill_mpi.so cannot be loaded; name it by "
                              "the variable GRADMILL_MPI, or train in one process "
                              "with --distributed none"});
}

static int train(const std::shared_ptr<const Artifact> &artifact,
                 const std::string &program, const Arguments &arguments) {
  if (isDistributed(arguments))
    return trainDistributed(program, arguments);
  CLI::App app("Trains " + artifact->manifest().name + ".", program);
  app.set_version_flag("--version", artifact->manifest().compiler);
  app.footer(
      "Commands: train (default), eval, predict, run, bench, info; each has "
      "--help.\nNot here, but in gradmill train: --val-split, --patience, --augment, --seeds.");
  return withModel(artifact, app, arguments, addTrainOptions, runTrain);
}

static int eval(const std::shared_ptr<const Artifact> &artifact,
                const std::string &program, const Arguments &arguments) {
  CLI::App app("Measures the accuracy on the test images.", program + " eval");
  return withModel(artifact, app, arguments, addEvalOptions, runEval);
}

static int predict(const std::shared_ptr<const Artifact> &artifact,
                   const std::string &program, const Arguments &arguments) {
  CLI::App app("Says what is on pictures.", program + " predict");
  return withModel(artifact, app, arguments, addPredictOptions, runPredict);
}

static int run(const std::shared_ptr<const Artifact> &artifact,
               const std::string &program, const Arguments &arguments) {
  CLI::App app("Runs the model on raw inputs and prints its outputs.",
               program + " run");
  return withModel(artifact, app, arguments, addRunOptions, runRun);
}

static int bench(const std::shared_ptr<const Artifact> &artifact,
                 const std::string &program, const Arguments &arguments) {
  CLI::App app("Times the compiled code.", program + " bench");
  return withModel(artifact, app, arguments, addBenchOptions, runBench);
}

static int info(const std::shared_ptr<const Artifact> &artifact,
                const std::string &program, const Arguments &arguments) {
  CLI::App app("Describes the model.", program + " info");
  InfoOptions options;
  addInfoOptions(app, options);
  if (auto exit = parseCommandLine(app, arguments))
    return *exit;
  return runInfo(*artifact, options);
}

static constexpr Command kCommands[] = {
    {"train", train}, {"eval", eval},   {"predict", predict},
    {"run", run},     {"bench", bench}, {"info", info},
};

static int dispatch(const std::string &program, Arguments arguments) {
  auto artifact = Artifact::fromMemory(&gradmill_artifact, program);
  if (!artifact)
    return reportError(artifact.error());
  if (arguments.empty() || arguments[0].rfind("-", 0) == 0)
    return train(*artifact, program, arguments);
  std::string name = arguments[0];
  arguments.erase(arguments.begin());
  std::vector<std::string> names;
  for (const Command &command : kCommands) {
    if (name == command.name)
      return command.run(*artifact, program, arguments);
    names.push_back(command.name);
  }
  std::string hint = nearest(name, names);
  return reportError(
      {kUsage, "usage",
       "unknown command \"" + name + "\"" +
           (hint.empty() ? "; there are train, eval, predict, run, bench, info"
                         : "; did you mean " + hint + "?")});
}

int main(int argc, char **argv) {
  cleanUpOnSignals();
  setHandlers();
  try {
    return dispatch(argc > 0 ? argv[0] : "trainer",
                    Arguments(argv + std::min(argc, 1), argv + argc));
  } catch (const std::bad_alloc &) {
    return reportError({kFailure, "out_of_memory", "out of memory"});
  } catch (const std::exception &e) {
    return reportError({kInternal, "internal", e.what()});
  }
}
