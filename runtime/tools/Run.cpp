// `run`: from values of input ports to values of output ports. Without --entry
// it is inference, of any number of samples; with --entry, one run of that
// entry.
#include "core/Json.h"
#include "core/Philox.h"
#include "core/Text.h"
#include "data/Elements.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/RawInput.h"
#include "train/Evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace gradmill::rt {
namespace {

using Bytes = std::vector<char>;
using Files = std::map<std::string, std::string>; // by port

std::string namesOf(const std::vector<const PortSpec *> &ports) {
  std::string names;
  for (const PortSpec *port : ports)
    names += (names.empty() ? "" : ", ") + port->name;
  return names;
}

// PORT=FILE, or a file alone where there is one port.
Result<Files> filesOf(const std::vector<std::string> &inputs,
                      const std::vector<const PortSpec *> &ports) {
  Files files;
  for (const std::string &input : inputs) {
    size_t equals = input.find('=');
    std::string name = input.substr(0, equals);
    bool known = equals != std::string::npos &&
                 std::any_of(ports.begin(), ports.end(),
                             [&](auto *port) { return port->name == name; });
    if (!known && ports.size() == 1)
      name = ports.front()->name;
    else if (!known)
      return makeError(kUsage, "unknown_port",
                       {"\"", input, "\" names no port; write PORT=FILE for: ",
                        namesOf(ports)});
    if (!files.emplace(name, known ? input.substr(equals + 1) : input).second)
      return makeError(kUsage, "unknown_port",
                       {"\"", name, "\" is given twice"});
  }
  return files;
}

// `samples` of the port, from its file or at random.
Result<Bytes> valuesOf(const PortSpec &port, const Files &files,
                       int64_t samples, uint64_t seed, uint32_t stream) {
  auto file = files.find(port.name);
  if (file != files.end())
    return readPort(file->second, port);
  Bytes values(size_t(samples) * port.bytes());
  fillPort(port, PhiloxStream(seed, PhiloxPurpose::RunInput, stream),
           uint64_t(samples) * port.elements, values.data());
  return values;
}

//===-- Output ------------------------------------------------------------===//

double element(const PortSpec &port, const char *values, uint64_t i) {
  double value = withType(port.dtype, [&](auto zero) {
    return double(
        load<decltype(zero)>(reinterpret_cast<const uint8_t *>(values), i));
  });
  return std::isnan(value) ? NAN : value; // without a sign
}

struct Output {
  const PortSpec *port;
  Bytes values;
  int64_t samples;
};

bool hasNaN(const Output &output) {
  for (uint64_t i = 0; i < uint64_t(output.samples) * output.port->elements; ++i)
    if (std::isnan(element(*output.port, output.values.data(), i)))
      return true;
  return false;
}

// A row for each sample, with a title if there are several ports.
void printText(const std::vector<Output> &outputs) {
  for (const Output &output : outputs) {
    if (outputs.size() > 1)
      std::printf("%s\n", output.port->name.c_str());
    uint64_t width = output.port->elements;
    for (uint64_t i = 0; i < uint64_t(output.samples) * width; ++i)
      std::printf("%.9g%c", element(*output.port, output.values.data(), i),
                  (i + 1) % width ? ' ' : '\n');
  }
}

void printJson(const std::vector<Output> &outputs) {
  Json all = Json::object();
  for (const Output &output : outputs) {
    Json rows = Json::array();
    for (int64_t s = 0; s < output.samples; ++s) {
      Json row = Json::array();
      for (uint64_t i = 0; i < output.port->elements; ++i)
        row.push_back(element(*output.port, output.values.data(),
                              uint64_t(s) * output.port->elements + i));
      rows.push_back(std::move(row));
    }
    all[output.port->name] = std::move(rows);
  }
  std::printf("%s\n", jsonText(all).c_str());
}

// The error comes after the output, which shows the NaNs.
int finish(const Model &model, const std::vector<Output> &outputs, bool json) {
  if (json)
    printJson(outputs);
  else
    printText(outputs);
  if (std::any_of(outputs.begin(), outputs.end(), hasNaN))
    return finishOutput(reportError(outputNotFinite(model, "outputs")));
  return finishOutput(kOk);
}

//===-- Inference ---------------------------------------------------------===//

int runInference(Model &model, const RunOptions &options) {
  std::vector<const PortSpec *> ports =
      model.manifest().portsOf(PortRole::Data);
  auto files = filesOf(options.inputs, ports);
  if (!files)
    return reportError(files.error());
  int64_t count = files->empty() ? options.count : -1;
  std::vector<Bytes> values;
  for (const PortSpec *port : ports)
    if (files->count(port->name)) {
      auto read = readPort((*files)[port->name], *port);
      if (!read)
        return reportError(read.error());
      auto samples = int64_t(read->size() / port->bytes());
      if (count >= 0 && samples != count)
        return reportError({kBadInput, "bad_size",
                            (*files)[port->name] + ": " +
                                std::to_string(samples) +
                                " samples, but another file has " +
                                std::to_string(count)});
      count = samples;
    }
  std::vector<const void *> data;
  uint32_t stream = 0;
  for (const PortSpec *port : ports) {
    auto read = valuesOf(*port, *files, count, options.seed, stream++);
    if (!read)
      return reportError(read.error());
    // A fault in a file is bad input, not wrong usage.
    if (Status error = checkClasses(*port, read->data(), count))
      return reportError({kBadInput, error->code, error->message});
    values.push_back(std::move(*read));
  }
  for (const Bytes &value : values)
    data.push_back(value.data());
  std::vector<Output> outputs;
  std::vector<void *> predictions;
  for (const PortSpec *port : model.manifest().portsOf(PortRole::Prediction))
    outputs.push_back({port, Bytes(size_t(count) * port->bytes()), count});
  for (Output &output : outputs)
    predictions.push_back(output.values.data());
  if (Status error = model.infer(data, count, predictions))
    return reportError(*error);
  return finish(model, outputs, options.json);
}

//===-- One entry ---------------------------------------------------------===//

Result<BoundEntry *> entryOf(Model &model, const std::string &name) {
  if (BoundEntry *found = model.entry(name))
    return found;
  std::string names;
  for (const EntrySpec &entry : model.manifest().entries)
    names += (names.empty() ? "" : ", ") + entry.name;
  return makeError(kUsage, "no_entry",
                   {"model \"", model.manifest().name, "\" has no entry \"",
                    name, "\"; it has: ", names});
}

int runEntry(Model &model, const RunOptions &options) {
  auto entry = entryOf(model, options.entry);
  if (!entry)
    return reportError(entry.error());
  const EntrySpec &spec = (*entry)->spec();
  std::vector<const PortSpec *> ports;
  for (const BufferSpec &buffer : spec.buffers)
    if (buffer.kind == BufferSpec::Kind::Input)
      ports.push_back(model.manifest().port(buffer.name));
  auto files = filesOf(options.inputs, ports);
  if (!files)
    return reportError(files.error());
  uint32_t stream = 0;
  for (const PortSpec *port : ports) {
    auto values = valuesOf(*port, *files, spec.batch, options.seed, stream++);
    if (!values)
      return reportError(values.error());
    if (values->size() != uint64_t(spec.batch) * port->bytes())
      return reportError({kBadInput, "bad_size",
                          (*files)[port->name] + ": " +
                              std::to_string(values->size() / port->bytes()) +
                              " samples, but entry \"" + spec.name +
                              "\" takes " + std::to_string(spec.batch)});
    if (Status error = checkClasses(*port, values->data(), spec.batch))
      return reportError({kBadInput, error->code, error->message});
    std::copy(values->begin(), values->end(),
              static_cast<char *>((*entry)->input(port->name)));
  }
  (*entry)->setScalar("learning_rate", 0.0f); // nothing is trained here
  (*entry)->setScalar("seed", int64_t(options.seed));
  model.run(**entry);
  std::vector<Output> outputs;
  for (const BufferSpec &buffer : spec.buffers)
    if (const PortSpec *port = model.manifest().port(buffer.name);
        port && buffer.kind == BufferSpec::Kind::Output) {
      auto *bytes = static_cast<const char *>((*entry)->output(port->name));
      outputs.push_back({port, Bytes(bytes, bytes + buffer.bytes),
                         port->batched ? spec.batch : 1});
    }
  return finish(model, outputs, options.json);
}

} // namespace

int runRun(Model &model, const RunOptions &options) {
  if (Status error = model.setThreads(options.threads))
    return reportError(*error);
  if (options.initialWeights)
    model.init(options.seed);
  else if (Status error = loadWeightsFor(model, options.weights))
    return reportError(*error);
  return options.entry.empty() ? runInference(model, options)
                               : runEntry(model, options);
}

} // namespace gradmill::rt
