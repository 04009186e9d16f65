// The C ABI over Model: checks arguments, keeps the last error, lets nothing
// thrown escape. Documentation is in the header.
#include "gradmill/runtime.h"

#include "checkpoint/Checkpoint.h"
#include "core/Model.h"

#include <new>

using namespace gradmill::rt;

struct gm_model {
  std::unique_ptr<Model> model;
};

static thread_local Error lastError;

static gm_status failWith(const Error &error) {
  lastError = error;
  return gm_status(error.exit);
}

static Error nullArgument(const char *function) {
  return Error{kUsage, "null_argument",
               std::string(function) + ": an argument is NULL"};
}

// Runs `body`, which returns a Status, as the body of a C function.
template <typename... Pointers, typename Body>
static gm_status guarded(const char *function, Body body,
                         const Pointers *...pointers) {
  try {
    if (((pointers == nullptr) || ...))
      return failWith(nullArgument(function));
    if (Status error = body())
      return failWith(*error);
    return GM_OK;
  } catch (const std::bad_alloc &) {
    return failWith({kFailure, "out_of_memory", "out of memory"});
  } catch (const std::exception &e) {
    return failWith({kInternal, "internal", e.what()});
  }
}

static Status wrap(Result<std::shared_ptr<const Artifact>> artifact,
                   int threads, gm_model **out) {
  if (!artifact)
    return artifact.error();
  auto model = Model::create(*artifact, threads);
  if (!model)
    return model.error();
  *out = new gm_model{std::move(*model)};
  return ok;
}

uint32_t gm_runtime_abi(void) { return GRADMILL_RUNTIME_ABI; }
const char *gm_last_error(void) { return lastError.message.c_str(); }
const char *gm_last_error_code(void) { return lastError.code.c_str(); }

gm_status gm_model_open(const char *path, int threads, gm_model **model) {
  return guarded(
      __func__, [&] { return wrap(Artifact::open(path), threads, model); },
      path, model);
}

gm_status gm_model_from_artifact(const gm_artifact *artifact, int threads,
                                 gm_model **model) {
  return guarded(
      __func__,
      [&] {
        return wrap(Artifact::fromMemory(artifact, "linked model"), threads,
                    model);
      },
      artifact, model);
}

void gm_model_close(gm_model *model) { delete model; }

gm_status gm_model_init(gm_model *model, uint64_t seed) {
  return guarded(
      __func__,
      [&]() -> Status {
        model->model->init(seed);
        return ok;
      },
      model);
}

gm_status gm_model_load(gm_model *model, const char *path) {
  return guarded(
      __func__, [&] { return loadWeights(*model->model, path); }, model, path);
}

gm_status gm_model_save(const gm_model *model, const char *path) {
  return guarded(
      __func__, [&] { return saveWeights(*model->model, path); }, model, path);
}

gm_status gm_model_set_threads(gm_model *model, int threads) {
  return guarded(
      __func__, [&] { return model->model->setThreads(threads); }, model);
}

const char *gm_model_name(const gm_model *model) {
  return model ? model->model->manifest().name.c_str() : nullptr;
}

const char *gm_model_manifest(const gm_model *model) {
  return model ? model->model->artifact().manifestText() : nullptr;
}

int64_t gm_model_input_elements(const gm_model *model) {
  return model ? int64_t(model->model->manifest().input.elements) : 0;
}

int64_t gm_model_classes(const gm_model *model) {
  return model ? model->model->manifest().classes : 0;
}

static int64_t batchOf(const gm_model *model, const char *entry) {
  const EntrySpec *spec =
      model ? model->model->manifest().entry(entry) : nullptr;
  return spec ? spec->batch : 0;
}

int64_t gm_model_infer_batch(const gm_model *model) {
  return batchOf(model, "infer");
}

int64_t gm_model_train_batch(const gm_model *model) {
  return batchOf(model, "train");
}

int gm_model_input_shape(const gm_model *model, int64_t *shape, int capacity) {
  if (!model)
    return 0;
  const std::vector<int64_t> &extents = model->model->manifest().input.shape;
  for (int i = 0; shape && i < capacity && i < int(extents.size()); ++i)
    shape[i] = extents[size_t(i)];
  return int(extents.size());
}

static Status checkCount(int64_t count) {
  if (count >= 0)
    return ok;
  return Error{kUsage, "bad_count",
               "count " + std::to_string(count) + " is negative"};
}

gm_status gm_model_normalize(const gm_model *model, const uint8_t *pixels,
                             int64_t count, float *out) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (Status error = checkCount(count))
          return error;
        for (int64_t i = 0; i < count; ++i) {
          size_t offset = size_t(i) * model->model->manifest().input.elements;
          model->model->normalize(pixels + offset, out + offset);
        }
        return ok;
      },
      model, pixels, out);
}

gm_status gm_model_infer(gm_model *model, const float *images, int64_t count,
                         float *logProbabilities) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (Status error = checkCount(count))
          return error;
        return model->model->infer(images, count, logProbabilities);
      },
      model, images, logProbabilities);
}

// Compiled code indexes by label: one out of range would read outside.
static Status checkLabels(const Model &model, const int32_t *labels,
                          int64_t batch) {
  for (int64_t i = 0; i < batch; ++i)
    if (labels[i] < 0 || labels[i] >= model.manifest().classes)
      return Error{kUsage, "bad_label",
                   "labels[" + std::to_string(i) + "] is " +
                       std::to_string(labels[i]) + ", not in 0.." +
                       std::to_string(model.manifest().classes - 1)};
  return ok;
}

gm_status gm_model_train_step(gm_model *model, const float *images,
                              const int32_t *labels, float learningRate,
                              uint64_t seed, int64_t step, float *loss) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (step < 0)
          return Error{kUsage, "bad_step", "step is negative"};
        if (Status error =
                checkLabels(*model->model, labels, batchOf(model, "train")))
          return error;
        auto result =
            model->model->trainStep(images, labels, learningRate, seed, step);
        if (!result)
          return result.error();
        if (loss)
          *loss = *result;
        return ok;
      },
      model, images, labels);
}

int64_t gm_model_tensor_count(const gm_model *model) {
  return model ? int64_t(model->model->tensors().size()) : 0;
}

static void describe(const Tensor &from, gm_tensor *to) {
  *to = {from.spec->name.c_str(),
         roleName(from.spec->role),
         dtypeName(from.spec->dtype),
         from.spec->shape.data(),
         int64_t(from.spec->shape.size()),
         int64_t(from.spec->elements),
         from.data};
}

gm_status gm_model_tensor_at(gm_model *model, int64_t index,
                             gm_tensor *tensor) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (index < 0 || index >= gm_model_tensor_count(model))
          return Error{kUsage, "unknown_tensor",
                       "no tensor " + std::to_string(index)};
        model->model->tensorsExposed();
        describe(model->model->tensors()[size_t(index)], tensor);
        return ok;
      },
      model, tensor);
}

gm_status gm_model_tensor(gm_model *model, const char *name,
                          gm_tensor *tensor) {
  return guarded(
      __func__,
      [&]() -> Status {
        const Tensor *found = model->model->tensor(name);
        if (!found)
          return Error{kUsage, "unknown_tensor",
                       std::string("no tensor \"") + name + "\""};
        model->model->tensorsExposed();
        describe(*found, tensor);
        return ok;
      },
      model, name, tensor);
}
