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
  // `table` is the entry's. With `fast`, each rank adds up its own partial sums
  // before it sends them. All references must outlive this object.
  SharedRun(const EntrySpec &entry, void *const *table, Ranks &ranks, bool fast);

  // Whether so many ranks can share the entry. Error: too_many_ranks.
  static Status check(const EntrySpec &entry, const Ranks &ranks);

  // Before and after a run.
  void begin(ThreadPool &pool);
  void end() { wait(); }
  // In the shape of the artifact's callback; `context` is a SharedRun.
  static void parallel(void *context, gm_task_fn task, void **buffers,
                       int64_t count);

  // The samples of a batch that this rank needs, from first to before last.
  std::pair<int64_t, int64_t> samples() const;
  // What ranks exchange in a run, in bytes.
  static uint64_t bytesOf(const EntrySpec &entry);

private:
  // Where the units of chunks begin, and with them a rank's part.
  uint64_t beginOf(uint64_t units, int rank) const {
    return entry.shared.begin(units, ranks.begin(entry.shared.chunks, rank));
  }
  char *memoryOf(const ExchangeSpec &exchange) const {
    return static_cast<char *>(table[exchange.buffer]) + exchange.offset;
  }
  void loop(gm_task_fn task, void **buffers, int64_t count);
  void wait();
  void start(const ExchangeSpec &exchange);
  void startSum(const ExchangeSpec &exchange);
  void takeSum(const ExchangeSpec &exchange);

  const EntrySpec &entry;
  void *const *table;
  Ranks &ranks;
  const bool fast;
  struct Open {
    void *request = nullptr;
    std::vector<float> sum;
  };
  std::vector<Open> open;       // by exchange
  std::vector<uint64_t> begins; // of the ranks' parts, of one exchange
  ThreadPool *pool = nullptr;
  int64_t call = 0;
  int openCount = 0;
};

} // namespace gradmill::rt
