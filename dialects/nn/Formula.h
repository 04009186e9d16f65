// For the formulas of an op (PointwiseInterface::emitElement) and their
// reference:
//
//   Numbers in(builder, loc, operands);
//   results.push_back(in[0] / (1 + abs(in[0])));
#pragma once

#include "nn/NNDialect.h"
#include "nn/interfaces/Number.h"
#include <cmath>

namespace gradmill::nn {

/// The reference of a formula of one or two operands: `f` of their elements.
template <typename F>
mlir::LogicalResult evaluateEach(llvm::ArrayRef<const RefTensor *> in,
                                 llvm::MutableArrayRef<RefTensor> out, F f) {
  for (size_t i = 0; i < out[0].data.size(); ++i)
    if constexpr (std::is_invocable_v<F, double>)
      out[0].data[i] = f(in[0]->data[i]);
    else
      out[0].data[i] = f(in[0]->data[i], in[1]->data[i]);
  return mlir::success();
}

} // namespace gradmill::nn
