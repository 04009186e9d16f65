#include "distributed/SharedRun.h"

#include "core/Text.h"

#include <algorithm>

namespace gradmill::rt {

SharedRun::SharedRun(const EntrySpec &entry, std::vector<void *> table,
                     Ranks &ranks)
    : entry(entry), table(std::move(table)), ranks(ranks) {
  size_t calls = entry.calls.size();
  isOwn.resize(calls);
  starts.resize(calls + 1);
  waits.resize(calls + 1);
  for (int64_t own : entry.shared.own)
    isOwn[size_t(own)] = 1;
  const auto &exchanges = entry.shared.exchanges;
  for (size_t i = 0; i < exchanges.size(); ++i) {
    starts[size_t(exchanges[i].after)].push_back(i);
    waits[size_t(exchanges[i].before)].push_back(i);
  }
  requests.resize(exchanges.size());
}

Status SharedRun::check(const EntrySpec &entry, const Ranks &ranks) {
  int64_t chunks = entry.shared.chunks;
  if (chunks >= ranks.size())
    return ok;
  int64_t needed = chunks ? (entry.batch * ranks.size() + chunks - 1) / chunks
                          : entry.lanes() * ranks.size();
  return makeError(
      kUsage, "too_many_ranks",
      {ranks.size(), " ranks, but a batch of ", entry.batch, " is work for ",
       std::max<int64_t>(chunks, 1),
       ": start fewer ranks, or compile for a --batch of at least ", needed});
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
    auto unit = shared.begin(uint64_t(shared.units),
                             ranks.begin(shared.chunks, rank));
    return std::min(entry.batch, int64_t(unit) * shared.unitSamples);
  };
  return {at(ranks.rank()), at(ranks.rank() + 1)};
}

void SharedRun::begin(ThreadPool &threads) {
  pool = &threads;
  call = 0;
}

void SharedRun::end() { wait(); }

void SharedRun::wait() {
  for (size_t exchange : waits[call]) {
    ranks.wait(requests[exchange]);
    --openCount;
  }
}

void SharedRun::start(const ExchangeSpec &exchange) {
  const SharedSpec &shared = entry.shared;
  std::vector<uint64_t> begins;
  for (int rank = 0; rank <= ranks.size(); ++rank)
    begins.push_back(std::min(
        exchange.bytes, exchange.unitBytes *
                            shared.begin(exchange.units,
                                         ranks.begin(shared.chunks, rank))));
  ++openCount;
  auto index = size_t(&exchange - shared.exchanges.data());
  requests[index] =
      ranks.start(static_cast<char *>(table[exchange.buffer]) + exchange.offset,
                  begins);
}

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
  if (!isOwn[call]) {
    pool->run(task, buffers, count);
  } else {
    // The compiler cuts all shared loops at the same chunks.
    int64_t chunks = entry.shared.chunks;
    auto at = [&](int rank) {
      return ranks.begin(chunks, rank) * count / chunks;
    };
    Part part{task, buffers, at(ranks.rank())};
    pool->run(Part::run, reinterpret_cast<void **>(&part),
              at(ranks.rank() + 1) - part.first);
  }
  if (openCount)
    ranks.progress();
  for (size_t exchange : starts[call])
    start(entry.shared.exchanges[exchange]);
  ++call;
}

void SharedRun::parallel(void *context, gm_task_fn task, void **buffers,
                         int64_t count) {
  static_cast<SharedRun *>(context)->loop(task, buffers, count);
}

} // namespace gradmill::rt
