// The machine's measured peak, to which "share of peak" refers.
#pragma once

#include "core/Model.h"

namespace gradmill::rt {

struct FmaPeak {
  double gflops = 0;    // f32, two operations a multiply-add
  const char *isa = ""; // "avx512", "avx2", "sse", "neon", "generic"
};

// All threads of the model together, for about `seconds`. Clocks and neighbours
// change from minute to minute, so measure it in the same rounds as the code.
FmaPeak measureFmaPeak(Model &model, double seconds);

} // namespace gradmill::rt
