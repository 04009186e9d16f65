// The threads that run a model's parallel loops. One pool per model, no global
// state. Thread t of T begins with tasks [t*n/T, (t+1)*n/T) and then helps the
// others: which thread runs a task changes no result. The calling thread is
// thread 0.
//
// Loops are short (tens of microseconds), so a waiting thread first spins, then
// sleeps in the kernel.
#pragma once

#include "core/Buffer.h"
#include "core/Error.h"
#include "gradmill/artifact.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace gradmill::rt {

class ThreadPool {
public:
  static constexpr int kMaxThreads = 64;

  // threads: 1..64, or 0 for one per hardware thread. Each gets scratch memory
  // of its own, which tasks receive.
  static Result<std::unique_ptr<ThreadPool>> create(int threads,
                                                    uint64_t scratchBytes = 0);
  ~ThreadPool();

  int threads() const { return int(workers.size()) + 1; }

  // Runs task(buffers, 0..count-1) and returns when all are done. One loop at a
  // time; a loop started from inside a task runs on that task's thread, with
  // scratch of its own.
  void run(gm_task_fn task, void **buffers, int64_t count);

  // `run` in the shape of the artifact's callback; `pool` is a ThreadPool.
  static void parallel(void *pool, gm_task_fn task, void **buffers,
                       int64_t count);

private:
  ThreadPool() = default;
  void work(int thread);
  void runShare(int thread);

  struct Job {
    gm_task_fn task = nullptr;
    void **buffers = nullptr;
  } job;
  // The tasks that a thread starts with. Others take from what is left of it.
  struct alignas(64) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };
  std::vector<Share> shares; // per thread
  // On cache lines of their own: one is polled by all workers, the other is
  // written by them.
  alignas(64) std::atomic<uint32_t> generation{0};
  alignas(64) std::atomic<uint32_t> pending{0};
  alignas(64) std::atomic<bool> stopping{false};
  int total = 1;
  int spins = 0;
  std::vector<AlignedBuffer> scratch; // per thread
  std::vector<std::thread> workers;
};

// What `--threads 0` means on this machine, 1..64.
int defaultThreads();

} // namespace gradmill::rt
