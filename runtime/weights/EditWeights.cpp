#include "weights/EditWeights.h"

#include "core/Manifest.h"
#include "core/Nearest.h"
#include "core/Text.h"
#include "weights/ElementNames.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fnmatch.h>
#include <map>
#include <regex>

namespace gradmill::rt {
namespace {

// "a, b, c and 4 more".
std::string listOf(const std::vector<std::string> &names) {
  constexpr size_t kMaxListed = 6;
  std::string list;
  for (size_t i = 0; i < std::min(names.size(), kMaxListed); ++i)
    list += (i ? ", " : "") + names[i];
  return names.size() > kMaxListed
             ? list + " and " + std::to_string(names.size() - kMaxListed) + " more"
             : list;
}

std::vector<std::string> namesOf(const WeightsFile &file) {
  std::vector<std::string> names;
  for (const StoredTensor &tensor : file.content.tensors)
    names.push_back(tensor.name);
  return names;
}

// Memory that lives as long as the file's tensors.
uint8_t *allocate(WeightsFile &file, uint64_t bytes) {
  auto memory = std::make_shared<std::vector<uint8_t>>(bytes);
  file.content.owners.push_back(memory);
  return memory->data();
}

void leaveOutWholeNumbers(WeightsFile &file) {
  std::vector<std::string> names;
  auto &tensors = file.content.tensors;
  std::erase_if(tensors, [&](const StoredTensor &tensor) {
    if (isFloat(tensor.dtype))
      return false;
    names.push_back(tensor.name);
    return true;
  });
  if (!names.empty())
    file.notes.push_back("tensors of whole numbers are left out: " + listOf(names));
}

// --- Names -------------------------------------------------------------------

// \1 as $01, which is how a regular expression's replacement has it.
std::string replacementOf(std::string_view text) {
  std::string format;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9')
      format += text[++i] == '0' ? "$&" : std::string("$0") + text[i];
    else if (text[i] == '$')
      format += "$$";
    else
      format += text[i];
  }
  return format;
}

Status rename(WeightsFile &file, const std::string &rule, const std::string &path) {
  auto fail = [&](Pieces what) {
    return makeError(kUsage, "weights_rename", {"--rename ", rule, ": ", join(what)});
  };
  size_t sign = rule.rfind('='); // (?=...) has one, too
  if (sign == rule.npos || sign == 0)
    return fail({"expected PATTERN=REPLACEMENT"});
  std::regex pattern;
  try {
    pattern = std::regex(rule.substr(0, sign));
  } catch (const std::regex_error &) {
    return fail({"\"", rule.substr(0, sign), "\" is no regular expression"});
  }
  std::string format = replacementOf(std::string_view(rule).substr(sign + 1));
  size_t matches = 0;
  for (StoredTensor &tensor : file.content.tensors) {
    std::smatch match;
    std::string name = tensor.name;
    if (!std::regex_match(name, match, pattern))
      continue;
    ++matches;
    tensor.name = match.format(format);
    if (tensor.name.empty())
      return fail({"makes \"\" of ", name});
  }
  if (!matches)
    return fail({"no tensor of ", path, " has such a name as a whole; it has ",
                 listOf(namesOf(file))});
  return ok;
}

Status checkTwice(const WeightsFile &file, const std::vector<std::string> &before) {
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < before.size(); ++i) {
    auto [it, isNew] = places.emplace(file.content.tensors[i].name, i);
    if (!isNew)
      return makeError(kUsage, "weights_rename",
                       {"--rename makes \"", it->first, "\" of both ",
                        before[it->second], " and ", before[i]});
  }
  return ok;
}

// --- Layouts and types ---------------------------------------------------------

void exchange(WeightsFile &file, StoredTensor &tensor) {
  size_t rows = size_t(tensor.shape[0]), columns = size_t(tensor.shape[1]),
         width = elementBytes(tensor.dtype);
  uint8_t *to = allocate(file, tensor.bytes);
  const auto *from = static_cast<const uint8_t *>(tensor.data);
  for (size_t row = 0; row < rows; ++row)
    for (size_t column = 0; column < columns; ++column)
      std::memcpy(to + (column * rows + row) * width,
                  from + (row * columns + column) * width, width);
  tensor.data = to;
  std::swap(tensor.shape[0], tensor.shape[1]);
}

Status transpose(WeightsFile &file, const std::string &pattern) {
  size_t matrices = 0;
  std::vector<std::string> others;
  for (StoredTensor &tensor : file.content.tensors) {
    if (fnmatch(pattern.c_str(), tensor.name.c_str(), 0) != 0)
      continue;
    if (tensor.shape.size() != 2) {
      others.push_back(tensor.name + " " + shapeText(tensor.shape));
      continue;
    }
    exchange(file, tensor);
    ++matrices;
  }
  if (matrices)
    return ok;
  return makeError(kUsage, "weights_transpose",
                   {"--transpose ", pattern, ": no matrix has such a name; ",
                    others.empty() ? "there are " : "of other shapes are ",
                    listOf(others.empty() ? namesOf(file) : others)});
}

// Any float type through f64, which holds all of them.
std::vector<double> numbersOf(const StoredTensor &tensor) {
  ElementType type = elementNamed(tensor.dtype)->type;
  size_t count = size_t(tensor.bytes) / size_t(type.bytes);
  DType stored = *storedAs(type);
  std::vector<uint8_t> bytes(count * size_t(dtypeBytes(stored)));
  (void)importElements(type, static_cast<const uint8_t *>(tensor.data), count,
                       bytes.data());
  std::vector<double> numbers(count);
  withType(stored, [&](auto zero) {
    for (size_t i = 0; i < count; ++i)
      numbers[i] = double(load<decltype(zero)>(bytes.data(), i));
  });
  return numbers;
}

template <typename T>
void convertTo(WeightsFile &file, StoredTensor &tensor, const char *dtype,
               std::vector<std::string> &tooLarge) {
  std::vector<double> numbers = numbersOf(tensor);
  uint8_t *to = allocate(file, numbers.size() * sizeof(T));
  bool overflows = false;
  for (size_t i = 0; i < numbers.size(); ++i) {
    T number = T(numbers[i]);
    overflows |= std::isinf(number) && std::isfinite(numbers[i]);
    store(to, i, number);
  }
  if (overflows)
    tooLarge.push_back(tensor.name);
  tensor.dtype = dtype;
  tensor.data = to;
  tensor.bytes = numbers.size() * sizeof(T);
}

Status convert(WeightsFile &file, const std::string &to, const std::string &path) {
  std::vector<std::string> tooLarge;
  const char *dtype = to == "f64" ? "F64" : "F32";
  for (StoredTensor &tensor : file.content.tensors) {
    if (tensor.dtype == dtype)
      continue;
    if (to == "f64")
      convertTo<double>(file, tensor, dtype, tooLarge);
    else
      convertTo<float>(file, tensor, dtype, tooLarge);
  }
  if (tooLarge.empty())
    return ok;
  return makeError(kBadInput, "weights_type",
                   {path, ": numbers are too large for ", dtype, ": ", listOf(tooLarge)});
}

} // namespace

Status editWeights(WeightsFile &file, const WeightsEdit &edit,
                   const std::string &path) {
  leaveOutWholeNumbers(file);
  std::vector<std::string> before = namesOf(file);
  for (const std::string &rule : edit.renames)
    if (Status error = rename(file, rule, path))
      return error;
  if (Status error = checkTwice(file, before))
    return error;
  for (const std::string &pattern : edit.transposes)
    if (Status error = transpose(file, pattern))
      return error;
  return edit.to.empty() ? ok : convert(file, edit.to, path);
}

// --- Fit -------------------------------------------------------------------------

namespace {

std::string differenceOf(const StoredTensor &found, const WantedTensor &wanted) {
  if (found.shape != wanted.shape) {
    bool isTransposed = found.shape.size() == 2 &&
                        found.shape == std::vector<int64_t>(wanted.shape.rbegin(),
                                                            wanted.shape.rend());
    return "is " + shapeText(found.shape) + ", the graph has " +
           shapeText(wanted.shape) +
           (isTransposed ? ": exactly transposed; say --transpose '" + wanted.name + "'"
                         : "");
  }
  return found.dtype == wanted.dtype
             ? ""
             : "is " + found.dtype + ", the graph has " + wanted.dtype + "; say --to " +
                   (wanted.dtype == "F64" ? "f64" : "f32");
}

} // namespace

Status fitWeights(WeightsFile &file, const std::vector<WantedTensor> &wanted,
                  const std::string &path) {
  std::map<std::string, const StoredTensor *> found;
  for (const StoredTensor &tensor : file.content.tensors)
    found.emplace(tensor.name, &tensor);
  std::vector<StoredTensor> fitting;
  std::vector<std::pair<const WantedTensor *, std::string>> wrong; // "" if missing
  for (const WantedTensor &tensor : wanted) {
    auto it = found.find(tensor.name);
    if (it == found.end()) {
      wrong.emplace_back(&tensor, "");
      continue;
    }
    std::string difference = differenceOf(*it->second, tensor);
    if (difference.empty())
      fitting.push_back(*it->second);
    else
      wrong.emplace_back(&tensor, difference);
    found.erase(it);
  }
  std::vector<std::string> unexpected;
  for (const auto &[name, tensor] : found)
    unexpected.push_back(name);
  constexpr size_t kMaxListed = 20;
  std::string list;
  for (size_t i = 0; i < std::min(wrong.size(), kMaxListed); ++i) {
    const auto &[tensor, difference] = wrong[i];
    std::string other = difference.empty() ? nearest(tensor->name, unexpected) : "";
    list += "\n  " + tensor->name +
            (difference.empty() ? ": missing, " + shapeText(tensor->shape)
                                : ": " + difference) +
            (other.empty() ? "" : "; the file has " + other);
  }
  if (wrong.size() > kMaxListed)
    list += "\n  and " + std::to_string(wrong.size() - kMaxListed) + " more";
  if (!wrong.empty())
    return makeError(kBadInput, "weights_mismatch",
                     {path, ": does not fit the graph:", list,
                      unexpected.empty() ? "" : "\n  not in the graph: ",
                      listOf(unexpected),
                      unexpected.empty() ? "" : "\n--rename gives tensors other names"});
  if (!unexpected.empty())
    file.notes.push_back("tensors that the graph does not have are left out: " +
                         listOf(unexpected));
  file.content.tensors = std::move(fitting);
  return ok;
}

Status checkTypes(const WeightsFile &file, const std::string &dtype,
                  const std::string &path) {
  for (const StoredTensor &tensor : file.content.tensors)
    if (tensor.dtype != dtype)
      return makeError(kBadInput, "weights_type",
                       {path, ": ", tensor.name, " is ", tensor.dtype,
                        ", and weights are ", dtype, "; convert them with --to f32"});
  return ok;
}

TensorStatistics statisticsOf(const StoredTensor &tensor) {
  TensorStatistics result;
  double sum = 0;
  uint64_t count = 0;
  if (!elementNamed(tensor.dtype))
    return result;
  for (double number : numbersOf(tensor)) {
    if (!std::isfinite(number)) {
      ++result.notFinite;
      continue;
    }
    result.min = count ? std::min(result.min, number) : number;
    result.max = count ? std::max(result.max, number) : number;
    sum += number;
    ++count;
  }
  result.mean = count ? sum / double(count) : 0;
  return result;
}

} // namespace gradmill::rt
