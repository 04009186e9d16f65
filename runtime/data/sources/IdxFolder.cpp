// idx: folders with files like MNIST's (Idx.h).
#include "data/Idx.h"
#include "data/Source.h"
#include "files/Paths.h"

namespace gradmill::rt {
namespace {

constexpr SourceOption kOptions[] = {
    {"classes", "N: number of classes; else the largest label decides"},
    {"base", "N (0): the label of the first class; 1 for EMNIST's letters"},
    {"transposed", "yes: pictures lie column by column, as EMNIST's"},
    {"prefix", "NAME: of the files, as in NAME-train-images-idx3-ubyte"},
};

// Also if a file is missing; the error about that is then the better one.
bool recognizes(const std::string &path) {
  if (!isDirectory(path))
    return false;
  if (findIdxFiles(path))
    return true;
  for (const char *name :
       {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"})
    for (const char *suffix : {"", ".gz"})
      if (isRegularFile(joinPath(path, name) + suffix))
        return true;
  return false;
}

Result<DatasetSplit> open(const DataSpec &spec, const DataOptions &options) {
  SourceOptions given(spec);
  IdxOptions idx;
  idx.classes = given.whole("classes", 0, 1, 1'000'000);
  idx.base = given.whole("base", 0, 0, 1'000'000);
  idx.transposed = given.flag("transposed");
  idx.prefix = given.text("prefix");
  idx.maxUnpack = options.maxUnpack;
  if (given.problem())
    return *given.problem();
  return readIdxDirectory(spec.path, spec.path, idx);
}

} // namespace

extern const DataSource kIdxSource;
const DataSource kIdxSource = {
    "idx",
    "idx:FOLDER",
    "four IDX files: MNIST, Fashion-MNIST, KMNIST, EMNIST",
    kOptions,
    false,
    recognizes,
    open};

} // namespace gradmill::rt
