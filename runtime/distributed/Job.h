// The ranks of a job, over a backend that moves their bytes.
//
// A rank that fails ends the whole job: the others would wait for it.
#pragma once

#include "distributed/Ranks.h"
#include "gradmill/collective.h"

#include <string>

namespace gradmill::rt {

class Job final : public Ranks {
public:
  // `backend` must outlive this object.
  explicit Job(const gm_collective &backend) : backend(backend) {
    rank = backend.rank;
    size = backend.size;
  }
  ~Job() override { backend.close(backend.self, 0); }
  Job(const Job &) = delete;

  void gather(void *memory, const uint64_t *begins) override {
    wait(start(memory, begins));
  }
  bool any(bool own) override;
  Status agree(const Status &own, std::initializer_list<Fact> facts) override;
  Result<std::unique_ptr<SharedEntry>> share(const char *manifest,
                                             const EntrySpec &entry,
                                             void *const *table,
                                             bool fast) override;

  // See gm_collective.
  void *start(void *memory, const uint64_t *begins);
  void *startSum(float *values, uint64_t count);
  void wait(void *request);
  void progress() { backend.progress(backend.self); }

private:
  [[noreturn]] void fail();
  const gm_collective &backend;
};

// Joins the job that --distributed names: "auto" (a job if a launcher has started
// this program, else none), "none", "mpi", a backend's file. Null: there is no
// job. Errors: usage, no_backend.
Result<std::unique_ptr<Ranks>> joinRanks(const std::string &distributed);

} // namespace gradmill::rt
