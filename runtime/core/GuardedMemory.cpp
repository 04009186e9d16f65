#include "core/GuardedMemory.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace gradmill::rt {

namespace {
// Wider than an offset can be off if it lost its upper bits: 2 GiB with 32
// bits. This is address space only.
constexpr uint64_t kGuardBytes = uint64_t(2) << 30;
constexpr char kPattern = char(0xa5);
constexpr uint64_t kAlignTo = 64;

uint64_t roundUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }
} // namespace

// All living guarded buffers, for the signal handler and checkAll.
struct Guards {
  std::mutex mutex;
  std::vector<GuardedBuffer *> alive;

  static Guards &all() {
    static Guards *guards = new Guards; // outlives every static buffer
    return *guards;
  }

  void add(GuardedBuffer *buffer) {
    std::lock_guard lock(mutex);
    alive.push_back(buffer);
  }
  void remove(GuardedBuffer *buffer) {
    std::lock_guard lock(mutex);
    alive.erase(std::find(alive.begin(), alive.end(), buffer));
  }

  // For example "arena (64 bytes): byte 5 past its end was touched". It
  // allocates nothing but the string.
  static std::string describe(const GuardedBuffer &buffer, int64_t distance,
                              const char *where, const char *done) {
    char text[512];
    std::snprintf(text, sizeof text, "%.300s (%llu bytes): byte %lld %s was %s",
                  buffer.name.c_str(), (unsigned long long)buffer.bytes,
                  (long long)distance, where, done);
    return text;
  }

  // Names the buffer whose guard pages were touched. Then the signal ends the
  // program as it would have anyway. Compiled code does not allocate, so it
  // holds no lock that is needed here.
  static void onFault(int signal, siginfo_t *info, void *) {
    const char *address = static_cast<const char *>(info->si_addr);
    for (const GuardedBuffer *buffer : all().alive) {
      if (address < buffer->reserved ||
          address >= buffer->reserved + buffer->reservedBytes)
        continue;
      const char *end = buffer->begin + buffer->bytes;
      report(address < buffer->begin
                 ? describe(*buffer, buffer->begin - address, "before its begin",
                            "touched")
                 : describe(*buffer, address - end + 1, "past its end",
                            "touched"));
      break;
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }

  static void report(const std::string &what) {
    std::fprintf(stderr, "guard: %s\n", what.c_str());
  }

  static void install() {
    static std::once_flag once;
    std::call_once(once, [] {
      for (int signal : {SIGSEGV, SIGBUS}) {
        struct sigaction now = {};
        if (::sigaction(signal, nullptr, &now) != 0 ||
            now.sa_handler != SIG_DFL)
          continue; // for example a sanitizer's, which reports by itself
        struct sigaction action = {};
        action.sa_sigaction = onFault;
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        ::sigaction(signal, &action, nullptr);
      }
    });
  }
};

std::optional<GuardEdge> guardEdge() {
  static const std::optional<GuardEdge> edge =
      []() -> std::optional<GuardEdge> {
    const char *value = std::getenv("GRADMILL_GUARD");
    if (!value || !*value || std::string_view(value) == "0")
      return std::nullopt;
    return std::string_view(value) == "begin" ? GuardEdge::Begin
                                              : GuardEdge::End;
  }();
  return edge;
}

std::unique_ptr<GuardedBuffer>
GuardedBuffer::allocate(uint64_t bytes, GuardEdge edge, std::string name) {
  const uint64_t page = uint64_t(::sysconf(_SC_PAGESIZE));
  std::unique_ptr<GuardedBuffer> buffer(new GuardedBuffer);
  buffer->bytes = bytes;
  buffer->name = std::move(name);
  buffer->pageBytes = roundUp(bytes, page);
  const uint64_t reserve = buffer->pageBytes + 2 * kGuardBytes;
  void *memory = ::mmap(nullptr, reserve, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return nullptr;
  buffer->reserved = static_cast<char *>(memory);
  buffer->reservedBytes = reserve;
  buffer->pages = buffer->reserved + kGuardBytes;
  Guards::install();
  Guards::all().add(buffer.get());
  if (::mprotect(buffer->pages, buffer->pageBytes, PROT_READ | PROT_WRITE) != 0)
    return nullptr;
  char *end = buffer->pages + buffer->pageBytes;
  buffer->begin =
      edge == GuardEdge::Begin ? buffer->pages : end - roundUp(bytes, kAlignTo);
  std::memset(buffer->pages, kPattern, size_t(buffer->begin - buffer->pages));
  char *behind = buffer->begin + bytes;
  std::memset(behind, kPattern, size_t(end - behind));
  return buffer;
}

GuardedBuffer::~GuardedBuffer() {
  if (!reserved)
    return;
  Guards::all().remove(this);
  ::munmap(reserved, reservedBytes);
}

std::string GuardedBuffer::trespass() const {
  auto text = [&](int64_t distance, const char *where) {
    return Guards::describe(*this, distance, where, "written");
  };
  for (const char *at = begin; at-- > pages;)
    if (*at != kPattern)
      return text(begin - at, "before its begin");
  const char *last = begin + bytes;
  for (const char *at = last; at < pages + pageBytes; ++at)
    if (*at != kPattern)
      return text(at - last + 1, "past its end");
  return {};
}

void GuardedBuffer::checkAll() {
  Guards &guards = Guards::all();
  std::lock_guard lock(guards.mutex);
  for (const GuardedBuffer *buffer : guards.alive)
    if (std::string what = buffer->trespass(); !what.empty()) {
      Guards::report(what);
      std::abort();
    }
}

} // namespace gradmill::rt
