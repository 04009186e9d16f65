// Rows of a table by number, and the adjoint.
include "nn/NNBase.td"

def NN_EmbeddingOp : NN_PureOp<"embedding", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<IndexInterface>,
    DeclareOpInterfaceMethods<LayerInterface, ["getLayerSizes"]>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout"]>, EpilogueInterface]> {
  let summary = "rows of a table, by their numbers";
  let description = [{
    `y[n,t,:] = table[indices[n,t], :]`: numbers `[N, ...]` of i32 and a table `[V, D]` to
    `[N, ..., D]`, as PyTorch's `Embedding`. A number below 0 reads the first row, one of V
    or more the last. So nothing outside of the table is ever read, even if nobody checked
    the numbers.

    Constraints: [embedding_c1] the table is [V, D], static, with 1 to 2^31 - 1 rows;
    [embedding_c2] the indices are [N, ...], static but for N; [embedding_c3] (backward) the
    cotangent is [N, ..., D].

    Example: `%y = nn.embedding %words, %table : tensor<?x16xi32>, tensor<1000x64xf32>`
  }];
  let arguments = (ins NN_LabelTensor:$indices, NN_Tensor:$table);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$indices `,` $table attr-dict `:` type($indices) `,` type($table)";
}

def NN_EmbeddingBackwardOp : NN_PureOp<"embedding_backward", [
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getResultLayout"]>]> {
  let summary = "the cotangent of embedding's table";
  let description = [{
    Each of the `rows` rows gets the sum of the cotangents of the places that read it, in the
    order of batch and positions.
  }];
  let arguments = (ins NN_Tensor:$cotangent, NN_LabelTensor:$indices, I64Attr:$rows);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $indices attr-dict `:` type($cotangent) `,` type($indices)
  }];
}
