// The targets: CPUs that --cpu names. docs/performance.md says how to add one.
#include "nn/Registry.h"

using namespace gradmill;

// Cache sizes are the smallest of current machines of the kind: a tile that is
// too small costs little, one that leaves its cache much. Measured on hardware:
// avx2, and some tiles of avx512; with the 48 KiB and 2 MiB of that CPU its
// kernels were no faster. The others follow the vendors' optimization guides.
// Without FMA (x86-64) a multiply-add is a multiplication and an addition.
// Older cores compute these on the same two units in turn, and newer ones share
// four units: two a cycle, as for the others.
static constexpr int64_t KiB = 1024;

GRADMILL_PLUGIN(target) {
  TargetKind avx512{"avx512", "AVX-512, with 512-bit vectors", "x86_64",
                    "x86-64-v4", "",
                    {"", 64, 32, 2, 2, 4, 32 * KiB, 1024 * KiB}};
  avx512.chosenBy = "+avx512f,+avx512vl,+avx512dq,+avx512bw";
  TargetKind avx2{"avx2", "AVX2 and FMA", "x86_64", "x86-64-v3", "",
                  nn::defaultMachine()};
  avx2.chosenBy = "+avx2,+fma";
  TargetKind x86{"x86-64", "any 64-bit x86: SSE2", "x86_64", "x86-64", "",
                 {"", 16, 16, 2, 2, 4, 32 * KiB, 512 * KiB}};
  x86.chosenBy = "";
  TargetKind generic{"generic", "any CPU of another architecture", "",
                     "generic", "",
                     {"", 16, 32, 2, 2, 4, 32 * KiB, 512 * KiB}};
  generic.chosenBy = "";
  for (TargetKind *each : {&avx512, &avx2, &x86, &generic}) {
    each->inAll = true;
    registry.target(std::move(*each));
  }
}
