#include "compiler/export/AtomicFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <unistd.h>

using llvm::Error;
namespace fs = llvm::sys::fs;

namespace gradmill {

static Error flush(llvm::raw_fd_ostream &stream, llvm::StringRef bytes) {
  stream << bytes;
  stream.flush();
  std::error_code code = stream.error();
  stream.clear_error(); // or the destructor aborts the program
  return llvm::errorCodeToError(code);
}

static Error writeDirectly(llvm::StringRef path, llvm::StringRef bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  return code ? llvm::errorCodeToError(code) : flush(stream, bytes);
}

Error writeAtomically(llvm::StringRef path, llvm::StringRef bytes) {
  llvm::SmallString<128> target(path);
  fs::file_status status;
  bool exists = path == "-" || !fs::status(path, status);
  if (path == "-" || (exists && status.type() != fs::file_type::regular_file))
    return writeDirectly(path, bytes);
  if (exists && fs::real_path(path, target))
    target = path;
  // A rename would replace what its owner has made read-only.
  if (exists && !fs::can_write(target))
    return llvm::errorCodeToError(
        std::make_error_code(std::errc::permission_denied));

  unsigned mode = exists ? unsigned(status.permissions())
                         : unsigned(fs::all_read | fs::all_write);
  auto temporary = fs::TempFile::create(target + ".%%%%%%%%.tmp", mode);
  if (!temporary)
    return temporary.takeError();
  Error error = Error::success();
  {
    llvm::raw_fd_ostream stream(temporary->FD, /*shouldClose=*/false);
    error = llvm::joinErrors(std::move(error), flush(stream, bytes));
  }
  if (!error && ::fsync(temporary->FD) != 0)
    error = llvm::errorCodeToError(llvm::errnoAsErrorCode());
  if (error)
    return llvm::joinErrors(std::move(error), temporary->discard());
  return temporary->keep(target);
}

} // namespace gradmill
