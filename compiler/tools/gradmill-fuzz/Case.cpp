#include "Case.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;

namespace gradmill::fuzz {

namespace {
struct Flag {
  StringLiteral option;
  bool Case::*field;
};
struct Number {
  StringLiteral option;
  int64_t Case::*field;
};
struct Text {
  StringLiteral option;
  std::string Case::*field;
};

// The options name what differs from a default Case.
constexpr Flag kFlags[] = {
    {"--infer-only", &Case::train},
    {"--single", &Case::single},
    {"--no-fuse", &Case::fuse},
    {"--no-merge", &Case::mergeTasks},
    {"--no-rematerialize", &Case::rematerialize},
    {"--exact-conv", &Case::exactConv},
    {"--second-schedule", &Case::interpret},
};
constexpr Number kNumbers[] = {
    {"--batch=", &Case::batch},
    {"--vector-bytes=", &Case::vectorBytes},
    {"--memory-percent=", &Case::memoryPercent},
    {"--accumulate=", &Case::accumulate},
    {"--ema-percent=", &Case::emaPercent},
};
constexpr Text kTexts[] = {
    {"--loss=", &Case::loss},
    {"--metrics=", &Case::metrics},
    {"--optimizer=", &Case::optimizer},
    {"--groups=", &Case::groups},
    {"--transforms=", &Case::transforms},
    {"--cpu=", &Case::cpu},
    {"--machine=", &Case::machine},
};
} // namespace

std::string Case::commandLine() const {
  std::string text;
  raw_string_ostream os(text);
  const Case plain;
  for (const Number &n : kNumbers)
    if (this->*n.field != plain.*n.field || n.field == &Case::batch)
      os << " " << n.option << this->*n.field;
  for (const Text &t : kTexts)
    if (this->*t.field != plain.*t.field)
      os << " " << t.option << this->*t.field;
  for (const Flag &f : kFlags)
    if (this->*f.field != plain.*f.field)
      os << " " << f.option;
  os << " --data=" << data;
  return text;
}

bool Case::parse(StringRef option) {
  const Case plain;
  for (const Flag &f : kFlags)
    if (option == f.option) {
      this->*f.field = !(plain.*f.field);
      return true;
    }
  for (const Number &n : kNumbers)
    if (StringRef value = option; value.consume_front(n.option))
      return !value.getAsInteger(10, this->*n.field);
  for (const Text &t : kTexts)
    if (StringRef value = option; value.consume_front(t.option)) {
      this->*t.field = value.str();
      return true;
    }
  return option.consume_front("--data=") && !option.getAsInteger(10, data);
}

CompileOptions Case::compileOptions() const {
  CompileOptions o;
  o.cpu = cpu;
  o.machine = machine;
  o.vectorBytes = vectorBytes;
  o.pipeline.batch = batch;
  o.pipeline.train = train;
  o.pipeline.single = single;
  o.pipeline.loss = loss;
  o.pipeline.metrics = metrics;
  o.pipeline.uncheckedLoss = true; // the numbers need no meaning
  o.pipeline.optimizer = optimizer;
  o.pipeline.groups = groups;
  o.pipeline.transforms = transforms;
  o.pipeline.accumulate = accumulate;
  o.pipeline.ema = double(emaPercent) / 100;
  o.pipeline.fuse = fuse;
  o.pipeline.mergeTasks = mergeTasks;
  o.pipeline.rematerialize = rematerialize;
  o.pipeline.exactConv = exactConv;
  return o;
}

Case Case::otherSchedule() const {
  Case other = *this;
  other.exactConv = true;
  other.fuse = !fuse;
  other.mergeTasks = other.rematerialize = false;
  other.memoryPercent = 0;
  other.machine.clear();
  other.vectorBytes = vectorBytes == 16 ? 32 : 16;
  return other;
}

std::vector<std::string> runnableCpus(const Registry &registry) {
  StringMap<bool> features = sys::getHostCPUFeatures();
  std::vector<std::string> names;
  for (const TargetKind &kind : llvm::reverse(registry.targets())) {
    StringRef name = kind.name;
    if (kind.architecture.empty())
      continue; // native is as good
    Expected<Target> target = resolveTarget(name, registry);
    if (!target)
      consumeError(target.takeError()); // of another architecture
    else if (all_of(target->needs,
                    [&](StringRef need) { return features.lookup(need); }))
      names.push_back(name.str());
  }
  if (names.empty())
    names.push_back("native");
  return names;
}

} // namespace gradmill::fuzz
