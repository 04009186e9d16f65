#include "data/sources/Npy.h"

#include "core/Manifest.h"
#include "core/Number.h"
#include "core/Text.h"

namespace gradmill::rt {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Fields {
  std::optional<std::string> descr;
  std::optional<bool> fortranOrder;
  std::optional<std::vector<int64_t>> shape;
};

// Reads the dictionary from beginning to end. Anything unexpected is a failure,
// so no key is found inside of another one's value.
class Parser {
public:
  explicit Parser(std::string_view text) : text(text) {}

  bool parse(Fields &fields) {
    if (!take("{"))
      return false;
    while (!take("}")) {
      std::string key;
      if (!string(key) || !take(":") || !value(key, fields))
        return false;
      if (take(","))
        continue;
      if (!take("}"))
        return false;
      break;
    }
    skipSpace();
    return text.empty() && fields.descr && fields.fortranOrder && fields.shape;
  }

private:
  bool value(const std::string &key, Fields &fields) {
    if (key == "descr" && !fields.descr)
      return string(fields.descr.emplace()); // a list would be a record
    if (key == "fortran_order" && !fields.fortranOrder) {
      fields.fortranOrder = take("True");
      return *fields.fortranOrder || take("False");
    }
    if (key == "shape" && !fields.shape)
      return tuple(fields.shape.emplace());
    return false; // unknown, or twice
  }

  bool tuple(std::vector<int64_t> &values) {
    constexpr size_t most = 32; // NumPy's own limit, for long
    if (!take("("))
      return false;
    while (!take(")")) {
      int64_t value;
      if (values.size() == most || !number(value))
        return false;
      values.push_back(value);
      if (!take(",")) // (3) would be a number
        return values.size() > 1 && take(")");
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

  bool take(std::string_view word) {
    skipSpace();
    if (!text.starts_with(word))
      return false;
    text.remove_prefix(word.size());
    return true;
  }
  void skipSpace() {
    text.remove_prefix(
        std::min(text.find_first_not_of(" \t\n\r"), text.size()));
  }

  std::string_view text;
};

// "<f4", "|u1"; false: nothing that is read.
bool parseType(const std::string &descr, ElementType &type) {
  static constexpr std::string_view orders = "<>|=", kinds = "ufib";
  if (descr.size() != 3 || orders.find(descr[0]) == orders.npos ||
      kinds.find(descr[1]) == kinds.npos)
    return false;
  type = {descr[1] == 'b' ? 'u' : descr[1], descr[2] - '0', descr[0] == '>'};
  return storedAs(type).has_value();
}

// Where the dictionary begins, and its length; "" if they are sound.
std::string findFields(std::string_view file, size_t &at, uint64_t &length) {
  at = kMagic.size();
  int version = at < file.size() ? uint8_t(file[at]) : 1;
  if (version < 1 || version > 3)
    return join({"format version ", version, " is unknown"});
  size_t lengthBytes = version == 1 ? 2 : 4;
  at += 2;
  if (file.size() < at + lengthBytes)
    return "it is cut off";
  length = 0;
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= uint64_t(uint8_t(file[at + i])) << (8 * i);
  at += lengthBytes;
  return length > file.size() - at ? "it is cut off" : "";
}

} // namespace

bool isNpy(std::string_view file) { return file.starts_with(kMagic); }

std::string parseNpy(std::string_view file, NpyHeader &header) {
  if (!isNpy(file))
    return "it is no NumPy array";
  uint64_t length;
  std::string problem = findFields(file, header.offset, length);
  if (!problem.empty())
    return problem;
  Fields fields;
  if (!Parser(file.substr(header.offset, length)).parse(fields))
    return "its header is damaged, or describes no plain array";
  header.offset += length;
  header.bytes = file.size() - header.offset;
  header.shape = *fields.shape;
  if (!parseType(*fields.descr, header.type))
    return join({"its elements are ", *fields.descr,
                 "; save it with astype('float32')"});
  if (*fields.fortranOrder && header.shape.size() > 1)
    return "it is in Fortran order; save numpy.ascontiguousarray of it";
  auto count = elementCount(header.shape);
  auto bytes =
      count ? checkedMul(*count, uint64_t(header.type.bytes)) : std::nullopt;
  if (!bytes || *bytes != header.bytes)
    return join({"its shape ", shapeText(header.shape), " does not fit its ",
                 header.bytes, " bytes of data"});
  return {};
}

} // namespace gradmill::rt
