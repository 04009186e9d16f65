// The compiler's passes, in the order of the pipeline (pipeline/Pipeline.cpp).
// Their names are verbs. Each has a file, which opens with what, why, requires,
// maintains.
#ifndef GRADMILL_PASSES_TD
#define GRADMILL_PASSES_TD
include "mlir/Pass/PassBase.td"

def SpecializeBatch : Pass<"specialize-batch", "::mlir::ModuleOp"> {
  let summary = "Give the dynamic batch dimension a size";
  let options = [Option<"batch", "batch", "int64_t", "128", "Images per step">];
}

def CheckGraph : Pass<"check-graph", "::mlir::ModuleOp"> {
  let summary = "Refuse a graph that the runtime could not load, at its line";
  let options = [
    Option<"entry", "entry", "std::string", "\"main\"", "The graph's function">,
    Option<"batch", "batch", "int64_t", "0",
           "Images per step that the user asked for; 0: not said">];
}

def BuildLoss : Pass<"build-loss", "::mlir::ModuleOp"> {
  let summary = "Add @loss, from predictions and targets to the loss and the metrics";
  let description = [{
    Built from registered losses and metrics, unless the graph has a function `@loss` of its own.
    A specification is `[OUTPUT=]NAME[:OPTION=VALUE,...]`; several are separated by `;`.
  }];
  let options = [
    Option<"entry", "entry", "std::string", "\"main\"", "The graph's function">,
    Option<"loss", "loss", "std::string", "", "Losses; empty: by the meaning of the outputs">,
    Option<"metrics", "metrics", "std::string", "", "Metrics; empty: those of the losses">,
    Option<"optional", "optional", "bool", "false", "A missing loss is no error">,
    Option<"uncheckedLoss", "unchecked-loss", "bool", "false",
           "Take the output for what the loss needs, whatever its op says">];
}

def BuildTrainingStep : Pass<"build-training-step", "::mlir::ModuleOp"> {
  let summary = "From a graph and its loss to the whole training step: gradients, updates";
  let description = [{
    Adds `@train` beside the graph's function: training forms of its ops, the loss, the
    cotangents of every trainable parameter, their transforms, and one optimizer update each.
    With `accumulate` it adds two functions instead: `@accumulate` adds the gradients of a batch
    to tensors of the model, and `@update` applies their mean.
  }];
  let options = [
    Option<"entry", "entry", "std::string", "\"main\"", "The graph's function">,
    Option<"optimizer", "optimizer", "std::string", "",
           "A registered optimizer and its options: sgd:momentum=0.9">,
    Option<"groups", "groups", "std::string", "",
           "Other options for some parameters: *.bias:weight_decay=0;conv1.*:lr=0">,
    Option<"transforms", "transforms", "std::string", "",
           "Transforms of the gradients: clip_value:max=0.5;clip_norm:max=1">,
    Option<"accumulate", "accumulate", "int64_t", "0",
           "Batches to an update, as two functions; 0: one batch and one function">,
    Option<"ema", "ema", "double", "0",
           "Decay of an average of the model over the steps; 0: no average">,
    Option<"mixup", "mixup", "bool", "false",
           "The loss of mixed samples: of two targets, by the control `mixup`, the share of the second">];
}

def BuildGradients : Pass<"build-gradients", "::mlir::ModuleOp"> {
  let summary = "Add @gradients: derivatives of the outputs by named values";
  let description = [{
    It takes data and a cotangent of each output. It gives the outputs and the gradients of the
    sum of output times cotangent, in inference mode. `names` are inputs, parameters, or results of
    ops that have an `nn.name`, separated by commas.
  }];
  let options = [
    Option<"entry", "entry", "std::string", "\"main\"", "The graph's function">,
    Option<"names", "names", "std::string", "", "The values to differentiate by">];
}

def BuildInference : Pass<"build-inference", "::mlir::ModuleOp"> {
  let summary = "From a graph to its inference form, as @infer; @loss becomes an entry";
  let options = [
    Option<"entry", "entry", "std::string", "\"main\"", "The graph's function">];
}

def BuildSingle : Pass<"build-single", "::mlir::ModuleOp"> {
  let summary = "Add @infer_single and @loss_single, the same for one sample";
  let options = [Option<"inference", "inference", "bool", "true", "Add @infer_single, too">];
}

def Differentiate : Pass<"differentiate", "::mlir::ModuleOp"> {
  let summary = "Add @NAME_vjp: from arguments and cotangents of the results to those of the arguments";
  let description = "For tests and for reading: every function with float arguments gets one.";
}

def ExpandOps : Pass<"expand-ops", "::mlir::ModuleOp"> {
  let summary = "Replace ops by the simpler ops that they consist of";
}

def ExpandLinalg : Pass<"expand-linalg", "::mlir::ModuleOp"> {
  let summary = "Replace ops that describe themselves in linalg by formulas and loop nests";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"];
}

def JoinKernels : Pass<"join-kernels", "::mlir::ModuleOp"> {
  let summary = "Use one kernel for two ops whose results are added";
}

def OrderSections : Pass<"order-sections", "::mlir::ModuleOp"> {
  let summary = "Put ops that share data between the same barriers";
}

def Rematerialize : Pass<"rematerialize", "::mlir::ModuleOp"> {
  let summary = "Compute cheap values again if they are needed much later";
  let options = [Option<"maxMemory", "max-memory", "int64_t", "0",
                        "Also compute others again until an estimate of the temporaries "
                        "fits into so many bytes; 0: no limit">];
}

def AssignLayouts : Pass<"assign-layouts", "::mlir::ModuleOp"> {
  let summary = "Decide how every tensor lies in memory";
  let options = [
    Option<"vectorBytes", "vector-bytes", "int64_t", "32", "Width of the target's vectors">,
    Option<"exactConv", "exact-conv", "bool", "false",
           "Use no algorithm that rounds differently from the defining sum">,
    Option<"channels", "channels", "bool", "true",
           "Use vectors of channels in inference if that is faster">];
}

def SplitPrepare : Pass<"split-prepare", "::mlir::ModuleOp"> {
  let summary = "Move out of inference what depends on the model's tensors alone";
  let description = [{
    This applies if channels are in the lanes. Such ops move into `@prepare`, which runs once
    after the tensors have changed and not for every image.
  }];
}

def FuseKernels : Pass<"fuse-kernels", "::mlir::ModuleOp"> {
  let summary = "Group ops that are computed in one sweep";
}

def LowerKernels : Pass<"lower-kernels", "::mlir::ModuleOp"> {
  let summary = "From tensors and nn ops to buffers, loops and vectors";
  let options = [
    Option<"machine", "machine", "std::string", "\"avx2\"",
           "The target whose machine in numbers counts">,
    Option<"vectorBytes", "vector-bytes", "int64_t", "0",
           "Width of the vectors, if it is not the machine's">,
    Option<"registers", "registers", "int64_t", "0",
           "Number of vector registers, if it is not the machine's">,
    Option<"exactConv", "exact-conv", "bool", "false",
           "Sum convolutions as they are defined, in no form that rounds differently">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::vector::VectorDialect",
                           "::mlir::math::MathDialect"];
}

def MergeTasks : Pass<"merge-tasks", "::mlir::ModuleOp"> {
  let summary = "One parallel loop for kernels that follow one another on the same images";
  let options = [Option<"clock", "clock", "std::string", "",
                        "LLVM's counter by which each kernel of such a loop measures its time, "
                        "in the output kernel_clocks; empty: no clocks">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PrivatizeBuffers : Pass<"privatize-buffers", "::mlir::ModuleOp"> {
  let summary = "Buffers that stay within a task become memory of its thread";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def NarrowStorage : Pass<"narrow-storage", "::mlir::ModuleOp"> {
  let summary = "Make the stored type the element type of buffers";
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def ShareTasks : Pass<"share-tasks", "::mlir::ModuleOp"> {
  let summary = "Say which parallel loops of a training step several processes can share, and what they exchange";
}

def OutlineKernels : Pass<"outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Turn kernels into functions that parallel loops call; equal kernels share one";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PlanArena : Pass<"plan-arena", "::mlir::ModuleOp"> {
  let summary = "Place all temporary buffers of a function in one arena";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def OutlineTasks : Pass<"outline-tasks", "::mlir::ModuleOp"> {
  let summary = "Turn parallel loops into functions that the runtime's pool calls";
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LowerAccesses : Pass<"lower-accesses", "::mlir::LLVM::LLVMFuncOp"> {
  let summary = "Lower loads and stores; compute addresses in the outermost loop possible";
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::affine::AffineDialect"];
}

def ApproximateMath : Pass<"approximate-math"> {
  let summary = "Polynomials instead of calls for f32 vector math";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect",
                           "::mlir::math::MathDialect"];
}
#endif
