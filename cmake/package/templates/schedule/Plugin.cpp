// The schedule @name@: down by the square root of the share that is left.
#include <gradmill/plugin.h>

#include <cmath>

using namespace gradmill::plugin;

// A pure function of the step, so that a resumed run goes on as it was.
static double rate(const ScheduleStep &s) {
  double left = 1 - double(s.step) / double(s.totalSteps);
  return s.minLr + (s.lr - s.minLr) * std::sqrt(left);
}

GRADMILL_RUNTIME_PLUGIN(@name@) { registry.schedule({"@name@", "down by a square root", rate}); }
