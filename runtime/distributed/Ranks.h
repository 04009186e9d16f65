// The processes that train one model together, as one of them sees it. Each is a
// rank. All ranks call the same functions in the same order.
//
// A rank that fails ends the whole job: the others would wait for it.
#pragma once

#include "core/Error.h"
#include "gradmill/collective.h"

#include <cstdint>
#include <memory>
#include <string>

namespace gradmill::rt {

class Ranks {
public:
  // `backend` must outlive this object.
  explicit Ranks(const gm_collective &backend) : backend(backend) {}
  ~Ranks() { backend.close(backend.self, 0); }
  Ranks(const Ranks &) = delete;

  int rank() const { return backend.rank; }
  int size() const { return backend.size; }
  bool isFirst() const { return rank() == 0; }

  // See gm_collective.
  void *start(void *memory, const uint64_t *begins);
  void *startSum(float *values, uint64_t count);
  void wait(void *request);
  void progress() { backend.progress(backend.self); }

  // `memory` holds `bytes` of each rank, and this rank has filled in its own.
  void gather(void *memory, uint64_t bytes);
  // Whether any rank says so.
  bool any(bool own);
  // The first of `count` pieces of work that rank `rank` does; the next rank's
  // first one is its end.
  int64_t begin(int64_t count, int rank) const {
    return count * rank / size();
  }

private:
  [[noreturn]] void fail();
  const gm_collective &backend;
};

// Joins the job that --distributed names: "auto" (a job if a launcher has started
// this program, else none), "none", "mpi", a backend's file. Null: there is no
// job, or one process. Errors: usage, no_backend.
Result<std::unique_ptr<Ranks>> joinRanks(const std::string &distributed);

} // namespace gradmill::rt
