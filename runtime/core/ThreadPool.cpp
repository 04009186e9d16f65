#include "core/ThreadPool.h"
#include "core/Text.h"

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

namespace gradmill::rt {

// Set while a thread executes a task, so that a nested loop does not wait for
// the threads that wait for it.
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

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// Waits until `value` is no longer `old`, or for so long; returns the value.
static uint32_t spinUntilChange(const std::atomic<uint32_t> &value,
                                uint32_t old, nanoseconds patience) {
  const Clock::time_point end = Clock::now() + patience;
  do {
    for (int i = 0; i < 64; ++i) {
      uint32_t now = value.load(std::memory_order_acquire);
      if (now != old)
        return now;
      pause();
    }
  } while (Clock::now() < end);
  return old;
}

// Waits until `value` is no longer `old`, awake at first; returns the new
// value.
static uint32_t awaitChange(std::atomic<uint32_t> &value, uint32_t old,
                            nanoseconds spin) {
  if (spin > nanoseconds::zero())
    if (uint32_t now = spinUntilChange(value, old, spin); now != old)
      return now;
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

int defaultThreads() {
  // The processors that we may use, not the machine's: a container often owns
  // fewer.
  int count = int(allowedProcessors().size());
  if (count == 0)
    count = int(std::thread::hardware_concurrency());
  return std::clamp(count, 1, ThreadPool::kMaxThreads);
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int threads,
                                                       uint64_t scratchBytes) {
  if (threads < 0 || threads > kMaxThreads)
    return makeError(kUsage, "bad_threads",
                     {"threads: ", threads, " is not in 1..", kMaxThreads,
                      " (0 means one per core)"});
  if (threads == 0)
    threads = defaultThreads();
  std::unique_ptr<ThreadPool> pool(new ThreadPool);
  pool->total = threads;
  pool->shares = std::vector<Share>(size_t(threads));
  pool->states = std::vector<Worker>(size_t(threads));
  // Half a millisecond: a loop's last task may take that long on the other
  // core, and a thread that sleeps meanwhile wakes up late for the next loop.
  // With a tenth of it a training step took 3 to 8 % longer. With more threads
  // than cores a spinning thread would only keep the thread that it waits for
  // from running.
  std::vector<int> processors = allowedProcessors();
  if (threads <= defaultThreads())
    pool->spin = std::chrono::microseconds(500);
  if (threads > 1 && size_t(threads) == processors.size())
    pool->cores = std::move(processors);
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
    return makeError(kFailure, "no_threads",
                     {"cannot start ", threads, " threads: ", e.what(),
                      "; use fewer with --threads"});
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

// Returns how long a task took.
nanoseconds ThreadPool::runShare(int thread) {
  const Clock::time_point begin = Clock::now();
  int64_t done = 0;
  insideTask = true;
  // Its own share first: this core's cache often holds the data of these tasks
  // from the loop before. Then tasks that others have left, because one core is
  // always late.
  for (int i = 0; i < total; ++i) {
    Share &share = shares[size_t((thread + i) % total)];
    int64_t task;
    while ((task = share.next.fetch_add(1, std::memory_order_relaxed)) <
           share.end) {
      job.task(job.buffers, task, scratch[size_t(thread)].data());
      ++done;
    }
  }
  insideTask = false;
  return (Clock::now() - begin) / std::max<int64_t>(done, 1);
}

// Joins the loop that is under way, unless it is closed.
bool ThreadPool::enter() {
  uint32_t now = gate.load(std::memory_order_relaxed);
  while (!(now & kClosed))
    if (gate.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                   std::memory_order_relaxed))
      return true;
  return false;
}

void ThreadPool::leave(int thread) {
  states[size_t(thread)].isAtWork.store(false);
  // The caller waits only for the last thread that leaves a closed loop.
  if (gate.fetch_sub(1, std::memory_order_acq_rel) == (kClosed | 1))
    gate.notify_one();
  // Away from the core on which the caller wakes up.
  returnCore(thread);
}

void ThreadPool::work(int thread) {
  Worker &self = states[size_t(thread)];
  self.id.store(currentThread());
  if (!cores.empty())
    bindThread(0, cores[size_t(thread)]);
  uint32_t seen = 0;
  while (true) {
    seen = awaitChange(generation, seen, spin);
    if (stopping.load(std::memory_order_relaxed))
      return;
    if (enter()) {
      self.isAtWork.store(true);
      runShare(thread);
      leave(thread);
    }
  }
}

// Waits until the others have finished. All tasks are taken, and a thread that
// comes now finds the loop closed.
void ThreadPool::awaitOthers(nanoseconds task) {
  uint32_t now = gate.fetch_or(kClosed, std::memory_order_acq_rel) | kClosed;
  if (now == kClosed)
    return;
  if (cores.empty() || !caller) {
    while (now != kClosed)
      now = awaitChange(gate, now, spin);
    return;
  }
  // They may take about as long as our task took, plus a little for a message
  // from another core. A thread that takes longer is not running.
  const nanoseconds patience =
      std::min(2 * task + nanoseconds(std::chrono::microseconds(20)), spin);
  while (now != kClosed) {
    uint32_t then = spinUntilChange(gate, now, patience);
    if (then == now) {
      int borrower = lendCore();
      gate.wait(now, std::memory_order_acquire);
      then = gate.load(std::memory_order_acquire);
      returnCore(borrower); // if it had left before it was lent
    }
    now = then;
  }
}

// Moves a thread in the middle of a task to the caller's core, which is free
// while the caller sleeps. Returns the thread; 0 if there is none left.
int ThreadPool::lendCore() {
  for (int thread = 1; thread < total; ++thread) {
    Worker &worker = states[size_t(thread)];
    if (!worker.isAtWork.load())
      continue;
    bindThread(worker.id.load(), cores[0]);
    worker.isOnLentCore.store(true);
    return thread;
  }
  return 0;
}

void ThreadPool::returnCore(int thread) {
  Worker &worker = states[size_t(thread)];
  if (worker.isOnLentCore.exchange(false))
    bindThread(worker.id.load(), cores[size_t(thread)]);
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
  if (sessions && !cores.empty() && !caller)
    caller.emplace(cores[0]);
  job = {task, buffers};
  for (int thread = 0; thread < total; ++thread) {
    // 128 bits: the product of two valid numbers may not fit 64.
    Share &share = shares[size_t(thread)];
    share.next.store(int64_t(__int128(thread) * count / total),
                     std::memory_order_relaxed);
    share.end = int64_t(__int128(thread + 1) * count / total);
  }
  gate.store(0, std::memory_order_release);
  generation.fetch_add(1, std::memory_order_release);
  generation.notify_all();
  awaitOthers(runShare(0));
}

void ThreadPool::parallel(void *pool, gm_task_fn task, void **buffers,
                          int64_t count) {
  static_cast<ThreadPool *>(pool)->run(task, buffers, count);
}

} // namespace gradmill::rt
