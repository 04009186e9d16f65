// The output of `gradmill eval` besides loss and metrics: --per-class,
// --confusion and --wrong.
#pragma once

#include "core/Json.h"
#include "tools/Commands.h"
#include "train/Evaluate.h"

#include <memory>

namespace gradmill::rt {

class EvalDetails {
public:
  virtual ~EvalDetails() = default;
  virtual void see(uint64_t first, int64_t valid, const PortValues &values) = 0;
  // Prints, or adds to the JSON that will be printed; writes files.
  virtual Status finish(Json *json) = 0;
};

// Null if none of it is requested. `part` are the evaluated samples. Errors:
// no_classes, directory_unwritable, directory_not_empty.
Result<std::unique_ptr<EvalDetails>>
makeEvalDetails(const EvalOptions &options, const Model &model,
                const Dataset &part);

} // namespace gradmill::rt
