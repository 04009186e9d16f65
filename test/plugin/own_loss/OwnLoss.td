// An op of a plugin that promises log-probabilities.
include "nn/NNBase.td"

def NN_PromiseOp : NN_PointwiseOp<"promise", [DeclareOpInterfaceMethods<GradientInterface>,
                                              DeclareOpInterfaceMethods<MeaningInterface>]> {
  let summary = "its operand, of which it says that it is log-probabilities";
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
