// Independent chains of multiply-adds that never leave the registers: enough of
// them to cover the latency (4 or 5 cycles on two ports), few enough to fit.
#include "report/FmaPeak.h"
#include "core/Cpu.h"

#include <algorithm>
#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace gradmill::rt {
namespace {

constexpr int kRounds = 50000;

#define GM_CHAINS(X)                                                           \
  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
constexpr int kChains = 12;

// One block of work in the instruction set's vectors, and its operations. The
// empty asm keeps the compiler from merging, moving or dropping a chain.
#define GM_BLOCK(NAME, TARGET, VECTOR, SET)                                    \
  TARGET double NAME##Block() {                                                \
    VECTOR x = SET(0.999999f), y = SET(1e-6f);                                 \
    GM_CHAINS(GM_DECLARE_##NAME)                                               \
    for (int k = 0; k < kRounds; ++k) {                                        \
      GM_CHAINS(GM_STEP_##NAME)                                                \
    }                                                                          \
    return 2.0 * (sizeof(VECTOR) / sizeof(float)) * kChains * kRounds;         \
  }
#define GM_STEP(I, FMA, REGISTER)                                              \
  a##I = FMA(a##I, x, y);                                                      \
  asm volatile("" : REGISTER(a##I));

#if defined(__x86_64__)
#define GM_DECLARE_avx512(I) __m512 a##I = _mm512_set1_ps(I);
#define GM_STEP_avx512(I) GM_STEP(I, _mm512_fmadd_ps, "+v")
GM_BLOCK(avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps)

#define GM_DECLARE_avx2(I) __m256 a##I = _mm256_set1_ps(I);
#define GM_STEP_avx2(I) GM_STEP(I, _mm256_fmadd_ps, "+x")
GM_BLOCK(avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps)

// Without FMA a multiply and an add.
#define GM_DECLARE_sse(I) __m128 a##I = _mm_set1_ps(I);
#define GM_STEP_sse(I)                                                         \
  a##I = _mm_add_ps(_mm_mul_ps(a##I, x), y);                                   \
  asm volatile("" : "+x"(a##I));
GM_BLOCK(sse, , __m128, _mm_set1_ps)
#elif defined(__aarch64__)
inline float32x4_t multiplyAdd(float32x4_t a, float32x4_t x, float32x4_t y) {
  return vfmaq_f32(y, a, x);
}
#define GM_DECLARE_neon(I) float32x4_t a##I = vdupq_n_f32(I);
#define GM_STEP_neon(I) GM_STEP(I, multiplyAdd, "+w")
GM_BLOCK(neon, , float32x4_t, vdupq_n_f32)
#else
inline float same(float value) { return value; }
inline float multiplyAdd(float a, float x, float y) { return a * x + y; }
#define GM_DECLARE_generic(I) float a##I = I;
#define GM_STEP_generic(I) GM_STEP(I, multiplyAdd, "+m")
GM_BLOCK(generic, , float, same)
#endif

struct Kernel {
  const char *isa;
  double (*block)();
};

std::vector<Kernel> kernels() {
#if defined(__x86_64__)
  std::vector<Kernel> list;
  if (cpuHas("avx512f"))
    list.push_back({"avx512", avx512Block});
  if (cpuHas("avx2") && cpuHas("fma"))
    list.push_back({"avx2", avx2Block});
  if (list.empty())
    list.push_back({"sse", sseBlock});
  return list;
#elif defined(__aarch64__)
  return {{"neon", neonBlock}};
#else
  return {{"generic", genericBlock}};
#endif
}

struct Job {
  double (*block)();
  double seconds;
  std::vector<double> gflops; // one element a thread
};

void work(void **context, int64_t thread, void *) {
  using Clock = std::chrono::steady_clock;
  Job &job = **reinterpret_cast<Job **>(context);
  job.block(); // clocks rise, vector units wake
  auto begin = Clock::now();
  std::chrono::duration<double> elapsed;
  double operations = 0;
  do {
    operations += job.block();
    elapsed = Clock::now() - begin;
  } while (elapsed.count() < job.seconds);
  job.gflops[size_t(thread)] = 1e-9 * operations / elapsed.count();
}

} // namespace

FmaPeak measureFmaPeak(Model &model, double seconds) {
  FmaPeak best;
  std::vector<Kernel> list = kernels();
  // Many short measurements, of which the best counts: others may be using the
  // machine. On some CPUs AVX-512 lowers the clock so far that AVX2 is no
  // slower.
  constexpr double slice = 0.004;
  const int slices = std::max(1, int(seconds / slice / double(list.size())));
  for (const Kernel &kernel : list)
    for (int i = 0; i < slices; ++i) {
      Job job{kernel.block, slice,
              std::vector<double>(size_t(model.threads()))};
      void *context = &job;
      model.parallel(work, &context, model.threads());
      double sum = 0;
      for (double gflops : job.gflops)
        sum += gflops;
      if (sum > best.gflops)
        best = {sum, kernel.isa};
    }
  return best;
}

} // namespace gradmill::rt
