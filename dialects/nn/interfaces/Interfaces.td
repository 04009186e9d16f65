// Everything that the compiler may know about an op. Passes ask these interfaces
// and never name an op class.
#ifndef GRADMILL_NN_INTERFACES_TD
#define GRADMILL_NN_INTERFACES_TD
include "mlir/IR/OpBase.td"

def GradientInterface : OpInterface<"GradientInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "The op's adjoint, as ops of the IR.";
  let methods = [
    InterfaceMethod<[{
      Given the cotangents of the results, sets those of the operands that need one, or
      says by setNone that nothing flows back to one. A result without a cotangent counts
      as zero. On failure an error has been emitted.
    }], "::mlir::LogicalResult", "buildGradient", (ins "::gradmill::nn::Gradient &":$grad)>,
  ];
}

def ModeInterface : OpInterface<"ModeInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "An op that computes different things in training and in inference.";
  let methods = [
    InterfaceMethod<"Replaces the op by its training form.",
      "::mlir::LogicalResult", "toTraining", (ins "::gradmill::nn::TrainingContext &":$ctx)>,
    InterfaceMethod<"Replaces the op by its inference form.",
      "::mlir::LogicalResult", "toInference", (ins "::mlir::RewriterBase &":$rewriter)>,
  ];
}

def ExpandInterface : OpInterface<"ExpandInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "An op that is replaced by simpler ops before fusion.";
  let methods = [
    InterfaceMethod<"Replaces the op by simpler ones.",
      "::mlir::LogicalResult", "expand", (ins "::mlir::RewriterBase &":$rewriter)>,
  ];
}

def LinalgInterface : OpInterface<"LinalgInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op that only describes itself in linalg. Each structured op becomes a formula (as
    with PointwiseInterface) or a loop nest (as with LoweringInterface). So it is
    vectorized, run in parallel and fused. `toLinalg` may build:

    - structured ops of linalg, named or generic, with one result of f32 or f64 whose map
      is a permutation of the parallel loops; the payload consists of ops that work on
      vectors as on scalars (arith, math), constants and `linalg.index`;
    - `tensor.empty`, `linalg.fill` and tensors for their `outs`; `tensor.pad` with a
      constant; constants, also as operands; other ops of nn.

    The loop over dimension 0 of the result goes into the vector lanes if it addresses only
    dimension 0 of operands. A nest that mixes images, or sums over them, is scalar code.
  }];
  let methods = [
    InterfaceMethod<[{Builds ops before this one, on its operands, which are dense tensors
      of static shape. `values` replace the results. On failure an error has been emitted.}],
      "::mlir::LogicalResult", "toLinalg",
      (ins "::mlir::OpBuilder &":$builder,
           "::llvm::SmallVectorImpl<::mlir::Value> &":$values)>,
  ];
}

def ViewInterface : OpInterface<"ViewInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op whose result's elements are elements of operand 0. A reader that can read at any
    index reads them there.
  }];
  let methods = [
    InterfaceMethod<[{The map from an index of the result to that of the operand, for
      static shapes, by multiplications and sums; null if those are not enough.}],
      "::mlir::AffineMap", "getViewMap", (ins)>,
  ];
}

def CostInterface : OpInterface<"CostInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "The cost of the op, for reports and schedules.";
  let methods = [
    InterfaceMethod<"Multiply-adds that are executed for the whole batch.",
      "int64_t", "getMacs", (ins)>,
    InterfaceMethod<[{As usually published: with those on padding, which are not executed.}],
      "int64_t", "getMacsWithPadding", (ins), "", "return $_op.getMacs();">,
  ];
}

def WindowInterface : OpInterface<"WindowInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    How far an output element sees: the inputs to receptive-field arithmetic. An op without
    it sees the element at its own place. One that has it on `[N, features]`, which have no
    spatial dimension, sees all of them.
  }];
  let methods = [
    InterfaceMethod<"Kernel extent in input pixels, dilation included, per spatial dimension.",
      "::llvm::SmallVector<int64_t>", "getWindowExtent", (ins)>,
    InterfaceMethod<[{Neighbouring outputs are getWindowStride / getWindowUpscale input pixels
      apart, likewise; a stride of 0 says that all see the same.}],
      "::llvm::SmallVector<int64_t>", "getWindowStride", (ins), "", [{
        return ::llvm::SmallVector<int64_t>($_op.getWindowExtent().size(), 1);
      }]>,
    InterfaceMethod<"More than 1 where there are more outputs than inputs.",
      "::llvm::SmallVector<int64_t>", "getWindowUpscale", (ins), "", [{
        return ::llvm::SmallVector<int64_t>($_op.getWindowExtent().size(), 1);
      }]>,
    InterfaceMethod<[{Where the middle of the first output's window lies, in input pixels from
      the middle of the first one, likewise; padding moves it. By default there is none.}],
      "::llvm::SmallVector<double>", "getWindowCentre", (ins), "", [{
        return ::gradmill::nn::centreOf($_op.getWindowExtent());
      }]>,
  ];
}

def ReferenceInterface : OpInterface<"ReferenceInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "Naive loops in double precision: the reference for kernels.";
  let methods = [
    InterfaceMethod<"Computes the results; `results` have their shapes and are zero-filled.",
      "::mlir::LogicalResult", "evaluate",
      (ins "::llvm::ArrayRef<const ::gradmill::nn::RefTensor *>":$operands,
           "::llvm::MutableArrayRef<::gradmill::nn::RefTensor>":$results)>,
  ];
}

def LoweringInterface : OpInterface<"LoweringInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op with a loop nest of its own. It reads and writes lanes layout, unless it has
    LayoutInterface; it is a kernel alone, unless it has EpilogueInterface or
    PrologueInterface.
  }];
  let methods = [
    InterfaceMethod<[{Emits loops over buffers. The op hands over a result in lanes layout
      with `KernelBuilder::emit`, so that the epilogue gets it in registers. It stores a
      dense result itself.}],
      "::mlir::LogicalResult", "lower", (ins "::gradmill::nn::KernelBuilder &":$kernel)>,
  ];
}

def LayoutInterface : OpInterface<"LayoutInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    The layouts that a loop nest reads and writes, if these are not all lanes. Passes call
    `nn::operandLayout` and `nn::resultLayout`, which also work without this interface.
  }];
  let methods = [
    InterfaceMethod<"The layout in which operand `index` is read.",
      "::gradmill::nn::Layout", "getOperandLayout", (ins "unsigned":$index), "",
      "return ::gradmill::nn::Layout::Lanes;">,
    InterfaceMethod<"The layout in which result `index` is written.",
      "::gradmill::nn::Layout", "getResultLayout", (ins "unsigned":$index), "",
      "return ::gradmill::nn::Layout::Lanes;">,
    InterfaceMethod<[{Whether the loop nest treats all lanes alike and independently, and
      takes the number of vectors of a pixel from its buffers. Then it is also right with
      channels in the lanes, and the op follows its operands.}],
      "bool", "isLanewise", (ins), "", "return false;">,
  ];
}

def EpilogueInterface : OpInterface<"EpilogueInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    A loop nest that hands over each element of result 0 exactly once, so that ops can be
    fused after it (the epilogue).
  }];
  let methods = [
    InterfaceMethod<"Whether this holds for this op's attributes and shapes.",
      "bool", "supportsEpilogue", (ins), "", "return true;">,
  ];
}

def PrologueInterface : OpInterface<"PrologueInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    A loop nest that reads the elements of an operand, in lanes layout, only through
    `KernelBuilder::element` and about once each. Then their formula can be computed where
    they are read (the prologue), and they need no memory.
  }];
  let methods = [
    InterfaceMethod<"Whether this holds for operand `index`.",
      "bool", "readsOnce", (ins "unsigned":$index), "", "return true;">,
  ];
}

def ChannelsInterface : OpInterface<"ChannelsInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op that has a form of its own for the channels layout, where a vector holds
    neighbouring channels of one pixel instead of one element of many images.
  }];
  let methods = [
    InterfaceMethod<[{Replaces the op by ops for vectors of `width` channels. A part that
      depends on parameters alone should be an op of its own, because it then runs once and
      not for every image. Fails, and leaves the op unchanged, if there is no such form.}],
      "::mlir::LogicalResult", "toChannels",
      (ins "::mlir::RewriterBase &":$rewriter, "int64_t":$width,
           "::gradmill::nn::Accuracy":$accuracy)>,
    InterfaceMethod<[{Estimated cycles for one image, unchanged, with the batch in vectors
      of `width`. Only comparisons count; 0 for ops for which it makes no difference.}],
      "double", "lanesCycles",
      (ins "int64_t":$width, "::gradmill::nn::Accuracy":$accuracy), "", "return 0;">,
    InterfaceMethod<"The same after toChannels.",
      "double", "channelsCycles",
      (ins "int64_t":$width, "::gradmill::nn::Accuracy":$accuracy), "", "return 0;">,
  ];
}

def JoinInterface : OpInterface<"JoinInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op whose kernel can also do the work of another kernel over the same memory.
  }];
  let methods = [
    InterfaceMethod<[{The sum of the op's result and that of `other`, as one op's result;
      null if that is impossible or no faster.}],
      "::mlir::Value", "joinSum",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Operation *":$other)>,
  ];
}

def IndexInterface : OpInterface<"IndexInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op that looks something up by whole numbers. A graph's inputs are checked before they
    reach it.
  }];
  let methods = [
    InterfaceMethod<"Operand `index` may be 0 to this minus one; 0 if it is no index.",
      "int64_t", "getIndexLimit", (ins "unsigned":$index)>,
  ];
}

def PointwiseInterface : OpInterface<"PointwiseInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    A formula per element. Operands have the results' shape or are repeated to it along some
    axes, and all floats have one type; the verifier checks both ([pointwise_c1]). The
    formula is enough for the op to be vectorized, run in parallel and fused.
  }];
  let verify = [{ return ::gradmill::nn::verifyPointwise($_op); }];
  let methods = [
    InterfaceMethod<[{The formula: operands and results are scalars or vectors of one type.}],
      "void", "emitElement",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands, "::llvm::SmallVectorImpl<::mlir::Value> &":$results)>,
    InterfaceMethod<[{The axes of the result that correspond to the dimensions of operand
      `index`, in ascending order. It is repeated along all other axes, and along those
      where its size is 1. The default: all axes if it has as many as the result;
      dimension 1 for `[C]`.}],
      "::llvm::SmallVector<int64_t>", "getOperandAxes", (ins "unsigned":$index), "",
      "return ::gradmill::nn::axesByRank($_op, index);">,
    InterfaceMethod<[{For formulas that need the position (random masks): a block of
      channels at once. The default calls `emitElement` for each.}],
      "void", "emitBlock", (ins "::gradmill::nn::PointwiseBlock &":$block), "", [{
        block.emitElements([&](::mlir::ValueRange operands,
                               ::llvm::SmallVectorImpl<::mlir::Value> &results) {
          $_op.emitElement(block.builder(), block.loc(), operands, results);
        });
      }]>,
    InterfaceMethod<"True if the formula needs the position, which only lanes layout gives.",
      "bool", "needsPosition", (ins), "", "return false;">,
    InterfaceMethod<[{Computes a result again, at a later place, perhaps from other kept
      results; null if that is too expensive. The default is a copy of the op.}],
      "::mlir::Value", "recompute",
      (ins "::mlir::OpBuilder &":$builder, "unsigned":$result), "", [{
        if ($_op.needsPosition())
          return ::mlir::Value();
        return builder.clone(*$_op.getOperation())->getResult(result);
      }]>,
  ];
}

def ChannelReductionInterface : OpInterface<"ChannelReductionInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    Sums over batch and space, one result per channel. Element operands have one shape,
    further operands are `[C]`, and all have one type ([channel_reduction_c1]). Partial
    sums belong to fixed parts of the batch and are combined in a fixed order, so the
    result does not depend on the threads.
  }];
  let verify = [{ return ::gradmill::nn::verifyChannelReduction($_op); }];
  let methods = [
    InterfaceMethod<"The number of values that are accumulated per channel.",
      "unsigned", "getNumAccumulators", (ins)>,
    InterfaceMethod<[{Updates `acc` with one element. `isFirst` (i1) is true for the first
      element of a partial sum; `acc` starts as zeros.}],
      "void", "emitAccumulate",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands, "::mlir::Value":$isFirst,
           "::llvm::MutableArrayRef<::mlir::Value>":$acc)>,
    InterfaceMethod<"Combines the partial sums of one channel into the results.",
      "void", "emitFinalize", (ins "::gradmill::nn::ReductionFinalizer &":$finalizer)>,
  ];
}

def MeaningInterface : OpInterface<"MeaningInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op that promises that its result's numbers are probabilities, or their logarithms. A
    loss that needs this asks for it, and so do reports.
  }];
  let methods = [
    InterfaceMethod<[{The meaning of a row [C] of the result. An op that only moves elements
      asks `nn::meaningOf` about its operand.}],
      "::gradmill::nn::Meaning", "getMeaning", (ins)>,
  ];
}

def LayerKindInterface : OpInterface<"LayerKindInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    What kind of layer the op is. Reports and advice on a graph's design ask this; what is
    compiled does not depend on it.
  }];
  let methods = [
    InterfaceMethod<"One or several kinds, by the op's attributes and shapes.",
      "::gradmill::nn::LayerKind", "getLayerKind", (ins)>,
    InterfaceMethod<"The share of elements that a dropout drops.",
      "double", "getDropRate", (ins), "", "return 0;">,
    InterfaceMethod<"Whether the op adds a trained number to each channel of its result.",
      "bool", "addsBias", (ins), "", "return false;">,
  ];
}

def LayerInterface : OpInterface<"LayerInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op that makes its parameters if a net's text uses it as a layer: `conv2d(16, 3)`. Its
    operands are first the data (one, unless the text gives several) and then the
    parameters. Any op can be used in such a text. An op without parameters needs this
    interface only to say which of its attributes come first.
  }];
  let methods = [
    StaticInterfaceMethod<[{Asks for the layer's sizes and describes the parameters that
      follow from them and from the data. On failure an error has been emitted.}],
      "::mlir::LogicalResult", "describeLayer", (ins "::gradmill::nn::Layer &":$layer)>,
    InterfaceMethod<"This op's values of the sizes that `describeLayer` asks for.",
      "::llvm::SmallVector<::gradmill::nn::LayerSize>", "getLayerSizes", (ins), "",
      "return {};">,
  ];
}
#endif
