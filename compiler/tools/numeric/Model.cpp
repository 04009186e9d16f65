#include "compiler/tools/numeric/Model.h"
#include "compiler/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include <dlfcn.h>

using namespace llvm;

namespace gradmill::numeric {

using nn::RefTensor;

static int64_t bytesOf(StringRef dtype) {
  return dtype == "f64" || dtype == "i64" ? 8 : 4;
}

template <typename T> static void fill(char *to, const RefTensor &t) {
  for (size_t i = 0; i < t.data.size(); ++i)
    reinterpret_cast<T *>(to)[i] = T(t.data[i]);
}

static void write(char *to, StringRef dtype, const RefTensor &t) {
  if (dtype == "f32")
    fill<float>(to, t);
  else if (dtype == "f64")
    fill<double>(to, t);
  else if (dtype == "i32")
    fill<int32_t>(to, t);
  else
    fill<int64_t>(to, t);
}

static RefTensor readBack(const char *from, const Row &row) {
  RefTensor t(row.shape);
  for (size_t i = 0; i < t.data.size(); ++i)
    t.data[i] = numberAt(from, row.dtype.c_str(), i);
  return t;
}

//===-- The buffer table --------------------------------------------------===//

std::vector<Row> tableOf(const json::Object &manifest, StringRef entry) {
  const json::Object &description =
      *manifest.getObject("entries")->getObject(entry);
  std::vector<Row> rows;
  for (const json::Value &value : *description.getArray("buffers")) {
    const json::Object *b = value.getAsObject();
    Row row{b->getString("kind")->str(), "", "", {}};
    if (row.kind == "arena") {
      row.name = "arena";
      row.bytes = *description.getInteger("arena_bytes");
      rows.push_back(row);
      continue;
    }
    if (auto tensor = b->getInteger("tensor"))
      b = (*manifest.getArray("tensors"))[*tensor].getAsObject();
    row.name = b->getString("name")->str();
    row.dtype = b->getString("dtype")->str();
    if (const json::Array *shape = b->getArray("shape"))
      for (const json::Value &d : *shape)
        row.shape.push_back(*d.getAsInteger());
    row.bytes = RefTensor::numElements(row.shape) * bytesOf(row.dtype);
    rows.push_back(std::move(row));
  }
  return rows;
}

// A larger one would take long, and as much memory as it claims.
static constexpr int64_t kMostNaNs = int64_t(1) << 30;

std::vector<Buffer> fillBuffers(const std::vector<Row> &rows,
                                const Values &values, rt::GuardEdge edge) {
  std::vector<Buffer> buffers;
  for (const Row &row : rows) {
    buffers.emplace_back(row.bytes, row.name, edge);
    char *data = buffers.back().data;
    auto prepared = values.prepared.find(row.name);
    if (row.kind == "state")
      write(data, row.dtype, values.state.at(row.name));
    else if (row.kind == "input" || row.kind == "scalar")
      write(data, row.dtype, values.inputs.at(row.name));
    else if (row.kind == "prepared" && prepared != values.prepared.end())
      std::memcpy(data, prepared->second.data(), prepared->second.size());
    else
      std::memset(data, 0xff, size_t(std::min(row.bytes, kMostNaNs)));
  }
  return buffers;
}

//===-- Models ------------------------------------------------------------===//

Expected<std::unique_ptr<Model>> Model::load(const CompileResult &result) {
  SmallString<128> path;
  if (auto error = sys::fs::createTemporaryFile("gradmill-model", "so", path))
    return fail("[temporary_file] " + error.message());
  FileRemover remover(path);
  if (Error error = linkSharedLibrary(result.objects, path))
    return std::move(error);
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail(dlerror());
  return std::unique_ptr<Model>(
      new Model(json::Object(result.manifest), library));
}

Model::~Model() { dlclose(library); }

const gm_entry *Model::find(StringRef entry) const {
  auto *artifact =
      static_cast<const gm_artifact *>(dlsym(library, GRADMILL_ARTIFACT_SYMBOL));
  for (const gm_entry &e :
       ArrayRef(artifact->entries, size_t(artifact->entry_count)))
    if (entry == e.name)
      return &e;
  return nullptr;
}

bool Model::has(StringRef entry) const { return find(entry); }

static bool holds(const Buffer &buffer, const Row &row, const Values &values) {
  Buffer again = std::move(fillBuffers({row}, values).front());
  return !std::memcmp(buffer.data, again.data, size_t(row.bytes));
}

Error Model::run(StringRef entry, Values &values,
                 const RunOptions &options) const {
  std::vector<Row> rows = tableOf(description, entry);
  std::vector<Buffer> buffers = fillBuffers(rows, values, options.edge);
  Threads threads(options.threads,
                  description.getObject("entries")
                      ->getObject(entry)
                      ->getInteger("scratch_bytes")
                      .value_or(0),
                  options.edge);
  runEntry(*find(entry), buffers, threads);
  values.outputs.clear();
  for (auto [row, buffer] : zip_equal(rows, buffers)) {
    if (row.kind == "output")
      values.outputs.push_back({row.name, readBack(buffer.data, row)});
    else if (row.kind == "state")
      values.state[row.name] = readBack(buffer.data, row);
    else if (row.kind == "prepared" && entry == "prepare")
      values.prepared[row.name] = std::string(buffer.data, size_t(row.bytes));
    else if (row.kind != "arena" && !holds(buffer, row, values))
      return fail(row.kind + " \"" + row.name + "\" was written to");
  }
  return Error::success();
}

} // namespace gradmill::numeric
