// Two targets that are not built in: what --cpu takes, LLVM's names, and the machine
// in numbers (nn/interfaces/Machine.h).
#include "nn/Registry.h"

using namespace gradmill;

GRADMILL_PLUGIN(targets) {
  constexpr int64_t KiB = 1024;
  // SSE4.2, as any x86 since 2009 has it: 4 floats in 16 registers, no FMA.
  TargetKind sse{"sse42", "SSE4.2 (x86-64-v2)", "x86_64", "x86-64-v2", "",
                 {"", 16, 16, 2, 2, 4, 32 * KiB, 256 * KiB}};
  // CPUs that LLVM names (nehalem, silvermont) and native ones are compiled as this
  // target, if they have this and no more.
  sse.chosenBy = "+sse4.2,+popcnt";
  registry.target(std::move(sse));
  // AVX-512 with vectors of 256 bits: 32 registers, and no wide units that lower
  // the clock. Only by its name: AVX-512 itself goes first.
  registry.target({"avx512-256", "AVX-512, with 256-bit vectors", "x86_64",
                   "x86-64-v4", "+prefer-256-bit",
                   {"", 32, 32, 2, 2, 4, 32 * KiB, 1024 * KiB}});
}
