// Sums, means and maxima along axes.
include "nn/NNBase.td"

class NN_ReduceOp<string mnemonic, list<Trait> traits> : NN_PureOp<mnemonic, traits # [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride"]>,
    DeclareOpInterfaceMethods<LayerKindInterface>]> {
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$axes,
                       DefaultValuedAttr<BoolAttr, "false">:$keep_dims);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferReduced(location, adaptor.getInput(), adaptor.getAxes(), adaptor.getKeepDims(), types);
    }
    ::llvm::SmallVector<int64_t> $cppClass::getWindowExtent() {
      return windowAlong(getInput().getType(), axesFromFront(getInput(), getAxes()));
    }
    // Over all of space: a number for each channel.
    LayerKind $cppClass::getLayerKind() {
      ::llvm::SmallVector<int64_t> axes = axesFromFront(getInput(), getAxes());
      int64_t rank = ::llvm::cast<::mlir::RankedTensorType>(getInput().getType()).getRank();
      return rank > 2 && axes.front() == 2 && int64_t(axes.size()) == rank - 2
                 ? LayerKind::Pooling | LayerKind::GlobalPooling
                 : LayerKind::Other;
    }
    ::llvm::SmallVector<int64_t> $cppClass::getWindowStride() {
      return windowStrideAlong(getInput().getType(), axesFromFront(getInput(), getAxes()));
    }
  }];
}

def NN_ReduceSumOp : NN_ReduceOp<"reduce_sum", [DeclareOpInterfaceMethods<LinalgInterface>]> {
  let summary = "the sum along axes";
  let description = [{
    Axes count from 0; -1 is the last. With `keep_dims` they stay, with size 1, so that the
    result fits the input by NumPy's rule; otherwise they are removed.

    Constraints: [reduce_c1] there is an axis, and each is one of the input's, named once;
    [reduce_c2] none is the batch.

    Example: `%y = nn.reduce_sum %x {axes = array<i64: 2, 3>} : tensor<?x16x8x8xf32>`
    gives `tensor<?x16xf32>`.
  }];
}

def NN_ReduceMeanOp : NN_ReduceOp<"reduce_mean", [DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "the mean along axes";
  let description = "As reduce_sum, divided by the number of elements that each sum has.";
}

def NN_ReduceMaxOp : NN_ReduceOp<"reduce_max", [DeclareOpInterfaceMethods<LinalgInterface>]> {
  let summary = "the largest element along axes";
  let description = [{
    As reduce_sum. A NaN gives NaN. Equal maxima share the cotangent, as in PyTorch's `amax`.
    For the smallest element, negate the input and the result.
  }];
}

// A value without the axes beside one with them.
class NN_AlongOp<string mnemonic> : NN_RepeatingOp<mnemonic, [CompilerOp]>;

def NN_ReduceBackwardOp : NN_AlongOp<"reduce_backward"> {
  let summary = "a value repeated along axes: the adjoint of reduce_sum";
  let description = [{
    `axes` in ascending order, `sizes` along them.

    Constraint: [reduce_c3] the axes are those of a reduction that gives the cotangent's shape.
  }];
  let arguments = (ins NN_Tensor:$cotangent, DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$sizes,
                       BoolAttr:$keep_dims);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}

def NN_ReduceMaxMaskOp : NN_AlongOp<"reduce_max_mask"> {
  let summary = "1 where an element is the maximum along axes, else 0";
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$maximum, DenseI64ArrayAttr:$axes, BoolAttr:$keep_dims);
  let assemblyFormat = "$input `,` $maximum attr-dict `:` type($input) `,` type($maximum)";
}

def NN_ReduceMaxBackwardOp : NN_AlongOp<"reduce_max_backward"> {
  let summary = "the cotangent of each maximum over the number of maxima, at each of them";
  let arguments = (ins NN_Tensor:$mask, NN_Tensor:$cotangent, NN_Tensor:$count, DenseI64ArrayAttr:$axes,
                       BoolAttr:$keep_dims);
  let assemblyFormat = "$mask `,` $cotangent `,` $count attr-dict `:` type($mask) `,` type($cotangent) `,` type($count)";
}
