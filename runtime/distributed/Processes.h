// A backend without MPI: the ranks are processes of this machine, forked from
// one that watches over them, and talk through shared memory.
#pragma once

#include "distributed/Job.h"

#include <functional>
#include <string>

namespace gradmill::rt {

// Runs `work` in `count` new processes, and returns the exit status of the job:
// that of the first rank that failed, else 0. A rank that dies ends the others.
// `capacity` bounds the bytes that are exchanged in one step. `resume` tells how
// to continue, for messages. Call this while there is one thread. Errors:
// no_processes.
Result<int> runProcesses(int count, uint64_t capacity,
                         const std::string &resume,
                         const std::function<int(Job &)> &work);

// The number N of "processes:N". Error: usage.
Result<int> processesOf(const std::string &distributed);

} // namespace gradmill::rt
