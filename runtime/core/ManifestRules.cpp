// Names of the manifest's types, and the rules that relate an entry's buffers
// to each other and to what this runtime can provide.
#include "core/Manifest.h"

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

// Compiled code assumes that no two pointers overlap, so nothing may be listed
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

namespace {
// One buffer that the runtime knows how to fill or read.
struct Known {
  BufferSpec::Kind kind;
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  bool required;
};
} // namespace

// What the runtime provides to, and expects from, `train` and `infer`.
static std::vector<Known> knownBuffers(const Manifest &manifest,
                                       const EntrySpec &entry) {
  using Kind = BufferSpec::Kind;
  std::vector<int64_t> images{entry.batch};
  images.insert(images.end(), manifest.input.shape.begin(),
                manifest.input.shape.end());
  std::vector<Known> known{
      {Kind::Input, manifest.input.name, DType::F32, images, true},
      {Kind::Output,
       "output",
       DType::F32,
       {entry.batch, manifest.classes},
       true},
  };
  if (entry.name == "train") {
    known.push_back({Kind::Input, "label", DType::I32, {entry.batch}, true});
    known.push_back({Kind::Scalar, "learning_rate", DType::F32, {}, false});
    known.push_back({Kind::Scalar, "seed", DType::I64, {}, false});
    known.push_back({Kind::Scalar, "step", DType::I64, {}, false});
    known.push_back({Kind::Output, "loss", DType::F32, {}, true});
  }
  return known;
}

static std::string knownProblem(const EntrySpec &entry,
                                const std::vector<Known> &known) {
  using Kind = BufferSpec::Kind;
  for (const Known &k : known) {
    const BufferSpec *buffer = entry.find(k.kind, k.name);
    std::string what = std::string(kindName(k.kind)) + " \"" + k.name + "\"";
    if (!buffer && k.required)
      return what + " is missing";
    if (buffer && (buffer->dtype != k.dtype || buffer->shape != k.shape))
      return what + " is " + dtypeName(buffer->dtype) + " " +
             shapeText(buffer->shape) + ", expected " + dtypeName(k.dtype) +
             " " + shapeText(k.shape);
  }
  for (const BufferSpec &buffer : entry.buffers) {
    bool provided = buffer.kind == Kind::Input || buffer.kind == Kind::Scalar;
    bool found = std::any_of(known.begin(), known.end(), [&](const Known &k) {
      return k.kind == buffer.kind && k.name == buffer.name;
    });
    if (provided && !found)
      return std::string(kindName(buffer.kind)) + " \"" + buffer.name +
             "\" is unknown to this runtime";
  }
  return {};
}

// Prepared buffers come from `prepare`, which sees nothing but the model.
static std::string preparedProblem(const Manifest &manifest,
                                   const EntrySpec &entry) {
  using Kind = BufferSpec::Kind;
  const EntrySpec *prepare = manifest.entry(kPrepareEntry);
  for (const BufferSpec &buffer : entry.buffers) {
    if (entry.name == kPrepareEntry) {
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
             "\" is not one of entries.prepare";
  }
  return {};
}

std::string entryProblem(const Manifest &manifest, const EntrySpec &entry) {
  std::string problem = duplicateProblem(manifest, entry);
  if (problem.empty() && (entry.name == "train" || entry.name == "infer" ||
                          entry.name == "infer_single"))
    problem = knownProblem(entry, knownBuffers(manifest, entry));
  if (problem.empty())
    problem = preparedProblem(manifest, entry);
  return problem.empty() ? "" : "entries." + entry.name + ": " + problem;
}

} // namespace gradmill::rt
