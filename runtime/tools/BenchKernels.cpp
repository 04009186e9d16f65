// Times every parallel call of many steps and adds up the calls by their
// kernels in the manifest. If several kernels share a call, its time is divided
// by the code's own clocks, if it has them. The FMA peak is measured between
// the rounds.
#include "tools/BenchKernels.h"

#include "report/Terminal.h"
#include "tools/CommandLine.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace gradmill::rt {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The median; on a busy machine the minimum, which others disturbed least.
double typical(std::vector<double> values, bool best) {
  if (values.empty())
    return 0;
  if (best)
    return *std::min_element(values.begin(), values.end());
  auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The clocks of the kernels of merged loops in the last step; nothing for code
// without clocks.
class Clocks {
public:
  explicit Clocks(BoundEntry &entry) {
    const EntrySpec &spec = entry.spec();
    const BufferSpec *buffer =
        spec.find(BufferSpec::Kind::Output, kKernelClocks);
    if (!buffer || buffer->dtype != DType::I64 || buffer->shape.size() != 2 ||
        buffer->shape[1] != int64_t(spec.kernels.size()))
      return;
    data = static_cast<int64_t *>(entry.buffer(buffer->kind, buffer->name));
    tasks = size_t(buffer->shape[0]);
    kernels = size_t(buffer->shape[1]);
  }

  bool exist() const { return data; }
  void reset() { std::fill(data, data + tasks * kernels, 0); }
  std::vector<double> read() const {
    std::vector<double> ticks(kernels);
    for (size_t i = 0; i < tasks * kernels; ++i)
      ticks[i % kernels] += double(std::max<int64_t>(data[i], 0));
    return ticks;
  }

private:
  int64_t *data = nullptr;
  size_t tasks = 0, kernels = 0;
};

// One step's numbers, and those of all steps by kernel.
class Samples {
public:
  // More steps would not change a median, but would fill the memory.
  static constexpr size_t kMostSteps = 5000;

  explicit Samples(const EntrySpec &entry)
      : entry(entry), first(firstOfLoop(entry)), total(entry.kernels.size()),
        serial(total.size()) {}

  bool full() const { return step.size() >= kMostSteps; }

  // `ticks` of each kernel in merged loops, or none. False if the code made
  // other calls than the manifest says.
  bool add(const std::vector<CallTime> &calls, const std::vector<double> &ticks,
           double seconds) {
    if (calls.size() != entry.calls.size())
      return false;
    std::vector<double> sum(total.size()), alone(total.size());
    double known = 0;
    for (size_t i = 0; i < calls.size(); ++i) {
      if (entry.calls[i].empty())
        continue;
      for (auto [kernel, share] : shares(entry.calls[i], ticks)) {
        sum[kernel] += share * calls[i].seconds;
        if (calls[i].tasks == 1)
          alone[kernel] += share * calls[i].seconds;
      }
      known += calls[i].seconds;
    }
    for (size_t k = 0; k < total.size(); ++k) {
      total[k].push_back(sum[k]);
      serial[k].push_back(alone[k]);
    }
    step.push_back(seconds);
    rest.push_back(std::max(0.0, seconds - known));
    return true;
  }

  StepTimes times(bool best) const {
    StepTimes times;
    for (size_t k = 0; k < total.size(); ++k)
      times.kernels.push_back(
          {typical(total[k], best), typical(serial[k], best)});
    times.between = typical(rest, best);
    times.step = typical(step, best);
    times.steps = int64_t(step.size());
    return times;
  }

private:
  using Share = std::pair<size_t, double>; // of a kernel in a call
  std::vector<Share> shares(const std::vector<int64_t> &kernels,
                            const std::vector<double> &ticks) const {
    size_t front = size_t(kernels.front());
    if (ticks.empty())
      return {{first[front], 1}};
    double all = 0;
    for (int64_t kernel : kernels)
      all += ticks[size_t(kernel)];
    if (all == 0) // a kernel alone has no clock
      return {{front, 1}};
    std::vector<Share> shares;
    for (int64_t kernel : kernels)
      shares.push_back({size_t(kernel), ticks[size_t(kernel)] / all});
    return shares;
  }

  const EntrySpec &entry;
  std::vector<size_t> first;                      // of the kernels of a loop
  std::vector<std::vector<double>> total, serial; // by kernel
  std::vector<double> step, rest;
};

Error noKernels(const Model &model, const char *why) {
  return {kBadInput, "no_kernels",
          model.artifact().origin() + ": " + why +
              "; compile the model again to see its kernels"};
}
} // namespace

Result<StepTimes> timeKernels(Model &model, BoundEntry &entry,
                              const BenchOptions &options) {
  const EntrySpec &spec = entry.spec();
  if (spec.kernels.empty())
    return noKernels(model, "the manifest lists no kernels");
  Samples samples(spec);
  Clocks clocks(entry);
  std::vector<CallTime> calls;
  FmaPeak peak; // the highest of the rounds: a peak is what can be reached
  int64_t number = 0;
  for (int round = 0; round < options.rounds && !samples.full(); ++round) {
    FmaPeak now = measureFmaPeak(model, std::min(0.1, options.seconds / 5));
    if (now.gflops > peak.gflops)
      peak = now;
    auto begin = Clock::now();
    do {
      entry.setScalar("step", number++);
      clocks.reset();
      auto start = Clock::now();
      model.runTimed(entry, calls);
      double seconds = secondsSince(start);
      if (!samples.add(calls, clocks.read(), seconds))
        return noKernels(
            model, "the code and its list of kernels do not fit together");
    } while (secondsSince(begin) < options.seconds && !samples.full());
  }
  StepTimes times = samples.times(options.best);
  times.threads = model.threads();
  times.peak = peak;
  times.best = options.best;
  times.apart = clocks.exist();
  return times;
}

int benchKernels(Model &model, BoundEntry &entry, const BenchOptions &options) {
  auto times = timeKernels(model, entry, options);
  if (!times)
    return reportError(times.error());
  const EntrySpec &spec = entry.spec();
  if (options.json)
    std::printf("%s\n", kernelJson(spec, &*times).c_str());
  else
    std::fputs(printable(kernelTable(spec, &*times, options.byTime)).c_str(),
               stdout);
  return finishOutput(kOk);
}

} // namespace gradmill::rt
