#include "data/Dataset.h"

#include <zlib.h>

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

std::string checksumOf(const Dataset &data) {
  uLong crc = 0;
  for (const Column &column : data.columns)
    crc = crc32_z(crc, column.values.data(), column.values.size());
  return "crc32:" + std::to_string(crc) + "/" + std::to_string(data.size());
}

} // namespace gradmill::rt
