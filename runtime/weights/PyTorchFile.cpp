#include "weights/PyTorchFile.h"

#include "core/Manifest.h"
#include "core/Text.h"
#include "weights/ElementNames.h"
#include "weights/Pickle.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace gradmill::rt {
namespace {

constexpr std::string_view kPickleName = "/data.pkl";
constexpr size_t kMaxPickle = 16 << 20;

using Kind = PickleValue::Kind;

class Reader {
public:
  Reader(const std::string &path, std::vector<ZipEntry> entries, uint64_t maxCopied)
      : path(path), copiesLeft(maxCopied),
        entries(std::make_shared<std::vector<ZipEntry>>(std::move(entries))) {}

  Result<WeightsFile> read(const std::string &key) {
    file.format = "PyTorch";
    const ZipEntry *main = nullptr;
    for (const ZipEntry &entry : *entries)
      if (entry.name.ends_with(kPickleName))
        main = &entry;
    root = main->name.substr(0, main->name.size() - kPickleName.size());
    if (main->bytes.size() > kMaxPickle)
      return bad("its data.pkl has more than 16 MiB");
    std::string problem = readPickle(textOf(*main), pickle);
    if (!problem.empty())
      return bad(problem);
    if (const ZipEntry *order = find("/byteorder")) {
      if (textOf(*order) != "little" && textOf(*order) != "big")
        return bad("its byteorder is neither little nor big");
      bigEndian = textOf(*order) == "big";
    }
    auto dict = key.empty() ? choose() : follow(key);
    if (!dict)
      return dict.error();
    if (Status error = collect(pickle[*dict]))
      return *error;
    file.content.owners.push_back(entries);
    return std::move(file);
  }

private:
  static std::string_view textOf(const ZipEntry &entry) {
    return {reinterpret_cast<const char *>(entry.bytes.data()), entry.bytes.size()};
  }
  const ZipEntry *find(const std::string &name) const {
    for (const ZipEntry &entry : *entries)
      if (entry.name == root + name)
        return &entry;
    return nullptr;
  }
  Error bad(std::string_view what) const {
    return makeError(kBadInput, "bad_pytorch",
                     {path, ": cannot be read as a PyTorch file: ", what});
  }

  // Dictionaries of tensors, by their keys.
  using Found = std::vector<std::pair<std::string, uint32_t>>;

  // --- Which dictionary ---------------------------------------------------------

  // Of each dictionary once: many places may refer to one.
  size_t tensorsIn(uint32_t value) {
    const PickleValue &dict = pickle[value];
    auto [it, isNew] = counts.emplace(value, 0);
    if (isNew && dict.kind == Kind::Dict)
      for (size_t i = 1; i < dict.items.size(); i += 2)
        it->second += pickle[dict.items[i]].kind == Kind::Tensor;
    return it->second;
  }

  // "'model' (20 tensors), 'ema' (20 tensors)"
  std::string listOf(const Found &found) {
    constexpr size_t kMaxListed = 8;
    std::string list;
    for (size_t i = 0; i < std::min(found.size(), kMaxListed); ++i)
      list += (list.empty() ? "'" : ", '") + found[i].first.substr(0, 64) + "' (" +
              std::to_string(tensorsIn(found[i].second)) + " tensors)";
    return list + (found.size() > kMaxListed ? ", ..." : "");
  }

  Found dictsOf(const PickleValue &value) {
    Found found;
    if (value.kind == Kind::Dict)
      for (size_t i = 0; i + 1 < value.items.size(); i += 2)
        if (pickle[value.items[i]].kind == Kind::Text &&
            tensorsIn(value.items[i + 1]))
          found.emplace_back(pickle[value.items[i]].text, value.items[i + 1]);
    return found;
  }

  Result<uint32_t> choose() {
    const PickleValue &top = pickle[pickle.root];
    if (tensorsIn(pickle.root))
      return pickle.root;
    auto found = dictsOf(top);
    if (found.empty())
      return bad(top.kind == Kind::Dict
                     ? "neither it nor a dictionary in it has tensors with names"
                     : "it holds no dictionary of tensors; in Python, "
                       "torch.save(model.state_dict(), FILE)");
    auto best = found.begin();
    for (const char *name : {"state_dict", "model_state_dict", "model"}) {
      auto it = std::find_if(found.begin(), found.end(),
                             [&](const auto &each) { return each.first == name; });
      if (it != found.end()) {
        best = it;
        break;
      }
    }
    if (found.size() > 1 && best->first != "state_dict" &&
        best->first != "model_state_dict" && best->first != "model")
      return makeError(kBadInput, "weights_key",
                       {path, ": has several dictionaries of tensors: ", listOf(found),
                        "; choose one with --key"});
    file.notes.push_back("the tensors are those of '" + best->first + "'" +
                         (found.size() > 1 ? ", of " + listOf(found) +
                                                 "; --key chooses another"
                                           : ""));
    return best->second;
  }

  Result<uint32_t> follow(const std::string &key) {
    uint32_t at = pickle.root;
    for (size_t from = 0; from <= key.size();) {
      size_t slash = std::min(key.find('/', from), key.size());
      std::string part = key.substr(from, slash - from);
      auto next = pickle[at].kind == Kind::Dict ? pickle.find(pickle[at], part)
                                                : std::nullopt;
      if (!next) {
        auto found = dictsOf(pickle[at]);
        return makeError(kBadInput, "weights_key",
                         {path, ": --key ", key, ": there is no '", part, "'",
                          found.empty() ? "" : "; dictionaries of tensors are ",
                          listOf(found)});
      }
      at = *next;
      from = slash + 1;
    }
    if (!tensorsIn(at))
      return makeError(kBadInput, "weights_key",
                       {path, ": --key ", key, ": no dictionary of tensors"});
    return at;
  }

  // --- Tensors -------------------------------------------------------------------

  Status collect(const PickleValue &dict) {
    size_t others = 0;
    std::map<std::string, bool> names;
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue &name = pickle[dict.items[i]],
                        &value = pickle[dict.items[i + 1]];
      if (value.kind != Kind::Tensor || name.kind != Kind::Text) {
        ++others;
        continue;
      }
      if (!names.emplace(name.text, true).second)
        return bad("two tensors are called '" + name.text + "'");
      StoredTensor tensor;
      std::string problem = read(value, tensor);
      if (!problem.empty())
        return bad("the tensor '" + name.text + "' " + problem);
      tensor.name = name.text;
      file.content.tensors.push_back(std::move(tensor));
    }
    if (others)
      file.notes.push_back(std::to_string(others) +
                           " entries that are no tensors with a name are left out");
    return ok;
  }

  std::string read(const PickleValue &value, StoredTensor &tensor) {
    const PickleValue &storage = pickle[value.items[0]];
    const ZipEntry *entry = find("/data/" + storage.text);
    if (!entry)
      return "has its numbers in data/" + storage.text + ", which is not there";
    uint64_t width = elementBytes(value.type), there = entry->bytes.size() / width;
    if (storage.number < 0 || uint64_t(storage.number) > there)
      return "has a storage of " + std::to_string(storage.number) +
             " elements by the pickle, and of " + std::to_string(there) +
             " by its file";
    tensor.dtype = value.type;
    tensor.shape = value.shape;
    auto count = elementCount(value.shape);
    if (!count)
      return "has a size below 0, or too many elements";
    tensor.bytes = *count * width;
    if (*count == 0)
      return {};
    if (*count > there)
      return "has more elements than its storage, which repeats them; in Python, "
             "save a .clone()";
    // The place of the last element. Every step is below 2^63: sizes are at most
    // `there`.
    if (value.offset < 0)
      return "begins before its storage";
    uint64_t last = uint64_t(value.offset), stride = 1;
    bool isDense = true;
    for (size_t i = value.shape.size(); i-- > 0;) {
      uint64_t size = uint64_t(value.shape[i]);
      if (value.strides[i] < 0)
        return "has a stride below 0";
      auto far = checkedMul(size - 1, uint64_t(value.strides[i]));
      if (!far || *far >= there || last + *far >= there)
        return "reaches beyond its storage";
      last += *far;
      isDense = isDense && (size == 1 || uint64_t(value.strides[i]) == stride);
      stride *= size;
    }
    if (last >= there)
      return "reaches beyond its storage";
    const uint8_t *first = entry->bytes.data() + uint64_t(value.offset) * width;
    tensor.data = first;
    if (isDense && (!bigEndian || width == 1))
      return {};
    if (tensor.bytes > copiesLeft)
      return "and others are views of storages, together far larger than the file; "
             "in Python, save .clone()s";
    copiesLeft -= tensor.bytes;
    tensor.data = copy(value, first, width, size_t(*count));
    return {};
  }

  const uint8_t *copy(const PickleValue &value, const uint8_t *from, uint64_t width,
                      size_t count) {
    auto to = std::make_shared<std::vector<uint8_t>>(count * width);
    std::vector<int64_t> index(value.shape.size(), 0);
    int64_t place = 0;
    for (size_t i = 0; i < count; ++i) {
      uint8_t *element = to->data() + i * width;
      std::memcpy(element, from + uint64_t(place) * width, width);
      if (bigEndian)
        std::reverse(element, element + width);
      for (size_t axis = index.size(); axis-- > 0;) {
        place += value.strides[axis];
        if (++index[axis] < value.shape[axis])
          break;
        place -= value.strides[axis] * value.shape[axis];
        index[axis] = 0;
      }
    }
    file.content.owners.push_back(to);
    return to->data();
  }

  const std::string &path;
  std::string root;
  uint64_t copiesLeft;
  std::shared_ptr<std::vector<ZipEntry>> entries;
  Pickle pickle;
  std::map<uint32_t, size_t> counts; // of tensors in values
  bool bigEndian = false;
  WeightsFile file;
};

} // namespace

bool isPyTorch(const std::vector<ZipEntry> &entries) {
  return std::any_of(entries.begin(), entries.end(), [](const ZipEntry &entry) {
    return entry.name.ends_with(kPickleName);
  });
}

Result<WeightsFile> readPyTorch(const std::string &path, std::vector<ZipEntry> entries,
                                const std::string &key, uint64_t maxCopied) {
  return Reader(path, std::move(entries), maxCopied).read(key);
}

} // namespace gradmill::rt
