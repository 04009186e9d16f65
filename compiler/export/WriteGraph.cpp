#include "compiler/export/GmgWriter.h"

using namespace mlir;

namespace gradmill {

// For a fused or inlined op, keep the first place in a file.
flatbuffers::Offset<schema::Location>
GmgWriter::writeLocation(Location location) {
  if (!options.locations || isa<UnknownLoc>(location) ||
      isOpNumberLocation(location))
    return 0;
  auto [known, isNew] = locations.try_emplace(location);
  if (!isNew)
    return known->second;
  llvm::StringRef name;
  if (auto named = dyn_cast<NameLoc>(location))
    name = named.getName();
  auto place = location->findInstanceOf<FileLineColLoc>();
  if (!place && name.empty())
    return 0;
  auto fileOffset = place ? string(place.getFilename()) : 0;
  auto nameOffset = name.empty() ? 0 : string(name);
  auto offset =
      schema::CreateLocation(builder, fileOffset, place ? place.getLine() : 0,
                             place ? place.getColumn() : 0, nameOffset);
  return locations[location] = offset;
}

//===-- plugins
//---------------------------------------------------------------===//

void GmgWriter::notePlugin(Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  std::string plugin = options.pluginOf ? options.pluginOf(name) : "";
  if (plugin.empty() && !op->isRegistered())
    plugin = op->getName().getDialectNamespace().str();
  if (!plugin.empty())
    plugins[StringAttr::get(op->getContext(), plugin)].insert(
        op->getName().getIdentifier());
}

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<schema::Plugin>>>
GmgWriter::writePlugins() {
  SmallVector<flatbuffers::Offset<schema::Plugin>> offsets;
  for (auto &[plugin, ops] : plugins) {
    SmallVector<flatbuffers::Offset<schema::OpName>> names;
    for (StringAttr op : ops)
      names.push_back(schema::CreateOpName(builder, string(op)));
    offsets.push_back(schema::CreatePlugin(builder, string(plugin),
                                           vector(llvm::ArrayRef(names))));
  }
  return vector(llvm::ArrayRef(offsets));
}

//===-- ops
//---------------------------------------------------------------------===//

flatbuffers::Offset<schema::Op> GmgWriter::writeOp(Operation *op) {
  current = op;
  if (op->getNumRegions() != 0 || op->getNumSuccessors() != 0)
    unsupported() << "an op with regions or successors";
  if (!isOpName(op->getName().getStringRef()))
    unsupported() << "an op of such a name";
  notePlugin(op);
  std::vector<uint32_t> operands;
  for (Value operand : op->getOperands()) {
    auto found = values.find(operand);
    if (found == values.end())
      unsupported() << "a value that is used before it is defined";
    else
      operands.push_back(found->second);
  }
  SmallVector<flatbuffers::Offset<schema::Type>> results;
  for (Value result : op->getResults()) {
    results.push_back(writeValueType(result.getType()));
    values.try_emplace(result, values.size());
  }
  auto attributes = writeAttributes(op->getAttrDictionary().getValue());
  if (!failed && builder.GetSize() > kMaxGmgBytes - (1 << 24)) {
    op->emitError("[gmg_too_large] the graph exceeds the 2 GiB of one file");
    failed = true;
  }
  if (failed)
    return 0;
  llvm::StringRef opName = op->getName().getStringRef();
  uint32_t version =
      options.versionOf
          ? options.versionOf(opName)
          : registryBehind(op->getContext()).versionOf(opName);
  auto operandOffset = operands.empty() ? 0 : builder.CreateVector(operands);
  auto name = builder.CreateSharedString(op->getName().getStringRef().data(),
                                         op->getName().getStringRef().size());
  return schema::CreateOp(builder, name, version, operandOffset,
                          vector(llvm::ArrayRef(results)), attributes,
                          writeLocation(op->getLoc()));
}

flatbuffers::Offset<schema::Block> GmgWriter::writeBody(Block &block) {
  SmallVector<flatbuffers::Offset<schema::Op>> ops;
  for (Operation &op : block) {
    ops.push_back(writeOp(&op));
    if (failed)
      return 0;
  }
  return schema::CreateBlock(builder, vector(llvm::ArrayRef(ops)));
}

//===-- functions
//-----------------------------------------------------------------===//

flatbuffers::Offset<schema::Port>
GmgWriter::writePort(Type type, DictionaryAttr attributes,
                     std::optional<Location> location) {
  auto typeOffset = writeValueType(type);
  auto entries = attributes ? writeAttributes(attributes.getValue()) : 0;
  if (failed)
    return 0;
  return schema::CreatePort(builder, typeOffset, entries,
                            location ? writeLocation(*location) : 0);
}

flatbuffers::Offset<schema::Function>
GmgWriter::writeFunction(func::FuncOp function) {
  current = function;
  if (function.getBlocks().size() > 1)
    unsupported() << "a function of several blocks";
  values.clear();
  SmallVector<flatbuffers::Offset<schema::Port>> arguments, results;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    std::optional<Location> location;
    if (!function.isExternal()) {
      values.try_emplace(function.getArgument(i), i);
      location = function.getArgument(i).getLoc();
    }
    arguments.push_back(writePort(function.getArgumentTypes()[i],
                                  function.getArgAttrDict(i), location));
  }
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    results.push_back(writePort(function.getResultTypes()[i],
                                function.getResultAttrDict(i), std::nullopt));
  NamedAttrList attributes(function->getAttrDictionary());
  for (llvm::StringRef own :
       {"sym_name", "function_type", "arg_attrs", "res_attrs"})
    attributes.erase(own);
  auto entries = writeAttributes(
      attributes.getDictionary(function.getContext()).getValue());
  if (failed)
    return 0;
  auto body = function.isExternal() ? 0 : writeBody(function.getBody().front());
  if (failed)
    return 0;
  auto name = string(function.getName());
  return schema::CreateFunction(builder, name,
                                vector(llvm::ArrayRef(arguments)),
                                vector(llvm::ArrayRef(results)), entries, body,
                                writeLocation(function.getLoc()));
}

std::optional<std::string> GmgWriter::write(ModuleOp module) {
  current = module;
  collectBuffers(module);
  SmallVector<flatbuffers::Offset<schema::Function>> functions;
  for (Operation &op : *module.getBody()) {
    current = &op;
    if (failed)
      return std::nullopt;
    if (auto function = dyn_cast<func::FuncOp>(op))
      functions.push_back(writeFunction(function));
    else
      unsupported() << "this op outside of a function";
  }
  current = module;
  auto attributes = writeAttributes(module->getAttrDictionary().getValue());
  if (failed)
    return std::nullopt;
  SmallVector<flatbuffers::Offset<schema::Buffer>> bufferOffsets =
      llvm::to_vector(llvm::make_second_range(buffers));
  auto producer = string("gradmill");
  auto requiredPlugins = writePlugins();
  auto functionOffsets = vector(llvm::ArrayRef(functions));
  auto bufferVector = vector(llvm::ArrayRef(bufferOffsets));
  auto root = schema::CreateGraph(builder, kGmgVersion, producer,
                                  requiredPlugins, attributes, functionOffsets,
                                  bufferVector, writeLocation(module.getLoc()));
  schema::FinishGraphBuffer(builder, root);
  return std::string(reinterpret_cast<const char *>(builder.GetBufferPointer()),
                     builder.GetSize());
}

} // namespace gradmill
