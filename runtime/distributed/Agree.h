// Before the first step: whether all ranks are able to train, and about to train
// the same.
#pragma once

#include "core/Error.h"
#include "distributed/Ranks.h"

#include <initializer_list>

namespace gradmill::rt {

// What must be equal on all ranks: a name and a value for people.
struct Fact {
  const char *name, *value;
};

// `own` is what this rank has failed at, if so. All ranks receive the same
// answer. Errors: those of ranks; ranks_differ, with all differences.
Status agree(Ranks &ranks, const Status &own,
             std::initializer_list<Fact> facts);

} // namespace gradmill::rt
