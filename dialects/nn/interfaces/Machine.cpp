#include "nn/interfaces/Machine.h"

namespace gradmill::nn {

const Machine &defaultMachine() {
  static const Machine avx2{"avx2", 32, 16, 2, 2, 4, 32 * 1024, 512 * 1024};
  return avx2;
}

} // namespace gradmill::nn
