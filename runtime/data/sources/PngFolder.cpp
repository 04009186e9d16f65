// png: a folder of pictures, a subfolder for each class.
//
//   FOLDER/train/CLASS/*.png, FOLDER/test/CLASS/*.png (or val, valid)
//   FOLDER/CLASS/*.png, split as Split.h says
//
// Classes are the subfolders' names in order, pictures are in the order of
// their names.
#include "core/Text.h"
#include "data/Folder.h"
#include "data/Image.h"
#include "data/sources/Split.h"
#include "files/Paths.h"

#include <algorithm>

namespace gradmill::rt {
namespace {

constexpr SourceOption kOptions[] = {
    {"size", "HxW: scale the pictures; else all must have one size"},
    {"grey", "yes: one channel; else that is so if no picture has colour"},
    {"rgb", "yes: three channels"},
};

struct Format {
  int channels = 0;          // 0: as the pictures need
  int height = 0, width = 0; // 0: that of the first picture
};

Result<Format> readFormat(const DataSpec &spec) {
  SourceOptions given(spec);
  Format format;
  bool grey = given.flag("grey"), rgb = given.flag("rgb");
  if (grey && rgb)
    given.fail("rgb", "nothing, with grey");
  format.channels = grey ? 1 : rgb ? 3 : 0;
  if (given.has("size")) {
    std::string text = given.text("size"), end;
    char extra;
    if (std::sscanf(text.c_str(), "%4dx%4d%c", &format.height, &format.width,
                    &extra) != 2 ||
        format.height < 1 || format.width < 1 || format.height > 4096 ||
        format.width > 4096)
      given.fail("size", "HEIGHTxWIDTH, each 1 to 4096");
  }
  if (given.problem())
    return *given.problem();
  return format;
}

bool hasColour(const Picture &picture) {
  for (size_t i = 0; i < picture.rgba.size(); i += 4) {
    const uint8_t *p = &picture.rgba[i];
    if (p[3] && (p[0] != p[1] || p[1] != p[2]))
      return true;
  }
  return false;
}

// [samples, 1, H, W] becomes [samples, 3, H, W].
void addChannels(std::vector<uint8_t> &pixels, size_t area) {
  std::vector<uint8_t> wide;
  wide.reserve(3 * pixels.size());
  for (size_t at = 0; at < pixels.size(); at += area)
    for (int c = 0; c < 3; ++c)
      wide.insert(wide.end(), pixels.begin() + ptrdiff_t(at),
                  pixels.begin() + ptrdiff_t(at + area));
  pixels = std::move(wide);
}

// Reads the pictures of a folder of classes.
class Reader {
public:
  Reader(Format format, bool scales, uint64_t maxUnpack)
      : format(format), scales(scales), adapts(format.channels == 0),
        maxUnpack(maxUnpack) {
    if (adapts)
      this->format.channels = 1;
  }

  Result<Dataset> read(const std::string &folder, const Dataset *like) {
    std::vector<std::string> classes = foldersIn(folder);
    if (like)
      if (Status bad = adopt(folder, *like, classes))
        return *bad;
    std::vector<uint8_t> pixels;
    std::vector<int32_t> labels;
    for (size_t label = 0; label < classes.size(); ++label)
      for (const std::string &path :
           filesIn(joinPath(folder, classes[label]), ".png")) {
        if (Status bad = add(path, pixels))
          return *bad;
        labels.push_back(int32_t(label));
      }
    if (labels.empty())
      return badFile("folder_empty", folder,
                     {"no PNG files in a subfolder for each class"},
                     {"put pictures into ", joinPath(folder, "CLASS/")});
    return dataset(folder, std::move(pixels), labels, std::move(classes));
  }

private:
  // A test set has the classes, size and channels of the training set.
  Status adopt(const std::string &folder, const Dataset &like,
               std::vector<std::string> &classes) {
    const Column &image = like.columns[0], &label = like.columns[1];
    for (const std::string &name : classes)
      if (std::find(label.classNames.begin(), label.classNames.end(), name) ==
          label.classNames.end())
        return badFile("data_split", joinPath(folder, name),
                       {"is no class of ", like.name},
                       {"remove it, or add it there"});
    classes = label.classNames;
    format = {int(image.shape[0]), int(image.shape[1]), int(image.shape[2])};
    adapts = false;
    return ok;
  }

  Status add(const std::string &path, std::vector<uint8_t> &pixels) {
    Result<Picture> picture = readPng(path, maxUnpack);
    if (!picture)
      return picture.error();
    if (format.height == 0)
      format.height = picture->height, format.width = picture->width;
    if (!scales &&
        (picture->height != format.height || picture->width != format.width))
      return badFile("picture_size", path,
                     {picture->height, " x ", picture->width,
                      " pixels, the others ", format.height, " x ",
                      format.width},
                     {"scale all with size=HxW"});
    if (format.height > 4096 || format.width > 4096)
      return badFile("picture_size", path, {"has more than 4096 pixels a side"},
                     {"scale all with size=HxW"});
    if (adapts && format.channels == 1 && hasColour(*picture)) {
      format.channels = 3;
      addChannels(pixels, size_t(format.height) * size_t(format.width));
    }
    auto bytes = preprocessImage("", *picture, path, format.channels,
                                 format.height, format.width);
    if (!bytes)
      return bytes.error();
    pixels.insert(pixels.end(), bytes->begin(), bytes->end());
    return ok;
  }

  Dataset dataset(const std::string &folder, std::vector<uint8_t> pixels,
                  const std::vector<int32_t> &labels,
                  std::vector<std::string> classes) const {
    Column image{.name = "image"};
    image.shape = {format.channels, format.height, format.width};
    image.values = std::move(pixels);
    Column label{.name = "label", .dtype = DType::I32, .target = true};
    label.classes = int64_t(classes.size());
    label.classNames = std::move(classes);
    label.values = Pixels::allocate(labels.size() * sizeof(int32_t));
    std::memcpy(label.values.data(), labels.data(), label.values.size());
    Dataset data{folder, labels.size(), {}};
    data.columns.push_back(std::move(image));
    data.columns.push_back(std::move(label));
    return data;
  }

  Format format;
  bool scales, adapts;
  uint64_t maxUnpack;
};

std::string testFolder(const std::string &path) {
  for (const char *name : {"test", "val", "valid"})
    if (isDirectory(joinPath(path, name)))
      return joinPath(path, name);
  return "";
}

bool hasOwnSplit(const std::string &path) {
  return isDirectory(joinPath(path, "train")) && !testFolder(path).empty();
}

bool recognizes(const std::string &path) {
  std::string train = joinPath(path, "train");
  std::string folder = isDirectory(train) ? train : path;
  for (const std::string &name : foldersIn(folder))
    if (!filesIn(joinPath(folder, name), ".png").empty())
      return true;
  return false;
}

Result<DatasetSplit> open(const DataSpec &spec, const DataOptions &options) {
  Result<Format> format = readFormat(spec);
  if (!format)
    return format.error();
  Reader reader(*format, format->height > 0, options.maxUnpack);
  auto read = [&](const std::string &path, const Dataset *like) {
    return reader.read(path, like);
  };
  if (!hasOwnSplit(spec.path) || saysSplit(spec))
    return openSplit(spec, read);
  if (Status bad = checkOwnSplit(spec))
    return *bad;
  Result<Dataset> train = reader.read(joinPath(spec.path, "train"), nullptr);
  if (!train)
    return train.error();
  Result<Dataset> test = reader.read(testFolder(spec.path), &*train);
  if (!test)
    return test.error();
  auto data = joinSplit(std::move(*train), std::move(*test), spec.path);
  if (data)
    data->files = {spec.path};
  return data;
}

} // namespace

extern const DataSource kPngSource;
const DataSource kPngSource = {
    "png",    "png:FOLDER", "PNG files, a subfolder for each class",
    kOptions, true,         recognizes,
    open};

} // namespace gradmill::rt
