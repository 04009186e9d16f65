// Names of the manifest's types, and the rules that relate an entry's buffers
// to each other and to what this runtime can provide.
#include "core/Manifest.h"
#include "core/ManifestLimits.h"

#include <algorithm>
#include <set>

namespace gradmill::rt {

const char *roleName(Role role) {
  switch (role) {
  case Role::Parameter:
    return "parameter";
  case Role::Buffer:
    return "buffer";
  case Role::Optimizer:
    return "optimizer";
  case Role::Gradient:
    return "gradient";
  case Role::Average:
    return "average";
  }
  return "?";
}

int64_t EntrySpec::lanes() const {
  int64_t lanes = 1;
  for (const KernelSpec &kernel : kernels)
    lanes = std::max(lanes, kernel.lanes);
  return lanes;
}

int64_t EntrySpec::groups() const { return (batch + lanes() - 1) / lanes(); }

const BufferSpec *EntrySpec::find(BufferSpec::Kind kind,
                                  std::string_view name) const {
  for (const BufferSpec &buffer : buffers)
    if (buffer.kind == kind && buffer.name == name)
      return &buffer;
  return nullptr;
}

const EntrySpec *Manifest::entry(std::string_view name) const {
  for (const EntrySpec &entry : entries)
    if (entry.name == name)
      return &entry;
  return nullptr;
}

const EntrySpec *Manifest::doing(std::string_view what) const {
  const EntrySpec *found = nullptr;
  for (const EntrySpec &entry : entries)
    if (entry.does == what && (!found || entry.batch > found->batch))
      found = &entry;
  return found;
}

const EntrySpec *Manifest::doingSingly(std::string_view what) const {
  for (const EntrySpec &entry : entries)
    if (entry.does == what && entry.batch == 1)
      return &entry;
  return nullptr;
}

const EntrySpec *Manifest::training() const {
  return doing(accumulate ? kAccumulate : kTrain);
}

const PortSpec *Manifest::port(std::string_view name) const {
  for (const PortSpec &port : ports)
    if (port.name == name)
      return &port;
  return nullptr;
}

std::vector<const PortSpec *> Manifest::portsOf(PortRole role) const {
  std::vector<const PortSpec *> found;
  for (const PortSpec &port : ports)
    if (port.role == role)
      found.push_back(&port);
  return found;
}

static const char *kindName(BufferSpec::Kind kind) {
  switch (kind) {
  case BufferSpec::Kind::Arena:
    return "arena";
  case BufferSpec::Kind::Input:
    return "input";
  case BufferSpec::Kind::Scalar:
    return "scalar";
  case BufferSpec::Kind::State:
    return "state";
  case BufferSpec::Kind::Output:
    return "output";
  case BufferSpec::Kind::Prepared:
    return "prepared buffer";
  }
  return "?";
}

// Compiled code assumes that pointers do not overlap, so nothing may be listed
// twice.
static std::string duplicateProblem(const Manifest &manifest,
                                    const EntrySpec &entry) {
  using Kind = BufferSpec::Kind;
  std::set<std::pair<Kind, std::string>> named;
  std::set<size_t> tensors;
  size_t arenas = 0;
  for (const BufferSpec &buffer : entry.buffers) {
    if (buffer.kind == Kind::Arena && ++arenas > 1)
      return "two arenas";
    if (buffer.kind == Kind::State && !tensors.insert(buffer.tensor).second)
      return "state tensor \"" + manifest.tensors[buffer.tensor].name +
             "\" is listed twice";
    if (!buffer.name.empty() && !named.emplace(buffer.kind, buffer.name).second)
      return std::string(kindName(buffer.kind)) + " \"" + buffer.name +
             "\" is listed twice";
  }
  return {};
}

static std::string describe(const BufferSpec &buffer) {
  return std::string(kindName(buffer.kind)) + " \"" + buffer.name + "\"";
}

static std::string differs(const BufferSpec &buffer, DType dtype,
                           const std::vector<int64_t> &shape) {
  if (buffer.dtype == dtype && buffer.shape == shape)
    return {};
  return describe(buffer) + " is " + dtypeName(buffer.dtype) + " " +
         shapeText(buffer.shape) + ", expected " + dtypeName(dtype) + " " +
         shapeText(shape);
}

// The inputs and outputs of an entry are ports, with the entry's batch.
static std::string portProblem(const Manifest &manifest, const EntrySpec &entry,
                               const BufferSpec &buffer) {
  const PortSpec *port = manifest.port(buffer.name);
  if (!port && buffer.name == kKernelClocks)
    return {};
  if (!port)
    return describe(buffer) + " is no port";
  using Kind = BufferSpec::Kind;
  bool given = port->role == PortRole::Data || port->role == PortRole::Target ||
               port->role == PortRole::Cotangent ||
               (port->role == PortRole::Prediction && entry.does == kLoss);
  if (given != (buffer.kind == Kind::Input))
    return describe(buffer) + " is a port for " + portRoleName(port->role);
  std::vector<int64_t> shape = port->shape;
  if (port->batched)
    shape.insert(shape.begin(), entry.batch);
  return differs(buffer, port->dtype, shape);
}

// The scalars that the runtime gives to a training step.
static std::string scalarProblem(const BufferSpec &buffer) {
  if (buffer.name == "learning_rate" || buffer.name == kMixup)
    return differs(buffer, DType::F32, {});
  if (buffer.name == "seed" || buffer.name == "step")
    return differs(buffer, DType::I64, {});
  return describe(buffer) + " is unknown to this runtime";
}

static std::string bufferProblem(const Manifest &manifest,
                                 const EntrySpec &entry) {
  using Kind = BufferSpec::Kind;
  for (const BufferSpec &buffer : entry.buffers) {
    std::string problem;
    if (buffer.kind == Kind::Input || buffer.kind == Kind::Output)
      problem = portProblem(manifest, entry, buffer);
    else if (buffer.kind == Kind::Scalar)
      problem = scalarProblem(buffer);
    if (!problem.empty())
      return problem;
  }
  return {};
}

// The outputs that callers rely on: the predictions of an inference, the loss
// of a step, gradients.
static std::string missingProblem(const Manifest &manifest,
                                  const EntrySpec &entry) {
  PortRole role = entry.does == kInfer       ? PortRole::Prediction
                  : entry.does == kGradients ? PortRole::Gradient
                                             : PortRole::Loss;
  std::vector<const PortSpec *> ports = manifest.portsOf(role);
  if (ports.empty())
    return std::string("there is no port for a ") + portRoleName(role);
  for (const PortSpec *port : ports)
    if (!entry.find(BufferSpec::Kind::Output, port->name))
      return "output \"" + port->name + "\" is missing";
  return {};
}

// `prepare` makes prepared buffers, and sees only the model.
static std::string preparedProblem(const Manifest &manifest,
                                   const EntrySpec &entry) {
  using Kind = BufferSpec::Kind;
  const EntrySpec *prepare = manifest.doing(kPrepare);
  for (const BufferSpec &buffer : entry.buffers) {
    if (entry.does == kPrepare) {
      if (buffer.kind != Kind::Arena && buffer.kind != Kind::State &&
          buffer.kind != Kind::Prepared)
        return std::string(kindName(buffer.kind)) + " \"" + buffer.name +
               "\" in the entry that prepares";
      continue;
    }
    if (buffer.kind != Kind::Prepared)
      continue;
    const BufferSpec *source =
        prepare ? prepare->find(Kind::Prepared, buffer.name) : nullptr;
    if (!source || source->dtype != buffer.dtype ||
        source->shape != buffer.shape)
      return "prepared buffer \"" + buffer.name +
             "\" is not one that an entry prepares";
  }
  return {};
}

// A step in two parts has both, and gives the number of batches to an update.
static std::string stepProblem(const Manifest &manifest,
                               const EntrySpec &entry) {
  if (entry.does != kAccumulate && entry.does != kUpdate)
    return {};
  if (!manifest.accumulate)
    return "\"accumulate\" is missing";
  for (const char *other : {kAccumulate, kUpdate})
    if (!manifest.doing(other))
      return std::string("there is no entry that does \"") + other + "\"";
  return {};
}

static std::string ruleProblem(const Manifest &manifest,
                               const EntrySpec &entry) {
  std::string problem = duplicateProblem(manifest, entry);
  bool updates = entry.does == kUpdate;
  bool runs = entry.does == kTrain || entry.does == kInfer ||
              entry.does == kLoss || entry.does == kAccumulate ||
              entry.does == kGradients;
  if (problem.empty() && !runs && !updates && entry.does != kPrepare)
    problem = "what it does, \"" + entry.does + "\", is unknown to this runtime";
  if (problem.empty() && (runs || updates))
    problem = bufferProblem(manifest, entry);
  if (problem.empty() && runs)
    problem = missingProblem(manifest, entry);
  if (problem.empty())
    problem = stepProblem(manifest, entry);
  if (problem.empty())
    problem = preparedProblem(manifest, entry);
  return problem;
}

std::string entryProblem(const Manifest &manifest, const EntrySpec &entry) {
  std::string problem = ruleProblem(manifest, entry);
  return problem.empty() ? "" : "entries." + entry.name + ": " + problem;
}

} // namespace gradmill::rt
