#include "core/Json.h"

#include "core/Number.h"
#include "core/Utf8.h"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace gradmill::rt {

// --- Values ----------------------------------------------------------------

Json::Json(std::string_view text) {
  scalar.text = new std::string(text);
  kind = Kind::String;
}

Json::Json(const std::map<std::string, std::string> &texts) {
  makeObject();
  for (const auto &[name, text] : texts)
    (*this)[name] = text;
}

Json Json::array(std::initializer_list<int64_t> values) {
  return Json(std::vector<int64_t>(values));
}

Json Json::object(std::initializer_list<Field> fields) {
  Json json;
  json.makeObject();
  for (const Field &field : fields)
    json[field.name] = std::move(field.value);
  return json;
}

Json Json::discarded() {
  Json json;
  json.kind = Kind::Discarded;
  return json;
}

void Json::makeArray() {
  scalar.elements = new std::vector<Json>;
  kind = Kind::Array;
}

void Json::makeObject() {
  scalar.members = new Members;
  kind = Kind::Object;
}

void Json::destroy() {
  if (kind == Kind::String)
    delete scalar.text;
  else if (kind == Kind::Array)
    delete scalar.elements;
  else
    delete scalar.members;
}

size_t Json::size() const {
  return is_array()    ? scalar.elements->size()
         : is_object() ? scalar.members->size()
                       : 0;
}

const Json *Json::begin() const {
  return is_array() ? scalar.elements->data() : nullptr;
}

void Json::push_back(Json value) {
  if (!is_array())
    *this = array();
  scalar.elements->push_back(std::move(value));
}

const Json::Members &Json::items() const {
  static const Members none;
  return is_object() ? *scalar.members : none;
}

const Json *Json::find(std::string_view name) const {
  auto it = items().find(name);
  return it == items().end() ? nullptr : &it->second;
}

Json &Json::operator[](std::string_view name) {
  if (!is_object())
    *this = object();
  return (*scalar.members)[std::string(name)];
}

int64_t Json::toInteger() const {
  return kind == Kind::Integer    ? scalar.integer
         : kind == Kind::Unsigned ? int64_t(scalar.natural)
                                  : 0;
}

double Json::toDouble() const {
  return kind == Kind::Double     ? scalar.number
         : kind == Kind::Integer  ? double(scalar.integer)
         : kind == Kind::Unsigned ? double(scalar.natural)
                                  : 0;
}

const std::string &Json::toText() const {
  static const std::string none;
  return is_string() ? *scalar.text : none;
}

// The end of the characters that are written unchanged, one byte each.
static size_t endOfPlain(std::string_view text, size_t at) {
  while (at < text.size() && uint8_t(text[at]) >= 0x20 &&
         uint8_t(text[at]) < 0x7F && text[at] != '"' && text[at] != '\\')
    ++at;
  return at;
}

// --- Reading ---------------------------------------------------------------

class JsonReader {
public:
  explicit JsonReader(std::string_view text) : text(text) {}

  // False if it is not JSON.
  bool read(Json &json) {
    skip("\xEF\xBB\xBF"); // a mark of UTF-8, as some editors leave
    if (!readValue(json, 0))
      return false;
    skipBlanks();
    return at == text.size();
  }
  bool duplicate = false;

private:
  char peek() const { return at < text.size() ? text[at] : '\0'; }
  bool skip(char c) {
    bool found = at < text.size() && text[at] == c;
    at += found;
    return found;
  }
  bool skip(std::string_view word) {
    bool found = text.substr(at, word.size()) == word;
    at += found ? word.size() : 0;
    return found;
  }
  void skipBlanks() {
    while (skip(' ') || skip('\n') || skip('\r') || skip('\t')) {
    }
  }
  bool skipDigits() {
    size_t begin = at;
    while (peek() >= '0' && peek() <= '9')
      ++at;
    return at > begin;
  }

  bool readValue(Json &json, int depth);
  bool readArray(Json &json, int depth);
  bool readObject(Json &json, int depth);
  bool readNumber(Json &json);
  bool readString(std::string &string);
  bool readEscape(std::string &string);
  bool readUnit(uint32_t &unit);

  std::string_view text;
  size_t at = 0;
};

bool JsonReader::readValue(Json &json, int depth) {
  skipBlanks();
  switch (peek()) {
  case '{':
    return depth < kMaxJsonDepth && readObject(json, depth + 1);
  case '[':
    return depth < kMaxJsonDepth && readArray(json, depth + 1);
  case '"':
    json = Json("");
    return readString(*json.scalar.text);
  case 't':
    json = Json(true);
    return skip("true");
  case 'f':
    json = Json(false);
    return skip("false");
  case 'n':
    return skip("null");
  default:
    return readNumber(json);
  }
}

bool JsonReader::readArray(Json &json, int depth) {
  json = Json::array();
  std::vector<Json> &elements = *json.scalar.elements;
  ++at;
  skipBlanks();
  if (skip(']'))
    return true;
  do {
    if (!readValue(elements.emplace_back(), depth))
      return false;
    skipBlanks();
  } while (skip(','));
  return skip(']');
}

bool JsonReader::readObject(Json &json, int depth) {
  json = Json::object();
  Json::Members &members = *json.scalar.members;
  ++at;
  skipBlanks();
  if (skip('}'))
    return true;
  do {
    std::string name;
    skipBlanks();
    if (!readString(name))
      return false;
    skipBlanks();
    if (!skip(':'))
      return false;
    auto [field, fresh] = members.try_emplace(std::move(name));
    duplicate |= !fresh;
    field->second = Json();
    if (!readValue(field->second, depth))
      return false;
    skipBlanks();
  } while (skip(','));
  return skip('}');
}

// An integer if it is written as one and fits 64 bits.
bool JsonReader::readNumber(Json &json) {
  size_t begin = at;
  bool negative = skip('-');
  if (!skip('0') && !skipDigits())
    return false;
  size_t integral = at;
  if (skip('.') && !skipDigits())
    return false;
  if (skip('e') || skip('E')) {
    if (!skip('-'))
      skip('+');
    if (!skipDigits())
      return false;
  }
  std::string digits(text.substr(begin, at - begin));
  int64_t integer;
  uint64_t natural;
  double number;
  if (at == integral && negative && parseWhole(digits, integer))
    json = Json(integer);
  else if (at == integral && !negative && parseWhole(digits, natural))
    json = Json(natural);
  else if (parseWhole(digits, number))
    json = Json(number);
  else
    return false; // not even a double holds it
  return true;
}

bool JsonReader::readString(std::string &string) {
  if (!skip('"'))
    return false;
  for (;;) {
    size_t end = endOfPlain(text, at);
    string.append(text, at, end - at);
    at = end;
    if (skip('"'))
      return true;
    if (skip('\\')) {
      if (!readEscape(string))
        return false;
      continue;
    }
    if (at == text.size() || uint8_t(text[at]) < 0x20)
      return false;
    Utf8 character = utf8At(text, at);
    if (!character.valid)
      return false;
    string.append(text, at, character.length);
    at += character.length;
  }
}

// Four hexadecimal digits.
bool JsonReader::readUnit(uint32_t &unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at) {
    static constexpr char kDigits[] = "0123456789abcdefABCDEF";
    const char *digit = std::strchr(kDigits, peek());
    if (!digit || !*digit)
      return false;
    auto value = uint32_t(digit - kDigits);
    unit = unit << 4 | (value < 16 ? value : value - 6);
  }
  return true;
}

static void appendUtf8(std::string &string, uint32_t code) {
  static constexpr uint8_t kFirst[] = {0, 0xC0, 0xE0, 0xF0};
  int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  string += char(kFirst[more] | code >> (6 * more));
  while (more-- > 0)
    string += char(0x80 | (code >> (6 * more) & 0x3F));
}

bool JsonReader::readEscape(std::string &string) {
  static constexpr char kNames[] = "\"\\/bfnrt";
  const char *name = std::strchr(kNames, peek());
  if (name && *name) {
    string += "\"\\/\b\f\n\r\t"[name - kNames];
    ++at;
    return true;
  }
  uint32_t code = 0, low = 0;
  if (!skip('u') || !readUnit(code) || (code >= 0xDC00 && code <= 0xDFFF))
    return false;
  if (code >= 0xD800 && code < 0xDC00) {
    if (!skip("\\u") || !readUnit(low) || low < 0xDC00 || low > 0xDFFF)
      return false;
    code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
  }
  appendUtf8(string, code);
  return true;
}

Json parseJson(std::string_view text, bool *duplicate) {
  Json json;
  JsonReader reader(text);
  if (!reader.read(json))
    return Json::discarded();
  if (duplicate)
    *duplicate = reader.duplicate;
  return json;
}

// --- Writing ---------------------------------------------------------------

class JsonWriter {
public:
  explicit JsonWriter(int indent) : indent(indent) {}

  void write(const Json &json, int depth);
  std::string out;

private:
  void writeArray(const Json &json, int depth);
  void writeObject(const Json &json, int depth);
  void writeNumber(double number);
  void writeString(std::string_view text);
  void escape(unsigned code) {
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", code & 0xFFFF);
    out += text;
  }
  void newLine(int depth) {
    if (indent >= 0)
      out.append(1, '\n').append(size_t(indent) * size_t(depth), ' ');
  }

  int indent;
};

void JsonWriter::write(const Json &json, int depth) {
  using Kind = Json::Kind;
  switch (json.kind) {
  case Kind::Null:
    out += "null";
    return;
  case Kind::Discarded:
    out += "<discarded>";
    return;
  case Kind::Boolean:
    out += json.scalar.boolean ? "true" : "false";
    return;
  case Kind::Integer:
    out += std::to_string(json.scalar.integer);
    return;
  case Kind::Unsigned:
    out += std::to_string(json.scalar.natural);
    return;
  case Kind::Double:
    return writeNumber(json.scalar.number);
  case Kind::String:
    return writeString(*json.scalar.text);
  case Kind::Array:
    return writeArray(json, depth);
  case Kind::Object:
    return writeObject(json, depth);
  }
}

void JsonWriter::writeArray(const Json &json, int depth) {
  char before = '[';
  for (const Json &value : json) {
    out += before;
    before = ',';
    newLine(depth + 1);
    write(value, depth + 1);
  }
  if (json.empty())
    out += before;
  else
    newLine(depth);
  out += ']';
}

void JsonWriter::writeObject(const Json &json, int depth) {
  char before = '{';
  for (const auto &[name, value] : json.items()) {
    out += before;
    before = ',';
    newLine(depth + 1);
    writeString(name);
    out += indent < 0 ? ":" : ": ";
    write(value, depth + 1);
  }
  if (json.empty())
    out += before;
  else
    newLine(depth);
  out += '}';
}

// With a point or an exponent, by which readers tell doubles from integers.
void JsonWriter::writeNumber(double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::string text = exactText(number);
  out += text;
  if (text.find_first_of(".e") == std::string::npos)
    out += ".0";
}

void JsonWriter::writeString(std::string_view text) {
  static constexpr char kEscaped[] = "\"\\\b\f\n\r\t";
  out += '"';
  for (size_t at = 0; at < text.size();) {
    size_t end = endOfPlain(text, at);
    out.append(text, at, end - at);
    at = end;
    if (at == text.size())
      break;
    auto byte = uint8_t(text[at]);
    Utf8 character = utf8At(text, at);
    const char *escaped = byte ? std::strchr(kEscaped, text[at]) : nullptr;
    if (!character.valid)
      out += "\xEF\xBF\xBD";
    else if (escaped)
      (out += '\\') += "\"\\bfnrt"[escaped - kEscaped];
    else if (byte < 0x20 || byte == 0x7F)
      escape(byte);
    else if (byte == 0xC2 && uint8_t(text[at + 1]) < 0xA0)
      escape(uint8_t(text[at + 1]));
    else
      out.append(text, at, character.length);
    at += character.length;
  }
  out += '"';
}

std::string jsonText(const Json &json, int indent) {
  JsonWriter writer(indent);
  writer.write(json, 0);
  return std::move(writer.out);
}

} // namespace gradmill::rt
