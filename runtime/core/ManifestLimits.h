// The limits of a manifest. The compiler refuses graphs beyond them, the
// runtime manifests.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradmill::rt {

// Far above any buffer of a small network, but below a corrupt size.
inline constexpr uint64_t kMaxBufferBytes = uint64_t(1) << 36;
inline constexpr size_t kMaxRank = 8;
inline constexpr int64_t kMaxExtent = INT32_MAX;
inline constexpr int64_t kMaxBatch = 1 << 20;
inline constexpr int64_t kMaxClasses = 1 << 20;
// For a kernel: exact in a double, and far from an overflow in a sum.
inline constexpr int64_t kMaxCost = int64_t(1) << 52;
// For its text, which bounds the number of everything in it.
inline constexpr uint64_t kMaxManifest = 64u << 20;

// The inputs of a training step besides data and targets. No port has such a
// name.
inline constexpr const char *kReservedInputs[] = {"learning_rate", "seed",
                                                  "step", "mixup"};
// Of a step that is compiled for mixed samples (train/Mixup.h): the share of the
// second sample, and what the name of a second target ends in.
inline constexpr const char *kMixup = "mixup";
inline constexpr const char *kMixedSuffix = "/mixed";

} // namespace gradmill::rt
