// The processes that train one model together, as one of them sees it. Each is a
// rank. All ranks call the same functions in the same order.
//
// An interface, so that a stand-alone trainer contains none of what is behind it
// (distributed/Job.h): under a launcher it loads that.
#pragma once

#include "core/Error.h"
#include "core/Manifest.h"
#include "core/ThreadPool.h"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>

namespace gradmill::rt {

// The copy of a file that is linked into stand-alone trainers trains in one
// process: what the others need is left out for its size, and loaded under a
// launcher.
#ifdef GRADMILL_ALONE
inline constexpr bool kAlone = true;
#else
inline constexpr bool kAlone = false;
#endif

// What must be equal on all ranks: a name and a value for people.
struct Fact {
  const char *name, *value;
};

// Runs an entry as one of several ranks.
class SharedEntry {
public:
  virtual ~SharedEntry() = default;
  // Before and after a run.
  virtual void begin(ThreadPool &pool) = 0;
  virtual void end() = 0;
  // In the shape of the artifact's callback; its context is this object.
  gm_parallel_fn parallel = nullptr;
  // The samples of a batch that this rank needs, from the first to before the
  // last.
  int64_t first = 0, last = 0;
};

class Ranks {
public:
  virtual ~Ranks() = default;

  int rank = 0, size = 1;

  // Memory between `begins[r]` and `begins[r + 1]` becomes that of rank r; there
  // are size + 1 numbers.
  virtual void gather(void *memory, const uint64_t *begins) = 0;
  // Whether any rank says so.
  virtual bool any(bool own) = 0;
  // Before the first step. `own` is what this rank has failed at, if so. All
  // ranks receive the same answer. Errors: those of ranks; ranks_differ, with
  // all differences.
  virtual Status agree(const Status &own,
                       std::initializer_list<Fact> facts) = 0;
  // `table` is the entry's. With `fast`, each rank adds up its own partial sums
  // before it sends them. Errors: too_many_ranks, bad_manifest.
  virtual Result<std::unique_ptr<SharedEntry>>
  share(const char *manifest, const EntrySpec &entry, void *const *table,
        bool fast) = 0;

  // The first of `count` pieces of work that rank `rank` does; the next rank's
  // first one is its end.
  int64_t begin(int64_t count, int rank) const { return count * rank / size; }
};

} // namespace gradmill::rt
