// `bench`: the speed of compiled code, without loading of data.
#include "core/Json.h"
#include "core/Philox.h"
#include "tools/BenchKernels.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/RawInput.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <sys/resource.h>

namespace gradmill::rt {
namespace {

// Below this batch the time of one call is reported as well.
constexpr int64_t kLatencyBatch = 16;

double now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Samples per second of one round. If several batches make a step, the update
// is part of it.
double measure(Model &model, BoundEntry &entry, double seconds, int64_t &step) {
  const EntrySpec *spec = entry.spec().does == kAccumulate
                              ? model.manifest().doing(kUpdate)
                              : nullptr;
  BoundEntry *update = spec ? model.entry(spec->name) : nullptr;
  if (update)
    update->setScalar("learning_rate", 0.001f);
  double start = now(), elapsed;
  int64_t runs = 0;
  do {
    entry.setScalar("step", step++);
    model.run(entry);
    ++runs;
    if (update && runs % model.manifest().stepParts() == 0)
      model.run(*update);
    elapsed = now() - start;
  } while (elapsed < seconds);
  return double(runs * entry.spec().batch) / elapsed;
}
// What its samples are called.
const char *unitOf(const Model &model) {
  for (const PortSpec *port : model.manifest().portsOf(PortRole::Data))
    if (port->shape.size() == 3)
      return "img/s";
  return "samples/s";
}
} // namespace

void fillInputs(Model &model, BoundEntry &entry) {
  PhiloxStream random(1, PhiloxPurpose::RunInput, 0);
  for (const BufferSpec &buffer : entry.spec().buffers) {
    if (buffer.kind != BufferSpec::Kind::Input)
      continue;
    const PortSpec &port = *model.manifest().port(buffer.name);
    fillPort(port, random, buffer.elements, entry.input(port.name));
  }
  entry.setScalar("learning_rate", 0.001f);
  entry.setScalar("seed", int64_t(1));
}

int runBench(Model &model, const BenchOptions &options) {
  if (Status error = model.setThreads(options.threads))
    return reportError(*error);
  auto entry = options.train ? model.requireTraining() : model.require(kInfer);
  if (!entry)
    return reportError(entry.error());
  const std::string &name = (*entry)->spec().does;
  if (std::string note = idleThreads(model, (*entry)->spec()); !note.empty())
    std::fprintf(stderr, "note: %s\n", note.c_str());
  model.init(1);
  fillInputs(model, **entry);
  int64_t step = 0;
  measure(model, **entry, std::min(options.seconds, 0.3), step); // warm up
  if (options.perOp)
    return benchKernels(model, **entry, options);
  std::vector<double> rates;
  for (int round = 0; round < options.rounds; ++round)
    rates.push_back(measure(model, **entry, options.seconds, step));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  double resident = double(usage.ru_maxrss) / 1024;
  std::vector<double> sorted = rates;
  std::sort(sorted.begin(), sorted.end());
  double median = sorted[sorted.size() / 2];
  // The time of one call, which matters if a call is a few images.
  auto batch = (*entry)->spec().batch;
  std::vector<double> latencies;
  for (double rate : rates)
    latencies.push_back(1e6 * double(batch) / rate);
  std::string latency;
  if (batch < kLatencyBatch) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f us, ", 1e6 * double(batch) / median);
    latency = text;
  }
  if (options.json)
    std::printf("%s\n", jsonText(Json::object({{"entry", name},
                                               {"batch", batch},
                                               {"threads", model.threads()},
                                               {"latency_us", latencies},
                                               {"images_per_second", rates},
                                               {"peak_rss_mb", resident}}))
                            .c_str());
  else
    std::printf("%s: %s%.0f %s (median of %d rounds, %.0f to %.0f), batch "
                "%lld, %d threads, %.0f MiB resident\n",
                name.c_str(), latency.c_str(), median, unitOf(model),
                options.rounds, sorted.front(), sorted.back(), (long long)batch, model.threads(), resident);
  return finishOutput(kOk);
}

} // namespace gradmill::rt
