// Dropout, by a random mask that can be replayed.
include "nn/NNBase.td"

def NN_DropoutOp : NN_PureOp<"dropout", [
    DeclareOpInterfaceMethods<ModeInterface>, DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LayerKindInterface, ["getDropRate"]>]> {
  let summary = "zeroes elements, or whole channels, with probability p while training";
  let description = [{
    As in PyTorch: in training y = x / (1 - p) with probability 1 - p, else 0; in
    inference y = x. With `whole_channels` all pixels of a channel of a sample are kept or
    dropped together, as by PyTorch's `dropout1d`, `dropout2d` and `dropout3d`: `[N, C, ...]`.

    Constraint [dropout_c1]: p is in [0, 1).

    Example: `%y = nn.dropout %x {p = 0.1} : tensor<128x16x26x26xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DefaultValuedOptionalAttr<F64Attr, "0.5">:$p,
                       DefaultValuedOptionalAttr<BoolAttr, "false">:$whole_channels);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_DropoutTrainOp : NN_PointwiseOp<"dropout_train", [CompilerOp,
    DeclareOpInterfaceMethods<PointwiseInterface, ["emitBlock", "needsPosition", "recompute"]>,
    DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "dropout with the mask of a stream and step";
  let description = [{
    The mask is a function of (seed, stream, step, element): Philox4x32-10 with the seed as
    key and the counter (block, stream, step's low and high half), where the block is
    ((n*S + s) * ceil(C/16) + c/16) for image n, pixel s of S and channel c. Channel c has
    byte (c/4)%4, from the lowest on, of its word c%4. With t = round(p * 2^16), an element
    is kept where its byte is at least t/256, or for t%256 of 256 blocks, those whose bytes'
    exclusive or is below t%256, at least t/256 + 1: so p is exact to 2^-17. With
    `whole_channels` all pixels have the mask that a tensor [N, C] would have. The second
    result is the mask, one bit per element, for the adjoint.
  }];
  let arguments = (ins NN_Tensor:$input, NN_CounterTensor:$seed, NN_CounterTensor:$step,
                       F64Attr:$p, I64Attr:$stream,
                       DefaultValuedOptionalAttr<BoolAttr, "false">:$whole_channels);
  let results = (outs NN_Tensor:$output, NN_Mask:$mask);
  let assemblyFormat = "$input `,` $seed `,` $step attr-dict `:` type($input)";
}

def NN_DropoutBackwardOp : NN_PointwiseOp<"dropout_backward"> {
  let summary = "adjoint of dropout_train";
  let description = [{dx = dy / (1 - p) where the mask is set, else 0.}];
  let arguments = (ins NN_Tensor:$output_grad, NN_Mask:$mask, F64Attr:$p);
  let results = (outs NN_Tensor:$input_grad);
  let assemblyFormat = "$output_grad `,` $mask attr-dict `:` type($output_grad) `,` type($mask)";
}
