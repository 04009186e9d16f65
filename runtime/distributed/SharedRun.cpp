#include "distributed/SharedRun.h"

#include <algorithm>
#include <cstring>

namespace gradmill::rt {

SharedRun::SharedRun(SharedSpec spec, const EntrySpec &entry,
                     void *const *table, Job &ranks, bool fast)
    : shared(std::move(spec)), table(table), ranks(ranks), fast(fast),
      open(shared.exchanges.size()), begins(size_t(ranks.size) + 1) {
  parallel = [](void *context, gm_task_fn task, void **buffers, int64_t count) {
    static_cast<SharedRun *>(context)->loop(task, buffers, count);
  };
  last = entry.batch;
  if (!shared.unitSamples)
    return;
  auto at = [&](int rank) {
    return std::min(entry.batch, int64_t(beginOf(uint64_t(shared.units), rank)) *
                                     shared.unitSamples);
  };
  first = at(ranks.rank);
  last = at(ranks.rank + 1);
}

void SharedRun::begin(ThreadPool &threads) {
  pool = &threads;
  call = 0;
}

//===-- Exchanges ---------------------------------------------------------===//

void SharedRun::start(const ExchangeSpec &exchange) {
  for (int rank = 0; rank <= ranks.size; ++rank)
    begins[size_t(rank)] = std::min(
        exchange.bytes, exchange.unitBytes * beginOf(exchange.units, rank));
  ++openCount;
  if (fast && exchange.isSum)
    return startSum(exchange);
  open[size_t(&exchange - shared.exchanges.data())].request =
      ranks.start(memoryOf(exchange), begins.data());
}

void SharedRun::startSum(const ExchangeSpec &exchange) {
  Open &one = open[size_t(&exchange - shared.exchanges.data())];
  one.sum.assign(exchange.unitBytes / sizeof(float), 0);
  const char *memory = memoryOf(exchange);
  auto own = size_t(ranks.rank);
  for (uint64_t at = begins[own]; at < begins[own + 1]; at += exchange.unitBytes)
    for (size_t i = 0; i < one.sum.size(); ++i)
      one.sum[i] += reinterpret_cast<const float *>(memory + at)[i];
  one.request = ranks.startSum(one.sum.data(), one.sum.size());
}

// The code adds up all units: the sum becomes the first, and the others 0.
void SharedRun::takeSum(const ExchangeSpec &exchange) {
  Open &one = open[size_t(&exchange - shared.exchanges.data())];
  char *memory = memoryOf(exchange);
  std::memcpy(memory, one.sum.data(), exchange.unitBytes);
  std::memset(memory + exchange.unitBytes, 0,
              exchange.bytes - exchange.unitBytes);
}

// For what the next call needs.
void SharedRun::wait() {
  for (const ExchangeSpec &exchange : shared.exchanges) {
    if (exchange.before != call)
      continue;
    ranks.wait(open[size_t(&exchange - shared.exchanges.data())].request);
    if (fast && exchange.isSum)
      takeSum(exchange);
    --openCount;
  }
}

//===-- Loops -------------------------------------------------------------===//

namespace {
// A loop over some of the tasks.
struct Part {
  gm_task_fn task;
  void **buffers;
  int64_t first;

  static void run(void **self, int64_t i, void *scratch) {
    auto *part = reinterpret_cast<Part *>(self);
    part->task(part->buffers, part->first + i, scratch);
  }
};
} // namespace

void SharedRun::loop(gm_task_fn task, void **buffers, int64_t count) {
  wait();
  const std::vector<int64_t> &own = shared.own;
  if (std::find(own.begin(), own.end(), call) == own.end()) {
    pool->run(task, buffers, count);
  } else {
    // The compiler cuts all loops over groups at the same chunks.
    auto first = int64_t(beginOf(uint64_t(count), ranks.rank));
    auto end = int64_t(beginOf(uint64_t(count), ranks.rank + 1));
    Part part{task, buffers, first};
    pool->run(Part::run, reinterpret_cast<void **>(&part), end - first);
  }
  if (openCount)
    ranks.progress();
  for (const ExchangeSpec &exchange : shared.exchanges)
    if (exchange.after == call)
      start(exchange);
  ++call;
}

} // namespace gradmill::rt
