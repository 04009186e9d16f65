#include "distributed/SharedRun.h"

#include "core/Text.h"

#include <algorithm>
#include <cstring>

namespace gradmill::rt {

SharedRun::SharedRun(const EntrySpec &entry, void *const *table, Ranks &ranks,
                     bool fast)
    : entry(entry), table(table), ranks(ranks), fast(fast),
      open(entry.shared.exchanges.size()), begins(size_t(ranks.size()) + 1) {}

Status SharedRun::check(const EntrySpec &entry, const Ranks &ranks) {
  // Of a loop that is in more pieces than this, tasks take several groups.
  constexpr int64_t most = 32;
  int64_t chunks = std::max<int64_t>(entry.shared.chunks, 1);
  if (chunks >= ranks.size())
    return ok;
  if (ranks.size() > most || !entry.shared.chunks)
    return makeError(kUsage, "too_many_ranks",
                     {ranks.size(), " ranks, but a batch of ", entry.batch,
                      " is work for ", chunks, ", and any batch for at most ",
                      most, ": start fewer ranks"});
  return makeError(
      kUsage, "too_many_ranks",
      {ranks.size(), " ranks, but a batch of ", entry.batch, " is work for ",
       chunks, ": start fewer ranks, or compile for a --batch of at least ",
       (entry.batch * ranks.size() + chunks - 1) / chunks});
}

uint64_t SharedRun::bytesOf(const EntrySpec &entry) {
  uint64_t bytes = 0;
  for (const ExchangeSpec &exchange : entry.shared.exchanges)
    bytes += exchange.bytes;
  return bytes;
}

std::pair<int64_t, int64_t> SharedRun::samples() const {
  const SharedSpec &shared = entry.shared;
  if (!shared.unitSamples)
    return {0, entry.batch};
  auto at = [&](int rank) {
    return std::min(entry.batch, int64_t(beginOf(uint64_t(shared.units), rank)) *
                                     shared.unitSamples);
  };
  return {at(ranks.rank()), at(ranks.rank() + 1)};
}

void SharedRun::begin(ThreadPool &threads) {
  pool = &threads;
  call = 0;
}

//===-- Exchanges ---------------------------------------------------------===//

void SharedRun::start(const ExchangeSpec &exchange) {
  for (int rank = 0; rank <= ranks.size(); ++rank)
    begins[size_t(rank)] = std::min(
        exchange.bytes, exchange.unitBytes * beginOf(exchange.units, rank));
  ++openCount;
  if (fast && exchange.isSum)
    return startSum(exchange);
  open[size_t(&exchange - entry.shared.exchanges.data())].request =
      ranks.start(memoryOf(exchange), begins.data());
}

void SharedRun::startSum(const ExchangeSpec &exchange) {
  Open &one = open[size_t(&exchange - entry.shared.exchanges.data())];
  one.sum.assign(exchange.unitBytes / sizeof(float), 0);
  const char *memory = memoryOf(exchange);
  auto own = size_t(ranks.rank());
  for (uint64_t at = begins[own]; at < begins[own + 1]; at += exchange.unitBytes)
    for (size_t i = 0; i < one.sum.size(); ++i)
      one.sum[i] += reinterpret_cast<const float *>(memory + at)[i];
  one.request = ranks.startSum(one.sum.data(), one.sum.size());
}

// The code adds up all units: the sum becomes the first, and the others 0.
void SharedRun::takeSum(const ExchangeSpec &exchange) {
  Open &one = open[size_t(&exchange - entry.shared.exchanges.data())];
  char *memory = memoryOf(exchange);
  std::memcpy(memory, one.sum.data(), exchange.unitBytes);
  std::memset(memory + exchange.unitBytes, 0,
              exchange.bytes - exchange.unitBytes);
}

// For what the next call needs.
void SharedRun::wait() {
  for (const ExchangeSpec &exchange : entry.shared.exchanges) {
    if (exchange.before != call)
      continue;
    ranks.wait(open[size_t(&exchange - entry.shared.exchanges.data())].request);
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
  const std::vector<int64_t> &own = entry.shared.own;
  if (std::find(own.begin(), own.end(), call) == own.end()) {
    pool->run(task, buffers, count);
  } else {
    // The compiler cuts all loops over groups at the same chunks.
    auto first = int64_t(beginOf(uint64_t(count), ranks.rank()));
    auto end = int64_t(beginOf(uint64_t(count), ranks.rank() + 1));
    Part part{task, buffers, first};
    pool->run(Part::run, reinterpret_cast<void **>(&part), end - first);
  }
  if (openCount)
    ranks.progress();
  for (const ExchangeSpec &exchange : entry.shared.exchanges)
    if (exchange.after == call)
      start(exchange);
  ++call;
}

void SharedRun::parallel(void *context, gm_task_fn task, void **buffers,
                         int64_t count) {
  static_cast<SharedRun *>(context)->loop(task, buffers, count);
}

} // namespace gradmill::rt
