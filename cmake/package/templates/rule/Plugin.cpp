// The rule @name@ of `gradmill advise`: a convolution with a large filter.
#include "nn/Advice.h"
#include "nn/Registry.h"

using namespace gradmill::nn;

static void check(Advisor &a) {
  for (mlir::Operation *op : a.layers()) {
    auto window = mlir::dyn_cast<WindowInterface>(op);
    if (!window || !Advisor::isMixing(op))
      continue;
    for (int64_t extent : window.getWindowExtent())
      if (extent > 3) {
        a.report(op, Advisor::nameOf(op) + " has a window of " + std::to_string(extent) + " pixels",
                 "two layers with windows of 3 see as far with fewer weights");
        break;
      }
  }
}

GRADMILL_PLUGIN(@name@) {
  registry.adviseRule({"@name@", "small windows, one after the other, see as far", check});
}
