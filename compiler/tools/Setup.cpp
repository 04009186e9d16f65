#include "compiler/tools/Setup.h"
#include "compiler/export/Export.h"
#include "compiler/import/Import.h"
#include "nn/families/Families.h"
#include "llvm/Support/Path.h"
#include <dlfcn.h>

namespace gradmill {

llvm::Error registerBuiltins(Host &host) {
  registerImporters(host.registry());
  registerExporters(host.registry());
  std::vector<std::string> modules;
  registerBuiltinFamilies(host.registry(), modules);
  Dl_info info;
  llvm::SmallString<256> dir;
  if (dladdr(reinterpret_cast<void *>(&registerBuiltinFamilies), &info) &&
      info.dli_fname)
    dir = info.dli_fname;
  llvm::sys::path::remove_filename(dir);
  for (const std::string &module : modules) {
    llvm::SmallString<256> path(dir);
    llvm::sys::path::append(path, module);
    if (llvm::Error error = host.load(path))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error setUp(Host &host, std::vector<const char *> &arguments) {
  if (llvm::Error error = registerBuiltins(host))
    return error;
  std::vector<const char *> rest;
  for (size_t i = 0; i < arguments.size(); ++i) {
    llvm::StringRef argument = arguments[i];
    if (argument == "--plugin" && i + 1 < arguments.size()) {
      if (llvm::Error error = host.load(arguments[++i]))
        return error;
    } else if (argument.consume_front("--plugin=")) {
      if (llvm::Error error = host.load(argument))
        return error;
    } else {
      rest.push_back(arguments[i]);
    }
  }
  arguments = std::move(rest);
  return llvm::Error::success();
}

} // namespace gradmill
