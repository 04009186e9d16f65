#include "core/ThreadPool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

namespace gradmill::rt {

static void countTask(void **buffers, int64_t task, void *) {
  static_cast<std::atomic<int> *>(buffers[0])[task] += 1;
}

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (int threads : {1, 2, 3, 8}) {
    auto pool = ThreadPool::create(threads);
    ASSERT_TRUE(bool(pool));
    EXPECT_EQ((*pool)->threads(), threads);
    for (int64_t count : {0, 1, 2, 7, 64, 1000}) {
      std::vector<std::atomic<int>> hits(size_t(count) + 1);
      void *buffers[] = {hits.data()};
      ThreadPool::parallel(pool->get(), countTask, buffers, count);
      for (int64_t i = 0; i < count; ++i)
        ASSERT_EQ(hits[size_t(i)], 1);
      ASSERT_EQ(hits[size_t(count)], 0);
    }
  }
}

TEST(ThreadPool, ManyShortLoops) {
  auto pool = ThreadPool::create(3);
  ASSERT_TRUE(bool(pool));
  std::atomic<int> hits[3] = {};
  void *buffers[] = {hits};
  for (int i = 0; i < 20000; ++i)
    (*pool)->run(countTask, buffers, 3);
  EXPECT_EQ(hits[0] + hits[1] + hits[2], 60000);
}

struct Nested {
  ThreadPool *pool;
  std::atomic<int> *hits;
};

static void nestedTask(void **buffers, int64_t, void *) {
  auto *nested = static_cast<Nested *>(buffers[0]);
  void *inner[] = {nested->hits};
  nested->pool->run(countTask, inner, 4);
}

TEST(ThreadPool, NestedLoopsRunInline) {
  auto pool = ThreadPool::create(2);
  ASSERT_TRUE(bool(pool));
  std::atomic<int> hits[4] = {};
  Nested nested{pool->get(), hits};
  void *buffers[] = {&nested};
  (*pool)->run(nestedTask, buffers, 8);
  for (auto &hit : hits)
    EXPECT_EQ(hit, 8);
}

// Which thread got which scratch memory.
struct Handout {
  static constexpr uint64_t kBytes = 4096;
  ThreadPool *pool;
  std::mutex mutex;
  std::map<std::thread::id, std::set<void *>> seen;
  std::atomic<int> spoiled{0};

  // Fills the memory and waits a little: had another task the same, it would
  // show.
  void use(int64_t task, void *scratch) {
    std::memset(scratch, int(task) + 1, kBytes);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    for (uint64_t i = 0; i < kBytes; ++i)
      if (static_cast<unsigned char *>(scratch)[i] != task + 1) {
        ++spoiled;
        break;
      }
  }
};

static void scratchTask(void **buffers, int64_t task, void *scratch) {
  auto *handout = static_cast<Handout *>(buffers[0]);
  {
    std::lock_guard lock(handout->mutex);
    handout->seen[std::this_thread::get_id()].insert(scratch);
  }
  handout->use(task, scratch);
}

TEST(ThreadPool, EveryThreadHasScratchOfItsOwn) {
  for (int threads : {1, 2, 3, 8}) {
    auto pool = ThreadPool::create(threads, Handout::kBytes);
    ASSERT_TRUE(bool(pool));
    Handout handout;
    void *buffers[] = {&handout};
    // The same in every loop: it stays warm. A thread that comes late finds its
    // tasks taken, and has another chance in the next loop.
    for (int loop = 0;
         loop < 2 || (loop < 1000 && int(handout.seen.size()) < threads);
         ++loop)
      (*pool)->run(scratchTask, buffers, 16);
    EXPECT_EQ(handout.spoiled, 0);
    EXPECT_EQ(handout.seen.size(), size_t(threads));
    std::set<void *> all;
    for (auto &[thread, memory] : handout.seen) {
      ASSERT_EQ(memory.size(), 1u);
      EXPECT_NE(*memory.begin(), nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(*memory.begin()) % kAlignment, 0u);
      all.insert(*memory.begin());
    }
    EXPECT_EQ(all.size(), size_t(threads));
  }
}

static void useTask(void **buffers, int64_t task, void *scratch) {
  static_cast<Handout *>(buffers[0])->use(task + 100, scratch);
}

static void nestingTask(void **buffers, int64_t task, void *scratch) {
  auto *handout = static_cast<Handout *>(buffers[0]);
  std::memset(scratch, int(task) + 1, Handout::kBytes);
  handout->pool->run(useTask, buffers, 2);
  for (uint64_t i = 0; i < Handout::kBytes; ++i)
    if (static_cast<unsigned char *>(scratch)[i] != task + 1) {
      ++handout->spoiled;
      break;
    }
}

// Neither the scratch of the task that started a loop, nor of a task on another
// thread.
TEST(ThreadPool, NestedLoopsLeaveScratchAlone) {
  for (int threads : {1, 3}) {
    auto pool = ThreadPool::create(threads, Handout::kBytes);
    ASSERT_TRUE(bool(pool));
    Handout handout;
    handout.pool = pool->get();
    void *buffers[] = {&handout};
    for (int64_t count : {1, 12})
      (*pool)->run(nestingTask, buffers, count);
    EXPECT_EQ(handout.spoiled, 0) << threads;
  }
}

// A thread that stops in the middle of a task, as one does whose core another
// program has taken.
static void stoppingTask(void **buffers, int64_t task, void *) {
  if (task % 5 == 4)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  static_cast<std::atomic<int> *>(buffers[0])[task] += 1;
}

TEST(ThreadPool, WaitsForThreadsThatStopAndLendsThemItsCore) {
  const std::vector<int> before = allowedProcessors();
  auto pool = ThreadPool::create(0); // as many as cores: they are bound
  ASSERT_TRUE(bool(pool));
  std::atomic<int> hits[10] = {};
  void *buffers[] = {hits};
  {
    ThreadPool::Session session(**pool);
    for (int loop = 0; loop < 200; ++loop) {
      (*pool)->run(stoppingTask, buffers, 10);
      for (auto &hit : hits)
        ASSERT_EQ(hit, loop + 1);
    }
    if ((*pool)->threads() > 1 && int(before.size()) == (*pool)->threads())
      EXPECT_EQ(allowedProcessors(), std::vector<int>{before.front()});
  }
  EXPECT_EQ(allowedProcessors(), before);
}

TEST(ThreadPool, RefusesBadCounts) {
  for (int threads : {-1, 65, 1000000}) {
    auto pool = ThreadPool::create(threads);
    ASSERT_FALSE(bool(pool));
    EXPECT_EQ(pool.error().code, "bad_threads");
    EXPECT_EQ(pool.error().exit, kUsage);
  }
  EXPECT_TRUE(bool(ThreadPool::create(0)));
  EXPECT_GE(defaultThreads(), 1);
}

} // namespace gradmill::rt
