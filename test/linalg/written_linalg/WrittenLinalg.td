// For tests: linalg as it is written.
include "nn/NNBase.td"

def NN_WrittenLinalgOp : NN_Op<"written_linalg", [Pure, SingleBlock, IsolatedFromAbove,
    DeclareOpInterfaceMethods<LinalgInterface>, DeclareOpInterfaceMethods<ReferenceInterface>]> {
  let summary = "what its region says";
  let arguments = (ins Variadic<NN_Tensor>:$inputs);
  let results = (outs Variadic<NN_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "($inputs^ `:` type($inputs))? $body attr-dict `:` type($outputs)";
}
