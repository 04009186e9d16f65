#include "core/ProcessClock.h"

#include <ctime>

namespace gradmill::rt {
namespace {

double read(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

// Taken before main. The system's own record of a process's start is in ticks
// of 10 ms.
const double begin = read(CLOCK_MONOTONIC) - read(CLOCK_PROCESS_CPUTIME_ID);

} // namespace

double processSeconds() { return read(CLOCK_MONOTONIC) - begin; }

} // namespace gradmill::rt
