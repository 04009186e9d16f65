// How several processes share an entry's work: the manifest's "shared"
// (docs/manifest.md). No other part of the runtime reads it; the compiler checks
// by it what it has written.
#pragma once

#include "core/Manifest.h"

namespace gradmill::rt {

// Rows of a buffer that processes tell each other. All numbers are in bytes,
// from `offset` of the buffer on.
struct ExchangeSpec {
  int64_t after = 0, before = 0; // calls of a run
  size_t buffer = 0;
  uint64_t offset = 0, bytes = 0;
  uint64_t unitBytes = 0, units = 0; // the last one may be cut short
  bool isSum = false; // the rows of a unit are only ever added to the others'
};

struct SharedSpec {
  int64_t chunks = 0;       // of the work; 0: it cannot be shared
  std::vector<int64_t> own; // calls of which a process runs its tasks only
  std::vector<ExchangeSpec> exchanges; // by `before`
  // Samples of a unit, and units, of which a process needs its own; 0: it needs
  // all samples.
  int64_t unitSamples = 0, units = 0;

  // Where chunk `chunk` of `units` begins.
  uint64_t begin(uint64_t units, int64_t chunk) const {
    return units * uint64_t(chunk) / uint64_t(chunks);
  }
  // What ranks exchange in a run, in bytes.
  uint64_t bytes() const;
};

// Of an entry of a manifest that has been checked. Error: bad_manifest.
Result<SharedSpec> readShared(const char *manifest, const EntrySpec &entry);

// The first rule that an entry's "shared" breaks, or "".
std::string sharedProblem(const char *manifest, const Manifest &entries);

// Whether so many ranks can share the entry. Error: too_many_ranks.
Status checkRanks(const SharedSpec &shared, const EntrySpec &entry, int ranks);

} // namespace gradmill::rt
