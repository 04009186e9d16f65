#include "weights/NpzFile.h"

#include "core/Manifest.h"
#include "core/Text.h"
#include "data/sources/Npy.h"
#include "files/Output.h"
#include "weights/ElementNames.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace gradmill::rt {
namespace {

constexpr std::string_view kSuffix = ".npy";

// NumPy's names: "<f4".
std::string descrOf(const ElementType &type, bool isTruth) {
  return std::string(isTruth ? "|b" : type.bytes == 1 ? "|" : "<") +
         (isTruth ? "" : std::string(1, type.kind)) + std::to_string(type.bytes);
}

const char *nameOf(const ElementType &type) {
  for (const ElementName &each : kElementNames)
    if (each.type.kind == type.kind && each.type.bytes == type.bytes)
      return each.name.data();
  return nullptr;
}

std::string headerOf(const StoredTensor &tensor) {
  std::string shape;
  for (int64_t size : tensor.shape)
    shape += std::to_string(size) + ",";
  std::string text = "{'descr': '" +
                     descrOf(elementNamed(tensor.dtype)->type, tensor.dtype == "BOOL") +
                     "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // The numbers begin at a multiple of 64.
  constexpr size_t prefix = 10, alignment = 64;
  text.resize((text.size() + prefix + 1 + alignment - 1) / alignment * alignment -
                  prefix - 1,
              ' ');
  text += '\n';
  std::string magic("\x93NUMPY\x01\x00", 8);
  magic += char(text.size() & 0xff);
  magic += char(text.size() >> 8);
  return magic + text;
}

void put(std::string &to, uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i)
    to += char(number >> (8 * i));
}

} // namespace

Result<WeightsFile> readNpz(const std::string &path, std::vector<ZipEntry> entries) {
  auto content = std::make_shared<std::vector<ZipEntry>>(std::move(entries));
  WeightsFile file;
  file.format = "npz";
  for (ZipEntry &entry : *content) {
    NpyHeader header;
    std::string problem =
        parseNpy({reinterpret_cast<const char *>(entry.bytes.data()), entry.bytes.size()},
                 header);
    const char *type = problem.empty() ? nameOf(header.type) : nullptr;
    if (problem.empty() && !type)
      problem = "its elements are of a type that is not read";
    if (!problem.empty())
      return makeError(kBadInput, "bad_npy", {path, " (", entry.name, "): ", problem});
    uint8_t *data = entry.bytes.data() + header.offset;
    if (header.type.bigEndian)
      for (uint64_t at = 0; at < header.bytes; at += uint64_t(header.type.bytes))
        std::reverse(data + at, data + at + header.type.bytes);
    std::string name = entry.name;
    if (name.ends_with(kSuffix))
      name.resize(name.size() - kSuffix.size());
    file.content.tensors.push_back({name, type, header.shape, data, header.bytes});
  }
  file.content.owners.push_back(content);
  return file;
}

Status writeNpz(const std::string &path, const std::vector<StoredTensor> &tensors) {
  constexpr uint64_t limit = 0xffffffff - (1 << 20);
  constexpr uint32_t firstOfJanuary1980 = 0x00210000;
  std::string archive, directory;
  for (const StoredTensor &tensor : tensors) {
    const ElementName *element = elementNamed(tensor.dtype);
    if (!element || element->type.kind == 'g')
      return makeError(kBadInput, "npz_type",
                       {path, ": ", tensor.name, " is ", tensor.dtype,
                        ", which NumPy does not have; write safetensors, or convert it "
                        "with --to f32"});
    std::string header = headerOf(tensor), name = tensor.name + ".npy";
    uint64_t size = header.size() + tensor.bytes;
    if (archive.size() + directory.size() + size > limit || tensors.size() > 65534)
      return makeError(kBadInput, "npz_too_large",
                       {path, ": more than 4 GiB or 65,534 tensors; write safetensors"});
    uLong crc = crc32_z(0, reinterpret_cast<const Bytef *>(header.data()), header.size());
    crc = crc32_z(crc, static_cast<const Bytef *>(tensor.data), size_t(tensor.bytes));
    // What both headers of a file have: version 2.0, UTF-8 names, stored.
    std::string common;
    put(common, 20, 2);
    put(common, 0x800, 2);
    put(common, 0, 2);
    put(common, firstOfJanuary1980, 4);
    put(common, crc, 4);
    put(common, size, 4);
    put(common, size, 4);
    put(common, name.size(), 2);
    put(common, 0, 2);
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    directory += common;
    put(directory, 0, 10); // no comment, disk 0, no attributes
    put(directory, archive.size(), 4);
    directory += name;
    put(archive, 0x04034b50, 4);
    archive += common;
    archive += name;
    archive += header;
    archive.append(static_cast<const char *>(tensor.data), size_t(tensor.bytes));
  }
  std::string end;
  put(end, 0x06054b50, 4);
  put(end, 0, 4);
  put(end, tensors.size(), 2);
  put(end, tensors.size(), 2);
  put(end, directory.size(), 4);
  put(end, archive.size(), 4);
  put(end, 0, 2);
  return writeFile(path, {archive, directory, end});
}

} // namespace gradmill::rt
