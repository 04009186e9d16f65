/* A plugin of another time: one field of its description is not this build's.
 * The layout is that of gradmill::PluginInfo (nn/Registry.h). */
#include <llvm/Config/llvm-config.h>
#include <nn/InterfaceHash.h>
#include <stdint.h>
#include <stdlib.h>

struct PluginInfo {
  uint32_t struct_size;
  uint32_t api_version;
  const char *name;
  const char *version;
  const char *llvm_version;
  const char *interface_hash;
  void (*register_fn)(void *);
};

/* Must never run: the check comes first. */
static void crash(void *registry) {
  (void)registry;
  abort();
}

const struct PluginInfo *gradmillGetPluginInfo(void) {
  static struct PluginInfo info = {
      sizeof(struct PluginInfo), 2,    "bad", "0.1.0",
      LLVM_VERSION_STRING,       NULL, crash};
  info.interface_hash = GRADMILL_INTERFACE_HASH;
#ifdef WRONG_SIZE
  info.struct_size = 8;
#endif
#ifdef WRONG_API
  info.api_version = 999;
#endif
#ifdef WRONG_LLVM
  info.llvm_version = "3.1.4";
#endif
#ifdef WRONG_HEADERS
  info.interface_hash = "0123456789abcdef";
#endif
  return &info;
}
