// Functions and ops of a .gmg, and the checks before and after.
#include "compiler/import/CheckGraph.h"
#include "compiler/import/Hints.h"
#include "compiler/ErrorWatch.h"
#include "compiler/import/GmgReader.h"
#include "compiler/import/Json.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/Alignment.h"

using namespace mlir;

namespace gradmill {

//===-- the reader's helpers
//------------------------------------------------===//

InFlightDiagnostic GmgReader::error(llvm::StringRef label) {
  return emitError(where) << "[" << label << "] " << file << ": " << subject;
}

bool GmgReader::spend(size_t bytes) {
  if (bytes <= budget) {
    budget -= bytes;
    return true;
  }
  if (!overBudget)
    error("gmg_corrupt") << "the file repeats its data beyond reason";
  overBudget = true;
  return false;
}

llvm::StringRef GmgReader::text(const flatbuffers::String *string) {
  if (!string || !spend(string->size()))
    return {};
  return {string->c_str(), string->size()};
}

Location GmgReader::locationOf(const schema::Location *location,
                               Location otherwise) {
  if (!location)
    return otherwise;
  Location result = UnknownLoc::get(context);
  if (sizeOf(location->file()) > 0)
    result = FileLineColLoc::get(context, text(location->file()),
                                 location->line(), location->column());
  if (sizeOf(location->name()) > 0)
    result =
        NameLoc::get(StringAttr::get(context, text(location->name())), result);
  return result;
}

//===-- ops
//---------------------------------------------------------------------===//

uint32_t GmgReader::newestVersion(llvm::StringRef op) const {
  return options.newestVersion ? options.newestVersion(op)
                               : registryBehind(context).versionOf(op);
}

// Whether this program may build the op at all. The op's verifier checks the
// rest.
LogicalResult GmgReader::checkName(const schema::Op &op, OperationName name) {
  uint32_t newest = newestVersion(name.getStringRef());
  if (op.version() > newest || op.version() == 0)
    return error("gmg_op_version")
           << "the op has version " << op.version() << ", this gradmill knows "
           << (newest > 1 ? "1 to " : "up to ") << newest
           << (op.version() > newest ? "; a newer gradmill is needed" : "");
  // A file cannot hold an op with a region, and the op's verifier may rely on
  // one.
  if (name.isRegistered() && (name.hasTrait<OpTrait::OneRegion>() ||
                              name.hasTrait<OpTrait::SymbolTable>() ||
                              name.hasTrait<OpTrait::IsIsolatedFromAbove>()))
    return error("gmg_regions")
           << "the op needs a region; graph files hold flat graphs only";
  if (name.isRegistered())
    return success();
  Dialect *dialect = context->getLoadedDialect(name.getDialectNamespace());
  if (context->allowsUnregisteredDialects() &&
      (!dialect || dialect->allowsUnknownOperations())) {
    reportPlugin(name.getStringRef());
    return success();
  }

  auto diagnostic = error("gmg_unknown_op");
  diagnostic << "the op is not known";
  llvm::StringRef plugin = pluginOf(name.getStringRef());
  if (plugin.empty())
    return diagnostic << ", and the file names no plugin that brings it"
                      << suggestOp(name.getStringRef(), context);
  return diagnostic << "; it comes from the plugin '" << plugin
                    << "': load that with --plugin";
}

// The plugin that the file names for an op, or "".
llvm::StringRef GmgReader::pluginOf(llvm::StringRef op) {
  for (size_t i = 0; i < sizeOf(graph.required_plugins()); ++i) {
    const schema::Plugin &plugin = *graph.required_plugins()->Get(i);
    for (size_t j = 0; j < sizeOf(plugin.ops()); ++j)
      if (text(plugin.ops()->Get(j)->name()) == op)
        return text(plugin.name());
  }
  return "";
}

void GmgReader::reportPlugin(llvm::StringRef op) {
  llvm::StringRef plugin = pluginOf(op);
  if (options.carriedOp && !plugin.empty())
    options.carriedOp(op, plugin);
}

LogicalResult GmgReader::checkInherent(OperationName name,
                                       NamedAttrList &attributes) {
  return name.isRegistered()
             ? name.verifyInherentAttrs(attributes,
                                        [&] { return error("gmg_attribute"); })
             : success();
}

// An op of an older version becomes one of the current version.
LogicalResult GmgReader::upgrade(uint32_t from, OperationState &state) {
  const OpVersion *current =
      registryBehind(context).findOpVersion(state.name.getStringRef());
  if (!current || from >= current->version)
    return success();
  ErrorWatch errors(context);
  if (succeeded(current->upgrade(from, state)))
    return success();
  if (!errors.sawError())
    error("gmg_op_upgrade") << "the op cannot be changed from version " << from
                            << " to version " << current->version;
  return failure();
}

Operation *GmgReader::readOp(const schema::Op &op) {
  llvm::StringRef opText = text(op.name());
  size_t number = opNumber++;
  where = locationOf(op.location(), opNumberLocation(context, file, number));
  subject = "op#" + std::to_string(number) + ": ";
  if (!isOpName(opText)) {
    error("gmg_name") << "the op's name is not of the form dialect.op";
    return nullptr;
  }
  subject = "op#" + std::to_string(number) + " ('" + opText.str() + "'): ";
  context->getOrLoadDialect(opText.split('.').first);
  OperationState state(where, opText);
  if (failed(checkName(op, state.name)) || !spend(sizeOf(op.operands()) * 32))
    return nullptr;

  for (size_t i = 0; i < sizeOf(op.operands()); ++i) {
    uint32_t id = op.operands()->Get(i);
    if (id >= values.size()) {
      error("gmg_value") << "operand " << i << " is value " << id
                         << ", but only " << values.size()
                         << " are defined before it";
      return nullptr;
    }
    state.operands.push_back(values[id]);
  }
  for (size_t i = 0; i < sizeOf(op.results()); ++i) {
    RankedTensorType type = readValueType(*op.results()->Get(i));
    if (!type)
      return nullptr;
    state.types.push_back(type);
  }
  if (failed(readAttributes(op.attributes(), state.attributes)) ||
      failed(upgrade(op.version(), state)) ||
      failed(checkInherent(state.name, state.attributes)))
    return nullptr;
  return Operation::create(state);
}

LogicalResult GmgReader::readBody(const schema::Block &block,
                                  func::FuncOp function) {
  Block *body = &function.getBody().front();
  llvm::append_range(values, body->getArguments());
  for (size_t i = 0; i < sizeOf(block.ops()); ++i) {
    Operation *op = readOp(*block.ops()->Get(i));
    if (!op)
      return failure();
    body->push_back(op);
    llvm::append_range(values, op->getResults());
  }
  return success();
}

//===-- functions
//-----------------------------------------------------------------===//

LogicalResult GmgReader::readPorts(const TableVector<schema::Port> *ports,
                                   const char *what,
                                   SmallVectorImpl<Type> &types,
                                   SmallVectorImpl<DictionaryAttr> &attributes,
                                   SmallVectorImpl<Location> &locations) {
  std::string outer = subject;
  for (size_t i = 0; i < sizeOf(ports); ++i) {
    const schema::Port &port = *ports->Get(i);
    subject = outer + what + " " + std::to_string(i) + ": ";
    NamedAttrList entries;
    Type type = readValueType(*port.type());
    if (!type || failed(readAttributes(port.attributes(), entries)))
      return failure();
    types.push_back(type);
    attributes.push_back(entries.getDictionary(context));
    locations.push_back(locationOf(port.location(), UnknownLoc::get(context)));
  }
  subject = outer;
  return success();
}

LogicalResult GmgReader::readFunction(const schema::Function &function) {
  llvm::StringRef name = text(function.name());
  where = locationOf(function.location(), UnknownLoc::get(context));
  subject = "function '" + name.str() + "': ";
  if (name.empty())
    return error("gmg_name") << "the function has no name";
  SmallVector<Type> arguments, results;
  SmallVector<DictionaryAttr> argumentAttributes, resultAttributes;
  SmallVector<Location> argumentLocations, resultLocations;
  NamedAttrList attributes;
  if (failed(readPorts(function.arguments(), "argument", arguments,
                       argumentAttributes, argumentLocations)) ||
      failed(readPorts(function.results(), "result", results, resultAttributes,
                       resultLocations)) ||
      failed(readAttributes(function.attributes(), attributes)))
    return failure();
  for (llvm::StringRef reserved :
       {"sym_name", "function_type", "arg_attrs", "res_attrs"})
    if (attributes.get(reserved))
      return error("gmg_name")
             << "attribute '" << reserved << "' has a field of its own";
  if (failed(checkInherent(OperationName("func.func", context), attributes)))
    return failure();

  auto op = func::FuncOp::create(where, name,
                                 FunctionType::get(context, arguments, results),
                                 attributes.getAttrs(), argumentAttributes);
  op.setAllResultAttrs(resultAttributes);
  module->push_back(op);
  if (!function.body())
    return success();
  op.getBody().emplaceBlock().addArguments(arguments, argumentLocations);
  values.clear();
  return readBody(*function.body(), op);
}

OwningOpRef<ModuleOp> GmgReader::read() {
  where = NameLoc::get(StringAttr::get(context, file));
  if (graph.format_version() == 0 || graph.format_version() > kGmgVersion) {
    error("gmg_version") << "the file has format version "
                         << graph.format_version()
                         << ", this gradmill reads version " << kGmgVersion
                         << (graph.format_version()
                                 ? "; a newer gradmill is needed"
                                 : "");
    return {};
  }
  module =
      ModuleOp::create(locationOf(graph.location(), UnknownLoc::get(context)));
  NamedAttrList attributes;
  if (failed(readAttributes(graph.attributes(), attributes)) ||
      failed(checkInherent(module.get()->getName(), attributes)))
    return {};
  module.get()->setAttrs(attributes.getDictionary(context));
  for (size_t i = 0; i < sizeOf(graph.functions()); ++i)
    if (failed(readFunction(*graph.functions()->Get(i))))
      return {};
  if (overBudget) // a text over the budget came back empty
    return {};
  if (failed(mlir::verify(module.get()))) {
    fileError(context, file, "gmg_invalid")
        << "the graph breaks the rules of its ops, see above";
    return {};
  }
  return std::move(module);
}

//===-- entry points
//------------------------------------------------------------===//

OwningOpRef<ModuleOp> readGmg(llvm::StringRef bytes, llvm::StringRef name,
                              MLIRContext &context,
                              const ImportOptions &options) {
  if (bytes.size() < 16) {
    fileError(&context, name, "gmg_truncated")
        << bytes.size() << " bytes are too few for a graph file";
    return {};
  }
  if (bytes.size() > kMaxGmgBytes) {
    fileError(&context, name, "gmg_too_large")
        << bytes.size() << " bytes, the limit is " << kMaxGmgBytes;
    return {};
  }
  if (bytes.substr(4, 4) != schema::GraphIdentifier()) {
    fileError(&context, name, "gmg_corrupt")
        << "not a graph file: the identifier GMG1 is missing";
    return {};
  }
  // FlatBuffers reads numbers in place.
  std::unique_ptr<char[]> aligned;
  if (!llvm::isAddrAligned(llvm::Align(8), bytes.data())) {
    aligned.reset(new char[bytes.size()]);
    memcpy(aligned.get(), bytes.data(), bytes.size());
    bytes = {aligned.get(), bytes.size()};
  }
  auto *data = reinterpret_cast<const uint8_t *>(bytes.data());
  flatbuffers::Verifier verifier(data, bytes.size(), kMaxTableDepth,
                                 kMaxTables);
  if (!schema::VerifyGraphBuffer(verifier)) {
    fileError(&context, name, "gmg_corrupt")
        << "the file is damaged or was cut short (" << bytes.size()
        << " bytes)";
    return {};
  }
  context.loadDialect<func::FuncDialect>();
  return GmgReader(*schema::GetGraph(data), bytes.size(), name, &context,
                   options)
      .read();
}

OwningOpRef<ModuleOp> readJson(llvm::StringRef text, llvm::StringRef name,
                               MLIRContext &context,
                               const ImportOptions &options) {
  std::optional<std::string> bytes = jsonToGmg(text, name, context);
  return bytes ? readGmg(*bytes, name, context, options)
               : OwningOpRef<ModuleOp>();
}

} // namespace gradmill
