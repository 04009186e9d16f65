// The threads that run a model's parallel loops. One pool per model, no global
// state. Thread t of T begins with tasks [t*n/T, (t+1)*n/T) and then helps the
// others. No result depends on which thread runs a task. The calling thread is
// thread 0.
//
// Loops are short (tens of microseconds), so a waiting thread first spins and
// then sleeps in the kernel.
//
// On a machine with other programs, threads lose their cores for milliseconds,
// a hundred times as long as a task takes. So nobody waits for a thread that
// has not begun to work on a loop. If there are as many threads as cores, each
// thread is bound to a core, and a thread that waits for another one in the
// middle of a task lends it its own core. With one busy program on one of two
// cores, a training step then has 0.7 of its speed instead of 0.3. Without
// binding, the kernel puts two of our threads onto one core and leaves the
// other core to the busy program (0.5).
#pragma once

#include "core/Affinity.h"
#include "core/Buffer.h"
#include "core/Error.h"
#include "gradmill/artifact.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
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

  // While one exists, the calling thread is bound to its core from the first
  // loop on. The thread belongs to our caller, so the binding ends with this
  // object.
  class Session {
  public:
    explicit Session(ThreadPool &pool) : pool(pool) { pool.sessions++; }
    ~Session() {
      if (--pool.sessions == 0)
        pool.caller.reset();
    }
    Session(const Session &) = delete;

  private:
    ThreadPool &pool;
  };

  // `run` in the shape of the artifact's callback; `pool` is a ThreadPool.
  static void parallel(void *pool, gm_task_fn task, void **buffers,
                       int64_t count);

private:
  using Duration = std::chrono::nanoseconds;

  ThreadPool() = default;
  void work(int thread);
  bool enter();
  void leave(int thread);
  Duration runShare(int thread);
  void awaitOthers(Duration task);
  int lendCore();
  void returnCore(int thread);

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
  struct alignas(64) Worker {
    std::atomic<pid_t> id{0};
    std::atomic<bool> isAtWork{false};
    std::atomic<bool> isOnLentCore{false};
  };
  std::vector<Worker> states; // per thread; of the caller unused
  // On cache lines of their own: one is polled by all workers, the other is
  // written by them.
  alignas(64) std::atomic<uint32_t> generation{0};
  // How many workers are at the loop, and whether further ones may join.
  static constexpr uint32_t kClosed = uint32_t(1) << 31;
  alignas(64) std::atomic<uint32_t> gate{kClosed};
  alignas(64) std::atomic<bool> stopping{false};
  int total = 1;
  Duration spin{0};
  std::vector<int> cores; // per thread; empty: threads are not bound
  int sessions = 0;
  std::optional<BoundCaller> caller;
  std::vector<AlignedBuffer> scratch; // per thread
  std::vector<std::thread> workers;
};

// What `--threads 0` means on this machine, 1..64.
int defaultThreads();

} // namespace gradmill::rt
