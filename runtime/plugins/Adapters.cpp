#include "plugins/Adapters.h"

#include "core/Text.h"
#include "data/Source.h"
#include "data/augment/Augment.h"
#include "train/Schedule.h"

#include <cmath>
#include <cstring>
#include <deque>
#include <exception>
#include <limits>

namespace gradmill::rt {
namespace {

// --- Schedules ------------------------------------------------------------------

struct OwnSchedule {
  plugin::Schedule schedule;
  const RuntimePlugin *origin;
};

std::deque<OwnSchedule> &schedules() {
  static std::deque<OwnSchedule> all;
  return all;
}

const OwnSchedule &scheduleOf(ScheduleKind kind) {
  return schedules()[size_t(kind) - size_t(ScheduleKind::Own)];
}

std::optional<ScheduleKind> findSchedule(std::string_view name) {
  for (size_t i = 0; i < schedules().size(); ++i)
    if (schedules()[i].schedule.name == name)
      return ScheduleKind(int(ScheduleKind::Own) + int(i));
  return std::nullopt;
}

const char *nameOfSchedule(ScheduleKind kind) {
  return scheduleOf(kind).schedule.name.c_str();
}

// The trainer refuses what is no rate.
double rateOf(const Schedule &s, int64_t step, int64_t totalSteps,
              int64_t stepsPerEpoch) {
  try {
    return scheduleOf(s.kind).schedule.rate(
        {step, totalSteps, stepsPerEpoch, s.lr, s.minLr});
  } catch (...) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

constexpr OwnSchedules kSchedules = {findSchedule, nameOfSchedule, rateOf};

// --- Augmentations ----------------------------------------------------------------

struct OwnAugmentation : AugmentKind {
  plugin::Augmentation augmentation;
  std::vector<AugmentParameter> list;
  const RuntimePlugin *origin = nullptr;
};

class Draws final : public plugin::Random {
public:
  explicit Draws(RandomStream &stream) : stream(stream) {}
  uint64_t bits() override { return stream.bits(); }

private:
  RandomStream &stream;
};

void change(const AugmentKind &kind, const AugmentPicture &p,
            AugmentValues values, RandomStream &stream) {
  Draws draws(stream);
  // Without p, which is the pipeline's.
  std::vector<double> own(values.begin(), values.end() - 1);
  static_cast<const OwnAugmentation &>(kind).augmentation.change(
      {p.planes, p.channels, p.height, p.width, p.mean}, own, draws);
}

void adoptAugmentation(plugin::Augmentation value, const RuntimePlugin *origin) {
  auto *own = new OwnAugmentation; // for as long as the program runs
  own->augmentation = std::move(value);
  own->origin = origin;
  for (const plugin::Parameter &p : own->augmentation.parameters)
    own->list.push_back({p.name.c_str(), p.value, p.low, p.high, p.doc.c_str(),
                         p.whole});
  own->list.push_back({"p", 1, 0, 1, "its probability"});
  own->name = own->augmentation.name.c_str();
  own->doc = own->augmentation.doc.c_str();
  own->parameters = own->list;
  own->moves = own->augmentation.moves;
  own->own = change;
  ownAugmentKinds.push_back(own);
}

// --- Data sources -----------------------------------------------------------------

struct OwnSource : DataSource {
  plugin::DataSource given;
  std::vector<SourceOption> list;
  const RuntimePlugin *origin = nullptr;
};

constexpr DType kTypes[] = {DType::F32, DType::F64, DType::I32, DType::I64,
                            DType::U8}; // in the order of plugin::Element

template <typename T> int64_t extreme(const plugin::Column &column, bool largest) {
  int64_t found = largest ? INT64_MIN : INT64_MAX;
  for (size_t at = 0; at + sizeof(T) <= column.values.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, &column.values[at], sizeof value);
    found = largest ? std::max(found, int64_t(value))
                    : std::min(found, int64_t(value));
  }
  return found;
}

// The largest or smallest class number.
int64_t classNumber(const plugin::Column &column, bool largest) {
  switch (column.element) {
  case plugin::Element::I32:
    return extreme<int32_t>(column, largest);
  case plugin::Element::I64:
    return extreme<int64_t>(column, largest);
  default:
    return extreme<uint8_t>(column, largest);
  }
}

// What is wrong with a column of a plugin's, or "".
std::string problemOf(const plugin::Column &c, uint64_t samples) {
  if (size_t(c.element) >= std::size(kTypes))
    return "has no element type";
  uint64_t elements = 1;
  for (int64_t extent : c.shape) {
    if (extent < 1 || elements > (uint64_t(1) << 40) / uint64_t(extent))
      return join({"has the shape ", shapeText(c.shape)});
    elements *= uint64_t(extent);
  }
  uint64_t bytes = elements * dtypeBytes(kTypes[size_t(c.element)]);
  if (c.values.size() % bytes || c.values.size() / bytes != samples)
    return join({"has ", uint64_t(c.values.size()), " bytes for ", samples,
                 " samples of ", bytes});
  bool whole = c.element != plugin::Element::F32 && c.element != plugin::Element::F64;
  if (c.classes < 0 || (c.classes > 0 && !whole))
    return "has classes, but no class numbers";
  if (c.classes > 0 && samples > 0 &&
      (classNumber(c, false) < 0 || classNumber(c, true) >= c.classes))
    return join({"has a class number outside of 0..", c.classes - 1});
  if (!c.classNames.empty() && int64_t(c.classNames.size()) != c.classes)
    return join({"has ", uint64_t(c.classNames.size()), " names for ", c.classes,
                 " classes"});
  return {};
}

std::string adoptSamples(plugin::Samples &from, Dataset &to,
                         const std::string &name) {
  to.name = name, to.samples = from.count;
  if (from.columns.empty())
    return name + ": it gives no columns";
  for (plugin::Column &c : from.columns) {
    if (std::string problem = problemOf(c, from.count); !problem.empty())
      return join({name, ": the column \"", c.name, "\" ", problem});
    to.columns.push_back({std::move(c.name), kTypes[size_t(c.element)],
                          std::move(c.shape), c.target, c.classes,
                          std::move(c.classNames), Pixels(std::move(c.values))});
  }
  return {};
}

plugin::Data call(const plugin::DataSource &source,
                  const plugin::DataRequest &request) {
  plugin::Data data;
  try {
    return source.open(request);
  } catch (const std::exception &e) {
    data.error = join({"it threw an exception: ", e.what()});
  } catch (...) {
    data.error = "it threw an exception";
  }
  return data;
}

Result<DatasetSplit> openOwn(const DataSpec &spec, const DataOptions &options) {
  const auto &own = static_cast<const OwnSource &>(*spec.source);
  plugin::Data data =
      call(own.given, {spec.path, spec.options, options.seed});
  DatasetSplit split;
  std::string problem = data.error;
  if (problem.empty() && data.train.count == 0)
    problem = "it gives no samples to train with";
  if (problem.empty())
    problem = adoptSamples(data.train, split.train, spec.text + "/train");
  if (problem.empty() && data.test.count > 0)
    problem = adoptSamples(data.test, split.test, spec.text + "/test");
  if (!problem.empty())
    return makeError(kBadInput, "plugin_data",
                     {"--data ", spec.text, ": ", problem, " (the source ",
                      own.name, " of the plugin ", own.origin->name, ")"});
  split.source = data.source.empty() ? spec.text : data.source;
  return split;
}

void adoptSource(plugin::DataSource value, const RuntimePlugin *origin) {
  auto *own = new OwnSource; // for as long as the program runs
  own->given = std::move(value);
  own->origin = origin;
  if (own->given.usage.empty())
    own->given.usage = own->given.name;
  for (const auto &[key, doc] : own->given.options)
    own->list.push_back({key.c_str(), doc.c_str()});
  own->name = own->given.name.c_str();
  own->usage = own->given.usage.c_str();
  own->doc = own->given.doc.c_str();
  own->options = own->list;
  own->splits = false;
  own->recognizes = nullptr;
  own->open = openOwn;
  dataSources().push_back(own);
}

} // namespace

void adopt(plugin::Registry registry, const RuntimePlugin *origin) {
  for (plugin::Schedule &schedule : registry.schedules)
    schedules().push_back({std::move(schedule), origin});
  ownSchedules = &kSchedules;
  for (plugin::Augmentation &augmentation : registry.augmentations)
    adoptAugmentation(std::move(augmentation), origin);
  for (plugin::DataSource &source : registry.dataSources)
    adoptSource(std::move(source), origin);
}

std::vector<RuntimeEntry> scheduleEntries() {
  std::vector<RuntimeEntry> entries;
  for (int kind = 0; kind < int(ScheduleKind::Own); ++kind)
    entries.push_back({scheduleName(ScheduleKind(kind)), "", nullptr});
  for (const OwnSchedule &own : schedules())
    entries.push_back({own.schedule.name, own.schedule.doc, own.origin});
  return entries;
}

std::vector<RuntimeEntry> augmentationEntries() {
  std::vector<RuntimeEntry> entries;
  for (const AugmentKind *kind : augmentKinds())
    entries.push_back({kind->name, kind->doc,
                       kind->own ? static_cast<const OwnAugmentation *>(kind)->origin
                                 : nullptr});
  return entries;
}

std::vector<RuntimeEntry> dataSourceEntries() {
  std::vector<RuntimeEntry> entries;
  for (const DataSource *source : dataSources())
    entries.push_back({source->name, source->doc,
                       source->open == openOwn
                           ? static_cast<const OwnSource *>(source)->origin
                           : nullptr});
  return entries;
}

} // namespace gradmill::rt
