// The consumer calls start() and next(); one producer thread fills batches
// ahead.
//
// Slots travel in a circle: free -> being filled -> ready -> held by the
// consumer -> free. Every start() begins a new generation: batches of an older
// one go straight back to the free slots, so an epoch can be left at any moment
// without waiting for its end.
//
// A batch is a pure function of (order, seed, epoch, number), so it does not
// matter which thread makes it, nor when.
#include "data/Loader.h"

#include "data/Convert.h"
#include "data/Random.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace gradmill::rt {
namespace {

using Order = std::vector<uint64_t>;

// Fisher-Yates over all samples, keyed by (seed, epoch).
std::shared_ptr<const Order>
makeOrder(size_t size, const LoaderOptions &options, int64_t epoch) {
  auto order = std::make_shared<Order>(size);
  for (size_t i = 0; i < size; ++i)
    (*order)[i] = i;
  if (options.shuffle) {
    RandomStream random(options.seed, Purpose::Shuffle, uint64_t(epoch));
    for (size_t i = size; i > 1; --i)
      std::swap((*order)[i - 1], (*order)[random.below(i)]);
  }
  return order;
}

struct Epoch {
  std::shared_ptr<const Order> order;
  int64_t number = 0;
  uint64_t generation = 0;
};

struct Slot {
  Batch batch;
  int64_t index = 0;
};

} // namespace

struct Loader::Impl {
  Impl(const Dataset &data, const std::vector<PortColumn> &ports,
       LoaderOptions given)
      : samples(data.size()), options(std::move(given)),
        conversions(ports.begin(), ports.end()) {
    const Augmentation &a = options.augment;
    augments = options.augmenter || a.rotationDegrees != 0 || a.translatePixels != 0 ||
               a.scale != 0 || a.shearDegrees != 0;
    options.batch = std::max<int64_t>(options.batch, 1);
    int64_t size = int64_t(samples), batch = options.batch;
    batches = size / batch + (!options.dropLast && size % batch != 0);
    if (options.prefetch > 0) {
      try {
        producer = std::thread([this] { produce(); });
      } catch (const std::system_error &) {
        options.prefetch = 0; // no thread available: slower, not wrong
      }
    }
  }

  // The producer waits for the first start().
  Status makeSlots(const std::vector<PortColumn> &ports) {
    // One more than are prepared ahead: the batch that the consumer holds.
    slots.resize(size_t(std::max(options.prefetch, 0)) + 1);
    std::lock_guard lock(mutex);
    for (Slot &slot : slots) {
      for (const PortColumn &pair : ports) {
        uint64_t bytes;
        if (__builtin_mul_overflow(uint64_t(options.batch), pair.port->bytes(),
                                   &bytes))
          bytes = UINT64_MAX; // which no machine has
        auto values =
            AlignedBuffer::allocate(bytes, "batches of " + pair.port->name);
        if (!values)
          return values.error();
        slot.batch.values.push_back(std::move(*values));
      }
      idle.push_back(&slot);
    }
    return ok;
  }

  ~Impl() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    if (producer.joinable())
      producer.join();
  }

  void start(int64_t number, int64_t first) {
    auto order = makeOrder(samples, options, number);
    {
      std::lock_guard lock(mutex);
      epoch = {std::move(order), number, epoch.generation + 1};
      toMake = toGive = std::clamp<int64_t>(first, 0, batches);
      for (Slot *slot : ready)
        idle.push_back(slot);
      ready.clear();
      giveBack();
    }
    changed.notify_all();
  }

  const Batch *next() {
    std::unique_lock lock(mutex);
    giveBack();
    if (!epoch.order || toGive == batches)
      return nullptr;
    if (options.prefetch == 0) {
      held = idle.front();
      idle.pop_front();
      fill(*held, epoch, toGive++);
      return &held->batch;
    }
    changed.notify_all(); // a slot came back
    changed.wait(lock, [&] { return !ready.empty(); });
    held = ready.front();
    ready.pop_front();
    ++toGive;
    return &held->batch;
  }

  void produce() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] {
        return stopping || (epoch.order && toMake < batches && !idle.empty());
      });
      if (stopping)
        return;
      Slot *slot = idle.front();
      idle.pop_front();
      Epoch of = epoch;
      int64_t index = toMake++;
      lock.unlock();
      fill(*slot, of, index);
      lock.lock();
      bool current = of.generation == epoch.generation;
      (current ? ready : idle).push_back(slot);
      changed.notify_all();
    }
  }

  void giveBack() {
    if (held)
      idle.push_back(held);
    held = nullptr;
  }

  void fill(Slot &slot, const Epoch &of, int64_t index) {
    Batch &batch = slot.batch;
    uint64_t first = uint64_t(index * options.batch);
    batch.valid = std::min(options.batch, int64_t(samples - first));
    for (size_t p = 0; p < conversions.size(); ++p) {
      uint64_t size = batch.values[p].size() / uint64_t(options.batch);
      uint8_t *target =
          batch.values[p].as<uint8_t>() + uint64_t(options.first) * size;
      for (int64_t i = options.first; i < std::min(batch.valid, options.last);
           ++i, target += size) {
        uint64_t sample = (*of.order)[first + uint64_t(i)];
        // Pictures of one sample get the same warp.
        if (options.augmenter && conversions[p].warps())
          conversions[p].augment(*options.augmenter, options.seed, of.number,
                                 sample, target);
        else if (augments && conversions[p].warps())
          conversions[p].warp(sample, options.augment,
                              RandomStream(options.seed, Purpose::Augment,
                                           uint64_t(of.number), sample),
                              target);
        else
          conversions[p].write(sample, target);
      }
      if (options.last >= options.batch)
        std::memset(target, 0, size_t(options.batch - batch.valid) * size);
    }
  }

  const uint64_t samples;
  LoaderOptions options;
  // One for each port; used by the producer, or by the caller without one.
  std::vector<Conversion> conversions;
  bool augments = false;
  int64_t batches = 0;
  std::vector<Slot> slots;

  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by `mutex`:
  Epoch epoch;
  int64_t toMake = 0, toGive = 0;
  std::deque<Slot *> idle, ready;
  Slot *held = nullptr;
  bool stopping = false;
  std::thread producer;
};

Result<std::unique_ptr<Loader>> Loader::create(const Dataset &data,
                                               std::vector<PortColumn> ports,
                                               LoaderOptions options) {
  auto impl = std::make_unique<Impl>(data, ports, std::move(options));
  if (Status bad = impl->makeSlots(ports))
    return *bad;
  return std::unique_ptr<Loader>(new Loader(std::move(impl)));
}

Loader::Loader(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Loader::~Loader() = default;
int64_t Loader::batchesPerEpoch() const { return impl->batches; }
void Loader::start(int64_t epoch, int64_t first) { impl->start(epoch, first); }
const Batch *Loader::next() { return impl->next(); }

} // namespace gradmill::rt
