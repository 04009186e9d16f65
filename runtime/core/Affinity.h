// The processors on which threads may run.
#pragma once

#include <sched.h>
#include <sys/types.h>
#include <vector>

namespace gradmill::rt {

// Those of the calling thread; empty if the system does not report them.
std::vector<int> allowedProcessors();

pid_t currentThread();

// Lets the thread run on this processor alone. A thread that is not running
// moves at once. A failure changes nothing.
void bindThread(pid_t thread, int processor);

// Binds the calling thread while this object exists.
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
