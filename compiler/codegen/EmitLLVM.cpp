#include "compiler/codegen/EmitLLVM.h"
#include "compiler/Error.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill {
namespace {

// gm_artifact and what it points to, as constants.
class DescriptorBuilder {
public:
  explicit DescriptorBuilder(llvm::Module &module)
      : module(module), context(module.getContext()), ptr(llvm::PointerType::get(context, 0)),
        i32(llvm::Type::getInt32Ty(context)), i64(llvm::Type::getInt64Ty(context)) {}

  void build(ArrayRef<std::pair<std::string, llvm::Function *>> entries, StringRef manifest,
             ArrayRef<char> data) {
    llvm::StructType *entryType = llvm::StructType::get(ptr, ptr);
    SmallVector<llvm::Constant *> table;
    for (auto &[name, function] : entries)
      table.push_back(llvm::ConstantStruct::get(entryType, {text(name), function}));
    llvm::Constant *list = global(
        llvm::ConstantArray::get(llvm::ArrayType::get(entryType, table.size()), table), 8);
    llvm::Constant *blob =
        data.empty() ? llvm::ConstantPointerNull::get(ptr)
                     : global(llvm::ConstantDataArray::getString(
                                  context, StringRef(data.data(), data.size()), false),
                              64);
    // The order of gm_artifact's fields; its ABI version is 2.
    llvm::StructType *type = llvm::StructType::get(i32, i32, ptr, i64, ptr, i64, ptr, i64);
    uint64_t size = module.getDataLayout().getTypeAllocSize(type);
    llvm::Constant *value = llvm::ConstantStruct::get(
        type, {number(i32, size), number(i32, 2), text(manifest), number(i64, manifest.size()),
               list, number(i64, table.size()), blob, number(i64, data.size())});
    auto *artifact = new llvm::GlobalVariable(module, type, true,
                                              llvm::GlobalValue::ExternalLinkage, value,
                                              "gradmill_artifact");
    artifact->setAlignment(llvm::Align(8));
  }

private:
  llvm::Constant *number(llvm::Type *type, uint64_t v) { return llvm::ConstantInt::get(type, v); }
  llvm::Constant *text(StringRef s) {
    return global(llvm::ConstantDataArray::getString(context, s, true), 1);
  }
  llvm::Constant *global(llvm::Constant *value, uint64_t align) {
    auto *g = new llvm::GlobalVariable(module, value->getType(), true,
                                       llvm::GlobalValue::PrivateLinkage, value);
    g->setAlignment(llvm::Align(align));
    return g;
  }

  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::PointerType *ptr;
  llvm::Type *i32, *i64;
};

// Our loops are vectors already: LLVM's vectorizers would only look at them.
void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = tuning.LoopInterleaving = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

// Without the width LLVM splits 512-bit vectors in two on CPUs that it thinks prefer so.
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
} // namespace

llvm::Expected<std::unique_ptr<llvm::Module>>
emitLLVM(ModuleOp source, llvm::LLVMContext &context, llvm::TargetMachine &machine,
         const Target &target, StringRef manifest, ArrayRef<char> data) {
  SmallVector<std::pair<std::string, std::string>> names; // entry, symbol
  for (auto func : source.getOps<LLVM::LLVMFuncOp>())
    if (auto entry = func->getAttrOfType<StringAttr>("nn.entry"))
      names.push_back({entry.str(), func.getName().str()});
  std::unique_ptr<llvm::Module> module = translateModuleToLLVMIR(source, context);
  if (!module)
    return fail("[llvm_translation] the LLVM dialect could not be translated");
  module->setTargetTriple(machine.getTargetTriple());
  module->setDataLayout(machine.createDataLayout());
  SmallVector<std::pair<std::string, llvm::Function *>> entries;
  for (auto &[entry, symbol] : names) {
    llvm::Function *function = module->getFunction(symbol);
    function->setLinkage(llvm::GlobalValue::InternalLinkage);
    entries.push_back({entry, function});
  }
  DescriptorBuilder(*module).build(entries, manifest, data);
  setVectorWidth(*module, target);
  optimize(*module, machine);
  return module;
}

llvm::Expected<std::string> emitMachineCode(llvm::Module &module, llvm::TargetMachine &machine,
                                            bool assembly) {
  llvm::SmallVector<char> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager codegen;
  auto type = assembly ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(codegen, os, nullptr, type))
    return fail("[codegen] LLVM cannot emit this kind of file for the target");
  codegen.run(module);
  return std::string(bytes.begin(), bytes.end());
}

} // namespace gradmill
