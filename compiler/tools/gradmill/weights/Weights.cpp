// gradmill weights: lists tensors of a file, and converts them.
#include "../Session.h"
#include "GraphWeights.h"
#include "core/Json.h"
#include "core/Port.h"
#include "core/Text.h"
#include "files/Output.h"
#include "report/Table.h"
#include "report/Terminal.h"
#include <cstdio>
#include "llvm/Support/raw_ostream.h"

namespace gradmill::cli {
namespace {

uint64_t countOf(const rt::StoredTensor &tensor) {
  uint64_t count = 1;
  for (int64_t size : tensor.shape)
    count *= uint64_t(size);
  return count;
}

void printTable(const rt::WeightsFile &file) {
  std::vector<rt::TableRow> rows{{"tensor", "type", "shape", "min", "mean", "max"}};
  uint64_t numbers = 0;
  for (const rt::StoredTensor &tensor : file.content.tensors) {
    rt::TensorStatistics s = rt::statisticsOf(tensor);
    char text[3][32];
    double values[3] = {s.min, s.mean, s.max};
    for (int i = 0; i < 3; ++i)
      std::snprintf(text[i], sizeof text[i], "%.4g", values[i]);
    rows.push_back({rt::printable(tensor.name), tensor.dtype, rt::shapeText(tensor.shape),
                    text[0], text[1],
                    text[2] + (s.notFinite ? " (" + std::to_string(s.notFinite) +
                                                 " not finite)"
                                           : std::string())});
    numbers += countOf(tensor);
  }
  llvm::outs() << rt::tableText(rows, {0, 1, 2}) << file.content.tensors.size()
               << " tensors, " << numbers << " numbers (" << file.format << ")\n";
}

void printJson(const rt::WeightsFile &file) {
  rt::Json all = rt::Json::array();
  for (const rt::StoredTensor &tensor : file.content.tensors) {
    rt::TensorStatistics s = rt::statisticsOf(tensor);
    all.push_back(rt::Json::object({{"name", tensor.name},
                                    {"dtype", tensor.dtype},
                                    {"shape", tensor.shape},
                                    {"min", s.min},
                                    {"mean", s.mean},
                                    {"max", s.max},
                                    {"not_finite", s.notFinite}}));
  }
  llvm::outs() << rt::jsonText(rt::Json::object({{"format", file.format},
                                                 {"tensors", std::move(all)}}))
               << "\n";
}

// The graph's, or all, as f32.
rt::Status fit(rt::WeightsFile &file, const WeightsCommand &c) {
  if (c.graph.empty())
    return c.output.empty() || c.to == "f64"
               ? rt::Status()
               : rt::checkTypes(file, "F32", c.input);
  Session session;
  if (auto error = session.start(c.plugins))
    return error;
  auto module = session.load(c.graph, c.allowBytecode, false, c.settings);
  if (!module)
    return module.error();
  return rt::fitWeights(file, tensorsOf(**module), c.input);
}

} // namespace

rt::Status convertWeights(const WeightsCommand &c) {
  llvm::StringRef output = c.output;
  if (!output.empty() && !output.ends_with(".npz") && !output.ends_with(".safetensors"))
    return rt::Error{rt::kUsage, "weights_format",
                     c.output + ": the name must end in .safetensors or .npz"};
  if (!output.empty())
    if (auto error = rt::checkWritable(c.output))
      return error;
  rt::ReadWeightsOptions options{c.key};
  if (c.maxUnpack)
    options.maxUnpack = c.maxUnpack;
  auto file = rt::readWeights(c.input, options);
  if (!file)
    return file.error();
  bool isList = c.output.empty() && c.graph.empty() && c.renames.empty() &&
                c.transposes.empty() && c.to.empty();
  // A list alone shows all that there is.
  if (!isList)
    if (auto error = rt::editWeights(*file, {c.renames, c.transposes, c.to}, c.input))
      return error;
  if (auto error = fit(*file, c))
    return error;
  printNotes(*file);
  if (c.json)
    printJson(*file);
  else
    printTable(*file);
  if (!c.output.empty()) {
    if (auto error = rt::writeAnyWeights(c.output, file->content.tensors,
                                         {{"format", "pt"}}))
      return error;
    llvm::errs() << "wrote " << rt::printable(c.output) << "\n";
  }
  return flushOutput();
}

} // namespace gradmill::cli
