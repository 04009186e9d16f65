// Runs compiled code and judges its numbers, without LLVM: for
// gradmill-numeric, gradmill-fuzz, and gradmill-replay, which runs on machines
// without LLVM.
#pragma once
#include "core/GuardedMemory.h"
#include "gradmill/artifact.h"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace gradmill::numeric {

// Sums of thousands of products in f32; the references are in double.
inline double toleranceOf(bool f64) { return f64 ? 1e-10 : 2e-4; }

// Bytes at an address that compiled code accepts, between guard pages.
struct Buffer {
  std::unique_ptr<rt::GuardedBuffer> memory;
  char *data = nullptr;
  int64_t bytes = 0;
  Buffer(int64_t bytes, std::string name,
         rt::GuardEdge edge = rt::GuardEdge::End)
      : memory(
            rt::GuardedBuffer::allocate(uint64_t(bytes), edge, std::move(name))),
        data(memory ? static_cast<char *>(memory->data()) : nullptr),
        bytes(bytes) {}
};

struct Difference {
  double worst = 0; // relative to 1 + |expected|
  bool finite = true;
  void add(double got, double want) {
    if (std::isnan(want) && std::isnan(got))
      return;
    if (!std::isfinite(got) && got != want)
      finite = false;
    else if (got != want)
      worst = std::max(worst, std::fabs(got - want) / (1 + std::fabs(want)));
  }
};

/// A simple host's threads for compiled code.
class Threads {
public:
  Threads(int count, int64_t scratchBytes,
          rt::GuardEdge edge = rt::GuardEdge::End) {
    for (int i = 0; i < count; ++i)
      scratch.emplace_back(scratchBytes, "scratch", edge);
  }

  /// A gm_parallel_fn. Thread t runs every T-th task, the last one first,
  /// because order must not matter. Old content of a thread's scratch must not
  /// matter either.
  static void parallel(void *self, gm_task_fn task, void **buffers,
                       int64_t count) {
    std::vector<Buffer> &scratch = static_cast<Threads *>(self)->scratch;
    int64_t threads = int64_t(scratch.size());
    auto share = [&](int64_t t) {
      std::memset(scratch[size_t(t)].data, 0xff, size_t(scratch[size_t(t)].bytes));
      for (int64_t i = count - 1 - t; i >= 0; i -= threads)
        task(buffers, i, scratch[size_t(t)].data);
    };
    std::vector<std::thread> others;
    for (int64_t t = 1; t < std::min(threads, count); ++t)
      others.emplace_back(share, t);
    share(0);
    for (std::thread &other : others)
      other.join();
  }

private:
  std::vector<Buffer> scratch;
};

/// Runs an entry. Ends the program if the entry wrote next to a buffer.
inline void runEntry(const gm_entry &entry, std::vector<Buffer> &buffers,
                     Threads &threads) {
  std::vector<void *> table;
  for (Buffer &b : buffers)
    table.push_back(b.data);
  entry.run(table.data(), Threads::parallel, &threads);
  rt::GuardedBuffer::checkAll();
}

// The number at index i of a buffer of f32, f64, i32 or i64.
inline double numberAt(const char *from, const char *dtype, size_t i) {
  if (!std::strcmp(dtype, "f32"))
    return reinterpret_cast<const float *>(from)[i];
  if (!std::strcmp(dtype, "f64"))
    return reinterpret_cast<const double *>(from)[i];
  if (!std::strcmp(dtype, "i32"))
    return reinterpret_cast<const int32_t *>(from)[i];
  return double(reinterpret_cast<const int64_t *>(from)[i]);
}

} // namespace gradmill::numeric
