// Ops for gradients between the adjoints and the updates that arithmetic does
// not have.
include "nn/NNBase.td"

def NN_ClipFactorOp : NN_PureOp<"clip_factor", [
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>]> {
  let summary = "the factor for all gradients with which their common norm is at most `max`";
  let description = [{
    `min(1, max / (norm + 1e-6))`, where norm is the root of the sum of the squares of all
    elements, as in `torch.nn.utils.clip_grad_norm_`. It is NaN if an element is NaN, and 0 if
    an element is infinite. Squares are added in double precision, in an order that does not
    depend on threads.

    Constraints: [clip_factor_c1] there is a gradient, and all are of one element type;
    [clip_factor_c2] `max` is positive and finite.

    Example: `%f = nn.clip_factor %dw, %db {max = 1.0} : tensor<16x1x3x3xf32>, tensor<16xf32>`
  }];
  let arguments = (ins Variadic<NN_Tensor>:$gradients, F64Attr:$max);
  let results = (outs NN_ScalarTensor:$factor);
  let assemblyFormat = "$gradients attr-dict `:` type($gradients)";
}
