// Where explained samples come from: pictures, files of numbers, a test set.
#pragma once
#include "Subject.h"
#include "data/Dataset.h"

namespace gradmill::cli {

/// PNG files, prepared as by predict, or .npy files of normalized samples.
rt::Result<std::vector<Sample>> readImages(const Subject &subject,
                                           const std::vector<std::string> &paths);

/// Samples of a data set with their labels, if it has any.
class TestSamples {
public:
  /// Errors: those of columnsFor and of the map.
  static rt::Result<TestSamples> create(Subject &subject, const rt::Dataset &data,
                                        const std::string &map);

  bool hasLabels() const { return labels; }
  /// Of the classes, as far as the data says.
  std::vector<std::string> classNames() const {
    return labels ? labels->classNames : std::vector<std::string>();
  }
  /// What the net says of each, in order.
  rt::Result<std::vector<Verdict>> judge();
  /// Those of these indices.
  rt::Result<std::vector<Sample>> take(const llvm::DenseSet<int64_t> &indices);

private:
  TestSamples(Subject &subject, const rt::Dataset &data)
      : subject(&subject), data(&data) {}
  /// Calls `each` with all samples, a batch at a time; labels are null if unknown.
  rt::Status
  forEachBatch(llvm::function_ref<rt::Status(const float *, int64_t first,
                                             int64_t count, const int32_t *labels)>
                   each);

  Subject *subject;
  const rt::Dataset *data;
  const rt::Column *images = nullptr, *labels = nullptr;
};

} // namespace gradmill::cli
