// The results of expand-linalg for an op with LinalgInterface: a formula, or a
// loop nest. No graph holds them.
#ifndef GRADMILL_NN_LINALG_OPS_TD
#define GRADMILL_NN_LINALG_OPS_TD
include "nn/NNBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

class NN_LinalgOp<string mnemonic, list<Trait> traits>
    : NN_Op<mnemonic, traits # [Pure, SingleBlock, IsolatedFromAbove]> {
  let results = (outs NN_Tensor:$output);
  let regions = (region SizedRegion<1>:$payload);
  let hasVerifier = 1;
  let assemblyFormat = "($inputs^ `:` type($inputs))? attr-dict-with-keyword $payload `:` type($output)";
}

def NN_LinalgFormulaOp : NN_LinalgOp<"linalg_formula", [
    DeclareOpInterfaceMethods<PointwiseInterface>]> {
  let summary = "a structured op that is computed element by element";
  let description = [{
    The payload takes one element of each input and yields that of the output. Inputs are as
    for any pointwise op: of the output's shape, `[C]`, or 0-d.
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs);
}

def NN_LinalgNestOp : NN_LinalgOp<"linalg_nest", [
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout", "isLanewise"]>,
    DeclareOpInterfaceMethods<EpilogueInterface, ["supportsEpilogue"]>]> {
  let summary = "a structured op with loops of its own";
  let description = [{
    The loops are first those over the output's dimensions, in order, and then those of
    `reductions`, which gives their numbers of iterations. `maps` say for each input which
    element an iteration reads. If an input has a number in `padding`, its elements outside of
    the tensor have this value.

    The payload takes the loops' variables, one element of each input and, if there are
    reductions, the value so far, and yields the next value. The first value is `init`.
    Without `init` it is the last input's element, which is then no argument of the payload.

    If every use of the outermost loop is dimension 0 of an input, it is the batch, in the
    vector lanes; values that read no image are broadcast. Otherwise the nest is scalar code.
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, AffineMapArrayAttr:$maps,
                       DenseI64ArrayAttr:$reductions, OptionalAttr<ArrayAttr>:$padding,
                       OptionalAttr<TypedAttrInterface>:$init);
  let extraClassDeclaration = [{
    /// Of the output, the first loops.
    unsigned rank() { return getOutput().getType().getRank(); }
    ::mlir::AffineMap mapOf(unsigned input) {
      return ::llvm::cast<::mlir::AffineMapAttr>(getMaps()[input]).getValue();
    }
    /// Iterations of a loop.
    int64_t extentOf(unsigned loop);
    int64_t dimOf(unsigned input, unsigned dimension) {
      return ::llvm::cast<::mlir::RankedTensorType>(getInputs()[input].getType())
          .getDimSize(dimension);
    }
    ::mlir::LogicalResult verifyIndices(unsigned input);
    /// Whether the payload uses a loop's variable.
    bool usesIndex(unsigned loop);
    /// The last input is the initial value of a reduction.
    bool startsFromInput() { return !getReductions().empty() && !getInit(); }
    /// Inputs whose elements the payload uses.
    unsigned numRead() { return getInputs().size() - startsFromInput(); }
    /// Whether an input has the images in the lanes.
    bool hasBatch(unsigned input);
    /// Why the outermost loop is not the batch, or "".
    std::string whyScalar();
  }];
}
#endif
