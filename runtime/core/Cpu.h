// What the CPU that runs this program can do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

// By LLVM's name of the feature: "avx2", "fma". True only if the operating
// system saves the registers, too. False for a name that is not known here.
bool cpuHas(std::string_view feature);

// Those of `features` that this machine lacks, "avx512f, avx512bw"; empty:
// none.
std::string cpuLacks(const std::vector<std::string> &features);

} // namespace gradmill::rt
