// A data source whose columns do not hold what they say, a schedule that gives no
// rates, and, by an environment variable, a registration that fails.
#include <gradmill/plugin.h>

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

using namespace gradmill::plugin;

static Data openData(const DataRequest &request) {
  Data data;
  Column x{"input", Element::F32, {2}, std::vector<unsigned char>(80)};
  Column y{"label", Element::I32, {}, std::vector<unsigned char>(40), true, 2};
  if (request.path == "throws")
    throw std::runtime_error("the disk is away");
  if (request.path == "short")
    x.values.resize(79);
  if (request.path == "class")
    y.values[4] = 7;
  if (request.path == "empty")
    return data;
  data.train = data.test = {10, {x, y}};
  return data;
}

GRADMILL_RUNTIME_PLUGIN(bad_training) {
  const char *fault = std::getenv("GRADMILL_TEST_FAULT");
  if (fault && std::string(fault) == "throws")
    throw std::runtime_error("the licence server is away");
  registry.schedule({"nowhere", "no rate", [](const ScheduleStep &) { return std::nan(""); }});
  registry.dataSource({"wrong", "wrong:HOW", "what is wrong", {}, openData});
  if (fault && std::string(fault) == "name")
    registry.schedule({"cosine", "taken", [](const ScheduleStep &) { return 1.0; }});
  if (fault && std::string(fault) == "sign")
    registry.augmentation({"a(b", "no name", {}, [](const Picture &, const std::vector<double> &, Random &) {}});
}
