// What a manifest may ask for. The compiler refuses graphs that go beyond it,
// the runtime manifests that do.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradmill::rt {

// No single buffer of a small network comes near this; a corrupt size does.
inline constexpr uint64_t kMaxBufferBytes = uint64_t(1) << 36;
inline constexpr size_t kMaxRank = 8;
inline constexpr int64_t kMaxExtent = INT32_MAX;
inline constexpr int64_t kMaxBatch = 1 << 20;
inline constexpr int64_t kMaxClasses = 1 << 20;
// Of a kernel: exact in a double, and far from an overflow when they are
// summed.
inline constexpr int64_t kMaxCost = int64_t(1) << 52;
// Of its text, which bounds the number of everything in it.
inline constexpr uint64_t kMaxManifest = 64u << 20;

// What a training step is fed besides data and targets: no port has such a
// name.
inline constexpr const char *kReservedInputs[] = {"learning_rate", "seed",
                                                  "step"};

} // namespace gradmill::rt
