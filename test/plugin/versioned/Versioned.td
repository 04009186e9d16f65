// An op in its second version: in the first, `slope` was called `factor`, and was
// given in percent.
include "nn/NNBase.td"

def NN_VersionedOp : NN_PointwiseOp<"versioned", [GraphOp]> {
  let summary = "its operand times a slope";
  let arguments = (ins NN_Tensor:$input, F64Attr:$slope);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
