#include "Child.h"
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gradmill::fuzz {

static constexpr size_t kMostText = 1 << 16;
// Other programs may need the processor too, and a program may be waiting.
static constexpr int kPatience = 10;

Child::Child(std::function<bool(std::string &)> run, int seconds)
    : seconds(seconds), deadline(std::chrono::steady_clock::now() +
                                 std::chrono::seconds(kPatience * seconds)) {
  int report[2], error[2];
  if (pipe2(report, O_CLOEXEC) || pipe2(error, O_CLOEXEC))
    return;
  pid = fork();
  if (pid == 0) {
    rlimit none{0, 0}, time{rlim_t(seconds), rlim_t(seconds + 5)};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &time);
    dup2(error[1], 2);
    std::string said;
    bool good = run(said);
    for (size_t at = 0; at < said.size();) {
      ssize_t written = write(report[1], said.data() + at, said.size() - at);
      if (written < 0)
        break;
      at += size_t(written);
    }
    _exit(good ? 0 : 1);
  }
  close(report[1]);
  close(error[1]);
  reports = report[0];
  errors = error[0];
  for (int fd : {reports, errors})
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

Child::~Child() {
  if (!ended && pid > 0) {
    kill(pid, SIGKILL);
    finish();
  }
}

static void readAll(int fd, std::string &to) {
  char bytes[4096];
  for (ssize_t n; (n = ::read(fd, bytes, sizeof bytes)) > 0;)
    if (to.size() < kMostText)
      to.append(bytes, size_t(n));
}

void Child::read() {
  readAll(reports, report);
  readAll(errors, messages);
}

bool Child::wait(int milliseconds) {
  if (ended || pid < 0) {
    ended = true;
    return true;
  }
  pollfd fds[] = {{reports, POLLIN, 0}, {errors, POLLIN, 0}};
  poll(fds, 2, milliseconds);
  read();
  if (!late && std::chrono::steady_clock::now() > deadline) {
    late = true;
    kill(pid, SIGKILL);
  }
  siginfo_t info = {};
  if (waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      info.si_pid == pid)
    finish();
  return ended;
}

void Child::finish() {
  int status = 0;
  waitpid(pid, &status, 0);
  read();
  close(reports);
  close(errors);
  ended = true;
  good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
    death = "does not end within " + std::to_string(seconds) +
            " s of the processor's time";
  else if (WIFSIGNALED(status))
    death = std::string("is killed by ") + strsignal(WTERMSIG(status));
}

} // namespace gradmill::fuzz
