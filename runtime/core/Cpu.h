// The abilities of the CPU that runs this program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

// By LLVM's name of the feature: "avx2", "fma". True only if the operating
// system also saves the registers. False for an unknown name.
bool cpuHas(std::string_view feature);

// The `features` that this machine lacks, "avx512f, avx512bw"; empty: none.
std::string cpuLacks(const std::vector<std::string> &features);

} // namespace gradmill::rt
