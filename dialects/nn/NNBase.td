// Included by every family's .td: the dialect, shared types and op classes.
#ifndef GRADMILL_NN_BASE_TD
#define GRADMILL_NN_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Dialect/SCF/IR/DeviceMappingInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nn/interfaces/Interfaces.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::gradmill::nn";
  let summary = "Neural networks as graphs: layers, losses, their gradients and optimizers.";
  let description = [{
    Tensors are logical: activations are `[N, C, H, W]` (or `[N, C]`), convolution
    filters `[F, C/groups, KH, KW]`, per-channel vectors `[C]`. How a tensor lies in
    memory is decided by the compiler and, once decided, stands in its type as the
    encoding `#nn.lanes<V>` or `#nn.channels<V>`. Only the batch dimension may be dynamic (`?`).

    The dialect itself is a shell: its ops come from families
    (`dialects/nn/families/*`) and from plugins, all registered alike.
  }];
  let useDefaultAttributePrinterParser = 1;
  let isExtensible = 0;
  let extraClassDeclaration = [{
    /// Adds a family's ops. If a name is already taken, that is a fatal error
    /// that names the op: two plugins cannot both define it.
    template <typename... Ops> void addFamilyOps() {
      (addFamilyOp<Ops>(), ...);
    }
  private:
    template <typename Op> void addFamilyOp() {
      checkUnregistered(Op::getOperationName(), ::mlir::TypeID::get<Op>());
      if (!::mlir::RegisteredOperationName::lookup(
              ::mlir::TypeID::get<Op>(), getContext()))
        addOperations<Op>();
    }
    void checkUnregistered(::llvm::StringRef name, ::mlir::TypeID id);
  public:
    /// Allows ops of plugins that are not loaded, so that files with such ops
    /// can be converted.
    void carryUnknownOps() { allowUnknownOperations(); }
    /// The optimizers, losses and passes; set by the plugin host.
    const ::gradmill::Registry *registry = nullptr;
  }];
}

// A tensor's element type is the type of the computation. If a layout names
// another type in memory, each access converts.
class NN_LayoutAttr<string name> : AttrDef<NN_Dialect, name> {
  let mnemonic = !tolower(name);
  let parameters = (ins "int64_t":$width, OptionalParameter<"::mlir::Type">:$storage);
  let builders = [AttrBuilder<(ins "int64_t":$width), [{
    return $_get($_ctxt, width, ::mlir::Type());
  }]>];
  let assemblyFormat = "`<` $width (`,` $storage^)? `>`";
  let genVerifyDecl = 1;
}

def NN_LanesAttr : NN_LayoutAttr<"Lanes"> {
  let summary = "memory layout with the batch in the vector lanes";
  let description = [{
    As a tensor's encoding: `[N, C, S...]` is stored as `[N/V][S...][C][V]`, so that
    one vector holds the same element of V images. N/V is rounded up; the lanes past N
    are computed like copies of the last image, and no sum over the batch counts them.
    `#nn.lanes<8, bf16>` holds bf16 in memory.
  }];
}

def NN_ChannelsAttr : NN_LayoutAttr<"Channels"> {
  let summary = "memory layout with the channels in the vector lanes";
  let description = [{
    As a tensor's encoding: `[N, C, S...]` is stored as `[N][S...][Cpad]`, where Cpad is
    the next multiple of V, so that one vector holds V channels of one pixel. For single
    images above all. What the lanes past C hold is unspecified.
  }];
}

def NN_StoredAttr : AttrDef<NN_Dialect, "Stored"> {
  let mnemonic = "stored";
  let summary = "the type of elements in memory, where it is not what is computed on";
  let description = [{
    As the memory space of a buffer, whose type says what kernels load and store;
    narrow-storage makes it the buffer's element type. As a dense tensor's encoding it
    says the same.
  }];
  let parameters = (ins "::mlir::Type":$storage);
  let assemblyFormat = "`<` $storage `>`";
  let genVerifyDecl = 1;
}

def NN_KernelAttr : AttrDef<NN_Dialect, "Kernel", [
    DeclareAttrInterfaceMethods<DeviceMappingAttrInterface>]> {
  let mnemonic = "kernel";
  let summary = "whose work a parallel loop does";
  let description = [{
    As the mapping of an `scf.forall`: its iterations are tasks of the function's kernels
    `indices`, of more than one where loops were merged. A mapped loop is kept even if it
    has one iteration, so that every kernel becomes a call that can be timed.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$indices);
  let assemblyFormat = "`<` $indices `>`";
}

def NN_KernelReportAttr : AttrDef<NN_Dialect, "KernelReport"> {
  let mnemonic = "kernel_report";
  let summary = "what is known of a kernel when it is lowered";
  let description = [{
    An entry function holds one for each kernel, in order (`nn.kernels`). `ops` are the
    ops whose work the kernel does, `anchor` is the one with a loop nest of its own.
    Costs are those of the whole batch.
  }];
  let parameters = (ins
    StringRefParameter<>:$name,
    OptionalParameter<"::mlir::ArrayAttr">:$ops,
    StringRefParameter<"", [{""}]>:$anchor,
    StringRefParameter<"", [{""}]>:$at,
    DefaultValuedParameter<"int64_t", "0">:$macs,
    DefaultValuedParameter<"int64_t", "0">:$bytes_read,
    DefaultValuedParameter<"int64_t", "0">:$bytes_written,
    DefaultValuedParameter<"int64_t", "1">:$lanes,
    DefaultValuedParameter<"int64_t", "0">:$registers,
    DefaultValuedParameter<"bool", "false">:$spills_accepted,
    StringRefParameter<"", [{""}]>:$schedule,
    OptionalParameter<"::mlir::ArrayAttr">:$notes);
  let assemblyFormat = "`<` struct(params) `>`";
}

def NN_Tensor : RankedTensorOf<[F32, F64]>;
def NN_ScalarTensor : 0DTensorOf<[F32, F64]>;
// One bit per element.
def NN_Mask : RankedTensorOf<[I1]>;
// A class for each image, or for each pixel.
def NN_LabelTensor : RankedTensorOf<[I32]>;
def NN_CounterTensor : 0DTensorOf<[I64]>,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI64Type())">;
// A vector with one element per channel.
def NN_ChannelTensor : 1DTensorOf<[F32, F64]>;

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, traits>;

// The ops that a graph file may hold, from any family: ops with a gradient, and
// ops with the trait GraphOp. Ops with CompilerOp are excluded: they have a
// gradient, but only the compiler makes them (nn::isGraphOp).
class NN_FileTrait<string name> : NativeOpTrait<name> {
  let cppNamespace = "::gradmill::nn";
}
def GraphOp : NN_FileTrait<"GraphOp">;
def CompilerOp : NN_FileTrait<"CompilerOp">;

// Replaces upstream's InferTypeOpAdaptor, for attributes in properties. The
// parser infers types before it has turned attributes into properties and
// filled in defaults. It also infers before it verifies. So this class checks
// for all ops that operands are tensors of a real size and that no attribute is
// missing, and checks what they infer.
def NN_InferTypes : TraitList<[
  DeclareOpInterfaceMethods<InferTypeOpInterface>,
  NativeOpTrait<"InferTypeOpAdaptor", [], [{
    static ::llvm::LogicalResult
    inferReturnTypes(::mlir::MLIRContext *context, std::optional<::mlir::Location> location,
                     Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types);
  }], [{
    ::llvm::LogicalResult
    $cppClass::inferReturnTypes(::mlir::MLIRContext *context,
                                std::optional<::mlir::Location> location,
                                ::mlir::ValueRange operands, ::mlir::DictionaryAttr attributes,
                                ::mlir::OpaqueProperties properties, ::mlir::RegionRange regions,
                                ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      ::gradmill::nn::InferenceProperties<$cppClass> filled(context, location, attributes,
                                                            properties);
      Adaptor adaptor(operands, attributes, filled.get(), regions);
      if (::mlir::failed(filled.status) ||
          ::mlir::failed(::gradmill::nn::checkTensors(location, operands.getTypes())) ||
          (location && ::mlir::failed(adaptor.verify(*location))) ||
          ::mlir::failed(inferReturnTypes(context, location, adaptor, types)))
        return ::mlir::failure();
      return ::gradmill::nn::checkTensors(location, types);
    }
  }]>]>;

// An op of the graph: no side effects, shape inferred from operands and
// attributes (`inferReturnTypes` reports violated constraints by label).
class NN_PureOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, traits # [Pure, NN_InferTypes,
                                DeclareOpInterfaceMethods<ReferenceInterface>]>;

// A PureOp with a formula per element. The results have the shape of the first
// operand.
class NN_PointwiseOp<string mnemonic, list<Trait> traits = []>
    : NN_PureOp<mnemonic, traits # [DeclareOpInterfaceMethods<PointwiseInterface>]>;

// A formula whose operands may be repeated, along axes that it names.
class NN_RepeatingOp<string mnemonic, list<Trait> traits = []>
    : NN_PureOp<mnemonic, traits # [
        DeclareOpInterfaceMethods<PointwiseInterface, ["getOperandAxes"]>]> {
  let results = (outs NN_Tensor:$output);
  let extraClassDeclaration = [{
    // If no operand has the result's shape, only the scheduler knows its
    // layout.
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::gradmill::nn::haveSameShape(inferred, actual);
    }
  }];
}

// A formula of tensors that are repeated to one shape by NumPy's rule: aligned
// at the last dimension, sizes of 1 and missing dimensions repeated. Shapes
// that do not fit violate the label [MNEMONIC_c1].
class NN_BroadcastingOp<string mnemonic, list<Trait> traits = []> : NN_RepeatingOp<mnemonic, traits> {
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::gradmill::nn::inferBroadcast(location, "}] # mnemonic # [{_c1",
                                            adaptor.getOperands().getTypes(), types);
    }
    ::llvm::SmallVector<int64_t> $cppClass::getOperandAxes(unsigned operand) {
      return ::gradmill::nn::axesFromBehind(getOperation(), operand);
    }
  }];
}

#endif
