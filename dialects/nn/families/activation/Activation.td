// Activations: a formula per element, and one for its adjoint. The formulas are in
// Formulas.h, under the ops' names.
include "nn/NNBase.td"

// `saved` is what the adjoint reads beside the cotangent: the output where that suffices,
// since it is kept for the next layer anyway. `check` is a violated constraint, or success.
class NN_ActivationOp<string mnemonic, dag attributes = (ins), string saved = "getInput()",
                      string check = "success()">
    : NN_PointwiseOp<mnemonic, [DeclareOpInterfaceMethods<GradientInterface>,
                                DeclareOpInterfaceMethods<LayerKindInterface>]> {
  let arguments = !con((ins NN_Tensor:$input), attributes);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location> loc, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      types.push_back(adaptor.getInput().getType());
      return }] # check # [{;
    }
    LayerKind $cppClass::getLayerKind() { return LayerKind::Activation; }
    void $cppClass::emitElement(::mlir::OpBuilder &b, ::mlir::Location loc,
                                ::mlir::ValueRange operands,
                                ::llvm::SmallVectorImpl<::mlir::Value> &results) {
      Emitter e(b, loc);
      results.push_back(formula(*this, Number(e, operands[0])));
    }
    ::llvm::LogicalResult $cppClass::evaluate(::llvm::ArrayRef<const RefTensor *> in,
                                              ::llvm::MutableArrayRef<RefTensor> out) {
      for (auto [y, x] : ::llvm::zip_equal(out[0].data, in[0]->data))
        y = reference(*this, x);
      return success();
    }
    ::llvm::LogicalResult $cppClass::buildGradient(Gradient &g) {
      g.set(0, buildAdjoint(*this, }] # saved # [{, g));
      return success();
    }
  }];
}

class NN_ActivationBackwardOp<string mnemonic, dag attributes = (ins), string check = "success()">
    : NN_PointwiseOp<mnemonic, [SameTypeOperands]> {
  let arguments = !con((ins NN_Tensor:$cotangent, NN_Tensor:$saved), attributes);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $saved attr-dict `:` type($cotangent)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location> loc, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      types.push_back(adaptor.getCotangent().getType());
      return }] # check # [{;
    }
    void $cppClass::emitElement(::mlir::OpBuilder &b, ::mlir::Location loc,
                                ::mlir::ValueRange operands,
                                ::llvm::SmallVectorImpl<::mlir::Value> &results) {
      Emitter e(b, loc);
      results.push_back(
          formula(*this, Number(e, operands[0]), Number(e, operands[1])));
    }
    ::llvm::LogicalResult $cppClass::evaluate(::llvm::ArrayRef<const RefTensor *> in,
                                              ::llvm::MutableArrayRef<RefTensor> out) {
      for (auto [dx, dy, saved] : ::llvm::zip_equal(out[0].data, in[0]->data, in[1]->data))
        dx = reference(*this, dy, saved);
      return success();
    }
  }];
}

def NN_ReluOp : NN_ActivationOp<"relu", (ins), "getOutput()"> {
  let summary = "max(x, 0)";
  let description = [{
    A NaN stays a NaN, as in PyTorch.

    Example: `%y = nn.relu %x : tensor<128x16x26x26xf32>`
  }];
  let hasFolder = 1;
}
def NN_ReluBackwardOp : NN_ActivationBackwardOp<"relu_backward"> {
  let summary = "0 where the output is not positive, else the cotangent";
  let description = "At 0 the derivative is taken as 0, at a NaN as 1, as in PyTorch.";
}

def NN_Relu6Op : NN_ActivationOp<"relu6", (ins), "getOutput()"> {
  let summary = "min(max(x, 0), 6)";
  let description = [{
    As `torch.nn.functional.relu6`. A NaN stays a NaN.

    Example: `%y = nn.relu6 %x : tensor<128x16x26x26xf32>`
  }];
}
def NN_Relu6BackwardOp : NN_ActivationBackwardOp<"relu6_backward"> {
  let summary = "the cotangent where 0 < y < 6 holds for the output y, else 0";
}

class LeakyReluAttributes {
  dag attrs = (ins DefaultValuedOptionalAttr<F64Attr, "0.01">:$negative_slope);
  string check = "checkFinite(loc, \"leaky_relu_c1\", \"negative_slope\", adaptor.getNegativeSlope())";
}
def LeakyRelu : LeakyReluAttributes;
def NN_LeakyReluOp : NN_ActivationOp<"leaky_relu", LeakyRelu.attrs,
    "isNegative(getNegativeSlope()) ? getInput() : getOutput()", LeakyRelu.check> {
  let summary = "x where x > 0, else negative_slope*x";
  let description = [{
    As `torch.nn.functional.leaky_relu`.

    Constraint [leaky_relu_c1]: negative_slope is finite.

    Example: `%y = nn.leaky_relu %x {negative_slope = 0.2} : tensor<128x16x26x26xf32>`
  }];
}
def NN_LeakyReluBackwardOp : NN_ActivationBackwardOp<"leaky_relu_backward", LeakyRelu.attrs,
                                                     LeakyRelu.check> {
  let summary = "dy where x > 0, else negative_slope*dy";
  let description = "Reads the output, which is positive where x is; with a negative slope, the input.";
}

class EluAttributes {
  dag attrs = (ins DefaultValuedOptionalAttr<F64Attr, "1.0">:$alpha);
  string check = "checkFinite(loc, \"elu_c1\", \"alpha\", adaptor.getAlpha())";
}
def Elu : EluAttributes;
def NN_EluOp : NN_ActivationOp<"elu", Elu.attrs,
    "isNegative(getAlpha()) ? getInput() : getOutput()", Elu.check> {
  let summary = "x where x > 0, else alpha*(exp(x) - 1)";
  let description = [{
    As `torch.nn.functional.elu`. Clevert, Unterthiner and Hochreiter, 2016.

    Constraint [elu_c1]: alpha is finite.

    Example: `%y = nn.elu %x {alpha = 0.5} : tensor<128x16x26x26xf32>`
  }];
}
def NN_EluBackwardOp : NN_ActivationBackwardOp<"elu_backward", Elu.attrs, Elu.check> {
  let summary = "dy where x > 0, else dy*alpha*exp(x)";
  let description = "Reads the output, as dy*(y + alpha); with a negative alpha, the input.";
}

def NN_SigmoidOp : NN_ActivationOp<"sigmoid", (ins), "getOutput()"> {
  let summary = "1/(1 + exp(-x))";
  let description = "Example: `%y = nn.sigmoid %x : tensor<128x16x26x26xf32>`";
}
def NN_SigmoidBackwardOp : NN_ActivationBackwardOp<"sigmoid_backward"> {
  let summary = "dy*y*(1 - y), of the output y";
}

def NN_TanhOp : NN_ActivationOp<"tanh", (ins), "getOutput()"> {
  let summary = "the hyperbolic tangent";
  let description = "Example: `%y = nn.tanh %x : tensor<128x16x26x26xf32>`";
}
def NN_TanhBackwardOp : NN_ActivationBackwardOp<"tanh_backward"> {
  let summary = "dy*(1 - y^2), of the output y";
}

def NN_SiluOp : NN_ActivationOp<"silu"> {
  let summary = "x*sigmoid(x)";
  let description = [{
    As `torch.nn.functional.silu`; also called swish. At minus infinity both give a NaN.

    Example: `%y = nn.silu %x : tensor<128x16x26x26xf32>`
  }];
}
def NN_SiluBackwardOp : NN_ActivationBackwardOp<"silu_backward"> {
  let summary = "dy*s*(1 + x*(1 - s)), s = sigmoid(x), of the input x";
}

def NN_HardsigmoidOp : NN_ActivationOp<"hardsigmoid", (ins), "getOutput()"> {
  let summary = "relu6(x + 3)/6";
  let description = [{
    As `torch.nn.functional.hardsigmoid`.

    Example: `%y = nn.hardsigmoid %x : tensor<128x16x26x26xf32>`
  }];
}
def NN_HardsigmoidBackwardOp : NN_ActivationBackwardOp<"hardsigmoid_backward"> {
  let summary = "dy/6 where the output lies between 0 and 1, else 0";
  let description = "Also 0 for the last number below x = 3, whose output is rounded to 1.";
}

def NN_HardswishOp : NN_ActivationOp<"hardswish"> {
  let summary = "x*relu6(x + 3)/6";
  let description = [{
    As `torch.nn.functional.hardswish`. Howard et al., 2019.

    Example: `%y = nn.hardswish %x : tensor<128x16x26x26xf32>`
  }];
}
def NN_HardswishBackwardOp : NN_ActivationBackwardOp<"hardswish_backward"> {
  let summary = "dy*(x/3 + 1/2) where -3 < x < 3, 0 below, dy above, of the input x";
}

class GeluAttributes {
  dag attrs = (ins DefaultValuedOptionalAttr<StrAttr, "\"none\"">:$approximate);
  string check = "checkApproximate(loc, adaptor.getApproximate())";
}
def Gelu : GeluAttributes;
def NN_GeluOp : NN_ActivationOp<"gelu", Gelu.attrs, "getInput()", Gelu.check> {
  let summary = "x times the probability that a standard normal variable is below x";
  let description = [{
    `x*(1 + erf(x/sqrt(2)))/2`; with `approximate` = "tanh" instead of "none",
    `x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2`. As `torch.nn.functional.gelu`.
    Hendrycks and Gimpel, 2016.

    Constraint [gelu_c1]: approximate is "none" or "tanh".

    Example: `%y = nn.gelu %x {approximate = "tanh"} : tensor<128x16x26x26xf32>`
  }];
}
def NN_GeluBackwardOp : NN_ActivationBackwardOp<"gelu_backward", Gelu.attrs, Gelu.check> {
  let summary = "the cotangent of gelu's input, computed from the input";
}

class SoftplusAttributes {
  dag attrs = (ins DefaultValuedOptionalAttr<F64Attr, "1.0">:$beta,
                   DefaultValuedOptionalAttr<F64Attr, "20.0">:$threshold);
  string check = "checkSoftplus(loc, adaptor.getBeta(), adaptor.getThreshold())";
}
def Softplus : SoftplusAttributes;
def NN_SoftplusOp : NN_ActivationOp<"softplus", Softplus.attrs, "getInput()", Softplus.check> {
  let summary = "log(1 + exp(beta*x))/beta, and x where beta*x > threshold";
  let description = [{
    As `torch.nn.functional.softplus`.

    Constraint [softplus_c1]: beta and threshold are finite, and beta is not 0.

    Example: `%y = nn.softplus %x {beta = 2.0} : tensor<128x16x26x26xf32>`
  }];
}
def NN_SoftplusBackwardOp : NN_ActivationBackwardOp<"softplus_backward", Softplus.attrs,
                                                    Softplus.check> {
  let summary = "dy*sigmoid(beta*x), and dy where beta*x > threshold, of the input x";
}

def NN_MishOp : NN_ActivationOp<"mish"> {
  let summary = "x*tanh(log(1 + exp(x)))";
  let description = [{
    As `torch.nn.functional.mish`. Misra, 2019.

    Example: `%y = nn.mish %x : tensor<128x16x26x26xf32>`
  }];
}
def NN_MishBackwardOp : NN_ActivationBackwardOp<"mish_backward"> {
  let summary = "dy*(t + x*sigmoid(x)*(1 - t^2)), t = tanh(log(1 + exp(x))), of the input x";
}

// --- prelu: its slope is trained ---------------------------------------------------------

def NN_PreluOp : NN_PointwiseOp<"prelu", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<LayerKindInterface>,
    DeclareOpInterfaceMethods<LayerInterface, ["getLayerSizes"]>]> {
  let summary = "x where x > 0, else weight*x";
  let description = [{
    As `torch.nn.functional.prelu`: one weight per channel, `[C]`, or one for all, `[1]`. He,
    Zhang, Ren and Sun, 2015.

    Constraint [prelu_c1]: the input is [N, C, ...], the weight [C] or [1], of one element
    type.

    Example: `%y = nn.prelu %x, %w : tensor<128x16x26x26xf32>, tensor<16xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, NN_ChannelTensor:$weight);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type($input) `,` type($weight)";
}

def NN_PreluBackwardOp : NN_PointwiseOp<"prelu_backward", [AllTypesMatch<["cotangent", "input"]>]> {
  let summary = "the cotangent of prelu's input: dy where x > 0, else weight*dy";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input, NN_ChannelTensor:$weight);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $input `,` $weight attr-dict `:` type($input) `,` type($weight)
  }];
}

def NN_PreluBackwardWeightOp : NN_PureOp<"prelu_backward_weight", [SameTypeOperands,
    DeclareOpInterfaceMethods<ChannelReductionInterface>]> {
  let summary = "the cotangent of prelu's weight per channel: the sum of dy*x where not x > 0";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input);
  let results = (outs NN_ChannelTensor:$grad);
  let assemblyFormat = "$cotangent `,` $input attr-dict `:` type($cotangent)";
}
