// An optimizer as people write it: "adamw:weight_decay=0.01,beta1=0.9".
#pragma once
#include "nn/Registry.h"
#include "llvm/Support/Error.h"

namespace gradmill {

struct OptimizerSpec {
  const Optimizer *optimizer;
  llvm::StringMap<double> options; // every option, defaults filled in
};

/// Errors name the unknown optimizer or option, or the bad value, and what is
/// accepted.
llvm::Expected<OptimizerSpec> parseOptimizerSpec(llvm::StringRef text,
                                                 const Registry &registry);

/// 0.999 as "0.999", 1e-8 as "1e-08": LLVM's formatting knows fixed digits
/// only.
std::string numberText(double value);

} // namespace gradmill
