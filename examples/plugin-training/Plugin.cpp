// A schedule, an augmentation and a data source for gradmill train. Neither LLVM nor
// Gradmill's libraries are needed.
#include <gradmill/plugin.h>

#include <cmath>
#include <numbers>

using namespace gradmill::plugin;

// To 0 by a power of the share that is left (torch's PolynomialLR with power 2).
static double polynomial(const ScheduleStep &s) {
  double left = 1 - double(s.step) / double(s.totalSteps);
  return s.minLr + (s.lr - s.minLr) * left * left;
}

// Black and white pixels at random places: salt and pepper.
static void salt(const Picture &picture, const std::vector<double> &values, Random &random) {
  size_t plane = size_t(picture.height) * size_t(picture.width);
  for (size_t i = 0; i < plane; ++i) {
    if (random.unit() >= values[0])
      continue;
    float value = random.unit() < 0.5f ? 0.0f : 255.0f;
    for (int c = 0; c < picture.channels; ++c)
      picture.planes[size_t(c) * plane + i] = value;
  }
}

// Points of two spirals; the class says of which.
static Samples spiral(uint64_t count, double noise, uint64_t seed) {
  Column points{"input", Element::F32, {2}, {}}, labels{"label", Element::I32, {}, {}};
  labels.target = true;
  labels.classes = 2;
  labels.classNames = {"left", "right"};
  auto append = [](Column &column, auto value) {
    auto *bytes = reinterpret_cast<const unsigned char *>(&value);
    column.values.insert(column.values.end(), bytes, bytes + sizeof value);
  };
  auto draw = [&seed] { // in [-1, 1); any generator does
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return double(int64_t(seed)) * 0x1p-63;
  };
  for (uint64_t i = 0; i < count; ++i) {
    int32_t side = int32_t(i % 2);
    double t = double(i) / double(count);
    double angle = 3 * std::numbers::pi * t + side * std::numbers::pi;
    append(points, float(t * std::cos(angle) + noise * draw()));
    append(points, float(t * std::sin(angle) + noise * draw()));
    append(labels, side);
  }
  return {count, {points, labels}};
}

static Data openSpiral(const DataRequest &request) {
  Data data;
  uint64_t count = request.path.empty() ? 1000 : std::strtoull(request.path.c_str(), nullptr, 10);
  if (count < 10 || count > 1000000) {
    data.error = "the number of points is 10 to 1000000, as in spiral:1000";
    return data;
  }
  const std::string *noise = request.option("noise");
  double amount = noise ? std::strtod(noise->c_str(), nullptr) : 0.02;
  data.train = spiral(count, amount, request.seed);
  data.test = spiral(count / 5, amount, request.seed + 1);
  data.source = "two spirals";
  return data;
}

GRADMILL_RUNTIME_PLUGIN(training) {
  registry.schedule({"polynomial", "to --min-lr by the square of what is left", polynomial});
  registry.augmentation({"salt", "black and white pixels at random places",
                         {{"amount", 0.05, 0, 1, "the share of the pixels"}}, salt, /*moves=*/false});
  registry.dataSource({"spiral", "spiral[:N]", "points of two spirals, and of which they are",
                       {{"noise", "X (0.02): how far points lie from their spiral"}}, openSpiral});
}
