#include "core/Model.h"

#include "core/Init.h"
#include "core/Text.h"
#include "distributed/Ranks.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

namespace gradmill::rt {

void *BoundEntry::buffer(BufferSpec::Kind kind, std::string_view name) const {
  for (size_t i = 0; i < table.size(); ++i)
    if (entry->buffers[i].kind == kind && entry->buffers[i].name == name)
      return table[i];
  return nullptr;
}

Model::Model() = default;
Model::~Model() = default;

Result<std::unique_ptr<Model>>
Model::create(std::shared_ptr<const Artifact> artifact, int threads) {
  std::unique_ptr<Model> model(new Model);
  model->code = std::move(artifact);
  if (Status error = model->setThreads(threads))
    return *error;
  if (Status error = model->allocate())
    return *error;
  model->init(1);
  return model;
}

Status Model::allocate() {
  const std::string &origin = code->origin();
  for (const TensorSpec &spec : manifest().tensors) {
    auto buffer =
        AlignedBuffer::allocate(spec.bytes, origin + ": " + spec.name);
    if (!buffer)
      return buffer.error();
    state.push_back({&spec, buffer->data()});
    storage.push_back(std::move(*buffer));
  }
  for (const Tensor &tensor : state)
    averaged.push_back(tensor.data);
  for (const Tensor &tensor : state)
    if (tensor.spec->role == Role::Average)
      averaged[tensor.spec->of] = tensor.data;
  uint64_t arenaBytes = 0;
  for (const EntrySpec &entry : manifest().entries)
    arenaBytes = std::max(arenaBytes, entry.arenaBytes);
  auto scratch = AlignedBuffer::allocate(arenaBytes, origin + ": arena");
  if (!scratch)
    return scratch.error();
  arena = std::move(*scratch);
  for (const EntrySpec &entry : manifest().entries)
    if (Status error = bind(entry))
      return error;
  return ok;
}

Status Model::bind(const EntrySpec &spec) {
  BoundEntry bound;
  bound.entry = &spec;
  bound.trains = spec.does == kTrain || spec.does == kAccumulate ||
                 spec.does == kUpdate;
  bound.function = code->function(spec.name);
  for (const BufferSpec &buffer : spec.buffers) {
    if (buffer.kind == BufferSpec::Kind::Arena) {
      bound.table.push_back(arena.data());
    } else if (buffer.kind == BufferSpec::Kind::State) {
      bound.table.push_back(bound.trains ? state[buffer.tensor].data
                                         : evaluated(buffer.tensor));
    } else if (buffer.kind == BufferSpec::Kind::Prepared) {
      void *memory = nullptr;
      if (Status error = prepareBuffer(buffer, &memory))
        return error;
      bound.table.push_back(memory);
      bound.readsPrepared = spec.does != kPrepare;
    } else {
      auto memory = AlignedBuffer::allocate(
          buffer.bytes, code->origin() + ": " + spec.name + "." + buffer.name);
      if (!memory)
        return memory.error();
      bound.table.push_back(memory->data());
      bound.owned.push_back(std::move(*memory));
    }
  }
  entries.emplace(spec.name, std::move(bound));
  return ok;
}

Status Model::prepareBuffer(const BufferSpec &spec, void **memory) {
  auto it = prepared.find(spec.name);
  if (it == prepared.end()) {
    auto buffer =
        AlignedBuffer::allocate(spec.bytes, code->origin() + ": " + spec.name);
    if (!buffer)
      return buffer.error();
    it = prepared.emplace(spec.name, std::move(*buffer)).first;
  }
  *memory = it->second.data();
  return ok;
}

void Model::init(uint64_t seed) {
  tensorsChanged();
  for (size_t i = 0; i < state.size(); ++i)
    initTensor(*state[i].spec, i, seed, code->data(), state[i].data);
  resetAverages();
}

void Model::resetAverages() {
  for (const Tensor &tensor : state)
    if (tensor.spec->role == Role::Average && tensor.spec->bytes)
      std::memcpy(tensor.data, state[tensor.spec->of].data, tensor.spec->bytes);
  tensorsChanged();
}

void Model::clearGradients() {
  for (const Tensor &tensor : state)
    if (tensor.spec->role == Role::Gradient)
      std::memset(tensor.data, 0, tensor.spec->bytes);
}

const Tensor *Model::tensor(std::string_view name) const {
  for (const Tensor &tensor : state)
    if (tensor.spec->name == name)
      return &tensor;
  return nullptr;
}

template <typename T> static bool allFinite(const Tensor &tensor) {
  auto *values = static_cast<const T *>(tensor.data);
  return std::all_of(values, values + tensor.spec->elements,
                     [](T value) { return std::isfinite(value); });
}

const Tensor *Model::firstNotFinite() const {
  for (const Tensor &tensor : state)
    if ((tensor.spec->dtype == DType::F32 && !allFinite<float>(tensor)) ||
        (tensor.spec->dtype == DType::F64 && !allFinite<double>(tensor)))
      return &tensor;
  return nullptr;
}

Status Model::setThreads(int threads) {
  uint64_t scratch = 0;
  for (const EntrySpec &entry : manifest().entries)
    scratch = std::max(scratch, entry.scratchBytes);
  auto replacement = ThreadPool::create(threads, scratch);
  if (!replacement)
    return replacement.error();
  pool = std::move(*replacement);
  return ok;
}

BoundEntry *Model::entry(std::string_view name) {
  auto it = entries.find(name);
  return it == entries.end() ? nullptr : &it->second;
}

BoundEntry *Model::bound(const EntrySpec *spec) {
  return spec ? entry(spec->name) : nullptr;
}

Result<BoundEntry *> Model::require(std::string_view what) {
  if (BoundEntry *found = bound(manifest().doing(what)))
    return found;
  std::string fix = what == kLoss ? "name a loss with --loss when you compile it"
                                  : "compile it with --" + std::string(what);
  return makeError(kBadInput, "no_entry",
                   {code->origin(), ": model \"", manifest().name,
                    "\" has no entry for \"", std::string(what), "\"; ", fix});
}

Result<BoundEntry *> Model::requireTraining() {
  return require(manifest().accumulate ? kAccumulate : kTrain);
}

Status Model::share(Ranks &ranks, bool fast) {
  auto found = requireTraining();
  if (!found)
    return found.error();
  auto made = ranks.share(code->manifestText(), (*found)->spec(),
                          (*found)->table.data(), fast);
  if (!made)
    return made.error();
  shared = std::move(*made);
  return ok;
}

std::pair<int64_t, int64_t> Model::neededSamples() const {
  if (!kAlone && shared)
    return {shared->first, shared->last};
  return {0, manifest().training()->batch};
}

void Model::run(BoundEntry &entry) {
  if (entry.readsPrepared)
    prepare();
  if (!kAlone && shared && entry.entry == manifest().training()) {
    shared->begin(*pool);
    call(entry, shared->parallel, shared.get());
    return shared->end();
  }
  call(entry, ThreadPool::parallel, pool.get());
}

void Model::call(BoundEntry &entry, gm_parallel_fn parallel, void *context) {
  ThreadPool::Session session(*pool);
  entry.function(entry.table.data(), parallel, context);
  if (guardEdge())
    GuardedBuffer::checkAll();
  if (entry.trains)
    tensorsChanged();
}

void Model::prepare() {
  if (exposed && differsFromSnapshot())
    stale = true;
  if (!stale)
    return;
  call(*bound(manifest().doing(kPrepare)), ThreadPool::parallel, pool.get());
  stale = false;
}

// Compares the tensors that `prepare` reads with their last values, and stores
// the new ones. About a microsecond for 50 KB; preparing again takes several.
bool Model::differsFromSnapshot() {
  const BoundEntry &entry = *bound(manifest().doing(kPrepare));
  uint64_t bytes = 0;
  for (const BufferSpec &buffer : entry.spec().buffers)
    if (buffer.kind == BufferSpec::Kind::State)
      bytes += manifest().tensors[buffer.tensor].bytes;
  bool differs = snapshot.size() != bytes;
  snapshot.resize(bytes);
  char *known = snapshot.data();
  for (size_t i = 0; i < entry.table.size(); ++i) {
    const BufferSpec &buffer = entry.spec().buffers[i];
    if (buffer.kind != BufferSpec::Kind::State)
      continue;
    uint64_t size = manifest().tensors[buffer.tensor].bytes;
    if (differs || std::memcmp(known, entry.table[i], size)) {
      std::memcpy(known, entry.table[i], size);
      differs = true;
    }
    known += size;
  }
  return differs;
}

namespace {
struct TimedPool {
  ThreadPool *pool;
  std::vector<CallTime> *calls;
};
} // namespace

static void timedParallel(void *context, gm_task_fn task, void **buffers,
                          int64_t count) {
  using Clock = std::chrono::steady_clock;
  auto *timed = static_cast<TimedPool *>(context);
  auto begin = Clock::now();
  timed->pool->run(task, buffers, count);
  std::chrono::duration<double> elapsed = Clock::now() - begin;
  timed->calls->push_back({count, elapsed.count()});
}

void Model::runTimed(BoundEntry &entry, std::vector<CallTime> &calls) {
  if (entry.readsPrepared)
    prepare();
  calls.clear();
  TimedPool timed{pool.get(), &calls};
  call(entry, timedParallel, &timed);
}

Result<const PortSpec *> Model::onlyPort(PortRole role) const {
  std::vector<const PortSpec *> ports = manifest().portsOf(role);
  if (ports.size() == 1)
    return ports.front();
  std::string names;
  for (const PortSpec *port : ports)
    names += (names.empty() ? "" : ", ") + port->name;
  return makeError(kUsage, "several_ports",
                   {"model \"", manifest().name, "\" has ", ports.size(),
                    " ports for ", portRoleName(role), " (", names,
                    "), and this call is for one; run an entry with all of its "
                    "ports instead"});
}

void Model::normalize(const PortSpec &port, const uint8_t *bytes,
                      float *values) {
  size_t channels = port.shape.empty() ? 1 : size_t(port.shape[0]);
  size_t plane = port.elements / channels;
  for (size_t c = 0; c < channels; ++c) {
    float mean = port.mean[port.mean.size() == 1 ? 0 : c];
    float deviation = port.std[port.std.size() == 1 ? 0 : c];
    for (size_t i = c * plane; i < (c + 1) * plane; ++i)
      values[i] = (float(bytes[i]) / 255.0f - mean) / deviation;
  }
}

static const char *bytesOf(const void *values, const PortSpec &port,
                           int64_t sample) {
  return static_cast<const char *>(values) + uint64_t(sample) * port.bytes();
}

//===-- Inference ---------------------------------------------------------===//

// A few samples are faster one by one than as a padded batch. The limit must
// not depend on the number of threads, because the two differ in the last bits.
static constexpr int64_t kSingleShare = 8;

void Model::inferSome(BoundEntry &entry, std::span<const void *const> data,
                      int64_t from, int64_t count,
                      std::span<void *const> predictions) {
  auto rest = size_t(entry.spec().batch - count);
  size_t i = 0;
  for (const PortSpec *port : manifest().portsOf(PortRole::Data)) {
    auto *input = static_cast<char *>(entry.input(port->name));
    size_t bytes = size_t(count) * port->bytes();
    std::memcpy(input, bytesOf(data[i++], *port, from), bytes);
    std::memset(input + bytes, 0, rest * port->bytes());
  }
  run(entry);
  i = 0;
  for (const PortSpec *port : manifest().portsOf(PortRole::Prediction))
    std::memcpy(const_cast<char *>(bytesOf(predictions[i++], *port, from)),
                entry.output(port->name), size_t(count) * port->bytes());
}

Status Model::infer(std::span<const void *const> data, int64_t count,
                    std::span<void *const> predictions) {
  auto found = require(kInfer);
  if (!found)
    return found.error();
  const int64_t batch = (*found)->spec().batch;
  BoundEntry *single = bound(manifest().doingSingly(kInfer));
  int64_t done = 0;
  for (int64_t part; done < count; done += part) {
    bool few = single && count - done <= std::max<int64_t>(batch / kSingleShare, 1);
    part = few ? 1 : std::min(batch, count - done);
    inferSome(few ? *single : **found, data, done, part, predictions);
  }
  return ok;
}

static void logSoftmax(float *row, size_t count) {
  float largest = *std::max_element(row, row + count);
  double sum = 0;
  for (size_t i = 0; i < count; ++i)
    sum += std::exp(double(row[i] - largest));
  for (size_t i = 0; i < count; ++i)
    row[i] = float(double(row[i] - largest) - std::log(sum));
}

void Model::toLogProbabilities(const PortSpec &prediction, float *rows,
                               int64_t count) {
  const size_t classes = size_t(prediction.elements);
  const size_t values = size_t(count) * classes;
  if (prediction.meaning == Meaning::Probabilities)
    std::transform(rows, rows + values, rows,
                   [](float value) { return std::log(value); });
  if (prediction.meaning == Meaning::Scores)
    for (size_t i = 0; i < values; i += classes)
      logSoftmax(rows + i, classes);
}

template <typename T>
static Status checkNumbers(const PortSpec &port, const T *values,
                           uint64_t count) {
  for (uint64_t i = 0; i < count; ++i)
    if (int64_t(values[i]) != port.ignore.value_or(0) &&
        (int64_t(values[i]) < 0 || int64_t(values[i]) >= port.classes))
      return makeError(kUsage, "bad_label",
                       {port.name, "[", i, "] is ", values[i], ", not in 0..",
                        port.classes - 1});
  return ok;
}

Status checkClasses(const PortSpec &port, const void *values, int64_t samples) {
  uint64_t count = uint64_t(samples) * port.elements;
  if (port.classes == 0)
    return ok;
  if (port.dtype == DType::I32)
    return checkNumbers(port, static_cast<const int32_t *>(values), count);
  if (port.dtype == DType::I64)
    return checkNumbers(port, static_cast<const int64_t *>(values), count);
  return ok;
}

//===-- Losses and metrics ------------------------------------------------===//

double BoundEntry::number(const PortSpec &port) const {
  const void *value = output(port.name);
  return port.dtype == DType::F64 ? *static_cast<const double *>(value)
                                  : double(*static_cast<const float *>(value));
}

std::vector<const PortSpec *> Model::scores() const {
  std::vector<const PortSpec *> ports = manifest().portsOf(PortRole::Loss);
  for (const PortSpec *metric : manifest().portsOf(PortRole::Metric))
    ports.push_back(metric);
  return ports;
}

// Copies a batch, from sample `from` on, to the entry's inputs.
static void feed(const BoundEntry &entry, const PortValues &values,
                 int64_t from) {
  for (auto [port, data] : values)
    if (void *input = entry.input(port->name))
      std::memcpy(input, bytesOf(data, *port, from),
                  size_t(entry.spec().batch) * port->bytes());
}

// Only what this process needs: the rest may not be there.
void Model::feedTraining(const BoundEntry &entry, const PortValues &values,
                         int64_t from) {
  auto [first, last] = neededSamples();
  for (auto [port, data] : values)
    if (auto *input = static_cast<char *>(entry.input(port->name)))
      std::memcpy(input + uint64_t(first) * port->bytes(),
                  bytesOf(data, *port, from + first),
                  size_t(last - first) * port->bytes());
}

void Model::scoreSome(BoundEntry &entry, const PortValues &values, int64_t from,
                      std::vector<double> &sums) {
  feed(entry, values, from);
  run(entry);
  size_t i = 0;
  for (const PortSpec *port : scores())
    sums[i++] += entry.number(*port) * double(entry.spec().batch);
}

Result<std::vector<double>> Model::score(const PortValues &values,
                                         int64_t count) {
  auto found = require(kLoss);
  if (!found)
    return found.error();
  std::vector<double> means(scores().size(), 0.0);
  BoundEntry *single = bound(manifest().doingSingly(kLoss));
  const int64_t batch = (*found)->spec().batch;
  int64_t done = 0;
  for (; count - done >= batch; done += batch)
    scoreSome(**found, values, done, means);
  if (done < count && !single)
    return makeError(kBadInput, "no_entry",
                     {"model \"", manifest().name,
                      "\" computes its loss for whole batches of ", batch,
                      " only, but ", count - done, " samples are left"});
  for (; done < count; ++done)
    scoreSome(*single, values, done, means);
  for (double &mean : means)
    mean /= double(std::max<int64_t>(count, 1));
  return means;
}

Status Model::trainPart(const PortValues &values, int64_t from, int64_t part,
                        float learningRate, uint64_t seed, int64_t step) {
  auto found = requireTraining();
  if (!found)
    return found.error();
  BoundEntry &entry = **found;
  const int64_t parts = manifest().stepParts();
  feedTraining(entry, values, from);
  entry.setScalar("learning_rate", learningRate);
  entry.setScalar("seed", int64_t(seed));
  // Each part has masks of its own.
  entry.setScalar("step",
                  int64_t(uint64_t(step) * uint64_t(parts) + uint64_t(part)));
  run(entry);
  return manifest().accumulate && part == parts - 1 ? update(learningRate, step)
                                                    : ok;
}

Status Model::update(float learningRate, int64_t step) {
  auto found = require(kUpdate);
  if (!found)
    return found.error();
  if (onGradients) {
    std::vector<Tensor> gradients;
    for (const Tensor &tensor : state)
      if (tensor.spec->role == Role::Gradient)
        gradients.push_back(tensor);
    if (Status error = onGradients(gradients)) {
      clearGradients();
      return error;
    }
  }
  (*found)->setScalar("learning_rate", learningRate);
  (*found)->setScalar("step", step);
  run(**found);
  return ok;
}

} // namespace gradmill::rt
