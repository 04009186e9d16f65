// What runs a compiled function and judges its numbers, without LLVM: for
// gradmill-numeric and for gradmill-replay, which runs where LLVM does not.
#pragma once
#include "gradmill/artifact.h"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace gradmill::numeric {

// Sums of thousands of products in f32; the references are in double.
inline double toleranceOf(bool f64) { return f64 ? 1e-10 : 2e-4; }

// Bytes at an address that compiled code accepts.
struct Buffer {
  std::vector<char> storage;
  char *data = nullptr;
  int64_t bytes = 0;
  explicit Buffer(int64_t bytes) : storage(bytes + 64), bytes(bytes) {
    uintptr_t p = reinterpret_cast<uintptr_t>(storage.data());
    data = reinterpret_cast<char *>((p + 63) / 64 * 64);
  }
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

extern "C" inline void gradmillNumericRunTasks(void *pool, gm_task_fn task,
                                               void **buffers, int64_t count) {
  // Two threads, tasks interleaved: order must not matter. Nor must what was
  // left in a thread's scratch.
  int64_t scratchBytes = *static_cast<int64_t *>(pool);
  auto half = [&](int64_t first) {
    Buffer scratch(scratchBytes);
    std::memset(scratch.data, 0xff, scratchBytes);
    for (int64_t i = first; i < count; i += 2)
      task(buffers, i, scratch.data);
  };
  std::thread other(half, 1);
  half(0);
  other.join();
}

// Runs the artifact's only entry.
inline void runEntry(const gm_artifact &artifact, std::vector<Buffer> &buffers,
                     int64_t scratchBytes) {
  std::vector<void *> table;
  for (Buffer &b : buffers)
    table.push_back(b.data);
  artifact.entries[0].run(table.data(), gradmillNumericRunTasks, &scratchBytes);
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
