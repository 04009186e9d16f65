// Random values for the arguments and parameters of a function.
#pragma once
#include "compiler/Passes.h"
#include "compiler/tools/numeric/Model.h"
#include <random>

namespace gradmill::numeric {

class Random {
public:
  double uniform() {
    return std::uniform_real_distribution<double>(-1, 1)(engine);
  }
  int64_t below(int64_t n) {
    return std::uniform_int_distribution<int64_t>(0, n - 1)(engine);
  }

private:
  std::mt19937_64 engine{42};
};

/// What a function reads.
struct Inputs {
  std::vector<nn::RefTensor> arguments;
  NamedTensors state;
};

/// Floats are -1 to 1. Integers are below what their users index, the
/// argument's attribute nn.classes or nn.max, or 10.
nn::RefTensor randomTensor(mlir::RankedTensorType type, Random &random,
                           int64_t max = 10);

/// `scaled`: weights are divided by the root of their fan-in, as at the start
/// of a training, so that a deep net's values stay near 1.
Inputs draw(mlir::func::FuncOp func, Random &random, bool scaled);

/// The inputs under the names that a function compiled alone has.
Values valuesOf(const Inputs &inputs);

} // namespace gradmill::numeric
