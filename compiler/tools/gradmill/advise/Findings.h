// What rules found, for people and for programs.
#pragma once
#include "nn/Advice.h"
#include "nn/Registry.h"

namespace gradmill::cli {

struct Finding;
/// In words alone.
Finding findingOf(const nn::Advice &advice);

/// "mnist.net:12:5: advice[pool_near_output]: ...", and the fix on a line of its
/// own. `run` is the log's name.
std::string findingsText(llvm::ArrayRef<nn::Advice> advice, llvm::StringRef run);
std::string findingsJson(llvm::ArrayRef<nn::Advice> advice, llvm::StringRef run);
/// SARIF 2.1.0, which editors and code hosts show at the lines.
std::string findingsSarif(llvm::ArrayRef<nn::Advice> advice, llvm::StringRef run,
                          llvm::ArrayRef<AdviceRule> rules);

/// The rules, for --list.
std::string rulesText(llvm::ArrayRef<AdviceRule> rules);
std::string rulesJson(llvm::ArrayRef<AdviceRule> rules);

} // namespace gradmill::cli
