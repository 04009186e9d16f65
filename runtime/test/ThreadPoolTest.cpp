#include "core/ThreadPool.h"

#include <gtest/gtest.h>

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
