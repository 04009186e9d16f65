#include "weights/WeightsFile.h"

#include "core/Text.h"
#include "core/Utf8.h"
#include "files/Input.h"
#include "weights/NpzFile.h"
#include "weights/PyTorchFile.h"

#include <algorithm>

namespace gradmill::rt {
namespace {

Error unknown(const std::string &path, std::string_view what, std::string_view fix) {
  return makeError(kBadInput, "weights_format", {path, ": ", what, "; ", fix});
}

Result<WeightsFile> readArchive(const std::string &path,
                                const ReadWeightsOptions &options, uint64_t fileSize) {
  auto entries = readZip(path, options.maxUnpack);
  if (!entries)
    return entries.error();
  std::vector<std::string_view> names;
  for (const ZipEntry &entry : *entries)
    names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  if (auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    return makeError(kBadInput, "zip_damaged",
                     {path, ": two files in it are called ", *twice});
  if (isPyTorch(*entries))
    return readPyTorch(path, std::move(*entries), options.key,
                       unpackLimit(fileSize, options.maxUnpack));
  if (std::any_of(names.begin(), names.end(),
                  [](std::string_view name) { return name.ends_with(".npy"); }))
    return readNpz(path, std::move(*entries));
  return unknown(path, "a zip archive that is neither PyTorch's nor NumPy's",
                 "give a .safetensors, .npz, .pt or .pth file");
}

bool isUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    Utf8 character = utf8At(text, at);
    if (!character.valid)
      return false;
    at += character.length;
  }
  return true;
}

// Names go into JSON, archives and terminals.
Status checkNames(const std::string &path, const SafeTensors &file) {
  constexpr size_t kMaxName = 1024;
  for (const StoredTensor &tensor : file.tensors) {
    const std::string &name = tensor.name;
    bool isClean = std::none_of(name.begin(), name.end(), [](char c) {
      return uint8_t(c) < 32 || c == 127;
    });
    if (name.empty() || name.size() > kMaxName || !isClean || !isUtf8(name))
      return makeError(kBadInput, "weights_name",
                       {path, ": the name of a tensor is empty, longer than 1024 bytes, "
                              "has control characters or is not UTF-8"});
  }
  return ok;
}

// Formats that people have, and that are not read.
Status refuseOthers(const std::string &path, std::string_view bytes) {
  if (bytes.starts_with("\x80\x02\x8a\x0a"))
    return unknown(path, "a file of a PyTorch before 1.6",
                   "in a newer one, torch.save(torch.load(FILE), FILE2)");
  if (bytes[0] == '\x80' && uint8_t(bytes[1]) <= 5)
    return unknown(path, "a Python pickle, which could run any code",
                   "save the tensors with torch.save or as safetensors");
  if (bytes.starts_with("\x93NUMPY"))
    return unknown(path, "a single array without a name",
                   "numpy.savez(FILE, **arrays) writes several with theirs");
  if (bytes.starts_with("\x89HDF"))
    return unknown(path, "an HDF5 file",
                   "write its arrays with numpy.savez or as safetensors");
  return ok;
}

} // namespace

Result<WeightsFile> readWeights(const std::string &path,
                                const ReadWeightsOptions &options) {
  uint8_t begin[9] = {};
  uint64_t size = 0;
  {
    auto file = InputFile::open(path);
    if (!file)
      return file.error();
    size = file->size();
    if (auto got = file->read(begin, sizeof begin); !got)
      return got.error();
  }
  std::string_view bytes(reinterpret_cast<const char *>(begin), sizeof begin);
  // A safetensors file begins with the length of its JSON, which can look like the
  // mark of another format.
  bool isTensors = begin[6] == 0 && begin[7] == 0 && begin[8] == '{';
  if (!isTensors)
    if (Status error = refuseOthers(path, bytes))
      return *error;
  auto read = [&]() -> Result<WeightsFile> {
    if (bytes.starts_with("PK") && !isTensors)
      return readArchive(path, options, size);
    auto tensors = readSafeTensors(path);
    if (!tensors)
      return tensors.error();
    return WeightsFile{std::move(*tensors), "safetensors", {}};
  }();
  if (!read)
    return read;
  if (!options.key.empty() && read->format != "PyTorch")
    return makeError(kUsage, "weights_key",
                     {path, ": --key chooses a dictionary of a PyTorch file, and this is ",
                      read->format});
  if (Status error = checkNames(path, read->content))
    return *error;
  return read;
}

Result<SafeTensors> readAnyWeights(const std::string &path) {
  auto file = readWeights(path);
  if (!file)
    return file.error();
  return std::move(file->content);
}

Status writeAnyWeights(const std::string &path,
                       const std::vector<StoredTensor> &tensors, Metadata metadata) {
  if (path.ends_with(".npz"))
    return writeNpz(path, tensors);
  return writeSafeTensors(path, tensors, std::move(metadata));
}

} // namespace gradmill::rt
