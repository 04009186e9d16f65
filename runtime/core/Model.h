// A model that can run: an artifact with memory and threads. One thread at a
// time may use a Model; several Models are independent.
#pragma once

#include "core/Artifact.h"
#include "core/Buffer.h"
#include "core/ThreadPool.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

// One named state tensor; `data` stays valid as long as the model.
struct Tensor {
  const TensorSpec *spec = nullptr;
  void *data = nullptr;
};

// Values of ports, one sample after another; at most one list for a port.
using PortValues = std::vector<std::pair<const PortSpec *, const void *>>;

// An entry point with its buffer table, bound once.
class BoundEntry {
public:
  const EntrySpec &spec() const { return *entry; }
  // The memory of an input, scalar or output; null if there is none of that
  // name.
  void *buffer(BufferSpec::Kind kind, std::string_view name) const;
  void *input(std::string_view name) const {
    return buffer(BufferSpec::Kind::Input, name);
  }
  const void *output(std::string_view name) const {
    return buffer(BufferSpec::Kind::Output, name);
  }
  // A 0-d output, as a number.
  double number(const PortSpec &port) const;
  // Writes a scalar, if the entry has it: code without dropout takes no seed.
  template <typename T> void setScalar(std::string_view name, T value) {
    if (void *scalar = buffer(BufferSpec::Kind::Scalar, name))
      *static_cast<T *>(scalar) = value;
  }

private:
  friend class Model;
  const EntrySpec *entry = nullptr;
  bool readsPrepared = false;
  bool trains = false; // changes tensors, and reads no averages
  gm_entry_fn function = nullptr;
  std::vector<AlignedBuffer> owned;
  std::vector<void *> table;
};

// One call that an entry made to its parallel callback.
struct CallTime {
  int64_t tasks;
  double seconds;
};

class Ranks;
class SharedEntry;

// Checks that the values of a target are class numbers, because compiled code
// uses them as indices. Error: bad_label.
Status checkClasses(const PortSpec &port, const void *values, int64_t samples);

class Model {
public:
  // threads: 1..64 or 0 (one per core). Tensors hold their seed-1 initial
  // values until init, or a checkpoint, replaces them.
  static Result<std::unique_ptr<Model>>
  create(std::shared_ptr<const Artifact> artifact, int threads);

  const Artifact &artifact() const { return *code; }
  const Manifest &manifest() const { return code->manifest(); }

  void init(uint64_t seed);

  const std::vector<Tensor> &tensors() const { return state; }
  const Tensor *tensor(std::string_view name) const;
  // The first with an element that is infinite or NaN; null if there is none.
  const Tensor *firstNotFinite() const;

  int threads() const { return pool->threads(); }
  Status setThreads(int threads);
  // From now on training is shared with the other ranks; `ranks` must outlive
  // the model. With `fast`, each rank adds up its own partial sums before it
  // sends them. Error: too_many_ranks.
  Status share(Ranks &ranks, bool fast);
  // The samples of a batch to train on that this process needs, from the first
  // to before the last: all, unless training is shared.
  std::pair<int64_t, int64_t> neededSamples() const;

  // Null if the artifact lacks it (a model compiled for inference only).
  BoundEntry *entry(std::string_view name);
  // The entry that does `what` for the largest batch, or an error that says how
  // to get it.
  Result<BoundEntry *> require(std::string_view what);
  // The same for the one that takes a batch to train on.
  Result<BoundEntry *> requireTraining();

  // Runs `prepare` first, if the entry reads its results and tensors have
  // changed since.
  void run(BoundEntry &entry);
  // The same with each parallel call timed, in order. The code is not
  // instrumented: only the callback differs.
  void runTimed(BoundEntry &entry, std::vector<CallTime> &calls);
  // Runs the caller's own tasks on the model's threads.
  void parallel(gm_task_fn task, void **buffers, int64_t count) {
    ThreadPool::Session session(*pool);
    pool->run(task, buffers, count);
  }
  // Call this after writing to a tensor. init and the training step do it
  // themselves.
  void tensorsChanged() { stale = true; }
  // From now on tensors may change without notice, so `run` compares them.
  void tensorsExposed() { exposed = true; }

  // Predictions of any number of samples: `data` holds [count, ...port.shape]
  // for each data port, `predictions` the same for each prediction. Run in
  // batches, the last one padded with zeros; a few one by one, if there is an
  // entry for that. Error: no_entry.
  Status infer(std::span<const void *const> data, int64_t count,
               std::span<void *const> predictions);
  // The losses and metrics (in the order of `scores`) of any number of samples,
  // as means over them, from what the entry reads: predictions, targets, data.
  // Error: no_entry.
  Result<std::vector<double>> score(const PortValues &values, int64_t count);
  // The ports that a loss entry gives: the loss, then the metrics.
  std::vector<const PortSpec *> scores() const;
  // Part `part` of an optimizer step, of manifest().stepParts(), on a full
  // batch from sample `from` of the values on. The loss and the metrics, before
  // the step, are then outputs of the training entry. The last part updates the
  // model.
  Status trainPart(const PortValues &values, int64_t from, int64_t part,
                   float learningRate, uint64_t seed, int64_t step);
  // Called before each update of a model that accumulates, with its sums of
  // gradients, which may be changed. If it fails, nothing is updated and the
  // sums are dropped.
  std::function<Status(const std::vector<Tensor> &)> onGradients;

  // What inference reads for a tensor: its average, if it has one.
  void *evaluated(size_t tensor) const { return averaged[tensor]; }
  // Starts averages again from the averaged tensors. Call this after replacing
  // the weights; init does it itself.
  void resetAverages();
  void clearGradients();

  // The only data port, the only prediction. Error: several_ports.
  Result<const PortSpec *> onlyPort(PortRole role) const;
  // One sample of bytes [C, ...] to (byte / 255 - mean) / std, per channel.
  static void normalize(const PortSpec &port, const uint8_t *bytes,
                        float *values);
  // Log-probabilities [count, C] from a prediction of any meaning: log_softmax
  // of scores, logarithms of probabilities. In place.
  static void toLogProbabilities(const PortSpec &prediction, float *rows,
                                 int64_t count);

  ~Model();

private:
  Model();
  Status allocate();
  Status bind(const EntrySpec &spec);
  BoundEntry *bound(const EntrySpec *spec);
  // Samples `from`..`from + count - 1`, by an entry of at least that batch.
  void inferSome(BoundEntry &entry, std::span<const void *const> data,
                 int64_t from, int64_t count,
                 std::span<void *const> predictions);
  void scoreSome(BoundEntry &entry, const PortValues &values, int64_t from,
                 std::vector<double> &sums);
  Status prepareBuffer(const BufferSpec &spec, void **memory);
  void prepare();
  Status update(float learningRate, int64_t step);
  void feedTraining(const BoundEntry &entry, const PortValues &values,
                    int64_t from);
  void call(BoundEntry &entry, gm_parallel_fn parallel, void *context);
  bool differsFromSnapshot();

  std::shared_ptr<const Artifact> code;
  std::unique_ptr<ThreadPool> pool;
  std::vector<AlignedBuffer> storage; // of `state`
  std::vector<Tensor> state;
  std::vector<void *> averaged; // of each: its own memory, or its average's
  // Scratch has no meaning between calls, so the entries share it.
  AlignedBuffer arena;
  std::map<std::string, BoundEntry, std::less<>> entries;
  // The results of `prepare`, by name; out of date if `stale`. Once tensors are
  // exposed, `snapshot` holds their values at its last run.
  std::map<std::string, AlignedBuffer> prepared;
  std::unique_ptr<SharedEntry> shared; // of the entry that trains, or null
  bool stale = true, exposed = false;
  std::vector<char> snapshot;
};

} // namespace gradmill::rt
