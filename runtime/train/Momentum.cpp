#include "train/Momentum.h"

#include "core/Json.h"
#include "core/Text.h"

#include <cmath>

namespace gradmill::rt {

double momentumAt(const Schedule &schedule, int64_t step, int64_t totalSteps,
                  int64_t stepsPerEpoch) {
  // The same way as the rate's, up from 0 to 1 and down to 0.
  Schedule way = schedule;
  way.lr = 2, way.divFactor = 2, way.finalDiv = 1;
  if (way.kind != ScheduleKind::OneCycle)
    way.warmup = {}; // which is the rate's alone
  double share = learningRate(way, step, totalSteps, stepsPerEpoch) - 1;
  return schedule.momentumHigh -
         (schedule.momentumHigh - schedule.momentumLow) * share;
}

static Error cannot(const std::string &why) {
  return makeError(kUsage, "momentum",
                   {"--momentum-range: ", why,
                    "; it is for sgd with a momentum above 0 and without "
                    "nesterov"});
}

// The momentum that is compiled in.
static Result<double> compiledMomentum(const Manifest &manifest) {
  Json optimizer = parseJson(manifest.optimizerText);
  const Json *momentum = optimizer.find("momentum");
  const Json *nesterov = optimizer.find("nesterov");
  const Json *groups = optimizer.find("groups");
  if (!momentum || !(momentum->get<double>() > 0))
    return cannot("the optimizer " + manifest.optimizer + " has no momentum here");
  if (nesterov && (nesterov->get<bool>() || nesterov->get<double>() != 0))
    return cannot("nesterov looks ahead by the momentum that is compiled in");
  if (groups && jsonText(*groups).find("momentum") != std::string::npos)
    return cannot("a group has a momentum of its own");
  return momentum->get<double>();
}

Status cycleMomentum(Model &model, const Schedule &schedule, int64_t step,
                     int64_t totalSteps, int64_t stepsPerEpoch) {
  auto compiled = compiledMomentum(model.manifest());
  if (!compiled)
    return compiled.error();
  double factor =
      momentumAt(schedule, step, totalSteps, stepsPerEpoch) / *compiled;
  for (const Tensor &tensor : model.tensors()) {
    if (tensor.spec->role != Role::Optimizer ||
        !tensor.spec->name.ends_with("/velocity"))
      continue;
    if (tensor.spec->dtype == DType::F32)
      for (uint64_t i = 0; i < tensor.spec->elements; ++i)
        static_cast<float *>(tensor.data)[i] *= float(factor);
    else if (tensor.spec->dtype == DType::F64)
      for (uint64_t i = 0; i < tensor.spec->elements; ++i)
        static_cast<double *>(tensor.data)[i] *= factor;
  }
  return ok;
}

} // namespace gradmill::rt
