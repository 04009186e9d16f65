#include "checkpoint/Checkpoint.h"

#include "core/Number.h"
#include "core/Text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

namespace gradmill::rt {

Result<SafeTensors> (*readWeightsFile)(const std::string &) = readSafeTensors;
Status (*writeWeightsFile)(const std::string &, const std::vector<StoredTensor> &,
                           Metadata) = writeSafeTensors;

static constexpr const char *kFormat = "gradmill.format";
static constexpr const char *kCheckpoint = "checkpoint";
static constexpr const char *kWeights = "weights";
// 1: without an origin. 2: with it; both count the right answers of the epoch so
// far. 3: sums of any metrics.
static constexpr const char *kVersion = "3";

static std::string storedDType(DType dtype) {
  std::string name = dtypeName(dtype);
  for (char &c : name)
    c = char(std::toupper(c));
  return name;
}

// Whether a tensor is in a checkpoint, or in a file of weights. Gradients are in
// neither: between updates, when files are written, they are 0.
static bool isStored(const TensorSpec &tensor, bool checkpoint) {
  bool isWeight = tensor.role == Role::Parameter || tensor.role == Role::Buffer;
  return isWeight || (checkpoint && tensor.role != Role::Gradient);
}

// Weights are what inference reads: averages, where there are some.
static std::vector<StoredTensor> collect(const Model &model, bool checkpoint) {
  std::vector<StoredTensor> tensors;
  for (size_t i = 0; i < model.tensors().size(); ++i)
    if (const Tensor &tensor = model.tensors()[i];
        isStored(*tensor.spec, checkpoint))
      tensors.push_back({tensor.spec->name, storedDType(tensor.spec->dtype),
                         tensor.spec->shape,
                         checkpoint ? tensor.data : model.evaluated(i),
                         tensor.spec->bytes});
  return tensors;
}

// The tensor of a file that is the model's: itself in a checkpoint to continue,
// else its average, if there is one.
static const StoredTensor *findFor(const TensorSpec &tensor,
                                   const SafeTensors &file, bool checkpoint) {
  const StoredTensor *average =
      checkpoint ? nullptr : file.find(averageOf(tensor.name));
  return average ? average : file.find(tensor.name);
}

// "1.5,3", exact.
static std::string numbersText(const std::vector<double> &numbers) {
  std::string text;
  for (double number : numbers)
    text += (text.empty() ? "" : ",") + exactText(number);
  return text;
}

Status saveCheckpoint(const Model &model, const TrainState &state,
                      const std::string &path) {
  Metadata metadata{{"format", "pt"}, // what the Python libraries look for
                    {kFormat, kCheckpoint},
                    {"gradmill.version", kVersion},
                    {"gradmill.model", model.manifest().name},
                    {"gradmill.step", std::to_string(state.step)},
                    {"gradmill.epoch", std::to_string(state.epoch)},
                    {"gradmill.seed", std::to_string(state.seed)},
                    {"gradmill.epoch_loss_sum", exactText(state.lossSum)},
                    {"gradmill.epoch_metric_sums", numbersText(state.metricSums)},
                    {"gradmill.epoch_seen", std::to_string(state.seen)},
                    {"gradmill.options", state.options},
                    {"gradmill.data_hash", state.dataHash}};
  if (!state.judge.empty())
    metadata["gradmill.judge"] = state.judge;
  storeOrigin(originOf(model.manifest()), metadata);
  return writeSafeTensors(path, collect(model, true), metadata);
}

Status saveWeights(const Model &model, const std::string &path) {
  Metadata metadata{{"format", "pt"},
                    {kFormat, kWeights},
                    {"gradmill.version", kVersion},
                    {"gradmill.model", model.manifest().name}};
  return writeWeightsFile(path, collect(model, false), metadata);
}

// What keeps a stored tensor from being the model's; empty: nothing.
static std::string difference(const StoredTensor &found,
                              const TensorSpec &wanted) {
  std::string dtype = storedDType(wanted.dtype);
  if (found.shape == wanted.shape && found.dtype == dtype)
    return {};
  std::string text = found.dtype + " " + shapeText(found.shape) +
                     ", the model has " + dtype + " " + shapeText(wanted.shape);
  if (found.dtype != dtype)
    return text + "; gradmill weights --to f32 converts it";
  bool isTransposed = found.shape.size() == 2 && wanted.shape.size() == 2 &&
                      found.shape[0] == wanted.shape[1] &&
                      found.shape[1] == wanted.shape[0];
  return isTransposed ? text + ": exactly transposed; gradmill weights "
                               "--transpose turns it around"
                      : text;
}

// The file's tensors that a model could have: not the state of an optimizer.
static std::vector<std::string> unusedOf(const Model &model,
                                         const SafeTensors &file) {
  std::vector<std::string> unused;
  for (const StoredTensor &stored : file.tensors)
    if (!model.tensor(stored.name) &&
        stored.name.find('/') == std::string::npos)
      unused.push_back(stored.name);
  return unused;
}

// Every way in which the file does not fit the model; empty if it does. Where
// most does not, and that is much, the file belongs to another model: then a
// few examples say it better.
static std::string mismatches(const Model &model, const SafeTensors &file,
                              bool checkpoint, bool &isOther) {
  std::string list, beginning;
  size_t wrong = 0, wanted = 0;
  for (const Tensor &tensor : model.tensors()) {
    if (!isStored(*tensor.spec, checkpoint))
      continue;
    const StoredTensor *found = findFor(*tensor.spec, file, checkpoint);
    std::string differs = found ? difference(*found, *tensor.spec) : "missing";
    ++wanted;
    if (differs.empty())
      continue;
    list += "\n  " + tensor.spec->name + ": " + differs;
    if (++wrong == 3)
      beginning = list;
  }
  isOther = wrong > 8 && wrong > wanted / 2;
  return isOther ? beginning + "\n  and " + std::to_string(wrong - 3) + " more"
                 : list;
}

static Status copyInto(Model &model, const SafeTensors &file, bool checkpoint,
                       const std::string &path) {
  bool isOther = false;
  std::string list = mismatches(model, file, checkpoint, isOther);
  if (!list.empty())
    return makeError(kBadInput, "weights_mismatch",
                     {path,
                      (isOther ? ": is of another model than \""
                               : ": does not fit model \""),
                      model.manifest().name,
                      "\"; use the model that it was saved from, or train "
                      "with --partial-weights to take what fits:",
                      list});
  for (const Tensor &tensor : model.tensors())
    if (isStored(*tensor.spec, checkpoint) && tensor.spec->bytes)
      std::memcpy(tensor.data, findFor(*tensor.spec, file, checkpoint)->data,
                  tensor.spec->bytes);
  model.clearGradients();
  if (!checkpoint)
    model.resetAverages();
  model.tensorsChanged();
  return ok;
}

template <typename T>
static bool readNumber(const Metadata &metadata, const std::string &key,
                       T &value) {
  auto it = metadata.find(key);
  return it != metadata.end() && parseWhole(it->second, value) && value >= 0;
}

static bool readNumbers(const Metadata &metadata, const std::string &key,
                        std::vector<double> &numbers) {
  auto it = metadata.find(key);
  if (it == metadata.end())
    return false;
  const std::string &text = it->second;
  for (size_t from = 0; !text.empty() && from <= text.size();) {
    size_t comma = std::min(text.find(',', from), text.size());
    double number = 0;
    if (!parseWhole(text.substr(from, comma - from), number) ||
        !std::isfinite(number))
      return false;
    numbers.push_back(number);
    from = comma + 1;
  }
  return true;
}

static bool readState(const Metadata &metadata, TrainState &state) {
  auto text = [&](const char *key, std::string &value) {
    auto it = metadata.find(key);
    if (it != metadata.end())
      value = it->second;
    return it != metadata.end();
  };
  text("gradmill.judge", state.judge); // few have it
  return readNumber(metadata, "gradmill.step", state.step) &&
         readNumber(metadata, "gradmill.epoch", state.epoch) &&
         readNumber(metadata, "gradmill.seed", state.seed) &&
         readNumber(metadata, "gradmill.epoch_loss_sum", state.lossSum) &&
         (readNumbers(metadata, "gradmill.epoch_metric_sums",
                      state.metricSums) ||
          readNumbers(metadata, "gradmill.epoch_correct", state.metricSums)) &&
         readNumber(metadata, "gradmill.epoch_seen", state.seen) &&
         text("gradmill.options", state.options) &&
         text("gradmill.data_hash", state.dataHash) &&
         state.epoch <= state.step;
}

static Result<TrainState> checkpointState(const SafeTensors &file,
                                          const std::string &path) {
  auto format = file.metadata.find(kFormat);
  if (format == file.metadata.end() || format->second != kCheckpoint)
    return Error{kBadInput, "not_a_checkpoint",
                 path + ": holds weights but no training state; start from "
                        "them with --weights instead of --resume"};
  auto version = file.metadata.find("gradmill.version");
  std::string_view number =
      version == file.metadata.end() ? "unknown" : std::string_view(version->second);
  if (number != kVersion && number != "1" && number != "2")
    return makeError(
        kBadInput, "checkpoint_version",
        {path, ": checkpoint format ",
         number, ", this program reads 1 to ", kVersion,
         "; start a new run from its weights with --weights ", path});
  TrainState state;
  if ((!readOrigin(file.metadata, state.origin) && number != "1") ||
      !readState(file.metadata, state))
    return Error{kBadInput, "not_a_checkpoint",
                 path + ": its training state is incomplete or damaged"};
  return state;
}

static Status checkOrigin(const Model &model, const TrainState &state,
                          const std::string &path) {
  if (state.origin.graph.empty()) // of version 1
    return ok;
  std::string list = differences(state.origin, originOf(model.manifest()));
  if (list.empty())
    return ok;
  return makeError(
      kBadInput, "resume_mismatch",
      {path, ": was not trained with this model:", list,
       "\nCompile the graph as it was, or start a new run from its "
       "weights with --weights ",
       path});
}

Result<TrainState> loadCheckpoint(Model &model, const std::string &path) {
  auto file = readSafeTensors(path);
  if (!file)
    return file.error();
  auto state = checkpointState(*file, path);
  if (!state)
    return state;
  if (Status error = checkOrigin(model, *state, path))
    return *error;
  if (Status error = copyInto(model, *file, true, path))
    return *error;
  return state;
}

Result<TrainState> peekCheckpoint(const std::string &path) {
  auto file = readSafeTensors(path);
  if (!file)
    return file.error();
  return checkpointState(*file, path);
}

static std::string lineOf(const char *what,
                          const std::vector<std::string> &names) {
  std::string line;
  for (const std::string &name : names)
    line += (line.empty() ? "" : ", ") + name;
  return names.empty() ? ""
                       : std::string("\n  ") + what + " (" +
                             std::to_string(names.size()) + "): " + line;
}

std::string PartialWeights::text() const {
  return lineOf("taken", taken) + lineOf("of another shape or type", differ) +
         lineOf("not in the file", missing) + lineOf("not in the model", unused);
}

Result<PartialWeights> loadWeightsThatFit(Model &model,
                                          const std::string &path) {
  auto file = readWeightsFile(path);
  if (!file)
    return file.error();
  PartialWeights result;
  result.unused = unusedOf(model, *file);
  for (const Tensor &tensor : model.tensors()) {
    if (!isStored(*tensor.spec, false))
      continue;
    const std::string &name = tensor.spec->name;
    const StoredTensor *found = findFor(*tensor.spec, *file, false);
    std::string differs = found ? difference(*found, *tensor.spec) : "";
    if (!found) {
      result.missing.push_back(name);
    } else if (!differs.empty()) {
      result.differ.push_back(name + ": " + differs);
    } else {
      result.taken.push_back(name);
      if (tensor.spec->bytes)
        std::memcpy(tensor.data, found->data, tensor.spec->bytes);
    }
  }
  if (result.taken.empty())
    return makeError(kBadInput, "weights_mismatch",
                     {path, ": nothing in it fits model \"",
                      model.manifest().name, "\":", result.text()});
  model.resetAverages();
  return result;
}

Status loadWeights(Model &model, const std::string &path) {
  auto file = readWeightsFile(path);
  if (!file)
    return file.error();
  return copyInto(model, *file, false, path);
}

} // namespace gradmill::rt
