#include "compiler/codegen/Manifest.h"
#include "compiler/Version.h"
#include "compiler/autodiff/Ports.h"
#include "compiler/vector/KernelReport.h"
#include "compiler/vector/ShareTasks.h"
#include "core/ManifestLimits.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
namespace json = llvm::json;

namespace gradmill {
namespace {

std::string typeName(Type type) {
  if (type.isF32())
    return "f32";
  if (type.isF64())
    return "f64";
  return "i" + std::to_string(type.getIntOrFloatBitWidth());
}

json::Array shapeOf(MemRefType type) {
  json::Array dims;
  for (int64_t d : type.getShape())
    dims.push_back(d);
  return dims;
}

class ManifestBuilder {
public:
  ManifestBuilder(ModuleOp module, std::vector<char> &data)
      : module(module), data(data) {}

  FailureOr<json::Object> build(const ManifestInfo &info) {
    json::Object entries;
    for (auto func : module.getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr)) {
        entries[func.getName()] = entry(func);
        if (failed(checkMemory(func)))
          return failure();
      }
    json::Object manifest{
        {"format", 2},
        // A file's name need not be UTF-8, but JSON must be.
        {"name", json::fixUTF8(info.name)},
        {"graph", info.graph},
        {"compiler",
         "gradmill " GRADMILL_VERSION " (LLVM " LLVM_VERSION_STRING ")"},
        {"target",
         json::Object{{"name", info.target.name},
                      {"needs", json::Array(info.target.needs)},
                      {"triple", info.target.triple},
                      {"cpu", info.target.cpu},
                      {"features", info.target.features},
                      {"vector_bytes", info.target.shape.vectorBytes}}},
        {"parameters", parameters},
        {"optimizer", json::Object(info.optimizer)},
        {"loss", textOf(kLossAttr)},
        {"ports", std::move(ports)},
        {"tensors", std::move(tensors)},
        {"entries", std::move(entries)},
    };
    if (info.learningRate && trainBatch) // samples of an update
      manifest["learning_rate"] = info.learningRate(
          *trainBatch * std::max<int64_t>(info.accumulate, 1));
    if (info.accumulate)
      manifest["accumulate"] = info.accumulate;
    if (!info.plugins.empty())
      manifest["plugins"] = json::Array(info.plugins);
    if (info.exactConv)
      manifest["exact_conv"] = true;
    return manifest;
  }

private:
  StringRef textOf(StringRef attribute) {
    auto text = module->getAttrOfType<StringAttr>(attribute);
    return text ? text.getValue() : StringRef();
  }

  json::Object entry(func::FuncOp func) {
    json::Array buffers;
    json::Object out{{"does", entryOf(func)}};
    for (BlockArgument arg : func.getArguments()) {
      auto type = cast<MemRefType>(arg.getType());
      unsigned i = arg.getArgNumber();
      if (func.getArgAttr(i, kArenaAttr)) {
        out["arena_bytes"] = type.getDimSize(0);
        buffers.push_back(json::Object{{"kind", "arena"}});
      } else if (func.getArgAttr(i, kScratchAttr)) {
        out["scratch_bytes"] =
            type.getDimSize(0); // given to tasks, not in the table
      } else if (isPrepared(func, i)) {
        buffers.push_back(json::Object{
            {"kind", "prepared"},
            {"name",
             func.getArgAttrOfType<StringAttr>(i, kStateAttr).getValue()},
            {"dtype", typeName(type.getElementType())},
            {"shape", shapeOf(type)}});
      } else if (auto name = func.getArgAttrOfType<StringAttr>(i, kStateAttr)) {
        buffers.push_back(json::Object{
            {"kind", "state"}, {"tensor", tensor(func, i, name, type)}});
      } else {
        buffers.push_back(value(func, i, type, out));
      }
    }
    if (auto bound = func->getAttrOfType<IntegerAttr>(kArenaBoundAttr))
      out["arena_lower_bound_bytes"] = bound.getInt();
    if (auto recomputed = func->getAttrOfType<ArrayAttr>(kRecomputedAttr))
      out["recomputed"] = toJson(recomputed);
    out["buffers"] = std::move(buffers);
    if (func->hasAttr(kKernelsAttr)) {
      out["kernels"] = kernelsJson(reportsOf(func));
      if (json::Array notes = notesJson(reportsOf(func)); !notes.empty())
        out["notes"] = std::move(notes);
      out["calls"] = calls(func);
      if (auto chunks = func->getAttrOfType<IntegerAttr>(kChunksAttr))
        out["shared"] = shared(func, chunks.getInt());
    }
    return out;
  }

  static json::Value toJson(Attribute attribute) {
    if (auto text = dyn_cast<StringAttr>(attribute))
      return text.getValue();
    if (auto number = dyn_cast<IntegerAttr>(attribute))
      return number.getInt();
    if (auto number = dyn_cast<FloatAttr>(attribute))
      return number.getValueAsDouble();
    if (auto list = dyn_cast<ArrayAttr>(attribute)) {
      json::Array out;
      for (Attribute element : list)
        out.push_back(toJson(element));
      return out;
    }
    json::Object out;
    for (NamedAttribute field : cast<DictionaryAttr>(attribute))
      out[field.getName().getValue()] = toJson(field.getValue());
    return out;
  }

  // Leaves out what the report does not print: the manifest is part of every
  // executable.
  static json::Array kernelsJson(ArrayRef<nn::KernelReportAttr> kernels) {
    auto cost = [](int64_t value) {
      return std::clamp<int64_t>(value, 0, rt::kMaxCost);
    };
    json::Array list;
    for (nn::KernelReportAttr kernel : kernels) {
      json::Object fields{{"name", shortened(kernel.getName())},
                          {"macs", cost(kernel.getMacs())},
                          {"bytes_read", cost(kernel.getBytesRead())},
                          {"bytes_written", cost(kernel.getBytesWritten())}};
      if (kernel.getOps()) { // not a copy
        fields["at"] = json::fixUTF8(kernel.getAt());
        fields["lanes"] = kernel.getLanes();
        fields["schedule"] = kernel.getSchedule();
      }
      list.push_back(std::move(fields));
    }
    return list;
  }

  // Each note once, with its kernels: many kernels have the same ones.
  static json::Array notesJson(ArrayRef<nn::KernelReportAttr> kernels) {
    llvm::MapVector<Attribute, json::Array> kernelsOf;
    for (auto [number, kernel] : llvm::enumerate(kernels))
      if (kernel.getNotes())
        for (Attribute note : kernel.getNotes())
          kernelsOf[note].push_back(int64_t(number));
    json::Array list;
    for (auto &[note, numbers] : kernelsOf)
      list.push_back(json::Object{{"text", toJson(note)},
                                  {"kernels", std::move(numbers)}});
    return list;
  }

  // Many layers with long names can exceed the length that the runtime accepts.
  static std::string shortened(StringRef name) {
    constexpr size_t kMaxName = 1000;
    if (name.size() <= kMaxName)
      return json::fixUTF8(name);
    return json::fixUTF8(name.take_front(kMaxName)) + " ...";
  }

  // The kernels of each parallel loop, in order of execution; none for a loop
  // that a plugin's pass has added.
  static json::Array calls(func::FuncOp func) {
    json::Array out;
    for (auto loop : func.front().getOps<scf::ForallOp>()) {
      out.push_back(json::Array(kernelsOf(loop)));
    }
    return out;
  }

  // Where a buffer with a number lies, and its size.
  struct Place {
    int64_t slot, offset, bytes, rows;
  };
  static llvm::DenseMap<int64_t, Place> exchanged(func::FuncOp func) {
    llvm::DenseMap<int64_t, Place> places;
    auto add = [&](Attribute number, int64_t slot, int64_t offset,
                   MemRefType type) {
      if (number)
        places[cast<IntegerAttr>(number).getInt()] = {
            slot, offset, nn::bufferBytes(type),
            type.getRank() ? type.getDimSize(0) : 1};
    };
    for (BlockArgument arg : func.getArguments())
      add(func.getArgAttr(arg.getArgNumber(), kExchangedAttr),
          arg.getArgNumber(), 0, cast<MemRefType>(arg.getType()));
    for (auto view : func.front().getOps<memref::ViewOp>())
      add(view->getAttr(kExchangedAttr), 0,
          getConstantIntValue(view.getByteShift()).value_or(0), view.getType());
    return places;
  }

  // What several processes share of the entry's work. Exchanges are numbers in
  // one list, because there are many.
  static json::Object shared(func::FuncOp func, int64_t chunks) {
    llvm::DenseMap<int64_t, Place> places = exchanged(func);
    json::Array own, exchanges;
    std::map<int64_t, json::Array> open; // by the buffer's number
    auto close = [&](Operation *op, int64_t call) {
      auto awaits = op->getAttrOfType<DenseI64ArrayAttr>(kAwaitsAttr);
      for (int64_t number : awaits ? awaits.asArrayRef() : ArrayRef<int64_t>()) {
        json::Array exchange = std::move(open[number]);
        exchange.insert(exchange.begin() + 1, call);
        for (json::Value &field : exchange)
          exchanges.push_back(std::move(field));
      }
    };
    int64_t call = 0;
    for (auto loop : func.front().getOps<scf::ForallOp>()) {
      close(loop, call);
      if (loop->hasAttr(kOwnAttr))
        own.push_back(call);
      auto gives = loop->getAttrOfType<DenseI64ArrayAttr>(kGivesAttr);
      ArrayRef<int64_t> list = gives ? gives.asArrayRef() : ArrayRef<int64_t>();
      for (; !list.empty(); list = list.drop_front(4)) {
        const Place &place = places[list[0]];
        open[list[0]] = json::Array{
            call, place.slot, place.offset, place.bytes,
            list[1] * (place.bytes / place.rows), list[2], list[3]};
      }
      ++call;
    }
    close(func, call);
    json::Object out{{"chunks", chunks},
                     {"own", std::move(own)},
                     {"exchanges", std::move(exchanges)}};
    auto samples = func->getAttrOfType<DenseI64ArrayAttr>(kSamplesAttr);
    out["samples"] = samples ? json::Array{samples[0], samples[1]}
                             : json::Array{0, 0};
    return out;
  }

  // The host keeps it and @prepare computes it: it is no tensor of the model.
  static bool isPrepared(func::FuncOp func, unsigned i) {
    auto role = func.getArgAttrOfType<StringAttr>(i, "nn.role");
    return role && role.getValue() == "prepared";
  }

  LogicalResult checkMemory(func::FuncOp func) {
    for (BlockArgument arg : func.getArguments()) {
      unsigned i = arg.getArgNumber();
      if (!func.getArgAttr(i, kArenaAttr) && !func.getArgAttr(i, kScratchAttr))
        continue;
      uint64_t bytes = cast<MemRefType>(arg.getType()).getDimSize(0);
      if (bytes > rt::kMaxBufferBytes)
        return emitError(func.getLoc())
               << "[arena_size] @" << func.getName() << " needs "
               << (bytes >> 30) << " GiB for temporaries, the runtime gives "
               << (rt::kMaxBufferBytes >> 30)
               << " GiB; a smaller --batch or --max-memory may do";
    }
    return success();
  }

  json::Object value(func::FuncOp func, unsigned i, MemRefType type,
                     json::Object &entry) {
    auto name = func.getArgAttrOfType<StringAttr>(i, kNameAttr);
    bool output = bool(func.getArgAttr(i, kOutputAttr));
    json::Object buffer{
        {"kind", output           ? "output"
                 : type.getRank() ? "input"
                                  : "scalar"},
        {"name", name ? name.getValue() : "arg" + std::to_string(i)},
        {"dtype", typeName(type.getElementType())}};
    if (output || type.getRank())
      buffer["shape"] = shapeOf(type);
    describePort(func, i, type, entry);
    return buffer;
  }

  // The argument as a port, with the shape of one sample.
  void describePort(func::FuncOp func, unsigned i, MemRefType type,
                    json::Object &entry) {
    auto role = func.getArgAttrOfType<StringAttr>(i, kPortAttr);
    auto name = func.getArgAttrOfType<StringAttr>(i, kNameAttr);
    if (!role || !name || role == "control")
      return;
    bool whole = bool(func.getArgAttr(i, kWholeAttr));
    bool batched = role != "loss" && role != "metric" && !whole;
    json::Array shape = shapeOf(type);
    if (batched) {
      entry["batch"] = type.getDimSize(0);
      if (entryOf(func) == "train" || entryOf(func) == "accumulate")
        trainBatch = type.getDimSize(0);
      shape.erase(shape.begin());
    }
    if (!portNames.insert(name.getValue()).second)
      return;
    json::Object port{{"name", name.getValue()},
                      {"role", role.getValue()},
                      {"dtype", typeName(type.getElementType())},
                      {"shape", std::move(shape)}};
    for (StringRef fact : {"mean", "std", "preprocess", "meaning", "classes",
                           "ignore", "range", "share", "whole"})
      if (Attribute value = func.getArgAttr(i, ("nn." + fact).str()))
        port[fact] = isa<UnitAttr>(value) ? json::Value(true) : toJson(value);
    ports.push_back(std::move(port));
  }

  int64_t tensor(func::FuncOp func, unsigned i, StringAttr name,
                 MemRefType type) {
    auto [it, fresh] =
        tensorIndex.try_emplace(name.getValue(), int64_t(tensors.size()));
    if (!fresh)
      return it->second;
    StringRef role = func.getArgAttrOfType<StringAttr>(i, "nn.role").getValue();
    if (role == "parameter")
      parameters += type.getNumElements();
    tensors.push_back(
        json::Object{{"name", name.getValue()},
                     {"role", role},
                     {"dtype", typeName(type.getElementType())},
                     {"shape", shapeOf(type)},
                     {"init", init(func.getArgAttr(i, "nn.init"),
                                   func.getArgAttrOfType<IntegerAttr>(
                                       i, "nn.fan_in"),
                                   type)}});
    return it->second;
  }

  json::Object init(Attribute attribute, IntegerAttr givenFanIn,
                    MemRefType type) {
    if (auto number = dyn_cast_or_null<FloatAttr>(attribute))
      return json::Object{{"kind", "constant"},
                          {"value", number.getValueAsDouble()}};
    if (auto elements = dyn_cast_or_null<ElementsAttr>(attribute))
      return store(elements);
    auto text = dyn_cast_or_null<StringAttr>(attribute);
    if (!text && type.getRank() < 2)
      return json::Object{{"kind", "constant"}, {"value", 0.0}};
    int64_t fanIn =
        type.getRank()
            ? type.getNumElements() / std::max<int64_t>(type.getDimSize(0), 1)
            : 1;
    if (givenFanIn)
      fanIn = givenFanIn.getInt();
    bool normal = text && text.getValue() == "kaiming_normal";
    return json::Object{
        {"kind", normal ? "kaiming_normal" : "kaiming_uniform"},
        {"fan_in", fanIn},
        {"gain", normal ? std::sqrt(2.0) : std::sqrt(1.0 / 3.0)}};
  }

  json::Object store(ElementsAttr elements) {
    data.resize((data.size() + 63) / 64 * 64);
    int64_t offset = data.size();
    bool wide = elements.getElementType().isF64();
    for (const APFloat &value : elements.getValues<APFloat>()) {
      uint64_t bits = value.bitcastToAPInt().getZExtValue();
      const char *bytes =
          reinterpret_cast<const char *>(&bits); // little-endian hosts only
      data.insert(data.end(), bytes, bytes + (wide ? 8 : 4));
    }
    return json::Object{{"kind", "data"},
                        {"offset", offset},
                        {"bytes", int64_t(data.size()) - offset}};
  }

  ModuleOp module;
  std::vector<char> &data;
  json::Array tensors;
  llvm::StringMap<int64_t> tensorIndex;
  json::Array ports;
  llvm::StringSet<> portNames;
  int64_t parameters = 0;
  std::optional<int64_t> trainBatch;
};
} // namespace

FailureOr<json::Object> buildManifest(ModuleOp module, const ManifestInfo &info,
                                      std::vector<char> &data) {
  return ManifestBuilder(module, data).build(info);
}

} // namespace gradmill
