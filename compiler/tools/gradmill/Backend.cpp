#include "Backend.h"
#include "Cache.h"
#include "Reproducer.h"
#include "Session.h"
#include "compiler/autodiff/Spec.h"
#include "compiler/driver/Fingerprint.h"
#include "compiler/export/Export.h"
#include "files/CommandFiles.h"
#include "files/Output.h"
#include "report/KernelTable.h"
#include "report/Terminal.h"
#include "weights/GraphWeights.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

// What to produce, by --emit or the output's name.
rt::Result<Emit> chooseEmit(const CompileCommand &c) {
  if (!c.emit.empty()) {
    if (auto emit = parseEmit(c.emit))
      return *emit;
    return rt::Error{rt::kUsage, "unknown_emit",
                     "--emit is \"" + c.emit + "\", expected one of " +
                         emitNames()};
  }
  // With the code, though nothing is written: it decides about schedules, too.
  if (!c.report.empty() && c.output.empty())
    return Emit::Library;
  StringRef extension = llvm::sys::path::extension(c.output);
  if (extension == ".so")
    return Emit::SharedLibrary;
  if (extension == ".a")
    return Emit::Library;
  if (extension == ".o")
    return Emit::Object;
  if (extension == ".s")
    return Emit::Asm;
  if (extension == ".ll")
    return Emit::LLVM;
  return Emit::Executable;
}

// `path` as `link` makes it, which writes to a temporary file.
rt::Status writeLinked(const std::string &path, bool executable,
                       llvm::function_ref<llvm::Error(StringRef)> link) {
  auto file = rt::OutputFile::create(path);
  if (!file)
    return file.error();
  if (llvm::Error error = link(file->temporary()))
    return toError(std::move(error), rt::kIo);
  return file->commit(executable);
}

rt::Status writeOutput(const CompileCommand &c, Emit emit,
                       const CompileResult &result) {
  const std::vector<std::string> &objects = result.objects;
  switch (emit) {
  case Emit::Object:
    return writeLinked(c.output, false, [&](StringRef path) {
      return linkObject(objects, path);
    });
  case Emit::SharedLibrary:
    return writeLinked(c.output, true, [&](StringRef path) {
      return linkSharedLibrary(objects, path);
    });
  case Emit::Executable:
    return writeLinked(c.output, true, [&](StringRef path) {
      return linkExecutable(objects, path, result.targets.back().triple,
                            c.isStatic);
    });
  case Emit::Library: {
    auto archive = archiveLibrary(objects);
    if (!archive)
      return toError(archive.takeError(), rt::kInternal);
    return rt::writeFile(c.output, {*archive});
  }
  default:
    if (c.output.empty() || c.output == "-") {
      llvm::outs() << result.bytes;
      return rt::ok;
    }
    return rt::writeFile(c.output, {result.bytes});
  }
}

// What is written is none of what is read, and can be written: said before the
// work.
rt::Status checkFiles(const std::string &graph,
                      const std::vector<std::string> &plugins,
                      const std::string &output, const std::string &header) {
  rt::CommandFiles files;
  files.reads("the graph", graph);
  for (const std::string &plugin : plugins)
    files.reads("--plugin " + plugin, plugin);
  std::string file = output == "-" ? "" : output;
  files.writes("-o", file);
  files.writes("--header", header);
  if (rt::Status error = files.check())
    return error;
  for (const std::string &path : {file, header})
    if (!path.empty())
      if (rt::Status error = rt::checkWritable(path))
        return error;
  return rt::ok;
}

std::string mebibytes(int64_t bytes) {
  return llvm::formatv("{0:F2} MiB", double(bytes) / (1 << 20)).str();
}

// One line about what was made, on stderr.
void describe(const std::string &what, const CompileResult &result) {
  llvm::errs() << rt::printable(what) << ": compiled for ";
  for (const Target &target : result.targets)
    llvm::errs() << target.describe()
                 << (&target == &result.targets.back() ? " in " : "; ");
  llvm::errs() << llvm::formatv("{0:F2} s", result.seconds) << "; "
               << result.manifest.getInteger("parameters").value_or(0)
               << " parameters";
  if (const llvm::json::Object *entries = result.manifest.getObject("entries"))
    for (const auto &entry : *entries)
      if (const llvm::json::Object *e = entry.second.getAsObject();
          e && e->get("batch") && e->getString("does") != rt::kLoss)
        llvm::errs()
            << "; " << entry.first.str() << ": arena "
            << mebibytes(e->getInteger("arena_bytes").value_or(0))
            << " (lower bound "
            << mebibytes(e->getInteger("arena_lower_bound_bytes").value_or(0))
            << ")";
  llvm::errs() << "\n";
  if (const llvm::json::Object *entries = result.manifest.getObject("entries"))
    for (const auto &entry : *entries)
      if (const auto *list =
              entry.second.getAsObject()->getArray("recomputed")) {
        llvm::errs() << "note: to save memory, " << entry.first.str()
                     << " computes again: ";
        llvm::interleaveComma(*list, llvm::errs(),
                              [](const llvm::json::Value &v) {
                                llvm::errs() << v.getAsString().value_or("");
                              });
        llvm::errs() << "\n";
      }
}

// What no other schedule mended. Not an error: the code is right, but slower
// than it could be.
void noteSpills(const CompileResult &result) {
  llvm::outs().flush(); // behind the report
  for (const Spill &spill : result.spills) {
    if (!spill.isCostly())
      continue;
    llvm::errs() << "note: " << spill.stores
                 << (spill.stores == 1 ? " vector is" : " vectors are")
                 << " kept in memory in an innermost loop of: ";
    llvm::interleave(spill.kernels, llvm::errs(), "; ");
    llvm::errs() << "\n";
  }
}

llvm::json::Array spillList(const CompileResult &result) {
  llvm::json::Array list;
  for (const Spill &spill : result.spills)
    list.push_back(
        llvm::json::Object{{"accepted", spill.accepted},
                           {"function", spill.function},
                           {"kernels", llvm::json::Array(spill.kernels)},
                           {"loads", spill.loads},
                           {"stores", spill.stores}});
  return list;
}

// The kernels of what was asked for, on stdout. They are read as the runtime
// reads them.
rt::Status printReport(const CompileCommand &c,
                       const llvm::json::Object &manifest) {
  std::string text =
      llvm::formatv("{0}", llvm::json::Value(llvm::json::Object(manifest)))
          .str();
  auto parsed = rt::parseManifest(text, UINT64_MAX, c.graph.graph);
  if (!parsed)
    return parsed.error();
  std::string separator;
  bool json = c.report == "json";
  llvm::outs() << (json ? "[" : "");
  for (const rt::EntrySpec &entry : parsed->entries) {
    bool trains = entry.does == rt::kTrain || entry.does == rt::kAccumulate ||
                  entry.does == rt::kUpdate;
    if (c.train != c.infer && !(c.train ? trains : entry.does == rt::kInfer))
      continue;
    llvm::outs() << separator
                 << (json ? rt::kernelJson(entry, nullptr)
                          : rt::kernelTable(entry, nullptr, false));
    separator = json ? ",\n" : "\n";
  }
  llvm::outs() << (json ? "]\n" : "");
  return rt::ok;
}

// A C header that names the artifact, for `lib` and `obj`.
std::string headerText(const std::string &name, const std::string &symbol) {
  return "/* Generated by gradmill: the compiled model \"" + name +
         "\".\n * Hand it to gm_model_from_artifact (gradmill/runtime.h), or "
         "call its entries "
         "yourself\n * by the contract of gradmill/artifact.h. */\n#pragma "
         "once\n#include "
         "<gradmill/artifact.h>\n" +
         (symbol.empty() ? "/* The model is gradmill_artifact. */\n"
                         : "#ifdef __cplusplus\nextern \"C\"\n#else\nextern\n"
                           "#endif\n    const gm_artifact " +
                               symbol + ";\n");
}

// Of C and C++: a header with such a name does not compile.
bool isKeyword(llvm::StringRef name) {
  constexpr llvm::StringLiteral kWords[] = {
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool",
      "break", "case", "catch", "char", "char16_t", "char32_t", "char8_t", "class",
      "co_await", "co_return", "co_yield", "compl", "concept", "const", "const_cast",
      "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete",
      "do", "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern",
      "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable",
      "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
      "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
      "requires", "restrict", "return", "short", "signed", "sizeof", "static",
      "static_assert", "static_cast", "struct", "switch", "template", "this",
      "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof",
      "typeof_unqual", "union", "unsigned", "using", "virtual", "void", "volatile",
      "wchar_t", "while", "xor", "xor_eq"};
  return llvm::is_contained(kWords, name);
}

// A name that C and C++ leave to programs.
bool isIdentifier(llvm::StringRef name) {
  return !name.empty() && name.size() <= 200 && !llvm::isDigit(name.front()) &&
         !name.starts_with("_") && llvm::all_of(name, [](char c) {
           return llvm::isAlnum(c) || c == '_';
         });
}

rt::Status checkSymbol(const std::string &symbol, Emit emit) {
  if (symbol.empty())
    return rt::ok;
  if (emit != Emit::Object && emit != Emit::Library)
    return rt::Error{rt::kUsage, "symbol",
                     "--symbol names the model in a .o or a .a; write one with "
                     "-o"};
  if (!isIdentifier(symbol))
    return rt::Error{rt::kUsage, "symbol",
                     "--symbol " + symbol +
                         ": expected a C identifier without a leading _"};
  if (isKeyword(symbol))
    return rt::Error{rt::kUsage, "symbol",
                     "--symbol " + symbol +
                         " is a word of C or C++; take another name, as " + symbol +
                         "_model"};
  // What every program has, and what the artifact's header declares.
  if (symbol == "main" || llvm::StringRef(symbol).starts_with("gm_"))
    return rt::Error{rt::kUsage, "symbol",
                     "--symbol " + symbol +
                         " is taken in a program that uses the model; take another name"};
  return rt::ok;
}
} // namespace

rt::Status compileGraph(const CompileCommand &c) {
  auto emit = chooseEmit(c);
  if (!emit)
    return emit.error();
  bool reportsOnly = !c.report.empty() && c.output.empty() && c.emit.empty();
  bool needsFile = !reportsOnly && *emit >= Emit::Object;
  if (needsFile && (c.output.empty() || c.output == "-"))
    return rt::Error{rt::kUsage, "no_output",
                     "name the file to write with -o FILE"};
  if (auto error =
          checkFiles(c.graph.graph, c.graph.plugins, c.output, c.header))
    return error;
  if (auto error = checkSymbol(c.symbol, *emit))
    return error;
  DefaultTimingManager times; // printed when it goes
  times.setEnabled(c.timing);
  TimingScope timing = times.getRootScope();
  TimingScope step = timing.nest("start and read the graph");
  Session session;
  if (auto error = session.start(c.graph.plugins))
    return error;
  CompileOptions options = compileOptions(c.graph, session.host().plugins());
  options.triple = c.triple;
  if (!c.symbol.empty())
    options.symbol = c.symbol;
  options.timing = &timing;
  if (auto error = checkOptions(options, session.registry()))
    return error;
  Reproducer reproducer(c, options, session.registry());
  auto module = session.load(c.graph);
  if (!module)
    return module.error();
  if (c.train != c.infer) {
    options.pipeline.train = c.train;
    // A trainer also evaluates.
    options.pipeline.infer = true;
  }
  options.pipeline.single = true; // an artifact is for whoever comes
  step.stop();
  auto result = compile(**module, options, session.registry(), *emit);
  if (!result)
    return reproducer.failed(toError(result.takeError(), rt::kBadInput));
  step = timing.nest("link and write");
  if (!reportsOnly)
    if (auto error = writeOutput(c, *emit, *result))
      return error;
  step.stop();
  if (!c.report.empty()) {
    if (auto error = printReport(c, result->manifest))
      return error;
    noteSpills(*result);
  }
  if (!c.header.empty())
    if (auto error = rt::writeFile(c.header, {headerText(options.name, c.symbol)}))
      return error;
  if (needsFile && !c.quiet)
    describe(c.output, *result);
  if (c.json)
    result->manifest["spills"] = spillList(*result);
  if (c.json)
    llvm::outs() << llvm::formatv(
        "{0:2}\n", llvm::json::Value(std::move(result->manifest)));
  return flushOutput();
}

rt::Status convertGraph(const ConvertCommand &c) {
  if (auto error = checkFiles(c.input, c.plugins, c.output, ""))
    return error;
  Session session;
  if (auto error = session.start(c.plugins))
    return error;
  if (c.output != "-" && !session.registry().exporterOf(c.output))
    return rt::Error{rt::kUsage, "graph_format",
                     c.output + ": the name must end in " +
                         acceptedFormats(session.registry().exporters())};
  auto module = session.load(c.input, c.allowBytecode, c.allowUnknown, c.settings);
  if (!module)
    return module.error();
  if (!c.weights.empty())
    if (auto error = putWeights(**module, c.weights))
      return error;
  ExportOptions options;
  options.pluginOf = [&](StringRef op) -> std::string {
    std::string family = session.registry().familyOf(op);
    for (const LoadedPlugin &plugin : session.host().plugins())
      if (plugin.name == family)
        return family;
    return session.carriedPlugin(op);
  };
  options.registry = &session.registry();
  options.locations = StringRef(c.output).ends_with(".gmg") ||
                      StringRef(c.output).ends_with(".json");
  // On standard output the form for people.
  StringRef format = c.output == "-" ? ".mlir" : "";
  if (failed(exportGraph(**module, c.output, format, options)))
    return alreadyReported(rt::kIo);
  return flushOutput();
}

rt::Result<CompiledLibrary> linkTemporary(const std::string &name,
                                          ArrayRef<std::string> objects) {
  llvm::SmallString<128> path;
  if (auto error = llvm::sys::fs::createTemporaryFile(name, "so", path))
    return rt::Error{rt::kIo, "temporary_file", error.message()};
  auto file = std::make_unique<rt::UnfinishedFile>(path.str().str());
  if (llvm::Error error = linkSharedLibrary(objects, path))
    return toError(std::move(error), rt::kIo);
  return CompiledLibrary(std::move(file));
}

rt::Result<CompiledLibrary> compileCached(const GraphOptions &o) {
  Session session;
  if (rt::Status error = session.start(o.plugins, o.quiet))
    return *error;
  CompileOptions options = compileOptions(o, session.host().plugins());
  if (rt::Status error = checkOptions(options, session.registry()))
    return *error;
  CompileCommand command;
  command.graph = o;
  Reproducer reproducer(command, options, session.registry());
  auto module = session.load(o);
  if (!module)
    return module.error();
  // A graph with a loss of its own is another one than the checkpoint's, which
  // is said when that is loaded.
  if (o.adoptedLoss && (*module)->lookupSymbol("loss"))
    options.pipeline.loss.clear();
  auto target = resolveTarget(o.cpu, session.registry());
  if (!target)
    return toError(target.takeError(), rt::kUsage);
  std::string digest = compilationDigest(**module, options, *target);
  if (auto path = findCached(options.name, digest))
    return CompiledLibrary(*path);
  if (!o.quiet)
    llvm::errs() << "compiling " << rt::printable(o.graph) << " for " << target->describe()
               << " ...\n";
  auto result =
      compile(**module, options, session.registry(), Emit::SharedLibrary);
  if (!result)
    return reproducer.failed(toError(result.takeError(), rt::kBadInput));
  auto library = linkTemporary(options.name, result->objects);
  if (!library)
    return library.error();
  if (!o.quiet)
    describe(o.graph, *result);
  return keepInCache(options.name, digest, std::move(*library));
}

} // namespace gradmill::cli
