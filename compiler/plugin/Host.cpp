#include "compiler/plugin/Host.h"
#include "compiler/plugin/CallPlugin.h"
#include "compiler/Error.h"
#include "compiler/Passes.h"
#include "compiler/driver/Fingerprint.h"
#include "files/SharedObject.h"
#include "gradmill/plugin.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <dlfcn.h>

using namespace mlir;

namespace gradmill {

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
  if (!library) {
    StringRef reason = dlerror();
    return fail("[plugin_load] " + path + ": " + reason +
                (reason.contains("undefined symbol")
                     ? "; if it was built for another gradmill, build it again "
                       "against this version"
                     : ""));
  }
  auto entry = reinterpret_cast<const PluginInfo *(*)()>(
      dlsym(library, GRADMILL_PLUGIN_ENTRY));
  if (!entry && dlsym(library, GRADMILL_RUNTIME_PLUGIN_ENTRY))
    return llvm::Error::success(); // for training alone
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
  // The last one would be used, and the user would not know.
  if (problem.empty() && !families.conflict().empty())
    problem = families.conflict() + "; give it another name";
  if (!problem.empty())
    return fail("[plugin_register] " + path + ": the plugin \"" + info->name +
                "\" cannot be used: " + problem);
  return llvm::Error::success();
}

} // namespace gradmill
