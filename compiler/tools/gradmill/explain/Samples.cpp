#include "Samples.h"
#include "data/Image.h"
#include "tools/RawInput.h"
#include "train/Evaluate.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/Path.h"

using llvm::StringRef;

namespace gradmill::cli {

rt::Result<std::vector<Sample>>
readImages(const Subject &subject, const std::vector<std::string> &paths) {
  const rt::PortSpec &port = subject.image();
  std::vector<Sample> samples;
  for (const std::string &path : paths) {
    Sample sample;
    sample.name = llvm::sys::path::filename(path).str();
    sample.index = int64_t(samples.size());
    sample.values.resize(port.elements);
    if (StringRef(path).ends_with(".npy")) {
      auto values = rt::readPort(path, port);
      if (!values)
        return values.error();
      for (size_t at = 0; at < values->size(); at += port.bytes()) {
        std::memcpy(sample.values.data(), values->data() + at, port.bytes());
        sample.index = int64_t(samples.size());
        samples.push_back(sample);
      }
      continue;
    }
    auto picture = rt::readPng(path);
    if (!picture)
      return picture.error();
    auto bytes =
        rt::preprocessImage(port.preprocess, *picture, path, int(port.shape[0]),
                            int(port.shape[1]), int(port.shape[2]));
    if (!bytes)
      return bytes.error();
    rt::Model::normalize(port, bytes->data(), sample.values.data());
    samples.push_back(std::move(sample));
  }
  return samples;
}

static const rt::Column *labelsOf(const rt::Dataset &data, int64_t classes) {
  for (const rt::Column &column : data.columns)
    if (column.target && column.shape.empty() && column.classes > 0 &&
        column.classes <= classes)
      return &column;
  return nullptr;
}

rt::Result<TestSamples> TestSamples::create(Subject &subject,
                                            const rt::Dataset &data,
                                            const std::string &map) {
  TestSamples samples(subject, data);
  auto columns =
      rt::columnsByMap(data, {&subject.image()}, map, subject.model().manifest());
  if (!columns)
    return columns.error();
  samples.images = columns->front().column;
  samples.labels = labelsOf(data, subject.classes());
  return samples;
}

rt::Status TestSamples::forEachBatch(
    llvm::function_ref<rt::Status(const float *, int64_t, int64_t, const int32_t *)>
        each) {
  rt::PortSpec label;
  label.name = "label";
  label.role = rt::PortRole::Target;
  label.dtype = rt::DType::I32;
  label.classes = subject->classes();
  std::vector<rt::PortColumn> columns{{&subject->image(), images}};
  if (labels)
    columns.push_back({&label, labels});
  rt::LoaderOptions options;
  options.batch = 256;
  options.shuffle = options.dropLast = false;
  options.prefetch = 0;
  auto loader = rt::Loader::create(*data, columns, options);
  if (!loader)
    return loader.error();
  (*loader)->start(0);
  int64_t first = 0;
  while (const rt::Batch *batch = (*loader)->next()) {
    const auto *known =
        labels ? static_cast<const int32_t *>(batch->at(1)) : nullptr;
    if (auto error = each(static_cast<const float *>(batch->at(0)), first,
                          batch->valid, known))
      return error;
    first += batch->valid;
  }
  return rt::ok;
}

rt::Result<std::vector<Verdict>> TestSamples::judge() {
  std::vector<Verdict> verdicts;
  auto status = forEachBatch([&](const float *values, int64_t first, int64_t count,
                                 const int32_t *known) -> rt::Status {
    auto rows = subject->likelihoods(values, count);
    if (!rows)
      return rows.error();
    for (int64_t i = 0; i < count; ++i)
      verdicts.push_back(subject->judge(rows->data() + i * subject->classes(),
                                        first + i, known ? known[i] : -1));
    return rt::ok;
  });
  if (status)
    return *status;
  return verdicts;
}

rt::Result<std::vector<Sample>>
TestSamples::take(const llvm::DenseSet<int64_t> &indices) {
  std::vector<Sample> samples;
  auto width = int64_t(subject->image().elements);
  auto status = forEachBatch([&](const float *values, int64_t first, int64_t count,
                                 const int32_t *known) -> rt::Status {
    for (int64_t i = 0; i < count; ++i)
      if (indices.contains(first + i))
        samples.push_back({"test " + std::to_string(first + i), first + i,
                           known ? known[i] : -1,
                           {values + i * width, values + (i + 1) * width}});
    return rt::ok;
  });
  if (status)
    return *status;
  return samples;
}

} // namespace gradmill::cli
