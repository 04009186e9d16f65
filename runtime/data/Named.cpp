#include "data/Named.h"

#include "core/Text.h"
#include "data/Fetch.h"
#include "data/Tar.h"
#include "data/sources/Zip.h"
#include "files/Output.h"
#include "files/Paths.h"

#include <algorithm>

namespace gradmill::rt {
namespace {

// The checksums are those that TensorFlow Datasets publishes for these files.
std::vector<RemoteFile> fashionFiles() {
  return {{"train-images-idx3-ubyte.gz",
           "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
           26421880},
          {"train-labels-idx1-ubyte.gz",
           "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
           29515},
          {"t10k-images-idx3-ubyte.gz",
           "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
           4422102},
          {"t10k-labels-idx1-ubyte.gz",
           "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
           5148}};
}

std::vector<RemoteFile> kmnistFiles() {
  return {{"train-images-idx3-ubyte.gz",
           "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
           18165135},
          {"train-labels-idx1-ubyte.gz",
           "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
           29497},
          {"t10k-images-idx3-ubyte.gz",
           "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
           3041136},
          {"t10k-labels-idx1-ubyte.gz",
           "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
           5120}};
}

// All of EMNIST (Cohen, Afshar, Tapson and van Schaik, 2017).
std::vector<RemoteFile> emnistFiles() {
  return {{"gzip.zip",
           "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
           561753746}};
}

std::vector<RemoteFile> cifar10Files() {
  return {{"cifar-10-binary.tar.gz",
           "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
           170052171}};
}

std::vector<RemoteFile> cifar100Files() {
  return {{"cifar-100-binary.tar.gz",
           "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
           168513733}};
}

constexpr const char *kFashionMirrors[] = {
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/"
    "data/fashion/"};
constexpr const char *kKmnistMirrors[] = {
    "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"};
constexpr const char *kEmnistMirrors[] = {
    "https://biometrics.nist.gov/cs_links/EMNIST/",
    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/"};
constexpr const char *kCifarMirrors[] = {"https://www.cs.toronto.edu/~kriz/"};
constexpr const char *kCifar10Members[] = {
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
    "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin",
    "batches.meta.txt"};
constexpr const char *kCifar100Members[] = {
    "train.bin", "test.bin", "coarse_label_names.txt", "fine_label_names.txt"};

#define EMNIST_FILES(SPLIT)                                                         \
  {"emnist-" SPLIT "-train-images-idx3-ubyte.gz",                                   \
   "emnist-" SPLIT "-train-labels-idx1-ubyte.gz",                                   \
   "emnist-" SPLIT "-test-images-idx3-ubyte.gz",                                    \
   "emnist-" SPLIT "-test-labels-idx1-ubyte.gz"}
constexpr const char *kEmnistBalanced[] = EMNIST_FILES("balanced");
constexpr const char *kEmnistByClass[] = EMNIST_FILES("byclass");
constexpr const char *kEmnistByMerge[] = EMNIST_FILES("bymerge");
constexpr const char *kEmnistDigits[] = EMNIST_FILES("digits");
constexpr const char *kEmnistLetters[] = EMNIST_FILES("letters");
constexpr const char *kEmnistMnist[] = EMNIST_FILES("mnist");
#undef EMNIST_FILES

// Its pictures lie column by column.
constexpr NamedSet emnist(const char *name, const char *doc, const char *more,
                          std::span<const char *const> members) {
  return {name, doc, "idx", more, kEmnistMirrors, emnistFiles, members, "emnist"};
}

const NamedSet kSets[] = {
    emnist("emnist-balanced", "EMNIST: digits and letters, 47 classes, 28x28",
           "classes=47&transposed=yes&prefix=emnist-balanced", kEmnistBalanced),
    emnist("emnist-byclass", "EMNIST: digits and letters, 62 classes, 28x28",
           "classes=62&transposed=yes&prefix=emnist-byclass", kEmnistByClass),
    emnist("emnist-bymerge", "EMNIST: as byclass, similar letters merged, 47 classes",
           "classes=47&transposed=yes&prefix=emnist-bymerge", kEmnistByMerge),
    emnist("emnist-digits", "EMNIST: digits, 28x28",
           "classes=10&transposed=yes&prefix=emnist-digits", kEmnistDigits),
    emnist("emnist-letters", "EMNIST: letters, 26 classes, 28x28",
           "classes=26&base=1&transposed=yes&prefix=emnist-letters", kEmnistLetters),
    emnist("emnist-mnist", "EMNIST: as many digits as MNIST",
           "classes=10&transposed=yes&prefix=emnist-mnist", kEmnistMnist),
    {"fashion-mnist", "Fashion-MNIST: clothes, 28x28", "idx", "classes=10",
     kFashionMirrors, fashionFiles, {}},
    {"kmnist", "Kuzushiji-MNIST: Japanese characters, 28x28", "idx",
     "classes=10", kKmnistMirrors, kmnistFiles, {}},
    {"cifar10", "CIFAR-10: 32x32, in colour", "cifar10", "", kCifarMirrors,
     cifar10Files, kCifar10Members},
    {"cifar100", "CIFAR-100: 32x32, in colour", "cifar100", "", kCifarMirrors,
     cifar100Files, kCifar100Members}};

std::vector<std::string> filesOf(const NamedSet &set) {
  std::vector<std::string> names(set.members.begin(), set.members.end());
  if (names.empty())
    for (const RemoteFile &file : set.files())
      names.push_back(file.name);
  return names;
}

// All files, plain or packed.
bool isThere(const NamedSet &set, const std::string &folder) {
  std::vector<std::string> names = filesOf(set);
  return std::all_of(names.begin(), names.end(), [&](const std::string &name) {
    std::string path = joinPath(folder, name);
    return isRegularFile(path) ||
           (path.ends_with(".gz") &&
            isRegularFile(path.substr(0, path.size() - 3)));
  });
}

Status extract(const std::string &archive, const std::vector<std::string> &names,
               const std::string &folder, uint64_t maxUnpack) {
  if (!archive.ends_with(".zip"))
    return extractFiles(archive, names, folder, maxUnpack);
  auto entries = readZip(archive, maxUnpack, names);
  if (!entries)
    return entries.error();
  std::vector<std::string> missing = names;
  for (const ZipEntry &entry : *entries) {
    std::string name = entry.name.substr(entry.name.rfind('/') + 1);
    std::string_view content(reinterpret_cast<const char *>(entry.bytes.data()),
                             entry.bytes.size());
    if (Status error = writeFile(joinPath(folder, name), {content}))
      return error;
    std::erase(missing, name);
  }
  if (missing.empty())
    return ok;
  return badFile("zip_damaged", archive, {"there is no ", missing.front(), " in it"},
                 {"fetch it again"});
}

Result<std::string> fetched(const NamedSet &set, const std::string &cache,
                            const DataOptions &options) {
  FetchOptions fetch;
  fetch.mirrors.assign(set.mirrors.begin(), set.mirrors.end());
  fetch.progress = options.progress;
  fetch.message = options.message;
  std::vector<RemoteFile> files = set.files();
  uint64_t bytes = 0;
  for (const RemoteFile &file : files)
    bytes += file.size;
  if (options.message && !options.quiet)
    options.message(join({"downloading ", set.name, " (", (bytes + 500000) / 1000000,
                          " MB) to ", cache}));
  if (Status error = fetchFiles(files, cache, fetch))
    return *error;
  if (!set.members.empty())
    if (Status error = extract(joinPath(cache, files[0].name), filesOf(set), cache,
                               options.maxUnpack))
      return *error;
  return cache;
}

Result<std::string> folderFor(const NamedSet &set, const DataOptions &options) {
  std::string cache =
      options.cacheDir.empty() ? defaultCacheDirectory() : options.cacheDir;
  const std::string name = set.folder ? set.folder : set.name;
  if (!cache.empty())
    cache = joinPath(cache, name);
  for (const std::string &place : {joinPath("data", name), name, cache})
    if (!place.empty() && isThere(set, place))
      return place;
  if (options.allowDownload && !cache.empty())
    return fetched(set, cache, options);
  return makeError(kIo, "data_absent",
                   {set.name, " is neither in data/", name, ", nor in ", name,
                    ", nor in the cache",
                    options.allowDownload
                        ? "; there is no folder to download it to: set "
                          "XDG_CACHE_HOME or HOME"
                        : ", and downloads are not allowed; allow them, or put "
                          "its files there"});
}

} // namespace

std::span<const NamedSet> namedSets() { return kSets; }

Result<std::string> resolveNamed(const std::string &spec,
                                 const DataOptions &options) {
  size_t mark = spec.find('?');
  std::string head = spec.substr(0, mark);
  for (const NamedSet &set : kSets) {
    if (head != set.name)
      continue;
    auto folder = folderFor(set, options);
    if (!folder)
      return folder.error();
    std::string more = mark == spec.npos ? "" : spec.substr(mark + 1);
    if (*set.more)
      more = set.more + (more.empty() ? "" : "&" + more);
    return std::string(set.source) + ":" + *folder +
           (more.empty() ? "" : "?" + more);
  }
  return spec;
}

} // namespace gradmill::rt
