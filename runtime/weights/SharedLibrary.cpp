// libgradmill.so reads and writes weights in all formats.
#include "checkpoint/Checkpoint.h"
#include "weights/WeightsFile.h"

namespace gradmill::rt {

[[maybe_unused]] static const bool areSet = [] {
  readWeightsFile = readAnyWeights;
  writeWeightsFile = writeAnyWeights;
  return true;
}();

} // namespace gradmill::rt
