// Throws while it registers.
#include "nn/Registry.h"
#include <stdexcept>

GRADMILL_PLUGIN(throws) {
  (void)registry;
  throw std::runtime_error("the licence server is away");
}
