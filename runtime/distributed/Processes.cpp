// Shared memory is a ring of bytes. Exchange number n takes the next `total`
// bytes of it on all ranks alike, so nobody has to say where. A rank copies its
// bytes in and then says "I have posted n"; the others wait for that, copy them
// out and say "I have taken n". A place is used again once all have taken what
// was there. The ring holds what two steps exchange, and no exchange outlives a
// step, so a rank never waits for a place that it has to free itself.
#include "distributed/Processes.h"

#include "core/Text.h"
#include "train/Interrupt.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <new>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace gradmill::rt {
namespace {

// <linux/futex.h>, which not every libc comes with.
constexpr int kFutexWait = 0, kFutexWake = 1;

// A count that other processes can wait for.
struct alignas(64) Counter {
  std::atomic<uint32_t> value{0}, waiters{0};

  void set(uint32_t now) {
    value.store(now);
    if (waiters.load())
      syscall(SYS_futex, &value, kFutexWake, INT_MAX, nullptr, nullptr, 0);
  }
  // Until it is at least `goal`; counts may wrap around.
  void await(uint32_t goal, int spins) {
    auto reached = [&] { return int32_t(value.load() - goal) >= 0; };
    for (int i = 0; i < spins; ++i)
      if (reached())
        return;
    for (int i = 0; i < 16; ++i, sched_yield())
      if (reached())
        return;
    ++waiters;
    for (uint32_t seen; !reached();)
      if (seen = value.load(); int32_t(seen - goal) < 0)
        syscall(SYS_futex, &value, kFutexWait, seen, nullptr, nullptr, 0);
    --waiters;
  }
};

struct Peer {
  Counter posted, taken;
};

class SharedMemory {
public:
  SharedMemory(int size, uint64_t capacity) : size(size), capacity(capacity) {}

  bool map() {
    uint64_t bytes = uint64_t(size) * sizeof(Peer) + capacity;
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
      return false;
    peers = static_cast<Peer *>(memory);
    for (int rank = 0; rank < size; ++rank)
      new (&peers[rank]) Peer;
    ring = static_cast<char *>(memory) + uint64_t(size) * sizeof(Peer);
    unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    spins = unsigned(size) <= cores ? 2000 : 0;
    return true;
  }

  gm_collective as(int own) {
    rank = own;
    return {sizeof(gm_collective), GRADMILL_COLLECTIVE_ABI, rank, size, this,
            [](void *self, void *memory, const uint64_t *begins) {
              return of(self).start(static_cast<char *>(memory), begins);
            },
            [](void *self, float *values, uint64_t count) {
              return of(self).startSum(values, count);
            },
            [](void *self, void *request) {
              of(self).wait(static_cast<Request *>(request));
              return 0;
            },
            [](void *) {},
            [](void *) { return "a process has ended"; },
            [](void *, int) {}};
  }

private:
  struct Request {
    uint32_t number;
    char *memory, *place;
    std::vector<uint64_t> begins;
    uint64_t sums = 0; // floats to add up, instead
  };
  struct Used {
    uint32_t number;
    uint64_t begin;
  };

  static SharedMemory &of(void *self) {
    return *static_cast<SharedMemory *>(self);
  }

  // A place for the next exchange.
  char *take(uint64_t bytes) {
    if (bytes > capacity)
      return nullptr;
    if (at % capacity + bytes > capacity)
      at += capacity - at % capacity; // in one piece
    uint64_t begin = at;
    at += bytes;
    while (!used.empty() && used.front().begin + capacity < at) {
      for (int other = 0; other < size; ++other)
        peers[other].taken.await(used.front().number, spins);
      used.pop_front();
    }
    used.push_back({++number, begin});
    return ring + begin % capacity;
  }

  void *start(char *memory, const uint64_t *begins) {
    char *place = take(begins[size]);
    if (!place)
      return nullptr;
    std::memcpy(place + begins[rank], memory + begins[rank],
                begins[rank + 1] - begins[rank]);
    peers[rank].posted.set(number);
    return new Request{number, memory, place,
                       std::vector<uint64_t>(begins, begins + size + 1)};
  }

  void *startSum(float *values, uint64_t count) {
    uint64_t bytes = count * sizeof(float);
    char *place = take(bytes * uint64_t(size));
    if (!place)
      return nullptr;
    std::memcpy(place + bytes * uint64_t(rank), values, bytes);
    peers[rank].posted.set(number);
    return new Request{number, reinterpret_cast<char *>(values), place, {}, count};
  }

  void wait(Request *request) {
    for (int other = 0; other < size; ++other)
      if (other != rank)
        peers[other].posted.await(request->number, spins);
    if (request->sums)
      addUp(*request);
    else
      for (int other = 0; other < size; ++other)
        if (other != rank)
          copy(*request, other);
    // In order of their numbers: all requests are waited for before the step's
    // end, and an earlier one may still be open.
    open.push_back(request->number);
    std::sort(open.begin(), open.end());
    while (!open.empty() && open.front() == takenNumber + 1) {
      ++takenNumber;
      open.pop_front();
    }
    peers[rank].taken.set(takenNumber);
    delete request;
  }

  static void copy(const Request &request, int other) {
    uint64_t begin = request.begins[size_t(other)],
             end = request.begins[size_t(other) + 1];
    std::memcpy(request.memory + begin, request.place + begin, end - begin);
  }

  void addUp(const Request &request) {
    auto *values = reinterpret_cast<float *>(request.memory);
    auto *place = reinterpret_cast<const float *>(request.place);
    for (uint64_t i = 0; i < request.sums; ++i) {
      float sum = place[i];
      for (int other = 1; other < size; ++other)
        sum += place[uint64_t(other) * request.sums + i];
      values[i] = sum;
    }
  }

  const int size;
  const uint64_t capacity;
  int rank = 0, spins = 0;
  Peer *peers = nullptr;
  char *ring = nullptr;
  uint64_t at = 0;
  uint32_t number = 0, takenNumber = 0;
  std::deque<Used> used;
  std::deque<uint32_t> open; // taken, but not all before them
};

// The children, for the signal handler that passes signals on.
volatile sig_atomic_t childCount = 0;
pid_t children[1024];

void passOn(int signal) {
  for (int i = 0; i < childCount; ++i)
    if (children[i])
      kill(children[i], signal);
}

void passSignalsOn(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    sigaction(signal, &action, nullptr);
}

// Waits for all; ends the others when one fails.
int watch(int count, const std::string &resume) {
  int code = 0;
  for (int left = count; left > 0;) {
    int status = 0;
    pid_t ended = waitpid(-1, &status, 0);
    if (ended < 0 && errno == EINTR)
      continue;
    if (ended < 0)
      break;
    auto *found = std::find(children, children + count, ended);
    if (found == children + count)
      continue;
    *found = 0;
    --left;
    bool died = WIFSIGNALED(status);
    int own = died ? int(kFailure) : WEXITSTATUS(status);
    if (!own || code)
      continue;
    code = own;
    if (died)
      std::fprintf(stderr,
                   "error[rank_died]: rank %d of %d was ended by signal %d (%s); "
                   "the others are stopped; %s\n",
                   int(found - children), count, WTERMSIG(status),
                   strsignal(WTERMSIG(status)), resume.c_str());
    // An exit by itself may be the answer of all ranks: let them finish. After
    // an interrupt the first one still writes a checkpoint.
    if (died)
      passOn(SIGKILL);
    else if (own != kInterruptedExit)
      alarm(10);
  }
  alarm(0);
  return code;
}

} // namespace

Result<int> runProcesses(int count, uint64_t capacity,
                         const std::string &resume,
                         const std::function<int(Job &)> &work) {
  SharedMemory memory(count, 2 * capacity + (uint64_t(1) << 22));
  if (!memory.map())
    return makeError(kFailure, "no_processes",
                     {"no shared memory for ", count, " processes: ",
                      std::strerror(errno)});
  std::fflush(nullptr);
  for (int rank = 0; rank < count; ++rank) {
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
      // Signals of the terminal reach them through the parent, once.
      setpgid(0, 0);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent)
        std::_Exit(kFailure);
      gm_collective backend = memory.as(rank);
      Job ranks(backend);
      int code = work(ranks);
      std::fflush(nullptr);
      std::_Exit(code);
    }
    if (child < 0) {
      int error = errno;
      passOn(SIGKILL);
      return makeError(kFailure, "no_processes",
                       {"cannot start process ", rank + 1, " of ", count, ": ",
                        std::strerror(error)});
    }
    children[rank] = child;
    childCount = rank + 1;
  }
  passSignalsOn(passOn);
  struct sigaction late = {};
  late.sa_handler = [](int) { passOn(SIGKILL); };
  sigaction(SIGALRM, &late, nullptr);
  int code = watch(count, resume);
  passSignalsOn(SIG_DFL);
  return code;
}

Result<int> processesOf(const std::string &distributed) {
  constexpr char prefix[] = "processes:";
  int count = distributed.rfind(prefix, 0) == 0
                  ? std::atoi(distributed.c_str() + sizeof prefix - 1)
                  : 0;
  if (count >= 1 && count <= 1024 &&
      distributed == prefix + std::to_string(count))
    return count;
  return makeError(kUsage, "usage",
                   {"--distributed ", distributed,
                    ": the number of processes is not in 1..1024"});
}

} // namespace gradmill::rt
