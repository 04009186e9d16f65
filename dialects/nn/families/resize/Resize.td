// Images of another size.
include "nn/NNBase.td"

def ResizeAttributes {
  dag attrs = (ins OptionalAttr<DenseF64ArrayAttr>:$scale,
    DefaultValuedOptionalAttr<StrAttr, "\"nearest\"">:$mode,
    DefaultValuedOptionalAttr<BoolAttr, "false">:$align_corners);
}

def NN_Resize2DOp : NN_PureOp<"resize2d", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride", "getWindowUpscale", "getWindowCentre"]>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["isLanewise"]>, EpilogueInterface]> {
  let summary = "images of another size, by the nearest pixel or by linear interpolation";
  let description = [{
    `[N,C,H,W]` to `[N,C,OH,OW]`, as `torch.nn.functional.interpolate` with `mode` "nearest"
    or "bilinear". `size` is [OH, OW]; with `scale` instead, OH is floor(H*scale). An output o
    of an axis lies at

    - "nearest": pixel floor(o*r), at most H-1, with r = H/OH, or 1/scale, and the product in
      f32, as PyTorch has it;
    - "bilinear": max(0, (o + 1/2)*r - 1/2), between two pixels that are weighted by their
      distance; with `align_corners`, o*(H-1)/(OH-1), so that the first and the last pixels
      stay where they are.

    Constraints: [resize2d_c1] the input is [N, C, H, W], static but for N, and has pixels;
    [resize2d_c2] there is either `size` or `scale`, two numbers, that give 1 to 2^20 pixels;
    [resize2d_c3] mode is "nearest" or "bilinear"; [resize2d_c4] `align_corners` is for
    "bilinear"; [resize2d_c5] (backward) the cotangent has the shape of the resized input.

    Example: `%y = nn.resize2d %x {scale = array<f64: 2.0, 2.0>, mode = "bilinear"} : tensor<128x16x14x14xf32>`
  }];
  let arguments = !con((ins NN_Tensor:$input, OptionalAttr<DenseI64ArrayAttr>:$size),
                       ResizeAttributes.attrs);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_Resize2DBackwardOp : NN_PureOp<"resize2d_backward", [
    DeclareOpInterfaceMethods<LoweringInterface>]> {
  let summary = "the cotangent of resize2d's input";
  let description = "`input_size` is [H, W] of the input.";
  let arguments = !con((ins NN_Tensor:$cotangent, DenseI64ArrayAttr:$input_size),
                       ResizeAttributes.attrs);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}
