#include "checkpoint/Checkpoint.h"

#include "checkpoint/SafeTensors.h"
#include "core/Number.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

namespace gradmill::rt {

static constexpr const char *kFormat = "gradmill.format";
static constexpr const char *kCheckpoint = "checkpoint";
static constexpr const char *kWeights = "weights";
static constexpr const char *kVersion = "3";

static std::string storedDType(DType dtype) {
  std::string name = dtypeName(dtype);
  for (char &c : name)
    c = char(std::toupper(c));
  return name;
}

static std::vector<StoredTensor> collect(const Model &model, bool optimizer) {
  std::vector<StoredTensor> tensors;
  for (const Tensor &tensor : model.tensors())
    if (optimizer || tensor.spec->role != Role::Optimizer)
      tensors.push_back({tensor.spec->name, storedDType(tensor.spec->dtype),
                         tensor.spec->shape, tensor.data, tensor.spec->bytes});
  return tensors;
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
  storeOrigin(originOf(model.manifest()), metadata);
  return writeSafeTensors(path, collect(model, true), metadata);
}

Status saveWeights(const Model &model, const std::string &path) {
  Metadata metadata{{"format", "pt"},
                    {kFormat, kWeights},
                    {"gradmill.version", kVersion},
                    {"gradmill.model", model.manifest().name}};
  return writeSafeTensors(path, collect(model, false), metadata);
}

// Every way in which the file does not fit the model; empty if it does.
static std::string mismatches(const Model &model, const SafeTensors &file,
                              bool optimizer) {
  std::string list;
  for (const StoredTensor &wanted : collect(model, optimizer)) {
    const StoredTensor *found = file.find(wanted.name);
    if (!found)
      list += "\n  " + wanted.name + ": missing";
    else if (found->shape != wanted.shape || found->dtype != wanted.dtype)
      list += "\n  " + wanted.name + ": " + found->dtype + " " +
              shapeText(found->shape) + ", the model has " + wanted.dtype +
              " " + shapeText(wanted.shape);
  }
  return list;
}

static Status copyInto(Model &model, const SafeTensors &file, bool optimizer,
                       const std::string &path) {
  std::string list = mismatches(model, file, optimizer);
  if (!list.empty())
    return Error{kBadInput, "weights_mismatch",
                 path + ": does not fit model \"" + model.manifest().name +
                     "\"; use the model that it was saved from:" + list};
  for (const Tensor &tensor : model.tensors())
    if (optimizer || tensor.spec->role != Role::Optimizer)
      if (tensor.spec->bytes)
        std::memcpy(tensor.data, file.find(tensor.spec->name)->data,
                    tensor.spec->bytes);
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
  return readNumber(metadata, "gradmill.step", state.step) &&
         readNumber(metadata, "gradmill.epoch", state.epoch) &&
         readNumber(metadata, "gradmill.seed", state.seed) &&
         readNumber(metadata, "gradmill.epoch_loss_sum", state.lossSum) &&
         readNumbers(metadata, "gradmill.epoch_metric_sums",
                     state.metricSums) &&
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
  if (version == file.metadata.end() || version->second != kVersion)
    return Error{
        kBadInput, "checkpoint_version",
        path + ": checkpoint format " +
            (version == file.metadata.end() ? "unknown" : version->second) +
            ", this program reads " + kVersion +
            "; start a new run from its weights with --weights " + path};
  TrainState state;
  if (!readOrigin(file.metadata, state.origin) ||
      !readState(file.metadata, state))
    return Error{kBadInput, "not_a_checkpoint",
                 path + ": its training state is incomplete or damaged"};
  return state;
}

static Status checkOrigin(const Model &model, const TrainState &state,
                          const std::string &path) {
  std::string list = differences(state.origin, originOf(model.manifest()));
  if (list.empty())
    return ok;
  return Error{kBadInput, "resume_mismatch",
               path + ": was not trained with this model:" + list +
                   "\nCompile the graph as it was, or start a new run from its "
                   "weights with --weights " +
                   path};
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

Status loadWeights(Model &model, const std::string &path) {
  auto file = readSafeTensors(path);
  if (!file)
    return file.error();
  return copyInto(model, *file, false, path);
}

} // namespace gradmill::rt
