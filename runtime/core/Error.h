// How the runtime says that something went wrong: a value with a stable code,
// the exit status it maps to, and a message that names the file, the cause and
// the fix. No exception crosses a function of the runtime.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

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

// A value or the error that kept us from it.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : storage(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : storage(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return storage.index() == 0; }
  T &operator*() { return std::get<0>(storage); }
  const T &operator*() const { return std::get<0>(storage); }
  T *operator->() { return &std::get<0>(storage); }
  const T *operator->() const { return &std::get<0>(storage); }
  const Error &error() const { return std::get<1>(storage); }

private:
  std::variant<T, Error> storage;
};

// Success, or an error: nullopt means success.
using Status = std::optional<Error>;
inline constexpr std::nullopt_t ok = std::nullopt;

} // namespace gradmill::rt
