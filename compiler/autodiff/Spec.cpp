#include "compiler/autodiff/Spec.h"
#include "compiler/Error.h"
#include "core/Nearest.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringSet.h"
#include <charconv>
#include <cmath>

using namespace mlir;

namespace gradmill {

std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

namespace {

// `noun` is the kind of thing that a text names: "optimizer".

template <typename List> std::vector<std::string> namesOf(const List &list) {
  std::vector<std::string> names;
  for (const auto &item : list)
    names.push_back(item.name);
  return names;
}

std::string hintFor(StringRef name, const std::vector<std::string> &known) {
  std::string hint = rt::nearest(name.str(), known);
  return hint.empty() ? "" : "; did you mean " + hint + "?";
}

llvm::Error unknown(StringRef noun, StringRef name,
                    const std::vector<std::string> &known) {
  return fail("[unknown_" + noun + "] there is no " + noun + " \"" +
              name + "\"; there are: " + llvm::join(known, ", ") +
              hintFor(name, known));
}

// Reads `name:key=value,key=value`.
class SettingsParser {
public:
  // `words`: settings whose values are names, not numbers.
  SettingsParser(StringRef noun, StringRef owner, ArrayRef<Option> options,
                 std::vector<StringRef> words)
      : noun(noun), owner(owner), options(options), words(std::move(words)) {
    for (const Option &option : options)
      if (!option.isList)
        values.set(option.name, option.defaultValue);
  }

  llvm::Error parse(StringRef text) {
    SmallVector<StringRef> assignments;
    text.split(assignments, ',', -1, /*KeepEmpty=*/false);
    for (StringRef assignment : assignments)
      if (llvm::Error error = set(assignment))
        return error;
    return llvm::Error::success();
  }

  bool isGiven(StringRef name) const { return given.contains(name); }

  OptionValues values;
  llvm::StringMap<std::string> wordValues;

private:
  // There is one optimizer, but there may be several losses.
  llvm::Error wrong(const Twine &what) {
    bool several = noun == "loss" || noun == "metric" || noun == "transform" ||
                   noun == "pass";
    std::string whose = several ? owner.str() + ": " : "";
    return fail("[" + noun + "_option] " + whose + what);
  }

  llvm::Error set(StringRef assignment) {
    auto [name, text] = assignment.split('=');
    if (!given.insert(name).second)
      return wrong(name + " is given twice");
    if (llvm::is_contained(words, name)) {
      std::string fault = nn::nameFault(text);
      if (!fault.empty())
        return wrong(name + " " + fault);
      wordValues[name] = text.str();
      return llvm::Error::success();
    }
    auto it = llvm::find_if(
        options, [&, name = name](const Option &o) { return o.name == name; });
    if (it == options.end()) {
      std::vector<std::string> known = namesOf(options);
      known.insert(known.end(), words.begin(), words.end());
      return fail("[unknown_" + noun + "_option] " + owner +
                  " has no option \"" + name +
                  "\"; it has: " + llvm::join(known, ", ") +
                  hintFor(name, known));
    }
    SmallVector<StringRef> parts;
    text.split(parts, ':');
    if (!it->isList && parts.size() > 1)
      return wrong(name + " is \"" + text + "\", expected one number");
    SmallVector<double> numbers;
    for (StringRef part : parts) {
      auto number = parseNumber(*it, part);
      if (!number)
        return number.takeError();
      numbers.push_back(*number);
    }
    values.set(name, numbers);
    return llvm::Error::success();
  }

  llvm::Expected<double> parseNumber(const Option &option, StringRef text) {
    double value;
    if (text == "true")
      value = 1;
    else if (text == "false")
      value = 0;
    else if (text.getAsDouble(value) || std::isnan(value))
      return wrong(option.name + " is \"" + text + "\", expected " +
                   (option.isList ? "numbers, such as 1:0.5:2" : "a number"));
    if (value < option.min || value > option.max)
      return wrong(option.name + " is " + text + ", expected " +
                   numberText(option.min) + " to " + numberText(option.max));
    return value;
  }

  StringRef noun;
  StringRef owner;
  ArrayRef<Option> options;
  std::vector<StringRef> words;
  llvm::StringSet<> given;
};

template <typename Kind>
llvm::Expected<CriterionSpec<Kind>>
parseCriterion(StringRef noun, StringRef text, ArrayRef<Kind> all,
               const Kind *(Registry::*find)(StringRef) const,
               const Registry &registry, std::vector<Option> general) {
  CriterionSpec<Kind> spec;
  StringRef head = text.take_until([](char c) { return c == ':'; });
  StringRef settings = text.drop_front(head.size()).ltrim(':');
  if (size_t at = head.find('='); at != StringRef::npos) {
    spec.output = head.take_front(at).str();
    head = head.drop_front(at + 1);
  }
  spec.kind = (registry.*find)(head);
  if (!spec.kind && head.contains(','))
    return fail("[" + noun + "_form] \"" + text + "\" is more than one " + noun +
                "; give --" + noun + " for each, or write \";\" between them");
  if (!spec.kind)
    return unknown(noun, head, namesOf(all));
  std::vector<Option> options = spec.kind->options;
  options.insert(options.end(), general.begin(), general.end());
  SettingsParser parser(noun, spec.kind->name, options, {"target"});
  if (llvm::Error error = parser.parse(settings))
    return std::move(error);
  spec.options = std::move(parser.values);
  spec.target = parser.wordValues.lookup("target");
  return spec;
}

template <typename Kind>
llvm::Expected<std::vector<CriterionSpec<Kind>>>
parseCriteria(StringRef noun, StringRef text, ArrayRef<Kind> all,
              const Kind *(Registry::*find)(StringRef) const,
              const Registry &registry, const std::vector<Option> &general) {
  std::vector<CriterionSpec<Kind>> specs;
  SmallVector<StringRef> parts;
  text.split(parts, ';', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto spec = parseCriterion(noun, part.trim(), all, find, registry, general);
    if (!spec)
      return spec.takeError();
    specs.push_back(std::move(*spec));
  }
  return specs;
}

} // namespace

llvm::Expected<OptimizerSpec> parseOptimizerSpec(StringRef text,
                                                 const Registry &registry) {
  auto [name, settings] = text.split(':');
  const Optimizer *optimizer = name.empty() ? &registry.optimizers().front()
                                            : registry.findOptimizer(name);
  if (!optimizer)
    return unknown("optimizer", name, namesOf(registry.optimizers()));
  SettingsParser parser("optimizer", optimizer->name, optimizer->options, {});
  if (llvm::Error error = parser.parse(settings))
    return std::move(error);
  if (optimizer->check)
    if (std::string problem = optimizer->check(parser.values); !problem.empty())
      return fail("[optimizer_option] " + problem);
  return OptimizerSpec{optimizer, std::move(parser.values)};
}

llvm::Expected<std::vector<TransformSpec>>
parseTransforms(StringRef text, const Registry &registry) {
  std::vector<TransformSpec> specs;
  SmallVector<StringRef> parts;
  text.split(parts, ';', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto [name, settings] = part.trim().split(':');
    const GradientTransform *transform = registry.findTransform(name);
    if (!transform)
      return unknown("transform", name, namesOf(registry.transforms()));
    SettingsParser parser("transform", transform->name, transform->options, {});
    if (llvm::Error error = parser.parse(settings))
      return std::move(error);
    specs.push_back({transform, std::move(parser.values)});
  }
  return specs;
}

llvm::Expected<OptionValues> parsePassOptions(StringRef settings,
                                              const StagePass &pass) {
  SettingsParser parser("pass", pass.name, pass.options, {});
  if (llvm::Error error = parser.parse(settings))
    return std::move(error);
  return std::move(parser.values);
}

llvm::Expected<std::vector<PassSpec>> parsePasses(StringRef text,
                                                  const Registry &registry) {
  llvm::StringMap<StringRef> given;
  SmallVector<StringRef> parts;
  text.split(parts, ';', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto [name, settings] = part.trim().split(':');
    if (!registry.findPass(name))
      return registry.passes().empty()
                 ? fail("[unknown_pass] there is no pass \"" + name +
                        "\": passes with options are those of plugins, and no "
                        "plugin that was loaded brings one")
                 : unknown("pass", name, namesOf(registry.passes()));
    if (!given.try_emplace(name, settings).second)
      return fail("[pass_option] the pass " + name + " is given twice");
  }
  std::vector<PassSpec> specs;
  for (const StagePass &pass : registry.passes()) {
    auto options = parsePassOptions(given.lookup(pass.name), pass);
    if (!options)
      return options.takeError();
    specs.push_back({&pass, std::move(*options)});
  }
  return specs;
}

std::string transformsText(ArrayRef<TransformSpec> transforms) {
  std::string text;
  for (const TransformSpec &spec : transforms) {
    text += (text.empty() ? "" : ";") + spec.transform->name;
    StringRef before = ":";
    for (const Option &option : spec.transform->options) {
      std::string assignment = (before + option.name + "=").str();
      for (double value : spec.options.list(option.name)) {
        char digits[32]; // as few as identify the number
        char *end = std::to_chars(digits, std::end(digits), value).ptr;
        text += assignment + std::string(digits, end);
        assignment = ":"; // of a list
        before = ",";
      }
    }
  }
  return text;
}

bool ParameterGroup::matches(StringRef name) const {
  return llvm::any_of(globs, [&](const llvm::GlobPattern &glob) {
    return glob.match(name);
  });
}

llvm::Expected<std::vector<ParameterGroup>>
parseGroups(StringRef text, const OptimizerSpec &optimizer) {
  std::vector<Option> options = optimizer.optimizer->options;
  options.push_back({"lr", 1, 0, 1000, "times the learning rate; 0: frozen"});
  std::vector<ParameterGroup> groups;
  SmallVector<StringRef> parts, patterns;
  text.split(parts, ';', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto [names, settings] = part.trim().rsplit(':');
    if (names.empty() || settings.empty())
      return fail("[parameter_group] \"" + part.trim() +
                  "\" is no group; write PATTERN[|PATTERN]:KEY=VALUE, such as "
                  "norm*.*|*.bias:weight_decay=0");
    ParameterGroup group;
    patterns.clear();
    names.split(patterns, '|', -1, /*KeepEmpty=*/false);
    for (StringRef pattern : patterns) {
      auto glob = llvm::GlobPattern::create(pattern);
      if (!glob)
        return fail("[parameter_group] \"" + pattern + "\": " +
                    llvm::toString(glob.takeError()));
      group.patterns.push_back(pattern);
      group.globs.push_back(std::move(*glob));
    }
    SettingsParser parser("group", "a group", options, {});
    if (llvm::Error error = parser.parse(settings))
      return std::move(error);
    for (const Option &option : options)
      if (parser.isGiven(option.name))
        group.options[option.name] = parser.values.number(option.name);
    if (auto rate = group.options.find("lr"); rate != group.options.end()) {
      group.lr = rate->second;
      group.options.erase(rate);
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

llvm::Expected<std::vector<CriterionSpec<Loss>>>
parseLossSpecs(StringRef text, const Registry &registry) {
  std::vector<Option> general{
      {"weight", 1, 0, 1e6, "share of this loss in the sum"}};
  auto specs = parseCriteria<Loss>("loss", text, registry.losses(),
                                   &Registry::findLoss, registry, general);
  if (specs)
    for (CriterionSpec<Loss> &spec : *specs)
      spec.weight = spec.options.number("weight");
  return specs;
}

llvm::Expected<std::vector<CriterionSpec<Metric>>>
parseMetricSpecs(StringRef text, const Registry &registry) {
  return parseCriteria<Metric>("metric", text, registry.metrics(),
                               &Registry::findMetric, registry, {});
}

} // namespace gradmill
