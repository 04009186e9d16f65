// Arithmetic, element by element. Shapes are combined by NumPy's rule.
include "nn/NNBase.td"

class NN_BinaryOp<string mnemonic, list<Trait> traits = []>
    : NN_BroadcastingOp<mnemonic, traits # [DeclareOpInterfaceMethods<GradientInterface>]> {
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` custom<OneOrTwoTypes>(type($lhs), type($rhs))";
}

class NN_UnaryOp<string mnemonic, list<Trait> traits = []>
    : NN_PointwiseOp<mnemonic, traits # [DeclareOpInterfaceMethods<GradientInterface>]> {
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location>, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      types.push_back(adaptor.getInput().getType());
      return ::mlir::success();
    }
  }];
}

def NN_SubOp : NN_BinaryOp<"sub"> {
  let summary = "lhs - rhs";
  let description = [{
    Constraint: [sub_c1] the shapes go together.

    Example: `%y = nn.sub %a, %b : tensor<?x16xf32>, tensor<?x1xf32>`
  }];
}

def NN_MulOp : NN_BinaryOp<"mul", [Commutative]> {
  let summary = "lhs * rhs";
  let description = [{
    Constraint: [mul_c1] the shapes go together.

    Example, a gate for each channel: `%y = nn.mul %x, %gate : tensor<?x16x8x8xf32>, tensor<?x16x1x1xf32>`
  }];
}

def NN_DivOp : NN_BinaryOp<"div"> {
  let summary = "lhs / rhs";
  let description = "Constraint: [div_c1] the shapes go together.";
}

def NN_MinimumOp : NN_BinaryOp<"minimum", [Commutative]> {
  let summary = "the smaller of two elements";
  let description = [{
    A NaN in either gives NaN. Where both are equal each gets half of the cotangent, as in
    PyTorch.

    Constraint: [minimum_c1] the shapes go together.
  }];
}

def NN_MaximumOp : NN_BinaryOp<"maximum", [Commutative]> {
  let summary = "the larger of two elements";
  let description = [{
    A NaN in either gives NaN. Where both are equal each gets half of the cotangent, as in
    PyTorch.

    Constraint: [maximum_c1] the shapes go together.
  }];
}

def NN_PowOp : NN_BinaryOp<"pow"> {
  let summary = "lhs to the power of rhs";
  let description = [{
    As C's `pow`. It is slow, a call for each element. Use `nn.mul %x, %x` for a square and
    `nn.sqrt` for a root. As in PyTorch, the derivative by the base is 0 where the exponent is
    0, and that by the exponent is 0 where the base is 0 and the exponent is not negative.

    Constraint: [pow_c1] the shapes go together.
  }];
}

class NN_PowBackwardOp<string mnemonic> : NN_BroadcastingOp<mnemonic, [CompilerOp]> {
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$lhs, NN_Tensor:$rhs);
  let assemblyFormat = [{
    $cotangent `,` $lhs `,` $rhs attr-dict `:` type($cotangent) `,` type($lhs) `,` type($rhs)
  }];
}
def NN_PowBackwardBaseOp : NN_PowBackwardOp<"pow_backward_base"> {
  let summary = "the cotangent of pow's base, before sums over repeated dimensions";
}
def NN_PowBackwardExponentOp : NN_PowBackwardOp<"pow_backward_exponent"> {
  let summary = "the cotangent of pow's exponent, before sums over repeated dimensions";
}

def NN_CompareOp : NN_BinaryOp<"compare"> {
  let summary = "1 where a comparison holds, else 0";
  let description = [{
    `predicate` is "eq", "ne", "lt", "le", "gt" or "ge". With a NaN only "ne" holds. The
    result is a number like its operands, so that products are "and", `nn.maximum` is "or"; it
    has no derivative.

    Constraints: [compare_c1] the shapes go together; [compare_c2] the predicate is known.

    Example: `%m = nn.compare %a, %b {predicate = "lt"} : tensor<?x16xf32>`
  }];
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs, StrAttr:$predicate);
  let hasVerifier = 1;
}

def NN_WhereOp : NN_BroadcastingOp<"where", [DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "lhs where the condition is not 0, else rhs";
  let description = [{
    The operand that is not taken has no influence, even if it is infinite or a NaN. The same
    holds for the gradient.

    Constraint: [where_c1] the shapes go together.

    Example: `%y = nn.where %m, %a, %b : tensor<?x16xf32>, tensor<?x16xf32>, tensor<16xf32>`
  }];
  let arguments = (ins NN_Tensor:$condition, NN_Tensor:$lhs, NN_Tensor:$rhs);
  let assemblyFormat = [{
    $condition `,` $lhs `,` $rhs attr-dict `:` type($condition) `,` type($lhs) `,` type($rhs)
  }];
}

def NN_NegOp : NN_UnaryOp<"neg"> { let summary = "-x"; }
def NN_AbsOp : NN_UnaryOp<"abs"> {
  let summary = "|x|";
  let description = "At 0 the derivative is taken as 0, as in PyTorch.";
}
def NN_SignOp : NN_UnaryOp<"sign"> {
  let summary = "-1, 0 or 1, or NaN as x is";
  let description = "Its derivative is 0.";
}
def NN_ExpOp : NN_UnaryOp<"exp"> { let summary = "e to the power of x"; }
def NN_LogOp : NN_UnaryOp<"log"> {
  let summary = "the natural logarithm";
  let description = "-inf at 0, NaN below.";
}
def NN_SqrtOp : NN_UnaryOp<"sqrt"> {
  let summary = "the square root";
  let description = "NaN below 0; at 0 the derivative is infinite.";
}
def NN_ErfOp : NN_UnaryOp<"erf"> { let summary = "the error function"; }

def NN_ClampOp : NN_UnaryOp<"clamp"> {
  let summary = "x, but at least min and at most max";
  let description = [{
    A bound that is left out is infinite. A NaN stays a NaN; at a bound the derivative is 1, as
    in PyTorch.

    Constraint: [clamp_c1] min is at most max.

    Example: `%y = nn.clamp %x {min = 0.0, max = 6.0} : tensor<?x16xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DefaultValuedAttr<F64Attr, "-INFINITY">:$min,
                       DefaultValuedAttr<F64Attr, "INFINITY">:$max);
  let hasVerifier = 1;
}
def NN_ClampBackwardOp : NN_PointwiseOp<"clamp_backward", [CompilerOp, SameTypeOperands]> {
  let summary = "the cotangent where the input lies between the bounds, else 0";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input, F64Attr:$min, F64Attr:$max);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $input attr-dict `:` type($cotangent)";
}
