// How the runtime reports errors: a value with a stable code, its exit status,
// and a message that names the file, the cause and the fix. No exception leaves
// a function of the runtime.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace gradmill::rt {

// Exit codes of every gradmill program (docs/cli.md).
enum ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kBadInput = 3,
  kIo = 4,
  kInternal = 70,
};

struct Error {
  ExitCode exit = kFailure;
  std::string code;    // stable, snake_case: "idx_truncated"
  std::string message; // "train-images-idx3-ubyte: 47040016 bytes expected,
                       // 1000 found; fetch it again"
};

// A value or an error. Not a std::variant, whose moves and destructors go
// through tables; an error is rare and may be on the heap.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : value(std::move(value)) {}
  Result(Error error) : failure(std::make_unique<Error>(std::move(error))) {}

  explicit operator bool() const { return !failure; }
  T &operator*() { return *value; }
  const T &operator*() const { return *value; }
  T *operator->() { return &*value; }
  const T *operator->() const { return &*value; }
  const Error &error() const { return *failure; }

private:
  std::optional<T> value;
  std::unique_ptr<Error> failure;
};

// Success, or an error: nullopt means success.
using Status = std::optional<Error>;
inline constexpr std::nullopt_t ok = std::nullopt;

} // namespace gradmill::rt
