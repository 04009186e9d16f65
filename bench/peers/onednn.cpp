// Times oneDNN's primitives for one convolution: forward, backward-data,
// backward- weights, in whatever memory formats oneDNN likes best. Getting data
// into these formats is not timed, which favours oneDNN: a net would need it at
// its ends.
//
//   onednn N C H W F KH KW SH SW PH PW ROUNDS SECONDS
//
// Prints seconds of one call per round and direction, as JSON. Threads are
// OpenMP's (OMP_NUM_THREADS).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <vector>

#include <dnnl.hpp>

using namespace dnnl;
using Clock = std::chrono::steady_clock;
using Desc = memory::desc;
using Dims = memory::dims;

namespace {
struct Problem {
  Dims source, filter, result, strides, padding;
};

constexpr algorithm kAlgorithm = algorithm::convolution_auto;

Desc anyFormat(const Dims &dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}

// Version 3 has no operation descriptors: their arguments went to the
// primitives'.
#if DNNL_VERSION_MAJOR >= 3
#define GM_DESC(KIND, ENGINE, ...) KIND::primitive_desc(ENGINE, __VA_ARGS__)
#define GM_DESC_HINT(KIND, ENGINE, HINT, ...)                                  \
  KIND::primitive_desc(ENGINE, __VA_ARGS__, HINT)
#else
#define GM_DESC(KIND, ENGINE, ...)                                             \
  KIND::primitive_desc(KIND::desc(__VA_ARGS__), ENGINE)
#define GM_DESC_HINT(KIND, ENGINE, HINT, ...)                                  \
  KIND::primitive_desc(KIND::desc(__VA_ARGS__), ENGINE, HINT)
#endif

struct Timed {
  const char *name;
  std::string implementation;
  primitive run;
  std::unordered_map<int, memory> arguments;
  std::vector<double> seconds;
};

memory filled(const Desc &desc, const engine &cpu) {
  memory result(desc, cpu);
  // Ordinary numbers: zeros or denormals would be no measurement.
  auto *data = static_cast<float *>(result.get_data_handle());
  for (size_t i = 0; i < desc.get_size() / sizeof(float); ++i)
    data[i] = 0.01f * float(int(i * 7919 % 201) - 100);
  return result;
}

std::vector<Timed> primitives(const Problem &p, const engine &cpu) {
  Desc source = anyFormat(p.source), filter = anyFormat(p.filter),
       result = anyFormat(p.result);
  auto forward =
      GM_DESC(convolution_forward, cpu, prop_kind::forward_training, kAlgorithm,
              source, filter, result, p.strides, p.padding, p.padding);
  auto data =
      GM_DESC_HINT(convolution_backward_data, cpu, forward, kAlgorithm, source,
                   filter, result, p.strides, p.padding, p.padding);
  auto weights =
      GM_DESC_HINT(convolution_backward_weights, cpu, forward, kAlgorithm,
                   source, filter, result, p.strides, p.padding, p.padding);
  std::vector<Timed> all;
  all.push_back({"forward",
                 forward.impl_info_str(),
                 convolution_forward(forward),
                 {{DNNL_ARG_SRC, filled(forward.src_desc(), cpu)},
                  {DNNL_ARG_WEIGHTS, filled(forward.weights_desc(), cpu)},
                  {DNNL_ARG_DST, filled(forward.dst_desc(), cpu)}},
                 {}});
  all.push_back({"backward-data",
                 data.impl_info_str(),
                 convolution_backward_data(data),
                 {{DNNL_ARG_DIFF_DST, filled(data.diff_dst_desc(), cpu)},
                  {DNNL_ARG_WEIGHTS, filled(data.weights_desc(), cpu)},
                  {DNNL_ARG_DIFF_SRC, filled(data.diff_src_desc(), cpu)}},
                 {}});
  all.push_back(
      {"backward-weights",
       weights.impl_info_str(),
       convolution_backward_weights(weights),
       {{DNNL_ARG_SRC, filled(weights.src_desc(), cpu)},
        {DNNL_ARG_DIFF_DST, filled(weights.diff_dst_desc(), cpu)},
        {DNNL_ARG_DIFF_WEIGHTS, filled(weights.diff_weights_desc(), cpu)}},
       {}});
  return all;
}

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void round(Timed &t, stream &s, double seconds) {
  auto begin = Clock::now();
  double elapsed;
  long calls = 0;
  do {
    t.run.execute(s, t.arguments);
    s.wait();
    ++calls;
    elapsed = secondsSince(begin);
  } while (elapsed < seconds);
  t.seconds.push_back(elapsed / double(calls));
}

void print(const std::vector<Timed> &all) {
  const version_t *v = version();
  std::printf("{\"version\": \"%d.%d.%d\"", v->major, v->minor, v->patch);
  for (const Timed &t : all) {
    std::printf(", \"%s\": {\"implementation\": \"%s\", \"seconds\": [", t.name,
                t.implementation.c_str());
    for (size_t i = 0; i < t.seconds.size(); ++i)
      std::printf("%s%.9f", i ? ", " : "", t.seconds[i]);
    std::printf("]}");
  }
  std::printf("}\n");
}
} // namespace

int main(int argc, char **argv) {
  if (argc != 14) {
    std::fprintf(stderr,
                 "usage: onednn N C H W F KH KW SH SW PH PW ROUNDS SECONDS\n");
    return 2;
  }
  long a[12];
  for (int i = 0; i < 12; ++i)
    a[i] = std::strtol(argv[i + 1], nullptr, 10);
  double seconds = std::strtod(argv[13], nullptr);
  auto size = [](long in, long kernel, long stride, long padding) {
    return (in + 2 * padding - kernel) / stride + 1;
  };
  Problem p{
      {a[0], a[1], a[2], a[3]},
      {a[4], a[1], a[5], a[6]},
      {a[0], a[4], size(a[2], a[5], a[7], a[9]), size(a[3], a[6], a[8], a[10])},
      {a[7], a[8]},
      {a[9], a[10]}};
  try {
    engine cpu(engine::kind::cpu, 0);
    stream s(cpu);
    std::vector<Timed> all = primitives(p, cpu);
    for (Timed &t : all) {
      round(t, s, seconds / 10); // warm up
      t.seconds.clear();
    }
    for (long r = 0; r < a[11]; ++r)
      for (Timed &t : all)
        round(t, s, seconds / 3);
    print(all);
  } catch (const error &e) {
    std::fprintf(stderr, "onednn: error: %s\n", e.what());
    return 1;
  }
  return 0;
}
