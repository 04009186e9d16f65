// What a run makes of its validation after each epoch: which epoch was the best,
// whether to stop, whether to lower the rate. Between the trainer, which asks, and
// who decides (Watch.h); the stand-alone trainer has nobody who does.
#pragma once

#include "core/Error.h"

#include <cstdint>
#include <string>

namespace gradmill::rt {

struct EpochReport;

class Judge {
public:
  virtual ~Judge() = default;

  struct Verdict {
    bool best = false; // so far
    bool stop = false;
    std::string note;  // for people, or ""
  };
  // At the end of a whole epoch with a validation.
  virtual Verdict see(const EpochReport &report) = 0;
  // What the schedule's rate becomes.
  virtual double adjust(double rate) const = 0;
  // Whether it has said stop.
  virtual bool stopped() const = 0;
  // The best epoch, from 1, or 0; "loss 0.0612", for people.
  virtual int64_t bestEpoch() const = 0;
  virtual std::string bestText() const = 0;

  // For a checkpoint; false: no such state.
  virtual std::string state() const = 0;
  virtual bool adopt(const std::string &state) = 0;
};

} // namespace gradmill::rt
