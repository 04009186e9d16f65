#include "core/Affinity.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace gradmill::rt {

std::vector<int> allowedProcessors() {
  std::vector<int> processors;
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0)
    for (int p = 0; p < CPU_SETSIZE; ++p)
      if (CPU_ISSET(p, &set))
        processors.push_back(p);
  return processors;
}

// musl and older C libraries have no gettid.
pid_t currentThread() { return pid_t(::syscall(SYS_gettid)); }

void bindThread(pid_t thread, int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  (void)::sched_setaffinity(thread, sizeof set, &set);
}

BoundCaller::BoundCaller(int processor)
    : known(::sched_getaffinity(0, sizeof before, &before) == 0) {
  if (known)
    bindThread(0, processor);
}

BoundCaller::~BoundCaller() {
  if (known)
    (void)::sched_setaffinity(0, sizeof before, &before);
}

} // namespace gradmill::rt
