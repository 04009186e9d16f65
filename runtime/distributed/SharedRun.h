// Runs an entry as one rank of several (docs/distributed.md): the rank's own
// tasks of the loops that are shared, all of the others, and the exchanges
// between them. The artifact's code is the same as in a single process. It calls
// `parallel` for each loop, and that is where all of this happens.
#pragma once

#include "distributed/Job.h"
#include "distributed/SharedSpec.h"

#include <vector>

namespace gradmill::rt {

class SharedRun final : public SharedEntry {
public:
  // `table` and `ranks` must outlive this object.
  SharedRun(SharedSpec spec, const EntrySpec &entry, void *const *table,
            Job &ranks, bool fast);

  void begin(ThreadPool &pool) override;
  void end() override { wait(); }

private:
  // Where the units of chunks begin, and with them a rank's part.
  uint64_t beginOf(uint64_t units, int rank) const {
    return shared.begin(units, ranks.begin(shared.chunks, rank));
  }
  char *memoryOf(const ExchangeSpec &exchange) const {
    return static_cast<char *>(table[exchange.buffer]) + exchange.offset;
  }
  void loop(gm_task_fn task, void **buffers, int64_t count);
  void wait();
  void start(const ExchangeSpec &exchange);
  void startSum(const ExchangeSpec &exchange);
  void takeSum(const ExchangeSpec &exchange);

  const SharedSpec shared;
  void *const *table;
  Job &ranks;
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
