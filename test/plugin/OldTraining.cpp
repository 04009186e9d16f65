// A plugin of training that was built for another version.
#include <gradmill/plugin.h>

extern "C" __attribute__((visibility("default"))) const gradmill::plugin::Info *
gradmillGetRuntimePluginInfo() {
  static const gradmill::plugin::Info info = {sizeof(gradmill::plugin::Info), 999,
                                              sizeof(gradmill::plugin::Registry),
                                              "old", "0.1.0", GRADMILL_CXX_LIBRARY, nullptr};
  return &info;
}
