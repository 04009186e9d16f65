// Prints the f32 fused-multiply-add peak of N threads together, in GFLOP/s:
// what "share of peak" and "direct-convolution bound" refer to. Run in the same
// rounds as the peers, because clocks and neighbours change from minute to
// minute.
//
//   peak THREADS SECONDS
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK 100000L

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// A block is BLOCK rounds of independent chains: enough of them to cover the
// latency of an FMA (4 or 5 cycles on two ports), few enough for the registers.
// The empty asm keeps the compiler from merging or moving the chains.
#define KERNEL(NAME, TARGET, LANES, CHAINS)                                    \
  typedef float NAME##_v __attribute__((vector_size(4 * (LANES))));            \
  TARGET static double NAME##_block(void) {                                    \
    NAME##_v a[CHAINS], x, y;                                                  \
    for (int l = 0; l < (LANES); ++l) {                                        \
      x[l] = 0.999999f;                                                        \
      y[l] = 1e-6f;                                                            \
    }                                                                          \
    for (int i = 0; i < (CHAINS); ++i)                                         \
      a[i] = x * (float)i;                                                     \
    for (long k = 0; k < BLOCK; ++k) {                                         \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < (CHAINS); ++i) {  \
        a[i] = a[i] * x + y;                                                   \
        __asm__ volatile("" : REGISTER(a[i]));                                 \
      }                                                                        \
    }                                                                          \
    volatile float sink = 0;                                                   \
    for (int i = 0; i < (CHAINS); ++i)                                         \
      sink += a[i][0];                                                         \
    return 2.0 * (LANES) * (CHAINS) * BLOCK;                                   \
  }

#if defined(__x86_64__)
#define REGISTER(v) "+v"(v)
KERNEL(avx512, __attribute__((target("avx512f"))), 16, 12)
KERNEL(avx2, __attribute__((target("avx2,fma"))), 8, 12)
#undef REGISTER
#define REGISTER(v) "+x"(v)
KERNEL(sse, , 4, 12)
#else
#define REGISTER(v) "+w"(v)
KERNEL(neon, , 4, 16)
#endif

typedef struct {
  const char *name;
  double (*block)(void);
} kernel;

static int kernels(kernel *list) {
  int n = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    list[n++] = (kernel){"avx512", avx512_block};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    list[n++] = (kernel){"avx2", avx2_block};
  if (n == 0)
    list[n++] = (kernel){"sse", sse_block};
#else
  list[n++] = (kernel){"neon", neon_block};
#endif
  return n;
}

typedef struct {
  double (*block)(void);
  double seconds, gflops;
  pthread_barrier_t *start;
} job;

static void *work(void *argument) {
  job *j = argument;
  j->block(); // clocks rise, vector units wake
  pthread_barrier_wait(j->start);
  double begin = now(), end, flops = 0;
  do {
    flops += j->block();
    end = now();
  } while (end - begin < j->seconds);
  j->gflops = 1e-9 * flops / (end - begin);
  return NULL;
}

static double measure(double (*block)(void), int threads, double seconds) {
  pthread_t ids[64];
  job jobs[64];
  pthread_barrier_t start;
  pthread_barrier_init(&start, NULL, (unsigned)threads);
  for (int t = 0; t < threads; ++t) {
    jobs[t] = (job){block, seconds, 0, &start};
    if (pthread_create(&ids[t], NULL, work, &jobs[t]) != 0) {
      fprintf(stderr, "peak: cannot start a thread\n");
      exit(1);
    }
  }
  double sum = 0;
  for (int t = 0; t < threads; ++t) {
    pthread_join(ids[t], NULL);
    sum += jobs[t].gflops;
  }
  pthread_barrier_destroy(&start);
  return sum;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  double seconds = argc > 2 ? atof(argv[2]) : 0.5;
  if (threads < 1 || threads > 64 || seconds <= 0) {
    fprintf(stderr, "usage: peak THREADS(1..64) SECONDS\n");
    return 2;
  }
  kernel list[4];
  int count = kernels(list);
  const char *best_name = "";
  double best = 0;
  // On some CPUs AVX-512 lowers the clock so far that AVX2 is no slower.
  for (int k = 0; k < count; ++k) {
    double gflops = measure(list[k].block, threads, seconds / count);
    if (gflops > best) {
      best = gflops;
      best_name = list[k].name;
    }
  }
  printf("{\"gflops\": %.1f, \"threads\": %d, \"isa\": \"%s\"}\n", best,
         threads, best_name);
  return 0;
}
