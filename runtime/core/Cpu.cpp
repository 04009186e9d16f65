#include "core/Cpu.h"

#include <cstdint>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace gradmill::rt {

#if defined(__x86_64__)

namespace {

enum Register { EAX, EBX, ECX, EDX };
// The registers that the operating system must save: only SSE's, also the upper
// halves of AVX's, or also AVX-512's.
enum Saved { Always, Avx, Avx512 };

struct Feature {
  const char *name;
  uint32_t leaf;
  Register where;
  int bit;
  Saved saved;
};

// Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
constexpr Feature kFeatures[] = {
    {"sse3", 1, ECX, 0, Always},
    {"ssse3", 1, ECX, 9, Always},
    {"fma", 1, ECX, 12, Avx},
    {"sse4.1", 1, ECX, 19, Always},
    {"sse4.2", 1, ECX, 20, Always},
    {"movbe", 1, ECX, 22, Always},
    {"popcnt", 1, ECX, 23, Always},
    {"avx", 1, ECX, 28, Avx},
    {"f16c", 1, ECX, 29, Avx},
    {"bmi", 7, EBX, 3, Always},
    {"avx2", 7, EBX, 5, Avx},
    {"bmi2", 7, EBX, 8, Always},
    {"avx512f", 7, EBX, 16, Avx512},
    {"avx512dq", 7, EBX, 17, Avx512},
    {"avx512ifma", 7, EBX, 21, Avx512},
    {"avx512cd", 7, EBX, 28, Avx512},
    {"avx512bw", 7, EBX, 30, Avx512},
    {"avx512vl", 7, EBX, 31, Avx512},
    {"avx512vbmi", 7, ECX, 1, Avx512},
    {"avx512vbmi2", 7, ECX, 6, Avx512},
    {"avx512vnni", 7, ECX, 11, Avx512},
    {"avx512bitalg", 7, ECX, 12, Avx512},
    {"avx512vpopcntdq", 7, ECX, 14, Avx512},
    {"lzcnt", 0x80000001, ECX, 5, Always},
};

bool saves(Saved wanted) {
  if (wanted == Always)
    return true;
  uint32_t r[4];
  __cpuid(1, r[EAX], r[EBX], r[ECX], r[EDX]);
  if (!(r[ECX] >> 27 & 1)) // OSXSAVE: xgetbv exists
    return false;
  uint32_t low, high;
  asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  uint32_t mask = wanted == Avx ? 0x06 : 0xe6;
  return (low & mask) == mask;
}

} // namespace

bool cpuHas(std::string_view name) {
  for (const Feature &feature : kFeatures) {
    if (name != feature.name)
      continue;
    uint32_t r[4];
    return __get_cpuid_count(feature.leaf, 0, &r[EAX], &r[EBX], &r[ECX],
                             &r[EDX]) &&
           (r[feature.where] >> feature.bit & 1) && saves(feature.saved);
  }
  return false;
}

#elif defined(__aarch64__)

bool cpuHas(std::string_view name) {
  constexpr struct {
    const char *name;
    int bit; // of AT_HWCAP, Documentation/arch/arm64/elf_hwcaps.rst
  } features[] = {{"lse", 8}, {"fullfp16", 10}, {"dotprod", 20}, {"sve", 22}};
  for (auto &feature : features)
    if (name == feature.name)
      return getauxval(AT_HWCAP) >> feature.bit & 1;
  return false;
}

#else

bool cpuHas(std::string_view) { return false; }

#endif

std::string cpuLacks(const std::vector<std::string> &features) {
  std::string list;
  for (const std::string &feature : features)
    if (!cpuHas(feature))
      list += (list.empty() ? "" : ", ") + feature;
  return list;
}

} // namespace gradmill::rt
