// The C ABI over Model: checks arguments, keeps the last error, and lets no
// exception escape. The header has the documentation.
#include "core/CApi.h"

#include "checkpoint/Checkpoint.h"

#include <cstring>
#include <span>

using namespace gradmill::rt;

static thread_local Error lastError;

gm_status gradmill::rt::failWith(const Error &error) {
  lastError = error;
  return gm_status(error.exit);
}

Error gradmill::rt::nullArgument(const char *function) {
  return Error{kUsage, "null_argument",
               std::string(function) + ": an argument is NULL"};
}

Status gradmill::rt::checkCount(int64_t count) {
  if (count >= 0)
    return ok;
  return Error{kUsage, "bad_count",
               "count " + std::to_string(count) + " is negative"};
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

// The first port of a role, for the calls about a single port.
static const PortSpec *firstPort(const gm_model *model, PortRole role) {
  if (model)
    for (const PortSpec &port : model->model->manifest().ports)
      if (port.role == role)
        return &port;
  return nullptr;
}

int64_t gm_model_input_elements(const gm_model *model) {
  const PortSpec *port = firstPort(model, PortRole::Data);
  return port ? int64_t(port->elements) : 0;
}

int64_t gm_model_classes(const gm_model *model) {
  const PortSpec *port = firstPort(model, PortRole::Prediction);
  return port ? int64_t(port->elements) : 0;
}

static int64_t batchOf(const gm_model *model, const char *does) {
  const EntrySpec *spec =
      model ? model->model->manifest().doing(does) : nullptr;
  return spec ? spec->batch : 0;
}

int64_t gm_model_infer_batch(const gm_model *model) {
  return batchOf(model, kInfer);
}

int64_t gm_model_train_batch(const gm_model *model) {
  const Manifest *manifest = model ? &model->model->manifest() : nullptr;
  const EntrySpec *spec = manifest ? manifest->training() : nullptr;
  return spec ? spec->batch * manifest->stepParts() : 0;
}

int gm_model_input_shape(const gm_model *model, int64_t *shape, int capacity) {
  const PortSpec *port = firstPort(model, PortRole::Data);
  if (!port)
    return 0;
  const std::vector<int64_t> &extents = port->shape;
  for (int i = 0; shape && i < capacity && i < int(extents.size()); ++i)
    shape[i] = extents[size_t(i)];
  return int(extents.size());
}

// The data of a model that takes floats in one port.
static Result<const PortSpec *> floatsOf(const Model &model) {
  auto port = model.onlyPort(PortRole::Data);
  if (port && (*port)->dtype != DType::F32)
    return Error{kUsage, "several_ports",
                 "the data \"" + (*port)->name + "\" is " + portText(**port) +
                     ", no floats: use gm_model_run"};
  return port;
}

gm_status gm_model_normalize(const gm_model *model, const uint8_t *pixels,
                             int64_t count, float *out) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (Status error = checkCount(count))
          return error;
        auto port = floatsOf(*model->model);
        if (!port)
          return port.error();
        for (int64_t i = 0; i < count; ++i) {
          size_t offset = size_t(i) * (*port)->elements;
          Model::normalize(**port, pixels + offset, out + offset);
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
        if (auto port = floatsOf(*model->model); !port)
          return port.error();
        if (auto port = model->model->onlyPort(PortRole::Prediction); !port)
          return port.error();
        const void *data[] = {images};
        void *predictions[] = {logProbabilities};
        return model->model->infer(data, count, predictions);
      },
      model, images, logProbabilities);
}

// Data and target of a step, if there is one of each, with class numbers.
static Result<PortValues> labelledImages(const Model &model,
                                         const float *images,
                                         const int32_t *labels) {
  auto data = floatsOf(model);
  if (!data)
    return data.error();
  auto target = model.onlyPort(PortRole::Target);
  if (!target)
    return target.error();
  if ((*target)->dtype != DType::I32 || !(*target)->shape.empty())
    return Error{kUsage, "several_ports",
                 "the target \"" + (*target)->name + "\" is " +
                     portText(**target) +
                     ", no class number: use gm_model_run"};
  return PortValues{{*data, images}, {*target, labels}};
}

gm_status gm_model_train_step(gm_model *model, const float *images,
                              const int32_t *labels, float learningRate,
                              uint64_t seed, int64_t step, float *loss) {
  return guarded(
      __func__,
      [&]() -> Status {
        Model &m = *model->model;
        if (step < 0)
          return Error{kUsage, "bad_step", "step is negative"};
        auto entry = m.requireTraining();
        if (!entry)
          return entry.error();
        auto values = labelledImages(m, images, labels);
        if (!values)
          return values.error();
        const int64_t batch = (*entry)->spec().batch;
        const int64_t parts = m.manifest().stepParts();
        if (Status error = checkClasses(*values->back().first, labels,
                                        batch * parts))
          return error;
        double sum = 0;
        for (int64_t part = 0; part < parts; ++part) {
          if (Status error = m.trainPart(*values, part * batch, part,
                                         learningRate, seed, step))
            return error;
          sum += (*entry)->number(*m.scores().front());
        }
        if (loss)
          *loss = float(sum / double(parts));
        return ok;
      },
      model, images, labels);
}

gm_status gm_model_on_gradients(gm_model *model, gm_gradients_fn function,
                                void *context) {
  return guarded(
      __func__,
      [&]() -> Status {
        Model &m = *model->model;
        if (function && !m.manifest().accumulate)
          return Error{kUsage, "no_gradients",
                       "model \"" + m.manifest().name +
                           "\" applies gradients in the step that computes "
                           "them; compile it with --accumulate 1"};
        m.onGradients = nullptr;
        if (function)
          m.onGradients = [=](const std::vector<Tensor> &tensors) -> Status {
            std::vector<gm_gradient> list;
            for (const Tensor &tensor : tensors)
              list.push_back({tensor.spec->name.c_str(),
                              dtypeName(tensor.spec->dtype), tensor.data,
                              int64_t(tensor.spec->elements),
                              int64_t(tensor.spec->bytes)});
            if (!function(context, list.data(), int64_t(list.size())))
              return ok;
            return Error{kFailure, "gradients_failed",
                         "the function that sees the gradients failed: nothing "
                         "was updated"};
          };
        return ok;
      },
      model);
}

//===-- Entries and ports -------------------------------------------------===//

int64_t gm_model_port_count(const gm_model *model) {
  return model ? int64_t(model->model->manifest().ports.size()) : 0;
}

gm_status gm_model_port_at(const gm_model *model, int64_t index,
                           gm_port *port) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (index < 0 || index >= gm_model_port_count(model))
          return Error{kUsage, "unknown_port",
                       "no port " + std::to_string(index)};
        const PortSpec &from = model->model->manifest().ports[size_t(index)];
        *port = {from.name.c_str(),
                 portRoleName(from.role),
                 dtypeName(from.dtype),
                 from.shape.data(),
                 int64_t(from.shape.size()),
                 int64_t(from.elements),
                 from.batched};
        return ok;
      },
      model, port);
}

int64_t gm_model_entry_count(const gm_model *model) {
  return model ? int64_t(model->model->manifest().entries.size()) : 0;
}

gm_status gm_model_entry_at(const gm_model *model, int64_t index,
                            gm_entry_info *entry) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (index < 0 || index >= gm_model_entry_count(model))
          return Error{kUsage, "unknown_entry",
                       "no entry " + std::to_string(index)};
        const EntrySpec &from = model->model->manifest().entries[size_t(index)];
        *entry = {from.name.c_str(), from.does.c_str(), from.batch};
        return ok;
      },
      model, entry);
}

namespace {
// Checks and copies a caller's values for an entry.
class EntryCall {
public:
  EntryCall(BoundEntry &entry, const Manifest &manifest, const gm_value *values,
            int64_t count)
      : entry(entry), manifest(manifest), values(values, size_t(count)) {}

  Status check() const {
    for (size_t i = 0; i < values.size(); ++i)
      if (Status error = checkValue(i))
        return error;
    for (const BufferSpec &buffer : entry.spec().buffers)
      if (isGiven(buffer) && !find(buffer.name))
        return wrong("missing_port", "nothing is given for \"" + buffer.name +
                                         "\", " + text(buffer));
    return ok;
  }

  void copyIn() const {
    for (const BufferSpec &buffer : entry.spec().buffers)
      if (isGiven(buffer))
        std::memcpy(entry.buffer(buffer.kind, buffer.name),
                    find(buffer.name)->data, buffer.bytes);
  }

  void copyOut() const {
    for (const BufferSpec &buffer : entry.spec().buffers)
      if (buffer.kind == BufferSpec::Kind::Output)
        if (const gm_value *value = find(buffer.name))
          std::memcpy(value->data, entry.buffer(buffer.kind, buffer.name),
                      buffer.bytes);
  }

private:
  Status checkValue(size_t i) const {
    const gm_value &value = values[i];
    if (!value.name || !value.data)
      return nullArgument("gm_model_run");
    if (find(value.name) != &value)
      return wrong("unknown_port",
                   std::string("\"") + value.name + "\" is given twice");
    const BufferSpec *buffer = bufferOf(value.name);
    if (!buffer)
      return wrong("unknown_port", std::string("it has no port \"") +
                                       value.name + "\"; it has: " + names());
    if (value.bytes != int64_t(buffer->bytes))
      return wrong("port_size", "\"" + buffer->name + "\" is " + text(*buffer) +
                                    ", " + std::to_string(buffer->bytes) +
                                    " bytes, but " +
                                    std::to_string(value.bytes) +
                                    " are given");
    const PortSpec *port = manifest.port(buffer->name);
    if (port && buffer->kind == BufferSpec::Kind::Input)
      return checkClasses(*port, value.data, entry.spec().batch);
    return ok;
  }

  static bool isGiven(const BufferSpec &buffer) {
    return buffer.kind == BufferSpec::Kind::Input ||
           buffer.kind == BufferSpec::Kind::Scalar;
  }

  static bool isNamed(const BufferSpec &buffer) {
    return isGiven(buffer) || buffer.kind == BufferSpec::Kind::Output;
  }

  const BufferSpec *bufferOf(std::string_view name) const {
    for (const BufferSpec &buffer : entry.spec().buffers)
      if (isNamed(buffer) && buffer.name == name)
        return &buffer;
    return nullptr;
  }

  const gm_value *find(std::string_view name) const {
    for (const gm_value &value : values)
      if (value.name && value.name == name)
        return &value;
    return nullptr;
  }

  std::string names() const {
    std::string list;
    for (const BufferSpec &buffer : entry.spec().buffers)
      if (isNamed(buffer))
        list += (list.empty() ? "" : ", ") + buffer.name;
    return list;
  }

  static std::string text(const BufferSpec &buffer) {
    return std::string(dtypeName(buffer.dtype)) + " " + shapeText(buffer.shape);
  }

  Status wrong(const char *code, const std::string &what) const {
    return Error{kUsage, code, "entry \"" + entry.spec().name + "\": " + what};
  }

  BoundEntry &entry;
  const Manifest &manifest;
  std::span<const gm_value> values;
};
} // namespace

gm_status gm_model_run(gm_model *model, const char *entry,
                       const gm_value *values, int64_t count) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (Status error = checkCount(count))
          return error;
        BoundEntry *bound = model->model->entry(entry);
        if (!bound)
          return Error{kUsage, "unknown_entry",
                       std::string("no entry \"") + entry + "\""};
        EntryCall call(*bound, model->model->manifest(), values, count);
        if (Status error = call.check())
          return error;
        call.copyIn();
        model->model->run(*bound);
        call.copyOut();
        return ok;
      },
      model, entry, values);
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
