#include "External.h"
#include "onnx.pb.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace gradmill::onnx {

static std::string quoted(llvm::StringRef location) {
  return "'" + location.take_front(200).str() + "'";
}

// Before the file system is asked anything.
static bool isInside(llvm::StringRef location) {
  if (location.empty() || path::is_absolute(location) ||
      location.find_first_of(llvm::StringRef("\\:\0", 3)) != llvm::StringRef::npos)
    return false;
  for (auto part = path::begin(location); part != path::end(location); ++part)
    if (*part == "..")
      return false;
  return true;
}

std::string ExternalData::open(llvm::StringRef location, File *&file) {
  auto [it, isNew] = files.try_emplace(location);
  file = &it->second;
  if (!isNew)
    return "";
  std::string fault = "in the file " + quoted(location);
  if (model == "-")
    return "has its numbers " + fault + ", and a model from standard input has no folder";
  if (!isInside(location))
    return "has its numbers " + fault +
           ", which is not in the model's folder; such files are not read";
  llvm::SmallString<256> folder, wanted(path::parent_path(model)), real;
  if (wanted.empty())
    wanted = ".";
  if (fs::real_path(wanted, folder))
    return "has its numbers " + fault + ", and the model's folder cannot be read";
  wanted = folder;
  path::append(wanted, location);
  if (std::error_code code = fs::real_path(wanted, real))
    return "has its numbers " + fault + ", which cannot be read: " + code.message();
  llvm::StringRef rest = real;
  if (!rest.consume_front(folder) || (!rest.starts_with("/") && folder != "/"))
    return "has its numbers " + fault +
           ", a link that leads out of the model's folder; such files are not read";
  fs::file_status status;
  if (fs::status(real, status) || status.type() != fs::file_type::regular_file)
    return "has its numbers " + fault + ", which is no regular file";
  *file = {real.str().str(), status.getSize(), 2 * status.getSize()};
  return "";
}

std::string ExternalData::read(const onnx_format::Tensor &tensor, uint64_t size,
                               std::string &bytes) {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
  for (const onnx_format::StringEntry &entry : tensor.external_data()) {
    uint64_t number = 0;
    bool isNumber = !llvm::StringRef(entry.value()).getAsInteger(10, number);
    if (entry.key() == "location")
      location = entry.value();
    else if (entry.key() == "offset" || entry.key() == "length") {
      if (!isNumber)
        return "has its numbers in another file, with an " + entry.key() +
               " that is no number";
      if (entry.key() == "offset")
        offset = number;
      else
        length = number;
    }
  }
  File *file = nullptr;
  if (std::string fault = open(location, file); !fault.empty()) {
    files.erase(location); // said again of the next tensor
    return fault;
  }
  if (length && *length != size)
    return "has " + std::to_string(size) + " bytes by its shape, and " +
           std::to_string(*length) + " in the file " + quoted(location);
  if (offset > file->size || size > file->size - offset)
    return "reaches beyond the end of the file " + quoted(location) + ", which has " +
           std::to_string(file->size) + " bytes";
  if (size > file->left)
    return "and others have the same numbers of the file " + quoted(location) +
           ", together more than twice its size";
  file->left -= size;
  if (size == 0)
    return "";
  auto buffer = llvm::MemoryBuffer::getFileSlice(file->path, size, offset,
                                                 /*IsVolatile=*/true);
  if (!buffer || (*buffer)->getBufferSize() != size)
    return "has its numbers in the file " + quoted(location) + ", which cannot be read";
  bytes = (*buffer)->getBuffer().str();
  return "";
}

} // namespace gradmill::onnx
