#include "compiler/plugin/Host.h"
#include "compiler/plugin/CallPlugin.h"
#include "compiler/Error.h"
#include "compiler/Passes.h"
#include "compiler/driver/Fingerprint.h"
#include "files/SharedObject.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <dlfcn.h>

using namespace mlir;

namespace gradmill {

namespace {
// Gives passes access to the registry, through their context.
class RegistryExtension
    : public DialectExtension<RegistryExtension, nn::NNDialect> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RegistryExtension)
  RegistryExtension(const Registry &registry) : registry(registry) {}
  void apply(MLIRContext *, nn::NNDialect *dialect) const override {
    dialect->registry = &registry;
  }

private:
  const Registry &registry;
};
} // namespace

const Registry &registryOf(MLIRContext *context) {
  return *context->getOrLoadDialect<nn::NNDialect>()->registry;
}

DialectRegistry Host::compilerDialects() {
  DialectRegistry registry;
  registry
      .insert<arith::ArithDialect, scf::SCFDialect, memref::MemRefDialect,
              vector::VectorDialect, math::MathDialect, LLVM::LLVMDialect>();
  // How the upstream dialects lower and translate.
  registerAllExtensions(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  return registry;
}

Host::Host() : families(dialectRegistry) {
  dialectRegistry.insert<nn::NNDialect, func::FuncDialect>();
  dialectRegistry.addExtension(TypeID::get<RegistryExtension>(),
                               std::make_unique<RegistryExtension>(families));
}

static llvm::Error check(const PluginInfo &info, StringRef path) {
  auto mismatch = [&](StringRef what, const llvm::Twine &theirs,
                      const llvm::Twine &ours) {
    return fail("[plugin_mismatch] " + path + ": built for " + what + " " +
                theirs + ", this is " + ours +
                "; build the plugin again against this version");
  };
  if (info.structSize != sizeof(PluginInfo))
    return mismatch("a plugin entry of size", llvm::Twine(info.structSize),
                    llvm::Twine(sizeof(PluginInfo)));
  if (info.apiVersion != kPluginApiVersion)
    return mismatch("plugin API", llvm::Twine(info.apiVersion),
                    llvm::Twine(kPluginApiVersion));
  if (StringRef(info.llvmVersion) != LLVM_VERSION_STRING)
    return mismatch("LLVM", info.llvmVersion, LLVM_VERSION_STRING);
  if (StringRef(info.interfaceHash) != GRADMILL_INTERFACE_HASH)
    return mismatch("interface headers", info.interfaceHash,
                    GRADMILL_INTERFACE_HASH);
  return llvm::Error::success();
}

// A name that is registered twice: the last one would be used, and the user would
// not know.
static std::string takenName(const Registry &registry) {
  std::string problem;
  auto check = [&](StringRef kind, const auto &list, auto nameOf) {
    for (size_t i = 0; i < list.size() && problem.empty(); ++i)
      for (size_t k = 0; k < i; ++k)
        if (nameOf(list[i]) == nameOf(list[k]))
          problem = ("the " + kind + " \"" + nameOf(list[i]) +
                     "\" exists already; give it another name")
                        .str();
  };
  auto name = [](const auto &entry) { return StringRef(entry.name); };
  check("op", registry.registeredOps(),
        [](const Registry::OpEntry &entry) { return StringRef(entry.op); });
  check("optimizer", registry.optimizers(), name);
  check("transform", registry.transforms(), name);
  check("loss", registry.losses(), name);
  check("metric", registry.metrics(), name);
  check("pass", registry.passes(), name);
  check("rule", registry.adviceRules(), name);
  return problem;
}

llvm::Error Host::load(StringRef path) {
  if (!llvm::sys::fs::exists(path))
    return fail("[plugin_missing] " + path + ": no such file");
  if (std::string problem = rt::sharedObjectProblem(path.str());
      !problem.empty())
    return fail("[plugin_load] " + path + ": " + problem);
  // RTLD_NOW: a missing symbol is then an error here and not a crash in the
  // middle of a compilation. Never unloaded, because ops hold pointers into it.
  // Without a slash in the name, dlopen would search the system's folders.
  std::string file = path.contains('/') ? path.str() : "./" + path.str();
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail("[plugin_load] " + path + ": " + dlerror());
  auto entry = reinterpret_cast<const PluginInfo *(*)()>(
      dlsym(library, GRADMILL_PLUGIN_ENTRY));
  if (!entry)
    return fail("[plugin_entry] " + path +
                ": not a Gradmill plugin (it exports no " +
                GRADMILL_PLUGIN_ENTRY + ")");
  const PluginInfo *info = entry();
  if (llvm::Error error = check(*info, path))
    return error;
  auto content = llvm::MemoryBuffer::getFile(file, /*IsText=*/false,
                                             /*RequiresNullTerminator=*/false,
                                             /*IsVolatile=*/true);
  if (!content)
    return fail("[plugin_load] " + path + ": " + content.getError().message());
  std::string digest = contentDigest((*content)->getBuffer());
  for (const LoadedPlugin &other : loaded) {
    // dlopen gives a file that it knows a second time.
    if (other.digest == digest)
      return fail("[plugin_twice] " + path + ": the plugin \"" + info->name +
                  "\" is loaded already, from " + other.path +
                  "; name it once");
    if (other.name == info->name)
      return fail("[plugin_name] " + path + ": a plugin \"" + info->name +
                  "\" is loaded already, from " + other.path +
                  "; a plugin's name is what GRADMILL_PLUGIN says");
  }
  loaded.push_back({info->name, info->version, path.str(), digest});
  std::string problem = callPlugin(families, *info);
  if (problem.empty())
    problem = takenName(families);
  if (!problem.empty())
    return fail("[plugin_register] " + path + ": the plugin \"" + info->name +
                "\" cannot be used: " + problem);
  return llvm::Error::success();
}

} // namespace gradmill
