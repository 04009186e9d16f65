#include "data/Image.h"

#include "core/Text.h"
#include "data/Plane.h"
#include "data/Source.h"
#include "files/Paths.h"

#include <algorithm>

namespace gradmill::rt {

// DigitPicture.cpp.
Result<std::vector<uint8_t>> digitPicture(const Picture &picture,
                                          const std::string &name, int height,
                                          int width, Invert invert);

namespace {

using Bytes = std::vector<uint8_t>;

struct Target {
  int channels, height, width;
  size_t area() const { return size_t(height) * size_t(width); }
};

constexpr float kWhite = 255; // behind what is transparent

// Each channel scaled by `place`, which pastes it.
template <typename Place>
Bytes eachChannel(const Picture &picture, const Target &to, Place place) {
  Bytes out(size_t(to.channels) * to.area());
  for (int c = 0; c < to.channels; ++c)
    place(planeOf(picture, to.channels == 1 ? -1 : c, kWhite),
          out.data() + size_t(c) * to.area());
  return out;
}

Bytes stretched(const Picture &picture, const Target &to, Invert invert) {
  Bytes out = eachChannel(picture, to, [&](Plane plane, uint8_t *bytes) {
    if (plane.width != to.width || plane.height != to.height)
      plane = scaleBox(plane, wholeOf(plane), to.width, to.height);
    paste(plane, 0, 0, to.height, to.width, bytes);
  });
  if (invert == Invert::Yes)
    for (uint8_t &value : out)
      value = uint8_t(255 - value);
  return out;
}

Bytes fitted(const Picture &picture, const Target &to) {
  return eachChannel(picture, to, [&](const Plane &plane, uint8_t *bytes) {
    int w, h;
    fit(wholeOf(plane), to.width, to.height, w, h);
    paste(scaleBox(plane, wholeOf(plane), w, h), (to.width - w) / 2,
          (to.height - h) / 2, to.height, to.width, bytes);
  });
}

Result<Bytes> asDigit(const Picture &picture, const std::string &name,
                      const Target &to, const ImageOptions &options) {
  if (to.channels != 1)
    return badFile("image_shape", name,
                   {"the model reads ", to.channels, " channels"},
                   {"the preprocessing digit makes one"});
  return digitPicture(picture, name, to.height, to.width, options.invert);
}

Result<Bytes> asFitted(const Picture &picture, const std::string &,
                       const Target &to, const ImageOptions &) {
  return fitted(picture, to);
}

struct Row {
  Preprocessing is;
  Result<Bytes> (*run)(const Picture &, const std::string &, const Target &,
                       const ImageOptions &);
};

constexpr Row kRows[] = {
    {{"digit", "crop to the ink, invert if it is dark, centre as MNIST does"},
     asDigit},
    {{"fit", "keep the proportions, with black bars"}, asFitted},
};

Status checkTarget(const std::string &name, const Target &to) {
  auto sideIsFine = [](int side) { return side >= 1 && side <= 4096; };
  if ((to.channels == 1 || to.channels == 3) && sideIsFine(to.height) &&
      sideIsFine(to.width))
    return ok;
  return badFile(
      "image_shape", name,
      {"the model reads ", to.channels, " x ", to.height, " x ", to.width},
      {"pictures can be given to models with 1 or 3 channels and "
       "sides of 1 to 4096"});
}

} // namespace

std::vector<Preprocessing> preprocessings() {
  std::vector<Preprocessing> all;
  for (const Row &row : kRows)
    all.push_back(row.is);
  return all;
}

Result<std::vector<uint8_t>>
preprocessImage(const std::string &preprocess, const Picture &picture,
                const std::string &name, int channels, int height, int width,
                const ImageOptions &options) {
  Target to{channels, height, width};
  if (Status bad = checkTarget(name, to))
    return *bad;
  if (preprocess.empty())
    return stretched(picture, to, options.invert);
  std::vector<std::string> names;
  for (const Row &row : kRows) {
    if (preprocess == row.is.name)
      return row.run(picture, name, to, options);
    names.push_back(row.is.name);
  }
  return makeError(kBadInput, "image_preprocess",
                   {"there is no preprocessing \"", preprocess, "\"; ",
                    suggestion(preprocess, names),
                    "there are: ", listed(names)});
}

} // namespace gradmill::rt
