// npy: one array, or a folder of them. npz: several in a zip archive.
#include "core/Text.h"
#include "data/Folder.h"
#include "data/sources/Npy.h"
#include "data/sources/Zip.h"
#include "files/Input.h"
#include "files/Paths.h"

namespace gradmill::rt {
namespace {

constexpr uint64_t kMaxFile = uint64_t(64) << 30;

// "images" of "/data/images.npy".
std::string stemOf(const std::string &path) {
  std::string name = path.substr(path.rfind('/') + 1);
  return name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name;
}

// Adds an array whose bytes stay where they are.
Status addArray(const std::string &path, const std::string &name,
                const std::vector<uint8_t> &bytes, ArrayFile &file) {
  NpyHeader header;
  std::string problem = parseNpy(
      {reinterpret_cast<const char *>(bytes.data()), bytes.size()}, header);
  if (!problem.empty())
    return badFile("bad_npy", path, {problem},
                   {"numpy.save writes such files"});
  file.arrays.push_back({name, header.type, header.shape,
                         bytes.data() + header.offset, header.bytes});
  return ok;
}

// A folder also counts as one file of arrays.
Result<ArrayFile> readNpy(const std::string &path, const DataOptions &) {
  std::vector<std::string> paths{path};
  if (isDirectory(path))
    paths = filesIn(path, ".npy");
  auto content =
      std::make_shared<std::vector<std::vector<uint8_t>>>(paths.size());
  ArrayFile file{{}, content};
  for (size_t i = 0; i < paths.size(); ++i) {
    Result<std::vector<uint8_t>> bytes = readFile(paths[i], kMaxFile);
    if (!bytes)
      return bytes.error();
    (*content)[i] = std::move(*bytes);
    if (Status bad = addArray(paths[i], stemOf(paths[i]), (*content)[i], file))
      return *bad;
  }
  return file;
}

Result<ArrayFile> readNpz(const std::string &path, const DataOptions &options) {
  Result<std::vector<ZipEntry>> entries = readZip(path, options.maxUnpack);
  if (!entries)
    return entries.error();
  auto content = std::make_shared<std::vector<ZipEntry>>(std::move(*entries));
  ArrayFile file{{}, content};
  for (const ZipEntry &entry : *content)
    if (Status bad = addArray(path + " (" + entry.name + ")",
                              stemOf(entry.name), entry.bytes, file))
      return *bad;
  return file;
}

bool isNpyPath(const std::string &path) {
  return path.ends_with(".npy") ||
         (isDirectory(path) && !filesIn(path, ".npy").empty());
}
bool isNpzPath(const std::string &path) { return path.ends_with(".npz"); }

Result<DatasetSplit> openNpy(const DataSpec &spec, const DataOptions &options) {
  return openArrays(spec, options, readNpy);
}
Result<DatasetSplit> openNpz(const DataSpec &spec, const DataOptions &options) {
  return openArrays(spec, options, readNpz);
}

} // namespace

extern const DataSource kNpySource, kNpzSource;
const DataSource kNpySource = {"npy",
                               "npy:FILE or FOLDER",
                               "a NumPy array, or a folder of them",
                               kArrayOptions,
                               true,
                               isNpyPath,
                               openNpy};
const DataSource kNpzSource = {
    "npz",         "npz:FILE", "NumPy arrays in one file, as savez writes it",
    kArrayOptions, true,       isNpzPath,
    openNpz};

} // namespace gradmill::rt
