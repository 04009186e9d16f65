#include "core/Model.h"

#include "core/Init.h"

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
  bound.function = code->function(spec.name);
  for (const BufferSpec &buffer : spec.buffers) {
    if (buffer.kind == BufferSpec::Kind::Arena) {
      bound.table.push_back(arena.data());
    } else if (buffer.kind == BufferSpec::Kind::State) {
      bound.table.push_back(state[buffer.tensor].data);
    } else if (buffer.kind == BufferSpec::Kind::Prepared) {
      void *memory = nullptr;
      if (Status error = prepareBuffer(buffer, &memory))
        return error;
      bound.table.push_back(memory);
      bound.readsPrepared = spec.name != kPrepareEntry;
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

Result<BoundEntry *> Model::require(const std::string &name) {
  if (BoundEntry *found = entry(name))
    return found;
  return Error{kBadInput, "no_entry",
               code->origin() + ": model \"" + manifest().name +
                   "\" has no entry \"" + name + "\"; compile it with --" +
                   name};
}

void Model::run(BoundEntry &entry) {
  if (entry.readsPrepared)
    prepare();
  call(entry, ThreadPool::parallel, pool.get());
}

void Model::call(BoundEntry &entry, gm_parallel_fn parallel, void *context) {
  ThreadPool::Session session(*pool);
  entry.function(entry.table.data(), parallel, context);
  if (guardEdge())
    GuardedBuffer::checkAll();
  if (entry.spec().name == "train")
    tensorsChanged();
}

void Model::prepare() {
  if (exposed && differsFromSnapshot())
    stale = true;
  if (!stale)
    return;
  call(entries.find(kPrepareEntry)->second, ThreadPool::parallel, pool.get());
  stale = false;
}

// Compares what `prepare` reads with what it read, and remembers it. About a
// microsecond for 50 KB, against several for preparing anew.
bool Model::differsFromSnapshot() {
  const BoundEntry &entry = entries.find(kPrepareEntry)->second;
  uint64_t bytes = 0;
  for (const BufferSpec &buffer : entry.spec().buffers)
    if (buffer.kind == BufferSpec::Kind::State)
      bytes += manifest().tensors[buffer.tensor].bytes;
  bool differs = snapshot.size() != bytes;
  snapshot.resize(bytes);
  char *known = snapshot.data();
  for (const BufferSpec &buffer : entry.spec().buffers) {
    if (buffer.kind != BufferSpec::Kind::State)
      continue;
    const Tensor &tensor = state[buffer.tensor];
    if (differs || std::memcmp(known, tensor.data, tensor.spec->bytes)) {
      std::memcpy(known, tensor.data, tensor.spec->bytes);
      differs = true;
    }
    known += tensor.spec->bytes;
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

void Model::normalize(const uint8_t *pixels, float *image) const {
  const InputSpec &input = manifest().input;
  size_t channels = input.shape.empty() ? 1 : size_t(input.shape[0]);
  size_t plane = input.elements / channels;
  for (size_t c = 0; c < channels; ++c) {
    float mean = input.mean[input.mean.size() == 1 ? 0 : c];
    float deviation = input.std[input.std.size() == 1 ? 0 : c];
    for (size_t i = c * plane; i < (c + 1) * plane; ++i)
      image[i] = (float(pixels[i]) / 255.0f - mean) / deviation;
  }
}

// A few images are faster one by one than as a padded batch. How few must not
// depend on the number of threads: the two differ in the last bits.
static constexpr int64_t kSingleShare = 8;

void Model::inferSingly(BoundEntry &single, const float *images, int64_t count,
                        float *output) {
  float *input = single.input(manifest().input.name);
  const float *result = single.output("output");
  const size_t pixels = manifest().input.elements;
  const size_t classes = size_t(manifest().classes);
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(input, images + i * pixels, pixels * sizeof(float));
    run(single);
    std::memcpy(output + i * classes, result, classes * sizeof(float));
  }
}

Status Model::infer(const float *images, int64_t count, float *output) {
  auto found = require("infer");
  if (!found)
    return found.error();
  BoundEntry &bound = **found;
  float *input = bound.input(manifest().input.name);
  const float *result = bound.output("output");
  const int64_t batch = bound.spec().batch;
  const size_t pixels = manifest().input.elements;
  const size_t classes = size_t(manifest().classes);
  for (int64_t done = 0; done < count; done += batch) {
    if (BoundEntry *single = entry("infer_single");
        single && count - done <= std::max<int64_t>(batch / kSingleShare, 1)) {
      inferSingly(*single, images + done * pixels, count - done,
                  output + done * classes);
      return ok;
    }
    size_t part = size_t(std::min(batch, count - done));
    std::memcpy(input, images + done * pixels, part * pixels * sizeof(float));
    std::fill(input + part * pixels, input + batch * pixels, 0.0f);
    run(bound);
    std::memcpy(output + done * classes, result,
                part * classes * sizeof(float));
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

Status Model::classify(const float *images, int64_t count, float *output) {
  if (Status error = infer(images, count, output))
    return error;
  const size_t classes = size_t(manifest().classes);
  const size_t values = size_t(count) * classes;
  if (manifest().output == OutputKind::Probabilities)
    std::transform(output, output + values, output,
                   [](float value) { return std::log(value); });
  if (manifest().output == OutputKind::Scores)
    for (size_t i = 0; i < values; i += classes)
      logSoftmax(output + i, classes);
  return ok;
}

Result<float> Model::trainStep(const float *images, const int32_t *labels,
                               float learningRate, uint64_t seed,
                               int64_t step) {
  auto found = require("train");
  if (!found)
    return found.error();
  BoundEntry &bound = **found;
  const size_t batch = size_t(bound.spec().batch);
  std::memcpy(bound.input(manifest().input.name), images,
              batch * manifest().input.elements * sizeof(float));
  std::memcpy(bound.buffer(BufferSpec::Kind::Input, "label"), labels,
              batch * sizeof(int32_t));
  bound.setScalar("learning_rate", learningRate);
  bound.setScalar("seed", int64_t(seed));
  bound.setScalar("step", step);
  run(bound);
  return *bound.output("loss");
}

} // namespace gradmill::rt
