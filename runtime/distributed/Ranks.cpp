#include "distributed/Ranks.h"

#include "core/Number.h"
#include "core/Text.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>

namespace gradmill::rt {

void Ranks::fail() {
  std::fprintf(stderr,
               "error[rank_failed]: rank %d of %d lost the others: %s; continue "
               "with --resume from the last checkpoint\n",
               rank(), size(), backend.error(backend.self));
  backend.close(backend.self, kFailure);
  std::_Exit(kFailure);
}

void *Ranks::start(void *memory, const std::vector<uint64_t> &begins) {
  void *request = backend.start(backend.self, memory, begins.data());
  if (!request)
    fail();
  return request;
}

void *Ranks::startSum(float *values, uint64_t count) {
  void *request = backend.start_sum(backend.self, values, count);
  if (!request)
    fail();
  return request;
}

void Ranks::wait(void *request) {
  if (backend.wait(backend.self, request))
    fail();
}

void Ranks::gather(void *memory, uint64_t bytes) {
  std::vector<uint64_t> begins;
  for (int rank = 0; rank <= size(); ++rank)
    begins.push_back(uint64_t(rank) * bytes);
  wait(start(memory, begins));
}

bool Ranks::any(bool own) {
  std::vector<char> all(size_t(size()), 0);
  all[size_t(rank())] = own;
  gather(all.data(), 1);
  return std::find(all.begin(), all.end(), 1) != all.end();
}

//===-- Backends ----------------------------------------------------------===//

// Whether a launcher has started this program as one of several.
static bool isLaunched() {
  for (const char *name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"})
    if (const char *size = std::getenv(name))
      return std::atoi(size) > 1;
  // Slurm's PMIx tells the rank alone.
  const char *tasks = std::getenv("SLURM_NTASKS");
  return std::getenv("PMIX_RANK") && tasks && std::atoi(tasks) > 1;
}

// The places where libgradmill_mpi.so may be, in order.
static std::vector<std::string> placesOfMpi() {
  constexpr char file[] = "libgradmill_mpi.so";
  char program[4096];
  std::vector<std::string> places;
  if (const char *given = std::getenv("GRADMILL_MPI"); given && *given)
    return {given};
  ssize_t length = readlink("/proc/self/exe", program, sizeof program);
  std::string folder(program, size_t(std::max<ssize_t>(length, 0)));
  if (size_t slash = folder.rfind('/'); slash != std::string::npos)
    for (const char *beside : {"/", "/../lib/"})
      places.push_back(folder.substr(0, slash) + beside + file);
  places.push_back(file); // where the loader looks
  return places;
}

static Result<const gm_collective *> load(const std::vector<std::string> &files) {
  std::string tried;
  void *library = nullptr;
  for (const std::string &file : files)
    if (!library && !(library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL))) {
      const char *why = dlerror();
      tried += std::string(tried.empty() ? "" : "; ") + (why ? why : file);
    }
  void *symbol = library ? dlsym(library, GRADMILL_COLLECTIVE_SYMBOL) : nullptr;
  if (!symbol)
    return makeError(kUsage, "no_backend",
                     {"no backend for several processes: ",
                      library ? "the file exports no "
                                GRADMILL_COLLECTIVE_SYMBOL
                              : tried,
                      "; name libgradmill_mpi.so by the variable GRADMILL_MPI, "
                      "or train in one process with --distributed none"});
  const char *reason = "no reason given";
  auto open = reinterpret_cast<gm_collective_fn>(symbol);
  const gm_collective *backend = open(&reason);
  if (!backend)
    return makeError(kFailure, "no_backend",
                     {"the backend cannot join the job: ", reason});
  if (backend->abi_version != GRADMILL_COLLECTIVE_ABI ||
      backend->struct_size < sizeof(gm_collective))
    return makeError(kUsage, "no_backend",
                     {"the backend is for version ", backend->abi_version,
                      " of gm_collective, this program has ",
                      GRADMILL_COLLECTIVE_ABI, "; build both alike"});
  return backend;
}

Result<std::unique_ptr<Ranks>> joinRanks(const std::string &distributed) {
  if (distributed == "none" || (distributed == "auto" && !isLaunched()))
    return std::unique_ptr<Ranks>();
  bool isMpi = distributed == "auto" || distributed == "mpi";
  if (!isMpi && distributed.find('/') == std::string::npos)
    return makeError(kUsage, "usage",
                     {"--distributed ", distributed,
                      " is none of auto, none, mpi, processes:N or the path of a "
                      "backend, with a slash"});
  auto backend = load(isMpi ? placesOfMpi()
                            : std::vector<std::string>{distributed});
  if (!backend)
    return backend.error();
  return std::make_unique<Ranks>(**backend);
}

Result<int> processesOf(const std::string &distributed) {
  constexpr char prefix[] = "processes:";
  if (distributed.rfind(prefix, 0) != 0)
    return 0;
  int count = std::atoi(distributed.c_str() + sizeof prefix - 1);
  if (count >= 1 && count <= 1024 &&
      distributed == prefix + std::to_string(count))
    return count;
  return makeError(kUsage, "usage",
                   {"--distributed ", distributed,
                    ": the number of processes is not in 1..1024"});
}

} // namespace gradmill::rt
