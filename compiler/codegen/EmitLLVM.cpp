#include "compiler/codegen/EmitLLVM.h"
#include "compiler/Error.h"
#include "compiler/Passes.h"
#include "include/gradmill/artifact.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/OptBisect.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill {
namespace {

// The fields of gm_artifact as DescriptorBuilder writes them, for 64-bit
// targets. A change of the header fails here.
static_assert(offsetof(gm_artifact, struct_size) == 0 &&
              offsetof(gm_artifact, abi_version) == 4 &&
              offsetof(gm_artifact, manifest) == 8 &&
              offsetof(gm_artifact, manifest_size) == 16 &&
              offsetof(gm_artifact, entries) == 24 &&
              offsetof(gm_artifact, entry_count) == 32 &&
              offsetof(gm_artifact, data) == 40 &&
              offsetof(gm_artifact, data_size) == 48 &&
              offsetof(gm_artifact, variants) == 56 &&
              offsetof(gm_artifact, variant_count) == 64 &&
              sizeof(gm_artifact) == 72);
static_assert(std::string_view(kArtifactSymbol) == GRADMILL_ARTIFACT_SYMBOL);
static_assert(offsetof(gm_entry, name) == 0 && offsetof(gm_entry, run) == 8 &&
              sizeof(gm_entry) == 16);

// Builds gm_artifact and the data that it points to, as constants.
class DescriptorBuilder {
public:
  explicit DescriptorBuilder(llvm::Module &module)
      : module(module), context(module.getContext()),
        ptr(llvm::PointerType::get(context, 0)),
        i32(llvm::Type::getInt32Ty(context)),
        i64(llvm::Type::getInt64Ty(context)) {}

  void build(const EntryNames &entries, const ArtifactInfo &artifact) {
    StringRef manifest = artifact.manifest;
    llvm::StructType *entryType = llvm::StructType::get(ptr, ptr);
    SmallVector<llvm::Constant *> table;
    for (auto &[name, symbol] : entries)
      table.push_back(llvm::ConstantStruct::get(
          entryType, {text(name), module.getFunction(symbol)}));
    llvm::Constant *list =
        global(llvm::ConstantArray::get(
                   llvm::ArrayType::get(entryType, table.size()), table),
               8);
    // The order of gm_artifact's fields.
    llvm::StructType *type = llvm::StructType::get(
        context, {i32, i32, ptr, i64, ptr, i64, ptr, i64, ptr, i64});
    SmallVector<llvm::Constant *> others;
    for (const std::string &other : artifact.others)
      others.push_back(
          hidden(type, nullptr, artifact.symbol + "." + other));
    llvm::Constant *variants =
        others.empty()
            ? none()
            : global(llvm::ConstantArray::get(
                         llvm::ArrayType::get(ptr, others.size()), others),
                     8);
    uint64_t size = module.getDataLayout().getTypeAllocSize(type);
    llvm::Constant *value = llvm::ConstantStruct::get(
        type, {number(i32, size), number(i32, GRADMILL_ARTIFACT_ABI),
               text(manifest),
               number(i64, manifest.size()), list, number(i64, table.size()),
               dataBlock(artifact), number(i64, artifact.data.size()), variants,
               number(i64, others.size())});
    llvm::GlobalVariable *descriptor =
        artifact.variant.empty()
            ? new llvm::GlobalVariable(module, type, true,
                                       llvm::GlobalValue::ExternalLinkage,
                                       value, artifact.symbol)
            : hidden(type, value, artifact.symbol + "." + artifact.variant);
    descriptor->setAlignment(llvm::Align(8));
  }

private:
  llvm::Constant *none() { return llvm::ConstantPointerNull::get(ptr); }
  // Visible in the whole artifact, which may consist of several objects, but
  // not outside.
  llvm::GlobalVariable *hidden(llvm::Type *type, llvm::Constant *value,
                               const llvm::Twine &name) {
    auto *g = new llvm::GlobalVariable(
        module, type, true, llvm::GlobalValue::ExternalLinkage, value, name);
    g->setVisibility(llvm::GlobalValue::HiddenVisibility);
    return g;
  }
  // Initial values are the same for every CPU, so one variant holds them.
  llvm::Constant *dataBlock(const ArtifactInfo &artifact) {
    if (artifact.data.empty())
      return none();
    llvm::Constant *bytes = llvm::ConstantDataArray::getString(
        context, StringRef(artifact.data.data(), artifact.data.size()), false);
    std::string name = artifact.symbol + ".data";
    if (!artifact.variant.empty())
      return hidden(bytes->getType(), nullptr, name);
    if (artifact.others.empty())
      return global(bytes, 64);
    llvm::GlobalVariable *shared =
        hidden(bytes->getType(), bytes, name);
    shared->setAlignment(llvm::Align(64));
    return shared;
  }
  llvm::Constant *number(llvm::Type *type, uint64_t v) {
    return llvm::ConstantInt::get(type, v);
  }
  llvm::Constant *text(StringRef s) {
    return global(llvm::ConstantDataArray::getString(context, s, true), 1);
  }
  llvm::Constant *global(llvm::Constant *value, uint64_t align) {
    auto *g =
        new llvm::GlobalVariable(module, value->getType(), true,
                                 llvm::GlobalValue::PrivateLinkage, value);
    g->setAlignment(llvm::Align(align));
    return g;
  }

  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::PointerType *ptr;
  llvm::Type *i32, *i64;
};

// Without the width LLVM splits 512-bit vectors in two on CPUs that it believes
// to prefer 256 bits.
void setVectorWidth(llvm::Module &module, const Target &target) {
  std::string bits = std::to_string(target.shape.vectorBytes * 8);
  for (llvm::Function &f : module) {
    if (f.isDeclaration())
      continue;
    f.addFnAttr("prefer-vector-width", bits);
    f.addFnAttr("min-legal-vector-width", bits);
    f.addFnAttr("target-cpu", target.cpu);
    f.addFnAttr("target-features", target.features);
    f.addFnAttr(llvm::Attribute::NoUnwind);
  }
}
// If no instruction fuses a multiplication with an addition, LLVM calls libm's
// fmaf for each lane and keeps every register in memory meanwhile. Two
// roundings are good enough: results of such a target differ in the last bits
// anyway.
void splitMultiplyAdds(llvm::Module &module, const Target &target) {
  if (!llvm::Triple(target.triple).isX86() ||
      llvm::is_contained(target.needs, "fma"))
    return;
  for (llvm::Function &f : llvm::make_early_inc_range(module)) {
    if (f.getIntrinsicID() != llvm::Intrinsic::fma)
      continue;
    f.replaceAllUsesWith(llvm::Intrinsic::getOrInsertDeclaration(
        &module, llvm::Intrinsic::fmuladd, {f.getReturnType()}));
    f.eraseFromParent();
  }
}
} // namespace

EntryNames entryNames(ModuleOp module) {
  EntryNames names;
  for (auto func : module.getOps<LLVM::LLVMFuncOp>())
    if (auto entry = func->getAttrOfType<StringAttr>(kEntryAttr))
      names.push_back({entry.str(), func.getName().str()});
  return names;
}

llvm::Expected<std::unique_ptr<llvm::Module>>
translate(ModuleOp source, llvm::LLVMContext &context,
          llvm::TargetMachine &machine, const Target &target) {
  std::unique_ptr<llvm::Module> module = translateModuleToLLVMIR(
      source, context, "model", /*disableVerification=*/true);
  if (!module)
    return fail("[llvm_translation] the LLVM dialect could not be translated");
  module->setTargetTriple(machine.getTargetTriple());
  module->setDataLayout(machine.createDataLayout());
  setVectorWidth(*module, target);
  splitMultiplyAdds(*module, target);
  return module;
}

void addDescriptor(llvm::Module &module, const EntryNames &entries,
                   const ArtifactInfo &artifact) {
  for (auto &[entry, symbol] : entries)
    module.getFunction(symbol)->setLinkage(llvm::GlobalValue::InternalLinkage);
  DescriptorBuilder(module).build(entries, artifact);
}

// Our loops are vectors, unrolled by their schedules; tasks call only kernels;
// LowerAccesses made the addresses. So the vectorizers, the unroller and the
// inliner of LLVM's O2 have no work. The passes here merge equal values, move
// invariants out of loops, and bring the loops into the form that code
// generation needs. All of O2 takes three times as long and does not make
// training faster (1.00, in interleaved runs). A second licm, sroa and
// loop-sink make no difference.
constexpr llvm::StringLiteral kPasses =
    "function(early-cse<memssa>,simplifycfg,"
    "instcombine<max-iterations=1;no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm<allowspeculation>),early-cse<memssa>,"
    "loop(indvars,loop-deletion),"
    "instcombine<max-iterations=1;no-verify-fixpoint>,"
    "simplifycfg,infer-alignment),globaldce";

void optimizeLLVM(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PassBuilder builder(&machine);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  llvm::ModulePassManager passes;
  llvm::cantFail(builder.parsePassPipeline(passes, kPasses));
  passes.run(module, modules);
}

namespace {
// LowerAccesses has made the addresses. Loop strength reduction would take half
// of the time of code generation to look for better ones, and the code is as
// fast without (0.99 to 1.01). This holds for x86 only, which can add a base, a
// scaled variable and a distance in one instruction.
struct WithoutLoopStrengthReduction : llvm::OptPassGate {
  bool shouldRunPass(llvm::StringRef pass, llvm::StringRef) const override {
    return pass != "Loop Strength Reduction";
  }
  bool isEnabled() const override { return true; }
};
} // namespace

namespace {
// LLVM's schedulers compare each access to memory with up to 1000 others of its
// block, for each block of a kernel with unrolled taps. That took half of the
// compile time of MobileNetV2. The longest blocks of the nets of examples and
// bench have 184 accesses.
void limitScheduling() {
  static bool once = [] {
    auto &options = llvm::cl::getRegisteredOptions();
    if (auto limit = options.find("dag-maps-huge-region");
        limit != options.end())
      limit->second->addOccurrence(0, limit->first, "256");
    return true;
  }();
  (void)once;
}
} // namespace

llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine,
                                            bool assembly) {
  limitScheduling();
  llvm::SmallVector<char> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager codegen;
  auto type = assembly ? llvm::CodeGenFileType::AssemblyFile
                       : llvm::CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(codegen, os, nullptr, type))
    return fail("[codegen] LLVM cannot emit this kind of file for the target");
  static WithoutLoopStrengthReduction gate;
  if (machine.getTargetTriple().isX86())
    module.getContext().setOptPassGate(gate);
  codegen.run(module);
  return std::string(bytes.begin(), bytes.end());
}

} // namespace gradmill
