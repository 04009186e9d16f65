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

#include "data/Random.h"
#include "data/Warp.h"

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
  Impl(const Dataset &data, LoaderOptions given)
      : data(data), options(std::move(given)),
        warper(data.channels, data.height, data.width, options.mean,
               options.std) {
    const Augmentation &a = options.augment;
    augments = a.rotationDegrees != 0 || a.translatePixels != 0 ||
               a.scale != 0 || a.shearDegrees != 0;
    options.batch = std::max<int64_t>(options.batch, 1);
    int64_t size = int64_t(data.size()), batch = options.batch;
    batches = size / batch + (!options.dropLast && size % batch != 0);

    if (options.prefetch > 0) {
      try {
        producer = std::thread([this] { produce(); });
      } catch (const std::system_error &) {
        options.prefetch = 0; // no thread to be had: slower, not wrong
      }
    }
    // One more than is prepared ahead: the batch that the consumer holds.
    slots.resize(size_t(std::max(options.prefetch, 0)) + 1);
    std::lock_guard lock(mutex);
    for (Slot &slot : slots) {
      slot.batch.images.resize(size_t(batch) * data.imageBytes());
      slot.batch.labels.resize(size_t(batch));
      idle.push_back(&slot);
    }
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
    auto order = makeOrder(data.size(), options, number);
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
    size_t image = data.imageBytes();
    int64_t first = index * options.batch;
    batch.valid = std::min(options.batch, int64_t(data.size()) - first);
    for (int64_t i = 0; i < batch.valid; ++i) {
      uint64_t sample = (*of.order)[size_t(first + i)];
      const uint8_t *source = data.images.data() + sample * image;
      float *target = batch.images.data() + size_t(i) * image;
      batch.labels[size_t(i)] = data.labels[sample];
      if (augments) {
        RandomStream random(options.seed, Purpose::Augment, uint64_t(of.number),
                            sample);
        Affine map =
            drawAffine(options.augment, data.height, data.width, random);
        warper.warp(source, map, target);
      } else {
        warper.normalize(source, target);
      }
    }
    std::fill(batch.images.begin() + ptrdiff_t(size_t(batch.valid) * image),
              batch.images.end(), 0.0f);
    std::fill(batch.labels.begin() + batch.valid, batch.labels.end(), 0);
  }

  const Dataset &data;
  LoaderOptions options;
  Warper warper; // used by the producer, or by the caller when there is none
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

Loader::Loader(const Dataset &data, LoaderOptions options)
    : impl(std::make_unique<Impl>(data, std::move(options))) {}
Loader::~Loader() = default;
int64_t Loader::batchesPerEpoch() const { return impl->batches; }
void Loader::start(int64_t epoch, int64_t first) { impl->start(epoch, first); }
const Batch *Loader::next() { return impl->next(); }

} // namespace gradmill::rt
