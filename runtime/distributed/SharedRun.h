// Runs an entry as one rank of several (docs/distributed.md): the rank's own
// tasks of the loops that are shared, all of the others, and the exchanges
// between them. The artifact's code is the same as in a single process. It calls
// `parallel` for each loop, and that is where all of this happens.
#pragma once

#include "core/Manifest.h"
#include "core/ThreadPool.h"
#include "distributed/Ranks.h"

namespace gradmill::rt {

class SharedRun {
public:
  SharedRun(const EntrySpec &entry, std::vector<void *> table, Ranks &ranks);

  // Whether so many ranks can share the entry. Error: too_many_ranks,
  // not_shared.
  static Status check(const EntrySpec &entry, const Ranks &ranks);

  // Before and after a run.
  void begin(ThreadPool &pool);
  void end();
  // In the shape of the artifact's callback; `context` is a SharedRun.
  static void parallel(void *context, gm_task_fn task, void **buffers,
                       int64_t count);

  // The samples of a batch that this rank needs, from first to before last.
  std::pair<int64_t, int64_t> samples() const;
  // What ranks exchange in a run, in bytes.
  static uint64_t bytesOf(const EntrySpec &entry);

private:
  void loop(gm_task_fn task, void **buffers, int64_t count);
  void wait();
  void start(const ExchangeSpec &exchange);

  const EntrySpec &entry;
  std::vector<void *> table;
  Ranks &ranks;
  std::vector<char> isOwn; // by call
  std::vector<std::vector<size_t>> starts, waits; // exchanges, by call
  std::vector<void *> requests;                   // by exchange
  ThreadPool *pool = nullptr;
  size_t call = 0, openCount = 0;
};

} // namespace gradmill::rt
