// Gradmill's runtime for C++20: runtime.h with values, spans and exceptions.
// Header only; link what a C program links.
//
//   gradmill::Model model = gradmill::Model::open("mnist.so");
//   model.load("mnist.safetensors");
//   std::vector<float> predictions = model.infer(images); // [count, classes]
//
// What fails throws gradmill::Error. A model belongs to one thread at a time;
// different models are independent. What runtime.h says of a function holds for
// the method of that name.
#ifndef GRADMILL_HPP
#define GRADMILL_HPP

#include "gradmill/runtime.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gradmill {

/// A failed call: its message, its status and its stable code, such as
/// "bad_safetensors".
class Error : public std::runtime_error {
public:
  Error(gm_status status, std::string code, const std::string &message)
      : std::runtime_error(message), theStatus(status),
        theCode(std::move(code)) {}

  gm_status status() const noexcept { return theStatus; }
  const std::string &code() const noexcept { return theCode; }

private:
  gm_status theStatus;
  std::string theCode;
};

namespace detail {

inline void check(gm_status status) {
  if (status != GM_OK)
    throw Error(status, gm_last_error_code(), gm_last_error());
}

[[noreturn]] inline void misuse(const char *code, const std::string &message) {
  throw Error(GM_USAGE, code, message);
}

/// The name of an element's type in tensors, ports and columns.
template <typename T> constexpr const char *dtypeOf() {
  using Number = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Number, float>)
    return "f32";
  else if constexpr (std::is_same_v<Number, double>)
    return "f64";
  else if constexpr (std::is_same_v<Number, std::int32_t>)
    return "i32";
  else if constexpr (std::is_same_v<Number, std::int64_t>)
    return "i64";
  else {
    static_assert(std::is_same_v<Number, std::uint8_t>,
                  "expected float, double, int32_t, int64_t or uint8_t");
    return "u8";
  }
}

/// Calls a function of the program from C. An exception of it waits until the
/// C function is back.
class Guard {
public:
  template <typename Function> int run(Function &&function) noexcept {
    try {
      return std::forward<Function>(function)() ? 0 : 1;
    } catch (...) {
      thrown = std::current_exception();
      return 1;
    }
  }
  void rethrow() {
    if (thrown)
      std::rethrow_exception(std::exchange(thrown, nullptr));
  }
  void check(gm_status status) {
    rethrow();
    detail::check(status);
  }

private:
  std::exception_ptr thrown;
};

} // namespace detail

/// A tensor of a model: its weights, running statistics or optimizer's state.
/// Lives as long as the model.
class Tensor {
public:
  explicit Tensor(const gm_tensor &tensor) : tensor(tensor) {}

  std::string_view name() const { return tensor.name; }
  /// "parameter", "buffer", "optimizer", "gradient" or "average".
  std::string_view role() const { return tensor.role; }
  std::string_view dtype() const { return tensor.dtype; }
  std::span<const std::int64_t> shape() const {
    return {tensor.shape, std::size_t(tensor.rank)};
  }
  std::size_t size() const { return std::size_t(tensor.elements); }

  /// The elements, dense and row-major, which may be written to. Throws
  /// bad_dtype if they are not T.
  template <typename T> std::span<T> values() const {
    if (dtype() != detail::dtypeOf<T>())
      detail::misuse("bad_dtype", std::string(name()) + " is " +
                                      std::string(dtype()) + ", not " +
                                      detail::dtypeOf<T>());
    return {static_cast<T *>(tensor.data), size()};
  }

private:
  gm_tensor tensor;
};

/// What a model takes or gives (docs/ports.md). Lives as long as the model.
struct Port {
  std::string_view name, role, dtype;
  std::span<const std::int64_t> shape; ///< of one sample
  std::size_t elements;                ///< of one sample
  bool batched; ///< false: one value for the whole batch, as a loss has
};

/// A program of a model: "train", "infer", ...
struct Entry {
  std::string_view name, does;
  std::int64_t batch; ///< samples of a run; 1 where it takes none
};

/// A value of a port for Model::run, in or out.
struct Value {
  template <typename T>
  Value(std::string name, std::span<T> values)
      : name(std::move(name)),
        data(const_cast<void *>(static_cast<const void *>(values.data()))),
        bytes(values.size_bytes()) {}
  /// A number, for example the learning rate. It must outlive the call.
  template <typename T>
    requires std::is_arithmetic_v<T>
  Value(std::string name, T &number)
      : Value(std::move(name), std::span<T>(&number, 1)) {}

  std::string name;
  void *data;
  std::size_t bytes;
};

/// One thing that is known of each sample (docs/ports.md).
struct Column {
  std::string name;
  std::string dtype; ///< "u8", "i32", "i64", "f32" or "f64"
  std::vector<std::int64_t> shape = {}; ///< of one sample
  bool target = false;                  ///< whether it is to be predicted
  std::int64_t classes = 0; ///< class numbers 0..classes-1; 0: any numbers
};

/// Samples in memory, for Model::train and Model::evaluate.
class Data {
public:
  /// Writes samples first .. first + count - 1 of all columns, dense and
  /// row-major. Called by the constructor only; false or an exception ends it.
  using Fill = std::function<bool(std::int64_t first, std::int64_t count,
                                  std::span<void *const> columns)>;

  /// `name` is for messages. The samples are copied.
  Data(const std::string &name, std::int64_t samples,
       std::span<const Column> columns, const Fill &fill) {
    std::vector<gm_column> all;
    for (const Column &c : columns)
      all.push_back({c.name.c_str(), c.dtype.c_str(),
                     c.shape.empty() ? nullptr : c.shape.data(),
                     std::int64_t(c.shape.size()), c.target, c.classes});
    struct Context {
      const Fill &fill;
      std::size_t columns;
      detail::Guard guard;
    } context{fill, all.size(), {}};
    gm_data *made = nullptr;
    gm_status status = gm_data_create(
        name.c_str(), samples, all.data(), std::int64_t(all.size()),
        [](void *pointer, std::int64_t first, std::int64_t count,
           void *const *to) {
          auto &c = *static_cast<Context *>(pointer);
          return c.guard.run(
              [&] { return c.fill(first, count, {to, c.columns}); });
        },
        &context, &made);
    data.reset(made);
    context.guard.check(status);
  }

  const gm_data *get() const { return data.get(); }

private:
  struct Close {
    void operator()(gm_data *d) const { gm_data_close(d); }
  };
  std::unique_ptr<gm_data, Close> data;
};

/// A compiled model.
class Model {
public:
  /// Of a shared object that `gradmill compile` wrote. threads: 1..64, or 0 for
  /// one per core.
  static Model open(const std::string &path, int threads = 0) {
    gm_model *made = nullptr;
    detail::check(gm_model_open(path.c_str(), threads, &made));
    return Model(made);
  }
  /// Of an artifact that is linked into the program, which must outlive it.
  static Model of(const gm_artifact &artifact, int threads = 0) {
    gm_model *made = nullptr;
    detail::check(gm_model_from_artifact(&artifact, threads, &made));
    return Model(made);
  }

  /// Draws all tensors anew.
  void init(std::uint64_t seed) { detail::check(gm_model_init(get(), seed)); }
  void load(const std::string &path) {
    detail::check(gm_model_load(get(), path.c_str()));
  }
  void save(const std::string &path) const {
    detail::check(gm_model_save(get(), path.c_str()));
  }
  void setThreads(int threads) {
    detail::check(gm_model_set_threads(get(), threads));
  }

  //===-- Facts -------------------------------------------------------------===//

  std::string_view name() const { return gm_model_name(get()); }
  /// JSON text (docs/manifest.md).
  std::string_view manifest() const { return gm_model_manifest(get()); }
  /// [C, H, W] of one image.
  std::vector<std::int64_t> inputShape() const {
    std::vector<std::int64_t> shape(
        std::size_t(gm_model_input_shape(get(), nullptr, 0)));
    gm_model_input_shape(get(), shape.data(), int(shape.size()));
    return shape;
  }
  std::size_t inputElements() const {
    return std::size_t(gm_model_input_elements(get()));
  }
  std::size_t classes() const { return std::size_t(gm_model_classes(get())); }
  /// Samples of a run of "infer" and of trainStep; 0 if compiled without.
  std::size_t inferBatch() const {
    return std::size_t(gm_model_infer_batch(get()));
  }
  std::size_t trainBatch() const {
    return std::size_t(gm_model_train_batch(get()));
  }

  std::vector<Port> ports() const {
    std::vector<Port> all;
    for (std::int64_t i = 0, n = gm_model_port_count(get()); i < n; ++i) {
      gm_port p{};
      detail::check(gm_model_port_at(get(), i, &p));
      all.push_back({p.name, p.role, p.dtype,
                     {p.shape, std::size_t(p.rank)},
                     std::size_t(p.elements), p.batched != 0});
    }
    return all;
  }
  std::vector<Entry> entries() const {
    std::vector<Entry> all;
    for (std::int64_t i = 0, n = gm_model_entry_count(get()); i < n; ++i) {
      gm_entry_info e{};
      detail::check(gm_model_entry_at(get(), i, &e));
      all.push_back({e.name, e.does, e.batch});
    }
    return all;
  }
  std::vector<Tensor> tensors() {
    std::vector<Tensor> all;
    for (std::int64_t i = 0, n = gm_model_tensor_count(get()); i < n; ++i) {
      gm_tensor t{};
      detail::check(gm_model_tensor_at(get(), i, &t));
      all.emplace_back(t);
    }
    return all;
  }
  Tensor tensor(const std::string &name) {
    gm_tensor t{};
    detail::check(gm_model_tensor(get(), name.c_str(), &t));
    return Tensor(t);
  }

  //===-- Running -----------------------------------------------------------===//

  /// Bytes of images to what the model takes. pixels: [count, C, H, W].
  std::vector<float> normalize(std::span<const std::uint8_t> pixels) const {
    std::size_t count = countOf(pixels.size());
    std::vector<float> images(pixels.size());
    detail::check(gm_model_normalize(get(), pixels.data(), std::int64_t(count),
                                     images.data()));
    return images;
  }

  /// images: [count, C, H, W], normalized. Returns [count, classes].
  std::vector<float> infer(std::span<const float> images) {
    std::vector<float> predictions(countOf(images.size()) * classes());
    infer(images, predictions);
    return predictions;
  }
  /// The same without an allocation. predictions: [count, classes].
  void infer(std::span<const float> images, std::span<float> predictions) {
    std::size_t count = countOf(images.size());
    if (predictions.size() != count * classes())
      detail::misuse("bad_size",
                     "there is room for " + std::to_string(predictions.size()) +
                         " predictions, expected " +
                         std::to_string(count * classes()));
    detail::check(gm_model_infer(get(), images.data(), std::int64_t(count),
                                 predictions.data()));
  }

  /// One step on a full batch. images: [trainBatch, C, H, W], labels:
  /// [trainBatch]. Returns the loss before the step.
  float trainStep(std::span<const float> images,
                  std::span<const std::int32_t> labels, float learningRate,
                  std::uint64_t seed, std::int64_t step) {
    if (labels.size() != trainBatch() ||
        images.size() != trainBatch() * inputElements())
      detail::misuse("bad_size",
                     std::to_string(images.size()) + " values and " +
                         std::to_string(labels.size()) +
                         " labels are no batch of " +
                         std::to_string(trainBatch()) + " samples of " +
                         std::to_string(inputElements()));
    float loss = 0;
    check(gm_model_train_step(get(), images.data(), labels.data(),
                              learningRate, seed, step, &loss));
    return loss;
  }

  /// Runs an entry once, on one full batch; values by the names of its ports.
  void run(const std::string &entry, std::span<const Value> values) {
    std::vector<gm_value> all;
    for (const Value &v : values)
      all.push_back({v.name.c_str(), v.data, std::int64_t(v.bytes)});
    check(gm_model_run(get(), entry.c_str(), all.data(),
                       std::int64_t(all.size())));
  }
  void run(const std::string &entry, std::initializer_list<Value> values) {
    run(entry, std::span<const Value>(values.begin(), values.size()));
  }

  /// Called by trainStep before each update, with the sums of gradients, which
  /// it may replace; false or an exception drops them. Empty: no call any more.
  using OnGradients = std::function<bool(std::span<const gm_gradient>)>;
  void onGradients(OnGradients function) {
    // Where it lies must not change when the model moves.
    std::unique_ptr<Gradients> next;
    if (function)
      next.reset(new Gradients{std::move(function), {}});
    detail::check(gm_model_on_gradients(
        get(), next ? &callOnGradients : nullptr, next.get()));
    gradients = std::move(next);
  }

  //===-- Training ----------------------------------------------------------===//

  /// Called after each step, and at the end of an epoch; false ends the run
  /// after the step.
  using OnProgress = std::function<bool(const gm_progress &)>;

  /// Trains as `gradmill train` does: options as {"--epochs", "3"}.
  void train(const Data &data, std::span<const std::string> options = {},
             const OnProgress &progress = {}, const Data *test = nullptr) {
    std::vector<const char *> all;
    for (const std::string &option : options)
      all.push_back(option.c_str());
    struct Context {
      const OnProgress &progress;
      detail::Guard guard;
    } context{progress, {}};
    gm_status status = gm_model_train(
        get(), data.get(), test ? test->get() : nullptr, all.data(),
        std::int64_t(all.size()),
        progress ? [](void *pointer, const gm_progress *p) {
          auto &c = *static_cast<Context *>(pointer);
          return c.guard.run([&] { return c.progress(*p); });
        } : static_cast<gm_progress_fn>(nullptr),
        &context);
    context.guard.rethrow(); // the function ended the run: that is no error
    check(status);
  }

  /// The loss, and each metric in the order of the ports, over all samples.
  std::vector<double> evaluate(const Data &data) {
    std::vector<double> scores(16);
    std::int64_t count = 0;
    detail::check(gm_model_evaluate(get(), data.get(), scores.data(),
                                    std::int64_t(scores.size()), &count));
    if (std::size_t(count) > scores.size()) {
      scores.resize(std::size_t(count));
      detail::check(gm_model_evaluate(get(), data.get(), scores.data(), count,
                                      &count));
    }
    scores.resize(std::size_t(count));
    return scores;
  }

  /// For functions of runtime.h.
  gm_model *get() const { return model.get(); }

private:
  struct Close {
    void operator()(gm_model *m) const { gm_model_close(m); }
  };

  explicit Model(gm_model *made) : model(made) {}

  std::size_t countOf(std::size_t elements) const {
    std::size_t each = inputElements();
    if (!each || elements % each)
      detail::misuse("bad_size", std::to_string(elements) +
                                     " values are no whole number of samples, "
                                     "which have " +
                                     std::to_string(each));
    return elements / each;
  }

  struct Gradients {
    OnGradients function;
    detail::Guard guard;
  };

  static int callOnGradients(void *context, const gm_gradient *sums,
                             std::int64_t count) {
    auto &g = *static_cast<Gradients *>(context);
    return g.guard.run(
        [&] { return g.function({sums, std::size_t(count)}); });
  }

  // Of a call that may have called the gradients function.
  void check(gm_status status) {
    gradients ? gradients->guard.check(status) : detail::check(status);
  }

  std::unique_ptr<Gradients> gradients; // outlives the model
  std::unique_ptr<gm_model, Close> model;
};

} // namespace gradmill

#endif
