// Optimizers, gradient transforms, losses, metrics and plugins' passes as people
// write them:
//
//   clip_norm:max=1
//   adamw:weight_decay=0.01,beta1=0.9
//   digit=cross_entropy:label_smoothing=0.1,weight=0.5,target=label
//
// Errors name what is unknown or wrong, and what is accepted.
#pragma once
#include "nn/Registry.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/GlobPattern.h"

namespace gradmill {

struct OptimizerSpec {
  const Optimizer *optimizer;
  OptionValues options; // every option, defaults filled in
};

/// The registry's first optimizer if the text is empty.
llvm::Expected<OptimizerSpec> parseOptimizerSpec(llvm::StringRef text,
                                                 const Registry &registry);

/// The transforms of gradients before the updates, in order.
struct TransformSpec {
  const GradientTransform *transform;
  OptionValues options;
};

/// Several are separated by ";".
llvm::Expected<std::vector<TransformSpec>>
parseTransforms(llvm::StringRef text, const Registry &registry);
/// Equal texts for equal transforms, however they were written.
std::string transformsText(llvm::ArrayRef<TransformSpec> transforms);

/// A plugin's pass with its options.
struct PassSpec {
  const StagePass *pass;
  OptionValues options;
};

/// All passes of the registry, in order. The text sets options of some; several
/// are separated by ";".
llvm::Expected<std::vector<PassSpec>> parsePasses(llvm::StringRef text,
                                                  const Registry &registry);
/// The options of one pass: "limit=2,scale=1".
llvm::Expected<OptionValues> parsePassOptions(llvm::StringRef settings,
                                              const StagePass &pass);

/// Options for the parameters whose names match: "norm*.*|*.bias:
/// weight_decay=0", "conv1.*:lr=0.1". The last group that matches a name
/// counts.
struct ParameterGroup {
  // With *, ? and [a-z]; parts of the text that was parsed.
  std::vector<llvm::StringRef> patterns;
  std::vector<llvm::GlobPattern> globs; // the same, to match
  double lr = 1;                     // factor of the learning rate; 0: frozen
  llvm::StringMap<double> options;   // of the optimizer
  bool matches(llvm::StringRef name) const;
};

/// Several are separated by ";". The text must outlive them.
llvm::Expected<std::vector<ParameterGroup>>
parseGroups(llvm::StringRef text, const OptimizerSpec &optimizer);

/// A loss or a metric of one output.
template <typename Kind> struct CriterionSpec {
  const Kind *kind;
  std::string output; // empty: the only one
  std::string target; // the port's name; empty: the criterion's own
  double weight = 1;  // of a loss
  OptionValues options;
};

/// Several are separated by ";".
llvm::Expected<std::vector<CriterionSpec<Loss>>>
parseLossSpecs(llvm::StringRef text, const Registry &registry);
llvm::Expected<std::vector<CriterionSpec<Metric>>>
parseMetricSpecs(llvm::StringRef text, const Registry &registry);

/// 0.999 as "0.999", 1e-8 as "1e-08". LLVM's formatting has fixed digits only.
std::string numberText(double value);

} // namespace gradmill
