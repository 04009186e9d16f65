// On which processors threads may run.
#pragma once

#include <sched.h>
#include <sys/types.h>
#include <vector>

namespace gradmill::rt {

// Those of the calling thread; empty if the system does not say.
std::vector<int> allowedProcessors();

pid_t currentThread();

// From now on the thread runs on this processor alone. Where it is not running
// it moves at once. Failure changes nothing.
void bindThread(pid_t thread, int processor);

// Binds the calling thread as long as it lives.
class BoundCaller {
public:
  explicit BoundCaller(int processor);
  ~BoundCaller();
  BoundCaller(const BoundCaller &) = delete;

private:
  cpu_set_t before;
  bool known;
};

} // namespace gradmill::rt
