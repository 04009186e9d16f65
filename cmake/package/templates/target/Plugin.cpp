// The target @name@: what --cpu takes, LLVM's names for it, and the machine in numbers.
#include "nn/Registry.h"

using namespace gradmill;

GRADMILL_PLUGIN(@name@) {
  TargetKind target;
  target.name = "@name@";
  target.doc = "AVX2, with small caches";
  target.architecture = "x86_64"; // LLVM's name
  target.cpu = "x86-64-v3";       // LLVM's name
  target.features = "";           // more and fewer: "+avx512vl,-fma"
  target.machine.vectorBytes = 32;
  target.machine.registers = 16; // of vectors
  target.machine.multiplyAdds = 2; // of vectors, a cycle
  target.machine.loads = 2;
  target.machine.latency = 4; // cycles of a multiply-add
  target.machine.l1Bytes = 16 * 1024;
  target.machine.l2Bytes = 128 * 1024;
  // target.chosenBy = "+avx2,+fma"; // for CPUs that have this, under any name
  registry.target(target);
}
