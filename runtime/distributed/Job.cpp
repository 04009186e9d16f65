#include "distributed/Job.h"

#include "core/Text.h"
#include "distributed/SharedRun.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>
#include <vector>

namespace gradmill::rt {

void Job::fail() {
  std::fprintf(stderr,
               "error[rank_failed]: rank %d of %d lost the others: %s; continue "
               "with --resume from the last checkpoint\n",
               rank, size, backend.error(backend.self));
  backend.close(backend.self, kFailure);
  std::_Exit(kFailure);
}

void *Job::start(void *memory, const uint64_t *begins) {
  void *request = backend.start(backend.self, memory, begins);
  if (!request)
    fail();
  return request;
}

void *Job::startSum(float *values, uint64_t count) {
  void *request = backend.start_sum(backend.self, values, count);
  if (!request)
    fail();
  return request;
}

void Job::wait(void *request) {
  if (backend.wait(backend.self, request))
    fail();
}

bool Job::any(bool own) {
  std::vector<char> all(size_t(size), 0);
  std::vector<uint64_t> begins;
  for (int i = 0; i <= size; ++i)
    begins.push_back(uint64_t(i));
  all[size_t(rank)] = own;
  gather(all.data(), begins.data());
  return std::find(all.begin(), all.end(), 1) != all.end();
}

Result<std::unique_ptr<SharedEntry>> Job::share(const char *manifest,
                                                const EntrySpec &entry,
                                                void *const *table, bool fast) {
  auto spec = readShared(manifest, entry);
  if (!spec)
    return spec.error();
  if (Status error = checkRanks(*spec, entry, size))
    return *error;
  return std::unique_ptr<SharedEntry>(
      std::make_unique<SharedRun>(std::move(*spec), entry, table, *this, fast));
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

// libgradmill_mpi.so: as GRADMILL_MPI says, else beside this program, in ../lib,
// or where the loader looks.
static void *openMpi() {
  constexpr int how = RTLD_NOW | RTLD_GLOBAL;
  if (const char *given = std::getenv("GRADMILL_MPI"); given && *given)
    return dlopen(given, how);
  char path[4200];
  ssize_t length = readlink("/proc/self/exe", path, 4096);
  path[std::max<ssize_t>(length, 0)] = 0;
  if (char *slash = std::strrchr(path, '/'))
    for (const char *beside : {"/libgradmill_mpi.so", "/../lib/libgradmill_mpi.so"}) {
      std::strcpy(slash, beside);
      if (void *library = dlopen(path, how))
        return library;
    }
  return dlopen("libgradmill_mpi.so", how);
}

static Error noBackend(std::string_view why) {
  return makeError(kUsage, "no_backend",
                   {"no backend for several processes: ", why,
                    "; name libgradmill_mpi.so by the variable GRADMILL_MPI, or "
                    "train in one process with --distributed none"});
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
  void *library = isMpi ? openMpi() : dlopen(distributed.c_str(), RTLD_NOW);
  if (!library) {
    const char *why = dlerror();
    return noBackend(why ? why : "not found");
  }
  auto join = reinterpret_cast<gm_collective_fn>(
      dlsym(library, GRADMILL_COLLECTIVE_SYMBOL));
  if (!join)
    return noBackend("the file exports no " GRADMILL_COLLECTIVE_SYMBOL);
  const char *reason = "no reason given";
  const gm_collective *backend = join(&reason);
  if (!backend)
    return noBackend(reason);
  if (backend->abi_version != GRADMILL_COLLECTIVE_ABI ||
      backend->struct_size < sizeof(gm_collective))
    return noBackend("it is for another version of gm_collective");
  return std::unique_ptr<Ranks>(std::make_unique<Job>(*backend));
}

} // namespace gradmill::rt
