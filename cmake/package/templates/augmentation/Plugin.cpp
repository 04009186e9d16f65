// The augmentation @name@: a brighter or darker picture.
#include <gradmill/plugin.h>

#include <algorithm>

using namespace gradmill::plugin;

static void change(const Picture &picture, const std::vector<double> &values, Random &random) {
  float factor = random.uniform(float(1 - values[0]), float(1 + values[0]));
  size_t count = size_t(picture.channels) * size_t(picture.height) * size_t(picture.width);
  for (size_t i = 0; i < count; ++i)
    picture.planes[i] = std::min(picture.planes[i] * factor, 255.0f);
}

GRADMILL_RUNTIME_PLUGIN(@name@) {
  registry.augmentation({"@name@", "a brighter or darker picture",
                         {{"by", 0.2, 0, 1, "at most this share"}}, change, /*moves=*/false});
}
