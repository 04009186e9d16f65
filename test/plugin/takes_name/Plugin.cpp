// Takes the name of a built-in optimizer.
#include "nn/Registry.h"

GRADMILL_PLUGIN(takes_name) {
  registry.optimizer({"adam", "another one", {}, [](gradmill::UpdateContext &u) {
                        return u.parameter;
                      }});
}
