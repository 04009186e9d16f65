// The data source @name@: points, and whether they lie in a circle.
#include <gradmill/plugin.h>

#include <cstdlib>
#include <random>

using namespace gradmill::plugin;

template <typename T> static void append(Column &column, T value) {
  auto *bytes = reinterpret_cast<const unsigned char *>(&value);
  column.values.insert(column.values.end(), bytes, bytes + sizeof value);
}

static Samples points(uint64_t count, uint64_t seed) {
  Column point{"point", Element::F32, {2}, {}}, label{"label", Element::I32, {}, {}};
  label.target = true;
  label.classes = 2;
  label.classNames = {"outside", "inside"};
  std::mt19937_64 bits(seed);
  for (uint64_t i = 0; i < count; ++i) {
    float x = float(bits() % 2001) / 1000 - 1, y = float(bits() % 2001) / 1000 - 1;
    append(point, x);
    append(point, y);
    append(label, int32_t(x * x + y * y < 0.6f));
  }
  return {count, {point, label}};
}

// --data @name@ or --data @name@:COUNT
static Data openData(const DataRequest &request) {
  Data data;
  uint64_t count = request.path.empty() ? 1000 : std::strtoull(request.path.c_str(), nullptr, 10);
  if (count < 10 || count > 1000000) {
    data.error = "the number of points is 10 to 1000000";
    return data;
  }
  data.train = points(count, request.seed);
  data.test = points(count / 5, request.seed + 1);
  return data;
}

GRADMILL_RUNTIME_PLUGIN(@name@) {
  registry.dataSource({"@name@", "@name@[:N]", "points, and whether they lie in a circle", {}, openData});
}
