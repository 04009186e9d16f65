#include "compiler/plugin/CallPlugin.h"
#include <exception>

namespace gradmill {

std::string callPlugin(Registry &registry, const PluginInfo &info) {
  try {
    registry.add(info.name, info.registerFn);
  } catch (const std::exception &e) {
    return std::string("it threw an exception: ") + e.what();
  } catch (...) {
    return "it threw an exception";
  }
  return "";
}

} // namespace gradmill
