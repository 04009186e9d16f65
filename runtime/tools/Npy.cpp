#include "tools/Npy.h"

#include "core/Manifest.h"
#include "core/Number.h"

#include <optional>
#include <vector>

namespace gradmill::rt {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortranOrder;
  std::optional<std::vector<int64_t>> shape;
};

// Reads the dictionary from its beginning to its end; anything unexpected is a
// failure, so that no key is found inside of another one's value.
class Parser {
public:
  explicit Parser(std::string_view text) : text(text) {}

  bool parse(Header &header) {
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::string key;
      if (!string(key) || !take(':') || !value(key, header))
        return false;
      if (!take(',')) {
        if (!take('}'))
          return false;
        break;
      }
    }
    skipSpace();
    return text.empty();
  }

private:
  bool value(const std::string &key, Header &header) {
    if (key == "descr" && !header.descr) {
      // A list here is a record, which no picture is.
      header.descr.emplace();
      return string(*header.descr);
    }
    if (key == "fortran_order" && !header.fortranOrder) {
      header.fortranOrder = takeWord("True");
      return *header.fortranOrder || takeWord("False");
    }
    if (key == "shape" && !header.shape) {
      header.shape.emplace();
      return tuple(*header.shape);
    }
    return false; // unknown, or twice
  }

  bool tuple(std::vector<int64_t> &values) {
    constexpr size_t most = 32; // NumPy's own limit, for long
    if (!take('('))
      return false;
    while (!take(')')) {
      int64_t value;
      if (values.size() == most || !number(value))
        return false;
      values.push_back(value);
      if (!take(',')) // (3) would be a number
        return values.size() > 1 && take(')');
    }
    return true;
  }

  bool number(int64_t &value) {
    skipSpace();
    size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    bool good = parseWhole(std::string(text.substr(0, digits)), value);
    text.remove_prefix(digits);
    return good;
  }

  bool string(std::string &value) {
    skipSpace();
    if (text.empty() || (text[0] != '\'' && text[0] != '"'))
      return false;
    size_t end = text.find(text[0], 1);
    if (end == text.npos)
      return false;
    value = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return true;
  }

  bool takeWord(std::string_view word) {
    skipSpace();
    if (text.substr(0, word.size()) != word)
      return false;
    text.remove_prefix(word.size());
    return true;
  }
  bool take(char c) { return takeWord({&c, 1}); }
  void skipSpace() {
    text.remove_prefix(
        std::min(text.find_first_not_of(" \t\n\r"), text.size()));
  }

  std::string_view text;
};

// As NumPy writes and calls it.
struct NumpyType {
  const char *descr, *name;
};

NumpyType typeOf(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return {"<f4", "float32"};
  case DType::F64:
    return {"<f8", "float64"};
  case DType::I32:
    return {"<i4", "int32"};
  case DType::I64:
    return {"<i8", "int64"};
  case DType::U8:
    return {"|u1", "uint8"};
  }
  return {"", ""};
}

// What keeps the data from being read; empty if nothing does.
std::string problemOf(std::string_view text, uint64_t dataBytes,
                      DType dtype) {
  Header header;
  if (!Parser(text).parse(header) || !header.descr || !header.fortranOrder ||
      !header.shape)
    return "its header is damaged, or describes no plain array";
  if (*header.descr != typeOf(dtype).descr)
    return std::string("its elements are not little-endian ") +
           dtypeName(dtype) + "; save it with astype('" + typeOf(dtype).name +
           "')";
  if (*header.fortranOrder)
    return "it is not in C order";
  auto count = elementCount(*header.shape);
  auto bytes = count ? checkedMul(*count, dtypeBytes(dtype)) : std::nullopt;
  if (!bytes || *bytes != dataBytes)
    return "its shape does not fit its " + std::to_string(dataBytes) +
           " bytes of data";
  return {};
}

} // namespace

bool isNpy(std::string_view file) {
  return file.substr(0, kMagic.size()) == kMagic;
}

size_t npyDataOffset(std::string_view file, DType dtype,
                     std::string &problem) {
  size_t at = kMagic.size();
  int version = at < file.size() ? uint8_t(file[at]) : 1;
  if (version < 1 || version > 3) {
    problem = "format version " + std::to_string(version) + " is unknown";
    return 0;
  }
  size_t lengthBytes = version == 1 ? 2 : 4;
  at += 2;
  if (file.size() < at + lengthBytes) {
    problem = "truncated";
    return 0;
  }
  uint64_t length = 0;
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= uint64_t(uint8_t(file[at + i])) << (8 * i);
  at += lengthBytes;
  if (length > file.size() - at) {
    problem = "truncated";
    return 0;
  }
  problem = problemOf(file.substr(at, length), file.size() - at - length, dtype);
  return problem.empty() ? at + length : 0;
}

} // namespace gradmill::rt
