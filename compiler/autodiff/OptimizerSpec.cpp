#include "compiler/autodiff/OptimizerSpec.h"
#include "compiler/Error.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace mlir;

namespace gradmill {

std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

template <typename List> static std::string names(const List &list) {
  std::string text;
  for (const auto &item : list)
    text += (text.empty() ? "" : ", ") + item.name;
  return text;
}

static llvm::Error setOption(OptimizerSpec &spec, llvm::StringSet<> &given,
                             StringRef assignment) {
  auto [name, text] = assignment.split('=');
  const std::vector<OptimizerOption> &options = spec.optimizer->options;
  auto it = llvm::find_if(options, [&, name = name](const OptimizerOption &o) {
    return o.name == name;
  });
  if (it == options.end())
    return fail("[unknown_optimizer_option] " + spec.optimizer->name +
                " has no option \"" + name + "\"; it has: " + names(options));
  double value;
  if (text == "true")
    value = 1;
  else if (text == "false")
    value = 0;
  else if (text.getAsDouble(value) || std::isnan(value))
    return fail("[optimizer_option] " + name + " is \"" + text +
                "\", expected a number");
  if (!given.insert(name).second)
    return fail("[optimizer_option] " + name + " is given twice");
  if (value < it->min || value > it->max)
    return fail("[optimizer_option] " + name + " is " + text + ", expected " +
                numberText(it->min) + " to " + numberText(it->max));
  spec.options[name] = value;
  return llvm::Error::success();
}

llvm::Expected<OptimizerSpec> parseOptimizerSpec(StringRef text,
                                                 const Registry &registry) {
  auto [name, rest] = text.split(':');
  OptimizerSpec spec{registry.findOptimizer(name), {}};
  if (!spec.optimizer)
    return fail("[unknown_optimizer] there is no optimizer \"" + name +
                "\"; there are: " + names(registry.optimizers()));
  for (const OptimizerOption &option : spec.optimizer->options)
    spec.options[option.name] = option.defaultValue;
  SmallVector<StringRef> assignments;
  rest.split(assignments, ',', -1, /*KeepEmpty=*/false);
  llvm::StringSet<> given;
  for (StringRef assignment : assignments)
    if (llvm::Error error = setOption(spec, given, assignment))
      return std::move(error);
  if (spec.optimizer->check)
    if (std::string problem = spec.optimizer->check(spec.options);
        !problem.empty())
      return fail("[optimizer_option] " + problem);
  return spec;
}

} // namespace gradmill
