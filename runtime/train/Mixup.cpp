#include "train/Mixup.h"

#include "core/ManifestLimits.h"
#include "core/Text.h"

#include <cstring>
#include <string_view>

namespace gradmill::rt {

void mixNeighbours(const float *from, float *to, int64_t count, int64_t size,
                   float share) {
  for (int64_t i = 0; i < count; ++i) {
    const float *own = from + i * size, *other = from + (i + 1) % count * size;
    for (int64_t k = 0; k < size; ++k)
      to[i * size + k] = own[k] + share * (other[k] - own[k]);
  }
}

namespace {

class Mixup : public Mixer {
public:
  Mixup(const Manifest &manifest, int64_t batch)
      : manifest(manifest), batch(batch) {}

  void take(std::vector<const PortSpec *> &ports) override {
    std::erase_if(ports, [](const PortSpec *port) {
      return port->name.ends_with(kMixedSuffix);
    });
  }

  Status begin(const Augmenter &augmenter, const std::vector<PortColumn> &columns,
               uint64_t runSeed) override {
    mixing = &augmenter, seed = runSeed;
    for (const PortColumn &pair : columns) {
      const PortSpec &port = *pair.port;
      Part part{nullptr, {}};
      if (port.role == PortRole::Target)
        part.other = manifest.port(port.name + kMixedSuffix);
      else if (port.dtype != DType::F32)
        return makeError(kUsage, "mixup",
                         {"mixup: the input \"", port.name, "\" is ",
                          portText(port),
                          ", and only f32 can be mixed; leave mixup out"});
      auto made = AlignedBuffer::allocate(uint64_t(batch) * port.bytes(), "mixup");
      if (!made)
        return made.error();
      part.mixed = std::move(*made);
      parts.push_back(std::move(part));
    }
    return ok;
  }

  void mix(BoundEntry &entry, PortValues &values, int64_t number) override {
    float share = mixing->mixedShare(seed, number);
    entry.setScalar(kMixup, share);
    for (size_t i = 0; i < parts.size(); ++i) {
      auto &[port, data] = values[i];
      void *mixed = parts[i].mixed.data();
      if (port->role == PortRole::Target) {
        shift(data, mixed, port->bytes());
        if (parts[i].other)
          values.push_back({parts[i].other, mixed});
      } else {
        mixNeighbours(static_cast<const float *>(data), static_cast<float *>(mixed),
                      batch, int64_t(port->bytes() / sizeof(float)), share);
        data = mixed;
      }
    }
  }

private:
  struct Part { // of a column
    const PortSpec *other; // for the targets of the samples that are mixed in
    AlignedBuffer mixed;
  };

  // The targets of the neighbours.
  void shift(const void *from, void *to, uint64_t bytes) const {
    const char *values = static_cast<const char *>(from);
    std::memcpy(to, values + bytes, size_t(uint64_t(batch - 1) * bytes));
    std::memcpy(static_cast<char *>(to) + uint64_t(batch - 1) * bytes, values, bytes);
  }

  const Manifest &manifest;
  const int64_t batch;
  const Augmenter *mixing = nullptr;
  uint64_t seed = 0;
  std::vector<Part> parts; // in the columns' order
};
} // namespace

std::unique_ptr<Mixer> makeMixer(const Manifest &manifest, const EntrySpec &entry) {
  if (!entry.find(BufferSpec::Kind::Scalar, kMixup))
    return nullptr;
  return std::make_unique<Mixup>(manifest, entry.batch);
}

} // namespace gradmill::rt
