// Code that the files of the C ABI share: the last error, and the barrier for
// exceptions.
#pragma once

#include "gradmill/runtime.h"

#include "core/Model.h"

#include <new>
#include <stdexcept>

struct gm_model {
  std::unique_ptr<gradmill::rt::Model> model;
};

namespace gradmill::rt {

// Keeps it for gm_last_error.
gm_status failWith(const Error &error);
Error nullArgument(const char *function);
// count < 0: bad_count.
Status checkCount(int64_t count);

// Runs `body`, which returns a Status, as the body of a C function.
template <typename... Pointers, typename Body>
gm_status guarded(const char *function, Body body, const Pointers *...pointers) {
  try {
    if (((pointers == nullptr) || ...))
      return failWith(nullArgument(function));
    if (Status error = body())
      return failWith(*error);
    return GM_OK;
  } catch (const std::bad_alloc &) {
    return failWith({kFailure, "out_of_memory", "out of memory"});
  } catch (const std::exception &e) {
    return failWith({kInternal, "internal", e.what()});
  }
}

} // namespace gradmill::rt
