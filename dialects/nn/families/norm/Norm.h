#pragma once
#include "nn/NNDialect.h"

namespace gradmill::nn {
// `: tensor<128x16x26x26xf32>` is enough: the types of the per-channel operands
// follow from it.
template <typename... T>
mlir::ParseResult parseChannelTypes(mlir::OpAsmParser &parser, mlir::Type input,
                                    T &...types) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(input);
  if (!tensor || tensor.getRank() < 2 || tensor.isDynamicDim(1))
    // Not the parser's own error, which would put words before the label.
    return violated(parser.getEncodedSourceLoc(parser.getNameLoc()),
                    "batch_norm_c1", "the input is ", input,
                    ", expected [N, C, ...]");
  ((types = dense(tensor, {tensor.getDimSize(1)})), ...);
  return mlir::success();
}
template <typename... T>
void printChannelTypes(mlir::OpAsmPrinter &, mlir::Operation *, mlir::Type,
                       T...) {}
} // namespace gradmill::nn

#define GET_OP_CLASSES
#include "Norm.h.inc"
