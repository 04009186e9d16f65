#include "data/Image.h"

#include "IdxFiles.h"
#include "data/Digits.h"
#include "data/Idx.h"
#include "files/Input.h"

#include <cmath>
#include <csetjmp>
#include <gtest/gtest.h>
#include <png.h>

namespace gradmill::rt::test {
namespace {

// A PNG of any kind, straight from libpng: `rows` are packed as the type wants.
struct PngKind {
  int type = PNG_COLOR_TYPE_GRAY, depth = 8;
  bool interlaced = false;
  std::vector<png_color> palette;
  Bytes paletteAlpha;
};

Bytes encodePng(const PngKind &kind, uint32_t width, uint32_t height,
                const std::vector<Bytes> &rows) {
  Bytes out;
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep bytes, size_t size) {
        auto *to = static_cast<Bytes *>(png_get_io_ptr(p));
        to->insert(to->end(), bytes, bytes + size);
      },
      [](png_structp) {});
  png_set_IHDR(png, info, width, height, kind.depth, kind.type,
               kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!kind.palette.empty())
    png_set_PLTE(png, info, kind.palette.data(), int(kind.palette.size()));
  if (!kind.paletteAlpha.empty())
    png_set_tRNS(png, info, kind.paletteAlpha.data(),
                 int(kind.paletteAlpha.size()), nullptr);
  std::vector<png_bytep> pointers;
  for (const Bytes &row : rows)
    pointers.push_back(const_cast<png_bytep>(row.data()));
  png_set_rows(png, info, pointers.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

// "digit" for one channel and "fit" for three.
Result<std::vector<uint8_t>> prepareImage(const Picture &picture,
                                          const std::string &name, int channels,
                                          int height, int width,
                                          const ImageOptions &options = {}) {
  return preprocessImage(channels == 3 ? "fit" : "digit", picture, name,
                         channels, height, width, options);
}

Result<std::vector<uint8_t>>
loadImageForModel(const std::string &path, int channels, int height, int width,
                  const ImageOptions &options = {}) {
  Result<Picture> picture = readPng(path, options.maxUnpack);
  if (!picture)
    return picture.error();
  return prepareImage(*picture, path, channels, height, width, options);
}

struct Image : ::testing::Test {
  TemporaryDirectory at;

  Result<std::vector<uint8_t>> load(const Bytes &png, ImageOptions how = {}) {
    return loadImageForModel(at.put("x.png", png), 1, 28, 28, how);
  }
  // A plain drawn digit (no noise would be better, some is realistic).
  Bytes digit(uint64_t index) {
    Bytes pixels(784);
    drawDigit(1, DigitSplit::Test, index, pixels.data());
    return pixels;
  }
  // `digit` enlarged by `zoom` into a larger gray picture, dark on light.
  Bytes poster(const Bytes &pixels, int zoom, int margin, bool dark) {
    int side = 28 * zoom + 2 * margin;
    Bytes big(size_t(side) * size_t(side), dark ? 255 : 0);
    for (int y = 0; y < 28 * zoom; ++y)
      for (int x = 0; x < 28 * zoom; ++x) {
        uint8_t v = pixels[size_t(y / zoom * 28 + x / zoom)];
        big[size_t((y + margin) * side + x + margin)] =
            dark ? uint8_t(255 - v) : v;
      }
    std::string path = at / "poster.png";
    EXPECT_FALSE(writePng(path, 1, side, side, big));
    return *readFile(path, 1 << 24);
  }
};

double distance(const Bytes &a, const Bytes &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += std::abs(double(a[i]) - double(b[i]));
  return sum / double(a.size());
}

TEST_F(Image, AModelSizedPictureStaysAsItIs) {
  Bytes pixels = digit(3);
  ASSERT_FALSE(writePng(at / "d.png", 1, 28, 28, pixels));
  EXPECT_EQ(*loadImageForModel(at / "d.png", 1, 28, 28), pixels);
  Bytes inverted = pixels;
  for (uint8_t &p : inverted)
    p = uint8_t(255 - p);
  ASSERT_FALSE(writePng(at / "i.png", 1, 28, 28, inverted));
  EXPECT_EQ(*loadImageForModel(at / "i.png", 1, 28, 28), pixels);
  EXPECT_EQ(*loadImageForModel(at / "i.png", 1, 28, 28, {Invert::No}),
            inverted);
  EXPECT_EQ(*loadImageForModel(at / "d.png", 1, 28, 28, {Invert::Yes}),
            inverted);
}

TEST_F(Image, InvertedAndPlainGiveTheSame) {
  for (uint64_t i = 0; i < 10; ++i) {
    auto dark = load(poster(digit(i), 5, 30, true));
    auto light = load(poster(digit(i), 5, 30, false));
    ASSERT_TRUE(dark) << dark.error().message;
    ASSERT_TRUE(light);
    EXPECT_LT(distance(*dark, *light), 0.1) << i;
  }
}

TEST_F(Image, TheDigitFitsTheBoxAndItsMassIsInTheMiddle) {
  for (uint64_t i = 0; i < 10; ++i) {
    auto image = load(poster(digit(i), 7, 50, true));
    ASSERT_TRUE(image);
    double mass = 0, mx = 0, my = 0;
    int top = 28, bottom = -1, left = 28, right = -1;
    for (int y = 0; y < 28; ++y)
      for (int x = 0; x < 28; ++x)
        if (uint8_t v = (*image)[size_t(y * 28 + x)]) {
          mass += v, mx += v * x, my += v * y;
          top = std::min(top, y), bottom = std::max(bottom, y);
          left = std::min(left, x), right = std::max(right, x);
        }
    EXPECT_NEAR(mx / mass, 14, 0.51);
    EXPECT_NEAR(my / mass, 14, 0.51);
    EXPECT_EQ(std::max(bottom - top, right - left) + 1, 20) << i;
  }
}

TEST_F(Image, ShapesOtherThanSquareKeepTheirProportions) {
  Bytes wide(300 * 90, 255); // a bar of 200 x 20
  for (int y = 30; y < 50; ++y)
    for (int x = 40; x < 240; ++x)
      wide[size_t(y * 300 + x)] = 10;
  ASSERT_FALSE(writePng(at / "w.png", 1, 90, 300, wide));
  auto image = loadImageForModel(at / "w.png", 1, 28, 28);
  ASSERT_TRUE(image);
  int lit = 0;
  for (uint8_t v : *image)
    lit += v == 255;
  EXPECT_EQ(lit, 20 * 2);
  EXPECT_EQ((*image)[13 * 28 + 4], 255);
  EXPECT_EQ((*image)[14 * 28 + 23], 255);
  EXPECT_EQ((*image)[12 * 28 + 14], 0);
}

TEST_F(Image, EveryKindOfPng) {
  // An L of 24 x 40, drawn in every way that PNG knows.
  constexpr uint32_t w = 48, h = 64;
  auto on = [](uint32_t x, uint32_t y) {
    return y >= 12 && y < 52 && x >= 12 && x < 36 && (x < 20 || y >= 44);
  };
  auto make = [&](PngKind kind, int channels, auto pixel) {
    std::vector<Bytes> rows(h);
    for (uint32_t y = 0; y < h; ++y) {
      rows[y].resize((w * uint32_t(channels * kind.depth) + 7) / 8);
      for (uint32_t x = 0; x < w; ++x)
        pixel(rows[y].data(), x, on(x, y));
    }
    return load(encodePng(kind, w, h, rows));
  };
  auto bits = [](int depth, uint8_t ink, uint8_t paper) {
    return [=](uint8_t *row, uint32_t x, bool lit) {
      uint32_t perByte = 8 / uint32_t(depth);
      uint32_t shift = 8 - uint32_t(depth) * (x % perByte + 1);
      row[x / perByte] |= uint8_t((lit ? ink : paper) << shift);
    };
  };
  auto reference =
      make({PNG_COLOR_TYPE_GRAY, 8, false, {}, {}}, 1, bits(8, 0, 255));
  ASSERT_TRUE(reference) << reference.error().message;
  auto expectSame = [&](const Result<Bytes> &image, const char *what) {
    ASSERT_TRUE(image) << what << image.error().message;
    EXPECT_EQ(*image, *reference) << what;
  };
  for (int depth : {1, 2, 4})
    expectSame(make({PNG_COLOR_TYPE_GRAY, depth, false, {}, {}}, 1,
                    bits(depth, 0, 255 >> (8 - depth))),
               "gray");
  for (int depth : {1, 2, 4, 8})
    expectSame(make({PNG_COLOR_TYPE_PALETTE,
                     depth,
                     false,
                     {{255, 255, 255}, {0, 0, 0}},
                     {}},
                    1, bits(depth, 1, 0)),
               "palette");
  expectSame(
      make({PNG_COLOR_TYPE_PALETTE, 8, false, {{0, 0, 0}, {0, 0, 0}}, {0, 255}},
           1, bits(8, 1, 0)),
      "palette with transparency, black on nothing");
  expectSame(make({PNG_COLOR_TYPE_PALETTE,
                   8,
                   false,
                   {{255, 255, 255}, {255, 255, 255}},
                   {0, 255}},
                  1, bits(8, 1, 0)),
             "palette with transparency, white on nothing");
  for (bool interlaced : {false, true}) {
    expectSame(make({PNG_COLOR_TYPE_GRAY, 16, interlaced, {}, {}}, 1,
                    [](uint8_t *row, uint32_t x, bool lit) {
                      row[2 * x] = row[2 * x + 1] = lit ? 0 : 255;
                    }),
               "gray, 16 bits");
    expectSame(make({PNG_COLOR_TYPE_RGB, 8, interlaced, {}, {}}, 3,
                    [](uint8_t *row, uint32_t x, bool lit) {
                      for (int c = 0; c < 3; ++c)
                        row[3 * x + uint32_t(c)] = lit ? 255 : 0;
                    }),
               "colour, light on dark");
    expectSame(make({PNG_COLOR_TYPE_RGB_ALPHA, 8, interlaced, {}, {}}, 4,
                    [](uint8_t *row, uint32_t x, bool lit) {
                      for (int c = 0; c < 4; ++c)
                        row[4 * x + uint32_t(c)] = lit ? 255 : 0;
                    }),
               "white on transparent");
    expectSame(make({PNG_COLOR_TYPE_GRAY_ALPHA, 16, interlaced, {}, {}}, 2,
                    [](uint8_t *row, uint32_t x, bool lit) {
                      row[4 * x] = row[4 * x + 1] = 0;
                      row[4 * x + 2] = row[4 * x + 3] = lit ? 255 : 0;
                    }),
               "black on transparent, 16 bits");
  }
}

TEST_F(Image, GrayPaperAndShadowDisappear) {
  Bytes clean = poster(digit(4), 6, 40, true);
  Picture picture = *readPng(at.put("c.png", clean));
  auto wanted = prepareImage(picture, "c", 1, 28, 28);
  for (int y = 0; y < picture.height; ++y) // darker to the bottom right
    for (int x = 0; x < picture.width; ++x)
      for (int c = 0; c < 3; ++c) {
        uint8_t &p = picture.rgba[size_t((y * picture.width + x) * 4 + c)];
        p = uint8_t(40 + p * (170 - 12 * (x + y) / picture.width) / 255);
      }
  auto image = prepareImage(picture, "shadow", 1, 28, 28);
  ASSERT_TRUE(image);
  EXPECT_LT(distance(*image, *wanted), 8);
  EXPECT_EQ((*image)[0], 0);
}

TEST_F(Image, BlankPicturesAreAnError) {
  for (uint8_t value : {0, 128, 255}) {
    Bytes page(50 * 60, value);
    ASSERT_FALSE(writePng(at / "b.png", 1, 50, 60, page));
    auto image = loadImageForModel(at / "b.png", 1, 28, 28);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, "image_blank");
    EXPECT_EQ(image.error().exit, kBadInput);
  }
}

TEST_F(Image, ColourModelsGetThreePlanes) {
  Bytes rgb;
  for (int i = 0; i < 40 * 20; ++i)
    rgb.insert(rgb.end(), {200, 100, 50});
  ASSERT_FALSE(writePng(at / "c.png", 3, 20, 40, rgb));
  auto image = loadImageForModel(at / "c.png", 3, 32, 32);
  ASSERT_TRUE(image);
  ASSERT_EQ(image->size(), 3u * 32 * 32);
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_EQ((*image)[c * 1024 + 16 * 32 + 16], (Bytes{200, 100, 50})[c]);
    EXPECT_EQ((*image)[c * 1024], 0); // bars above and below
  }
  EXPECT_EQ(loadImageForModel(at / "c.png", 2, 32, 32).error().code,
            "image_shape");
  EXPECT_EQ(loadImageForModel(at / "c.png", 1, 0, 32).error().code,
            "image_shape");
}

TEST_F(Image, ExtremeShapesWork) {
  for (auto [w, h] : {std::pair{1, 1}, {1, 3000}, {3000, 1}, {2, 2}}) {
    Bytes page(size_t(w) * size_t(h), 255);
    page[page.size() / 2] = 0;
    ASSERT_FALSE(writePng(at / "e.png", 1, h, w, page));
    auto image = loadImageForModel(at / "e.png", 1, 28, 28);
    EXPECT_TRUE(image || image.error().code == "image_blank") << w << "x" << h;
  }
}

TEST_F(Image, GarbageIsAnError) {
  for (const Bytes &bytes : {Bytes{}, Bytes{0x89}, Bytes(1000, 'x'),
                             Bytes{0x89, 'P', 'N', 'G', 13, 10, 26}})
    EXPECT_EQ(load(bytes).error().code, "png_signature");
  EXPECT_EQ(load({0x89, 'P', 'N', 'G', 13, 10, 26, 10}).error().code,
            "png_damaged");
  EXPECT_EQ(loadImageForModel(at / "none.png", 1, 28, 28).error().code,
            "file_not_found");
  EXPECT_EQ(loadImageForModel(at.path, 1, 28, 28).error().code, "not_a_file");
}

TEST_F(Image, TruncationAtEveryByteIsAnError) {
  Bytes whole = poster(digit(1), 1, 3, true);
  for (size_t n = 0; n < whole.size(); ++n) {
    auto image = load(Bytes(whole.begin(), whole.begin() + long(n)));
    ASSERT_FALSE(image) << n;
    EXPECT_EQ(image.error().exit, kBadInput);
  }
}

TEST_F(Image, FlippedBytesAreAnErrorOrHarmless) {
  Bytes whole = poster(digit(1), 1, 3, true);
  for (size_t i = 0; i < whole.size(); ++i)
    for (uint8_t flip : {0x01, 0x80, 0xff}) {
      Bytes bad = whole;
      bad[i] ^= flip;
      auto image = load(bad);
      if (image)
        EXPECT_EQ(image->size(), 784u);
      else
        EXPECT_FALSE(image.error().message.empty());
    }
}

// A header with any size and a right checksum, followed by almost nothing.
Bytes pngHeader(uint32_t width, uint32_t height, size_t extra = 0) {
  Bytes file{0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  auto chunk = [&](const char *name, const Bytes &data) {
    putWord(file, uint32_t(data.size()));
    size_t from = file.size();
    file.insert(file.end(), name, name + 4);
    file.insert(file.end(), data.begin(), data.end());
    putWord(file,
            uint32_t(crc32(0, file.data() + from, uInt(file.size() - from))));
  };
  Bytes header;
  putWord(header, width);
  putWord(header, height);
  header.insert(header.end(), {8, 6, 0, 0, 0});
  chunk("IHDR", header);
  chunk("IDAT", Bytes(extra, 0));
  return file;
}

TEST_F(Image, HugeSizesAreRefusedBeforeAnyAllocation) {
  EXPECT_EQ(load(pngHeader(0x7fffffff, 1)).error().code, "png_too_large");
  EXPECT_EQ(load(pngHeader(16000, 16000)).error().code, "png_too_large");
  EXPECT_EQ(load(pngHeader(0x7fffffff, 0x7fffffff)).error().code,
            "png_too_large");
  auto promised = load(pngHeader(8000, 8000, 20));
  EXPECT_EQ(promised.error().code, "png_damaged");
  EXPECT_NE(promised.error().message.find("promises"), std::string::npos);
  EXPECT_EQ(load(pngHeader(0, 5)).error().code, "png_damaged");
}

// 100 MB in memory of 25 KB.
TEST_F(Image, UnpacksInProportion) {
  ASSERT_FALSE(
      writePng(at / "large.png", 1, 5000, 5000, Bytes(size_t(5000) * 5000)));
  EXPECT_EQ(loadImageForModel(at / "large.png", 1, 28, 28).error().code,
            "unpack_limit");
  ImageOptions options;
  options.maxUnpack = 10000;
  EXPECT_EQ(
      loadImageForModel(at / "large.png", 1, 28, 28, options).error().code,
      "image_blank");
}

TEST_F(Image, WriterChecksAndLeavesNothingHalfWritten) {
  EXPECT_EQ(writePng(at / "x.png", 1, 2, 2, Bytes(3))->code, "png_shape");
  EXPECT_EQ(writePng(at / "x.png", 2, 2, 2, Bytes(8))->code, "png_shape");
  EXPECT_EQ(writePng(at / "no/x.png", 1, 2, 2, Bytes(4))->code, "write_failed");
  EXPECT_TRUE(std::filesystem::is_empty(at.path));
}

// MNIST was made in the way that we prepare pictures: enlarging its digits into
// posters and loading these must give about the same digits.
TEST_F(Image, PostersOfRealDigitsComeBack) {
  const char *directory = std::getenv("GRADMILL_MNIST_DIR");
  if (!directory)
    GTEST_SKIP() << "GRADMILL_MNIST_DIR is not set: no real MNIST to read";
  Result<DatasetSplit> data = readIdxDirectory(directory);
  ASSERT_TRUE(data) << data.error().message;
  double total = 0;
  for (size_t i = 0; i < 50; ++i) {
    auto begin = data->test.columns[0].values.begin() + long(i * 784);
    Bytes original(begin, begin + 784);
    auto image = load(poster(original, 4, 25, true));
    ASSERT_TRUE(image) << image.error().message;
    total += distance(*image, original);
  }
  RecordProperty("distance", std::to_string(total / 50));
  EXPECT_LT(total / 50, 8); // grey levels per pixel; a shift by one gives ~20
}

// --- Preprocessing -----------------------------------------------------------

Picture greyPicture(int width, int height, const Bytes &values) {
  Picture picture{width, height, {}};
  for (uint8_t v : values)
    picture.rgba.insert(picture.rgba.end(), {v, v, v, 255});
  return picture;
}

TEST(Preprocessing, WithoutANameAPictureIsOnlyScaled) {
  Picture light = greyPicture(2, 2, {250, 200, 240, 230});
  EXPECT_EQ(*preprocessImage("", light, "p", 1, 2, 2),
            (Bytes{250, 200, 240, 230}));
  EXPECT_EQ(*preprocessImage("", light, "p", 3, 1, 1), (Bytes{230, 230, 230}));
  EXPECT_EQ(*preprocessImage("", light, "p", 1, 2, 4),
            (Bytes{250, 250, 200, 200, 240, 240, 230, 230}));
  EXPECT_EQ(*preprocessImage("", light, "p", 1, 1, 1, {Invert::Yes}),
            (Bytes{25}));
  light.rgba[3] = 0; // transparent is white
  EXPECT_EQ((*preprocessImage("", light, "p", 1, 2, 2))[0], 255);
}

TEST(Preprocessing, NamesAreATable) {
  Picture wide = greyPicture(4, 1, {10, 20, 30, 40});
  EXPECT_EQ(*preprocessImage("fit", wide, "p", 1, 4, 4),
            (Bytes{0, 0, 0, 0, 10, 20, 30, 40, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(preprocessImage("digit", wide, "p", 3, 28, 28).error().code,
            "image_shape");
  EXPECT_EQ(preprocessImage("", wide, "p", 2, 28, 28).error().code,
            "image_shape");
  auto unknown = preprocessImage("digits", wide, "p", 1, 28, 28);
  EXPECT_EQ(unknown.error().code, "image_preprocess");
  EXPECT_NE(unknown.error().message.find("did you mean digit?"),
            std::string::npos);
  EXPECT_EQ(preprocessings().size(), 2u);
}

} // namespace
} // namespace gradmill::rt::test
