// Ops with the faults that a plugin's author makes.
include "nn/NNBase.td"

class Faulty<string name> : NN_PointwiseOp<name, [DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "its operand, with a fault";
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
def NN_MisshapesOp : Faulty<"misshapes">;
def NN_ForgetsOp : Faulty<"forgets">;
def NN_SilentOp : Faulty<"silent">;
def NN_EmptyOp : Faulty<"empty">;
def NN_IntegralOp : Faulty<"integral">;
def NN_TangentOp : Faulty<"tangent">;
