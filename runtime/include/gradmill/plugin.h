// Plugins of training: schedules, augmentations and data sources, for
// `gradmill train --plugin`. They need neither LLVM nor Gradmill's libraries: this
// header is all.
//
//   GRADMILL_RUNTIME_PLUGIN(polynomial) {
//     registry.schedule({"polynomial", "to 0 by a power", rateOf});
//   }
//
// Build the file as a shared object (gradmill_add_runtime_plugin in CMake). A
// plugin for the compiler (nn/Registry.h) may be in the same one.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::plugin {

// --- Schedules ------------------------------------------------------------------

/// A step of training for which a rate is wanted.
struct ScheduleStep {
  int64_t step;          // from 0
  int64_t totalSteps;    // of the run, 1 or more
  int64_t stepsPerEpoch; // 1 or more
  double lr, minLr;      // --lr and --min-lr
};

/// A learning rate as a pure function of the step, so that a resumed run goes on
/// as it was: `--schedule NAME`. --warmup applies to it.
struct Schedule {
  std::string name, doc;
  std::function<double(const ScheduleStep &)> rate;
};

// --- Augmentations ----------------------------------------------------------------

/// Planes of numbers from 0 to 255, to be changed in place.
struct Picture {
  float *planes; // [channels, height, width]
  int channels, height, width;
  const float *mean; // of each channel over the data set
};

/// Draws of this step for this picture in this epoch; the same whenever and on
/// whichever thread it is asked.
class Random {
public:
  virtual uint64_t bits() = 0;
  /// Uniform in [0, 1).
  float unit() { return float(bits() >> 40) * 0x1p-24f; }
  /// Uniform in [low, high).
  float uniform(float low, float high) { return low + (high - low) * unit(); }
  /// Uniform in 0 .. n - 1.
  uint64_t below(uint64_t n) { return n ? bits() % n : 0; }

protected:
  ~Random() = default;
};

struct Parameter {
  std::string name;
  double value; // by default; kNeeded: must be given
  double low, high;
  std::string doc;
  bool whole = false; // numbers without a fraction
};
inline constexpr double kNeeded = std::numeric_limits<double>::quiet_NaN();

/// A step of --augment: `NAME(1, b=2)`. Each step also has `p`, its probability,
/// which is taken care of.
struct Augmentation {
  std::string name, doc;
  std::vector<Parameter> parameters;
  /// `values`: in the order of the parameters.
  std::function<void(const Picture &, const std::vector<double> &values, Random &)>
      change;
  bool moves = true; // pixels: a target picture must move with it
};

// --- Data sources -----------------------------------------------------------------

enum class Element { F32, F64, I32, I64, U8 };

/// One property of each sample: a picture [C, H, W], a number [].
struct Column {
  std::string name; // "image", "label"
  Element element = Element::F32;
  std::vector<int64_t> shape;         // of one sample
  std::vector<unsigned char> values;  // [samples, ...shape], dense, this machine's
  bool target = false;                // what is to be predicted
  int64_t classes = 0;                // class numbers 0..classes-1; 0: any
  std::vector<std::string> classNames; // or empty
};

struct Samples {
  uint64_t count = 0;
  std::vector<Column> columns;
};

/// What stands after --data: NAME:PATH?KEY=VALUE.
struct DataRequest {
  std::string path; // or empty
  std::vector<std::pair<std::string, std::string>> options;
  uint64_t seed = 1; // of the run
  const std::string *option(const std::string &key) const {
    for (const auto &each : options)
      if (each.first == key)
        return &each.second;
    return nullptr;
  }
};

struct Data {
  Samples train, test;
  std::string source; // where it came from, for people
  /// What is wrong, with the cause and the fix; nothing else counts then.
  std::string error;
};

struct DataSource {
  std::string name;  // "spiral"
  std::string usage; // "spiral[:N]"
  std::string doc;
  std::vector<std::pair<std::string, std::string>> options; // key and text
  std::function<Data(const DataRequest &)> open;
};

// --- The door ---------------------------------------------------------------------

class Registry {
public:
  void schedule(Schedule value) { schedules.push_back(std::move(value)); }
  void augmentation(Augmentation value) {
    augmentations.push_back(std::move(value));
  }
  void dataSource(DataSource value) { dataSources.push_back(std::move(value)); }

  std::vector<Schedule> schedules;
  std::vector<Augmentation> augmentations;
  std::vector<DataSource> dataSources;
};

using RegisterFn = void (*)(Registry &);

/// Raised when the meaning of anything above changes.
inline constexpr uint32_t kRuntimePluginApi = 1;

// What the layout of strings and functions depends on.
#if defined(_LIBCPP_VERSION)
#define GRADMILL_CXX_LIBRARY "libc++"
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define GRADMILL_CXX_LIBRARY "libstdc++"
#else
#define GRADMILL_CXX_LIBRARY "another C++ library"
#endif

/// A plugin's description of itself, read before any of its code runs.
struct Info {
  uint32_t structSize, apiVersion, registrySize;
  const char *name, *version, *cxxLibrary;
  RegisterFn registerFn;
};

} // namespace gradmill::plugin

#define GRADMILL_RUNTIME_PLUGIN_ENTRY "gradmillGetRuntimePluginInfo"

#ifndef GRADMILL_PLUGIN_VERSION
#define GRADMILL_PLUGIN_VERSION "0.1.0"
#endif

#define GRADMILL_RUNTIME_PLUGIN(NAME)                                          \
  static void gradmillRegisterRuntime_##NAME(::gradmill::plugin::Registry &);  \
  extern "C" __attribute__((visibility("default")))                            \
  const ::gradmill::plugin::Info *                                             \
  gradmillGetRuntimePluginInfo() {                                             \
    static const ::gradmill::plugin::Info info = {                             \
        sizeof(::gradmill::plugin::Info),                                      \
        ::gradmill::plugin::kRuntimePluginApi,                                 \
        sizeof(::gradmill::plugin::Registry),                                  \
        #NAME,                                                                 \
        GRADMILL_PLUGIN_VERSION,                                               \
        GRADMILL_CXX_LIBRARY,                                                  \
        gradmillRegisterRuntime_##NAME};                                       \
    return &info;                                                              \
  }                                                                            \
  static void gradmillRegisterRuntime_##NAME(                                  \
      ::gradmill::plugin::Registry &registry)
