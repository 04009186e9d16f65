// Makes a failing case smaller.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace gradmill::fuzz {

/// Finds fewer and smaller decisions for which `fails` still holds, in at most
/// `attempts`. `fails` replaces its argument by the decisions that were really
/// taken.
std::vector<int64_t>
shrink(std::vector<int64_t> choices, int attempts,
       const std::function<bool(std::vector<int64_t> &)> &fails);

} // namespace gradmill::fuzz
