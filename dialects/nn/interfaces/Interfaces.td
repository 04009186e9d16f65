// Everything that the compiler may know about an op. Passes ask these; they
// never name an op class.
#ifndef GRADMILL_NN_INTERFACES_TD
#define GRADMILL_NN_INTERFACES_TD
include "mlir/IR/OpBase.td"

def GradientInterface : OpInterface<"GradientInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "The op's adjoint, written in ops that stand in the IR.";
  let methods = [
    InterfaceMethod<[{
      Given the cotangents of the results, sets those of the operands that need one.
      A result without a cotangent is a zero. On failure the reason was emitted.
    }], "::mlir::LogicalResult", "buildGradient", (ins "::gradmill::nn::Gradient &":$grad)>,
  ];
}

def ModeInterface : OpInterface<"ModeInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "An op that means something else in training than in inference.";
  let methods = [
    InterfaceMethod<"Replaces the op by its training form.",
      "::mlir::LogicalResult", "toTraining", (ins "::gradmill::nn::TrainingContext &":$ctx)>,
    InterfaceMethod<"Replaces the op by its inference form.",
      "::mlir::LogicalResult", "toInference", (ins "::mlir::RewriterBase &":$rewriter)>,
  ];
}

def ExpandInterface : OpInterface<"ExpandInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "An op that is lowered by way of simpler ops, before fusion.";
  let methods = [
    InterfaceMethod<"Replaces the op by simpler ones.",
      "::mlir::LogicalResult", "expand", (ins "::mlir::RewriterBase &":$rewriter)>,
  ];
}

def LinalgInterface : OpInterface<"LinalgInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op that says what it means in linalg, and no more. Each structured op becomes a
    formula (as of PointwiseInterface) or a loop nest (as of LoweringInterface), and so is
    vectorized, run in parallel and fused. What may stand there:

    - structured ops of linalg, named or generic, with one result of f32 or f64, whose map
      is a permutation of the parallel loops; the payload is of ops that work on vectors
      as on scalars (arith, math), constants and `linalg.index`;
    - `tensor.empty`, `linalg.fill` and tensors for their `outs`; `tensor.pad` with a
      constant; constants, also as operands; further ops of nn.

    The loop over dimension 0 of the result goes into the vector lanes, if all that it
    addresses is dimension 0 of operands. A nest that mixes images, or that sums over
    them, is scalar code.
  }];
  let methods = [
    InterfaceMethod<[{Builds the ops before this one, which they replace, on its operands:
      dense tensors of static shape. `values` become those of the results. On failure the
      reason was emitted.}],
      "::mlir::LogicalResult", "toLinalg",
      (ins "::mlir::OpBuilder &":$builder,
           "::llvm::SmallVectorImpl<::mlir::Value> &":$values)>,
  ];
}

def ViewInterface : OpInterface<"ViewInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op whose result's elements are elements of operand 0: who can read at any index
    reads them there.
  }];
  let methods = [
    InterfaceMethod<[{From an index of the result to that of the operand, for static
      shapes, by multiplications and sums; null if those are not enough.}],
      "::mlir::AffineMap", "getViewMap", (ins)>,
  ];
}

def CostInterface : OpInterface<"CostInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = "What the op costs, for reports and schedules.";
  let methods = [
    InterfaceMethod<"Multiply-accumulates that are done for the whole batch.",
      "int64_t", "getMacs", (ins)>,
    InterfaceMethod<[{As they are published: also those by padding, which are not done.}],
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
  let description = "Naive loops in double precision: the truth that kernels are held against.";
  let methods = [
    InterfaceMethod<"Computes the results; `results` come with their shapes set, zero-filled.",
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
    InterfaceMethod<[{Emits loops over buffers. A result in lanes layout is handed over with
      `KernelBuilder::emit`, so that what is fused behind it sees it in registers; a dense
      result is stored by the op.}],
      "::mlir::LogicalResult", "lower", (ins "::gradmill::nn::KernelBuilder &":$kernel)>,
  ];
}

def LayoutInterface : OpInterface<"LayoutInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    Which layouts a loop nest reads and writes, where that is not lanes for all. Who asks
    uses `nn::operandLayout` and `nn::resultLayout`, which know what holds without.
  }];
  let methods = [
    InterfaceMethod<"The layout in which operand `index` is read.",
      "::gradmill::nn::Layout", "getOperandLayout", (ins "unsigned":$index), "",
      "return ::gradmill::nn::Layout::Lanes;">,
    InterfaceMethod<"The layout in which result `index` is written.",
      "::gradmill::nn::Layout", "getResultLayout", (ins "unsigned":$index), "",
      "return ::gradmill::nn::Layout::Lanes;">,
    InterfaceMethod<[{Whether the loop nest treats every lane alike and on its own, and takes
      the number of vectors of a pixel from its buffers: then it is right with channels in
      the lanes, too, and the op follows its operands.}],
      "bool", "isLanewise", (ins), "", "return false;">,
  ];
}

def EpilogueInterface : OpInterface<"EpilogueInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    A loop nest that hands over each element of result 0 exactly once, so that ops can be
    fused behind it (the epilogue).
  }];
  let methods = [
    InterfaceMethod<"Whether that is so for this op's attributes and shapes.",
      "bool", "supportsEpilogue", (ins), "", "return true;">,
  ];
}

def PrologueInterface : OpInterface<"PrologueInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    A loop nest that reads the elements of an operand, in lanes layout, with
    `KernelBuilder::element` alone, and about once each: then the formula that gives them can
    be computed where they are read (the prologue), and they need no memory.
  }];
  let methods = [
    InterfaceMethod<"Whether that is so for operand `index`.",
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
    InterfaceMethod<[{Replaces the op by ops for vectors of `width` channels; what depends on
      parameters alone should be an op of its own, because it is then done once and not for
      every image. Fails, with the op as it was, where there is no such form.}],
      "::mlir::LogicalResult", "toChannels",
      (ins "::mlir::RewriterBase &":$rewriter, "int64_t":$width,
           "::gradmill::nn::Accuracy":$accuracy)>,
    InterfaceMethod<[{Estimated cycles for one image, as it is, with the batch in vectors
      of `width`. Only their comparison counts; 0 for ops where it makes no difference.}],
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
    An op whose kernel can do the work of another one on its way over the same memory.
  }];
  let methods = [
    InterfaceMethod<[{The sum of the op's result and that of `other`, as one op's result; null
      where that is impossible or no faster.}],
      "::mlir::Value", "joinSum",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Operation *":$other)>,
  ];
}

def IndexInterface : OpInterface<"IndexInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    An op that takes whole numbers to look something up by. What a graph is given is checked
    before it gets there.
  }];
  let methods = [
    InterfaceMethod<"Operand `index` may be 0 to this less one; 0 where it is no index.",
      "int64_t", "getIndexLimit", (ins "unsigned":$index)>,
  ];
}

def PointwiseInterface : OpInterface<"PointwiseInterface"> {
  let cppNamespace = "::gradmill::nn";
  let description = [{
    A formula per element. Operands have the results' shape or are repeated to it along some
    axes, and what is a float has one type; the verifier sees to both ([pointwise_c1]).
    Giving the formula is enough to be vectorized, run in parallel and fused.
  }];
  let verify = [{ return ::gradmill::nn::verifyPointwise($_op); }];
  let methods = [
    InterfaceMethod<[{The formula: operands and results are scalars or vectors of one type.}],
      "void", "emitElement",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands, "::llvm::SmallVectorImpl<::mlir::Value> &":$results)>,
    InterfaceMethod<[{The axes of the result that the dimensions of operand `index` are, in
      ascending order. Along all others, and along those where its size is 1, it is
      repeated. By default those of the result if it has as many, `[C]` is dimension 1.}],
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
    InterfaceMethod<[{Computes a result again, later, perhaps from other results that are
      kept; null if that is too expensive. The default is a copy of the op.}],
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
    Sums over batch and space, one result per channel. Element operands have one shape;
    further operands are `[C]`, and all are of one type ([channel_reduction_c1]). Partial
    sums belong to fixed parts of the batch and are combined in a fixed order, so the
    result does not depend on the threads.
  }];
  let verify = [{ return ::gradmill::nn::verifyChannelReduction($_op); }];
  let methods = [
    InterfaceMethod<"How many values are accumulated per channel.",
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
    An op that promises something of its result's numbers: that they are probabilities, or
    their logarithms. A loss that needs that asks for it, and so do reports.
  }];
  let methods = [
    InterfaceMethod<[{What a row [C] of the result is. An op that only moves elements asks
      `nn::meaningOf` about its operand.}],
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
    An op that brings its parameters along where a net's text names it as a layer:
    `conv2d(16, 3)`. Its operands are the data (one, unless the text gives several) and then
    the parameters. Any op can be used in such a text; one without parameters has this only
    to say which of its attributes come first.
  }];
  let methods = [
    StaticInterfaceMethod<[{Asks for the layer's sizes and says what parameters follow from
      them and from the data. On failure the reason was emitted.}],
      "::mlir::LogicalResult", "describeLayer", (ins "::gradmill::nn::Layer &":$layer)>,
    InterfaceMethod<"The sizes that `describeLayer` asks for, as this op has them.",
      "::llvm::SmallVector<::gradmill::nn::LayerSize>", "getLayerSizes", (ins), "",
      "return {};">,
  ];
}
#endif
