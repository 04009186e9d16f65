#include "core/ThreadPool.h"

#include <algorithm>
#include <new>
#include <sched.h>
#include <system_error>
#include <utility>

namespace gradmill::rt {

// Set while a thread executes a task, so that a nested loop does not wait for
// the very threads that are waiting for it.
static thread_local bool insideTask = false;

static void runInline(gm_task_fn task, void **buffers, int64_t count,
                      void *scratch) {
  bool nested = std::exchange(insideTask, true);
  for (int64_t i = 0; i < count; ++i)
    task(buffers, i, scratch);
  insideTask = nested;
}

static void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until `value` is no longer `old`; returns what it became.
static uint32_t awaitChange(std::atomic<uint32_t> &value, uint32_t old,
                            int spins) {
  for (int i = 0; i < spins; ++i) {
    uint32_t now = value.load(std::memory_order_acquire);
    if (now != old)
      return now;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

int defaultThreads() {
  // The affinity mask, not the machine: containers often own fewer cores.
  cpu_set_t set;
  int count = int(std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    count = CPU_COUNT(&set);
  return std::clamp(count, 1, ThreadPool::kMaxThreads);
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int threads,
                                                       uint64_t scratchBytes) {
  if (threads < 0 || threads > kMaxThreads)
    return Error{kUsage, "bad_threads",
                 "threads: " + std::to_string(threads) + " is not in 1.." +
                     std::to_string(kMaxThreads) + " (0 means one per core)"};
  if (threads == 0)
    threads = defaultThreads();
  std::unique_ptr<ThreadPool> pool(new ThreadPool);
  pool->total = threads;
  pool->shares = std::vector<Share>(size_t(threads));
  // Half a millisecond: a loop's last task may take that long on the other
  // core, and a thread that sleeps until then wakes up late for the next loop.
  // With a tenth of it a training step took 3 to 8 % longer. With more threads
  // than cores a spinning thread would only keep the one it waits for from
  // running.
  pool->spins = threads <= defaultThreads() ? 20000 : 0;
  for (int thread = 0; thread < threads; ++thread) {
    auto memory = AlignedBuffer::allocate(scratchBytes, "a thread's scratch");
    if (!memory)
      return memory.error();
    pool->scratch.push_back(std::move(*memory));
  }
  try {
    for (int thread = 1; thread < threads; ++thread)
      pool->workers.emplace_back([p = pool.get(), thread] { p->work(thread); });
  } catch (const std::system_error &e) {
    return Error{kFailure, "no_threads",
                 "cannot start " + std::to_string(threads) +
                     " threads: " + e.what() + "; use fewer with --threads"};
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  stopping.store(true, std::memory_order_relaxed);
  generation.fetch_add(1, std::memory_order_release);
  generation.notify_all();
  for (std::thread &worker : workers)
    worker.join();
}

void ThreadPool::runShare(int thread) {
  insideTask = true;
  // Its own share first: what these tasks read is often in this core's cache,
  // from the loop before. Then what others have left: one core is always late.
  for (int i = 0; i < total; ++i) {
    Share &share = shares[size_t((thread + i) % total)];
    int64_t task;
    while ((task = share.next.fetch_add(1, std::memory_order_relaxed)) <
           share.end)
      job.task(job.buffers, task, scratch[size_t(thread)].data());
  }
  insideTask = false;
}

void ThreadPool::work(int thread) {
  uint32_t seen = 0;
  while (true) {
    seen = awaitChange(generation, seen, spins);
    if (stopping.load(std::memory_order_relaxed))
      return;
    runShare(thread);
    if (pending.fetch_sub(1, std::memory_order_acq_rel) == 1)
      pending.notify_one();
  }
}

void ThreadPool::run(gm_task_fn task, void **buffers, int64_t count) {
  if (insideTask) {
    // The task that started this loop still owns its thread's scratch. Compiled
    // code does not nest, so this need not be fast.
    auto memory = AlignedBuffer::allocate(scratch[0].size(), "nested scratch");
    if (!memory)
      throw std::bad_alloc();
    return runInline(task, buffers, count, memory->data());
  }
  if (workers.empty() || count <= 1)
    return runInline(task, buffers, count, scratch[0].data());
  job = {task, buffers};
  for (int thread = 0; thread < total; ++thread) {
    // 128 bits: the product of two valid numbers may not fit 64.
    Share &share = shares[size_t(thread)];
    share.next.store(int64_t(__int128(thread) * count / total),
                     std::memory_order_relaxed);
    share.end = int64_t(__int128(thread + 1) * count / total);
  }
  pending.store(uint32_t(workers.size()), std::memory_order_relaxed);
  generation.fetch_add(1, std::memory_order_release);
  generation.notify_all();
  runShare(0);
  while (uint32_t left = pending.load(std::memory_order_acquire))
    awaitChange(pending, left, spins);
}

void ThreadPool::parallel(void *pool, gm_task_fn task, void **buffers,
                          int64_t count) {
  static_cast<ThreadPool *>(pool)->run(task, buffers, count);
}

} // namespace gradmill::rt
