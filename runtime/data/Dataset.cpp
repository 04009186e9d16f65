#include "data/Dataset.h"

namespace gradmill::rt {

uint64_t Column::elements() const {
  uint64_t count = 1;
  for (int64_t extent : shape)
    count *= uint64_t(extent);
  return count;
}

const Column *Dataset::find(std::string_view column) const {
  for (const Column &candidate : columns)
    if (candidate.name == column)
      return &candidate;
  return nullptr;
}

} // namespace gradmill::rt
