// Parses and checks a manifest. It comes from a file that may be damaged:
// nothing is used before its type, range and relation to the rest are checked.
// The first violation is reported with its JSON path.
#include "core/Manifest.h"

#include "core/JsonFields.h"

#include <cmath>
#include <limits>
#include <map>

namespace gradmill::rt {

static constexpr int64_t kFormat = 2;
static constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();

namespace {

class ManifestParser {
public:
  explicit ManifestParser(uint64_t dataSize) : dataSize(dataSize) {}

  void parse(const Json &root);
  void parseTarget(const Json &json);
  void parsePort(const Json &json, const std::string &path);
  void parseMeaning(JsonFields &fields, PortSpec &port);
  void parseScale(JsonFields &fields, PortSpec &port);
  void parseTensor(const Json &json, const std::string &path);
  void parseInit(const Json &json, TensorSpec &tensor, const std::string &path);
  void findAveraged(TensorSpec &average);
  void parseEntry(const std::string &name, const Json &json);
  void parseKernels(JsonFields &fields, const std::string &path,
                    EntrySpec &entry);
  void parseNotes(JsonFields &fields, const std::string &path,
                  EntrySpec &entry);
  BufferSpec parseBuffer(const Json &json, const std::string &path);
  void sizeOf(JsonFields &fields, DType &dtype, std::vector<int64_t> &shape,
              uint64_t &elements, uint64_t &bytes, bool shapeRequired);
  void fail(const std::string &what) {
    if (problem.empty())
      problem = what;
  }
  bool failed() const { return !problem.empty(); }

  Manifest manifest;
  std::string problem;

private:
  uint64_t dataSize;
  std::map<std::string, size_t> tensorNames; // by index
};

} // namespace

void ManifestParser::parse(const Json &root) {
  JsonFields fields(root, "", problem);
  // First of all, because an older file has other fields.
  if (fields.integer("format", 1, kFormat) != kFormat)
    fields.fail("format", "is an older one");
  manifest.name = fields.name("name");
  manifest.compiler = fields.string("compiler", false);
  manifest.graph = fields.string("graph", false);
  manifest.loss = fields.string("loss", false);
  manifest.plugins = fields.strings("plugins");
  manifest.exactConv = fields.boolean("exact_conv");
  manifest.accumulate = fields.integer("accumulate", 1, kMaxBatch, 0, false);
  manifest.parameters = fields.integer("parameters", 0, kMaxInt);
  if (const Json *target = fields.get("target", false))
    parseTarget(*target);
  const Json *ports = fields.get("ports");
  if (ports && !ports->is_array())
    fail("ports is not a list");
  for (size_t i = 0; !failed() && i < ports->size(); ++i)
    parsePort((*ports)[i], "ports[" + std::to_string(i) + "]");
  if (const Json *optimizer = fields.get("optimizer", false);
      optimizer && !optimizer->is_null()) {
    manifest.optimizer =
        JsonFields(*optimizer, "optimizer", problem).name("name");
    manifest.optimizerText = jsonText(*optimizer);
  }
  if (fields.has("learning_rate")) {
    manifest.learningRate = fields.number("learning_rate");
    if (!(manifest.learningRate > 0))
      fields.fail("learning_rate", "is not positive");
  }
  const Json *tensors = fields.get("tensors");
  if (tensors && !tensors->is_array())
    fail("tensors is not a list");
  for (size_t i = 0; !failed() && i < tensors->size(); ++i)
    parseTensor((*tensors)[i], "tensors[" + std::to_string(i) + "]");
  for (TensorSpec &tensor : manifest.tensors)
    if (tensor.role == Role::Average)
      findAveraged(tensor);
  const Json *entries = fields.get("entries");
  if (entries && (!entries->is_object() || entries->empty()))
    fail("entries is not an object with at least one entry");
  if (!failed())
    for (const auto &[name, entry] : entries->items())
      parseEntry(name, entry);
  // An entry's buffers may come from another entry.
  for (const EntrySpec &entry : manifest.entries)
    if (!failed())
      problem = entryProblem(manifest, entry);
}

void ManifestParser::parseTarget(const Json &json) {
  JsonFields fields(json, "target", problem);
  manifest.triple = fields.string("triple", false);
  manifest.cpu = fields.string("cpu", false);
  manifest.features = fields.string("features", false);
  manifest.targetName = fields.string("name", false);
  manifest.needs = fields.strings("needs");
  manifest.vectorBytes = fields.integer("vector_bytes", 0, 1 << 16, 0, false);
}

void ManifestParser::parsePort(const Json &json, const std::string &path) {
  PortSpec port;
  JsonFields fields(json, path, problem);
  port.name = fields.name("name");
  auto role = portRoleFromName(fields.string("role"));
  if (!role)
    return fields.fail("role", "is none that this program knows");
  port.role = *role;
  port.batched = port.role != PortRole::Loss &&
                 port.role != PortRole::Metric && !fields.boolean("whole");
  uint64_t bytes = 0;
  sizeOf(fields, port.dtype, port.shape, port.elements, bytes, true);
  port.share = fields.boolean("share");
  port.preprocess = fields.string("preprocess", false);
  port.classes = fields.integer("classes", 0, kMaxClasses, 0, false);
  if (fields.has("ignore"))
    port.ignore = fields.integer("ignore", INT32_MIN, INT32_MAX);
  if (std::vector<float> range = fields.floats("range"); !range.empty()) {
    if (range.size() != 2 || !(range[0] <= range[1]))
      fields.fail("range", "is not [low, high]");
    port.low = range.front();
    port.high = range.back();
  }
  parseMeaning(fields, port);
  parseScale(fields, port);
  if (manifest.port(port.name))
    fields.fail("name", "\"" + port.name + "\" is used twice");
  manifest.ports.push_back(std::move(port));
}

void ManifestParser::parseMeaning(JsonFields &fields, PortSpec &port) {
  std::string text = fields.string("meaning", false);
  if (text == "probabilities")
    port.meaning = Meaning::Probabilities;
  else if (text == "log-probabilities")
    port.meaning = Meaning::LogProbabilities;
  else if (!text.empty() && text != "scores")
    fields.fail("meaning", "\"" + text +
                               "\" is not scores, probabilities or "
                               "log-probabilities");
}

void ManifestParser::parseScale(JsonFields &fields, PortSpec &port) {
  size_t channels = port.shape.empty() ? 1 : size_t(port.shape[0]);
  for (auto [key, values] :
       {std::pair{"mean", &port.mean}, std::pair{"std", &port.std}}) {
    std::vector<float> given = fields.floats(key);
    if (given.empty())
      continue;
    *values = std::move(given);
    if (values->size() != 1 && values->size() != channels)
      fields.fail(key, "has " + std::to_string(values->size()) +
                           " values for " + std::to_string(channels) +
                           " channels");
  }
  for (float deviation : port.std)
    if (!(deviation > 0))
      fields.fail("std", "is not positive");
}

// dtype and shape, and the sizes that follow from them.
void ManifestParser::sizeOf(JsonFields &fields, DType &dtype,
                            std::vector<int64_t> &shape, uint64_t &elements,
                            uint64_t &bytes, bool shapeRequired) {
  std::string name = fields.string("dtype");
  auto known = dtypeFromName(name);
  if (!known)
    return fields.fail("dtype",
                       "\"" + name + "\" is not one of f32, f64, i32, i64, u8");
  dtype = *known;
  shape = fields.shape("shape", shapeRequired);
  auto count = elementCount(shape);
  auto size = count ? checkedMul(*count, dtypeBytes(dtype)) : std::nullopt;
  if (!size || *size > kMaxBufferBytes)
    return fields.fail("shape", "is too large: " + shapeText(shape));
  elements = *count;
  bytes = *size;
}

void ManifestParser::parseTensor(const Json &json, const std::string &path) {
  TensorSpec tensor;
  JsonFields fields(json, path, problem);
  tensor.name = fields.name("name");
  std::string role = fields.string("role");
  if (role == "parameter")
    tensor.role = Role::Parameter;
  else if (role == "buffer")
    tensor.role = Role::Buffer;
  else if (role == "optimizer")
    tensor.role = Role::Optimizer;
  else if (role == "gradient")
    tensor.role = Role::Gradient;
  else if (role == "average")
    tensor.role = Role::Average;
  else
    fields.fail("role", "\"" + role + "\" is none that this program knows");
  sizeOf(fields, tensor.dtype, tensor.shape, tensor.elements, tensor.bytes,
         true);
  if (const Json *init = fields.get("init"))
    parseInit(*init, tensor, path + ".init");
  if (!tensorNames.emplace(tensor.name, manifest.tensors.size()).second)
    fields.fail("name", "\"" + tensor.name + "\" is used twice");
  manifest.tensors.push_back(std::move(tensor));
}

void ManifestParser::findAveraged(TensorSpec &average) {
  size_t slash = average.name.rfind('/');
  auto found = tensorNames.find(average.name.substr(0, slash));
  if (found != tensorNames.end() &&
      averageOf(found->first) == average.name) {
    average.of = found->second;
    const TensorSpec &tensor = manifest.tensors[average.of];
    if (tensor.dtype == average.dtype && tensor.shape == average.shape)
      return;
  }
  fail("tensors: \"" + average.name + "\" is the average of no tensor");
}

void ManifestParser::parseInit(const Json &json, TensorSpec &tensor,
                               const std::string &path) {
  using Kind = TensorInit::Kind;
  TensorInit &init = tensor.init;
  JsonFields fields(json, path, problem);
  std::string kind = fields.string("kind");
  if (kind == "constant") {
    init.kind = Kind::Constant;
    init.value = fields.number("value");
    bool integral = tensor.dtype != DType::F32 && tensor.dtype != DType::F64;
    if (integral && !(std::abs(init.value) < 0x1p31 &&
                      init.value == std::floor(init.value)))
      fields.fail("value", "does not fit the tensor's integer dtype");
    if (tensor.dtype == DType::U8 && !(init.value >= 0 && init.value <= 255))
      fields.fail("value", "does not fit u8");
  } else if (kind == "kaiming_uniform" || kind == "kaiming_normal") {
    init.kind =
        kind == "kaiming_normal" ? Kind::KaimingNormal : Kind::KaimingUniform;
    init.fanIn = fields.number("fan_in");
    init.gain = fields.number("gain");
    if (!(init.fanIn > 0))
      fields.fail("fan_in", "is not positive");
    if (tensor.dtype != DType::F32)
      fields.fail("kind", "\"" + kind + "\" needs dtype f32");
  } else if (kind == "data") {
    init.kind = Kind::Data;
    init.offset = uint64_t(fields.integer("offset", 0, kMaxInt));
    init.bytes = uint64_t(fields.integer("bytes", 0, kMaxInt));
    if (init.bytes != tensor.bytes)
      fields.fail("bytes",
                  "is not the tensor's size, " + std::to_string(tensor.bytes));
    if (init.offset > dataSize || init.bytes > dataSize - init.offset)
      fields.fail("offset", "reaches past the artifact's " +
                                std::to_string(dataSize) + " data bytes");
  } else {
    fields.fail("kind", "\"" + kind +
                            "\" is not constant, kaiming_uniform, "
                            "kaiming_normal or data");
  }
}

BufferSpec ManifestParser::parseBuffer(const Json &json,
                                       const std::string &path) {
  using Kind = BufferSpec::Kind;
  BufferSpec buffer;
  JsonFields fields(json, path, problem);
  std::string kind = fields.string("kind");
  if (kind == "arena") {
    buffer.kind = Kind::Arena;
  } else if (kind == "state") {
    buffer.kind = Kind::State;
    buffer.tensor = size_t(
        fields.integer("tensor", 0, int64_t(manifest.tensors.size()) - 1));
  } else if (kind == "input" || kind == "output" || kind == "scalar" ||
             kind == "prepared") {
    buffer.kind = kind == "input"      ? Kind::Input
                  : kind == "output"   ? Kind::Output
                  : kind == "prepared" ? Kind::Prepared
                                       : Kind::Scalar;
    buffer.name = fields.name("name");
    sizeOf(fields, buffer.dtype, buffer.shape, buffer.elements, buffer.bytes,
           buffer.kind != Kind::Scalar);
    if (buffer.kind == Kind::Scalar && !buffer.shape.empty())
      fields.fail("shape", "of a scalar is not []");
  } else {
    fields.fail(
        "kind",
        "\"" + kind +
            "\" is not arena, input, scalar, state, prepared or output");
  }
  return buffer;
}

// The kernels of a report; both lists or none.
void ManifestParser::parseKernels(JsonFields &fields, const std::string &path,
                                  EntrySpec &entry) {
  const Json *kernels = fields.get("kernels", false);
  if (!kernels && !fields.has("calls") && !fields.has("notes"))
    return;
  if (!kernels)
    return fields.fail("kernels", "is missing, but calls or notes are listed");
  if (!kernels->is_array())
    return fields.fail("kernels", "is not a list");
  for (size_t i = 0; !failed() && i < kernels->size(); ++i) {
    KernelSpec kernel;
    JsonFields k((*kernels)[i], path + ".kernels[" + std::to_string(i) + "]",
                 problem);
    kernel.name = k.name("name");
    kernel.at = k.string("at", false);
    kernel.schedule = k.string("schedule", false);
    kernel.macs = k.integer("macs", 0, kMaxCost);
    kernel.bytesRead = k.integer("bytes_read", 0, kMaxCost);
    kernel.bytesWritten = k.integer("bytes_written", 0, kMaxCost);
    kernel.lanes = k.integer("lanes", 1, 1 << 16, 1, false);
    entry.kernels.push_back(std::move(kernel));
  }
  const Json *calls = fields.get("calls");
  if (calls && !calls->is_array())
    return fields.fail("calls", "is not a list");
  for (size_t i = 0; !failed() && i < calls->size(); ++i)
    entry.calls.push_back(JsonFields::integersOf(
        (*calls)[i], 0, int64_t(kernels->size()) - 1,
        path + ".calls[" + std::to_string(i) + "]", problem));
  parseNotes(fields, path, entry);
}

void ManifestParser::parseNotes(JsonFields &fields, const std::string &path,
                                EntrySpec &entry) {
  const Json *notes = fields.get("notes", false);
  if (notes && !notes->is_array())
    return fields.fail("notes", "is not a list");
  for (size_t i = 0; notes && !failed() && i < notes->size(); ++i) {
    JsonFields note((*notes)[i], path + ".notes[" + std::to_string(i) + "]",
                    problem);
    std::string text = note.string("text");
    const Json *kernels = note.get("kernels");
    if (failed())
      return;
    for (int64_t kernel :
         JsonFields::integersOf(*kernels, 0, int64_t(entry.kernels.size()) - 1,
                                note.at("kernels"), problem))
      entry.kernels[size_t(kernel)].notes.push_back(text);
  }
}

void ManifestParser::parseEntry(const std::string &name, const Json &json) {
  std::string path = "entries." + name;
  JsonFields fields(json, path, problem);
  EntrySpec entry;
  entry.name = name;
  entry.does = fields.string("does");
  bool hasBatch = entry.does != kPrepare && entry.does != kUpdate;
  entry.batch = fields.integer("batch", 1, kMaxBatch, 1, hasBatch);
  constexpr int64_t maxArena = int64_t(kMaxBufferBytes);
  entry.arenaBytes = uint64_t(fields.integer("arena_bytes", 0, maxArena));
  entry.arenaLowerBoundBytes = uint64_t(
      fields.integer("arena_lower_bound_bytes", 0, maxArena, 0, false));
  entry.scratchBytes =
      uint64_t(fields.integer("scratch_bytes", 0, maxArena, 0, false));
  const Json *buffers = fields.get("buffers");
  if (buffers && !buffers->is_array())
    fields.fail("buffers", "is not a list");
  for (size_t i = 0; !failed() && i < buffers->size(); ++i)
    entry.buffers.push_back(parseBuffer(
        (*buffers)[i], path + ".buffers[" + std::to_string(i) + "]"));
  parseKernels(fields, path, entry);
  manifest.entries.push_back(std::move(entry));
}

// The rule that is broken; empty: none.
static std::string parse(std::string_view text, uint64_t dataSize,
                         Manifest &manifest) {
  if (text.size() > kMaxManifest)
    return "larger than " + std::to_string(kMaxManifest >> 20) + " MiB";
  Json root = parseJson(text);
  if (root.is_discarded())
    return "not valid JSON";
  ManifestParser parser(dataSize);
  parser.parse(root);
  manifest = std::move(parser.manifest);
  return parser.problem;
}

std::string manifestProblem(std::string_view text, uint64_t dataSize) {
  Manifest manifest;
  return parse(text, dataSize, manifest);
}

Result<Manifest> parseManifest(std::string_view text, uint64_t dataSize,
                               const std::string &origin) {
  Manifest manifest;
  std::string problem = parse(text, dataSize, manifest);
  if (problem.empty())
    return manifest;
  return Error{kBadInput, "bad_manifest",
               origin + ": manifest: " + problem +
                   "; the file is damaged or was written by an incompatible "
                   "compiler: compile the model again"};
}

} // namespace gradmill::rt
