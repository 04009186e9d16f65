// JSON: values, a strict reader and a writer, in the vocabulary of
// nlohmann/json. The tests compare it with that library. A program that reads a
// text and prints it grows by 20 KB with this one, 90 with nlohmann's, 46 with
// RapidJSON, 38 with Jansson 2.14. RapidJSON 1.1.0, which Debian has, does not
// compile with clang 22, and an exponent as in 1.00000000000e-2147483639
// overflows an int in its reader. Jansson refuses unsigned 64-bit integers,
// prints doubles with 17 digits, and would have to be built for every target.
//
//   Json row = Json::object({{"name", k.name}, {"lanes", k.lanes}});
//   row["seconds"] = 0.25;
//   std::string text = jsonText(row); // {"lanes":8,"name":"conv",...}
//
// Nothing here throws except on a lack of memory. Asking a value for another
// kind is no error: get() is then zero or empty.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradmill::rt {

class Json {
public:
  using Members = std::map<std::string, Json, std::less<>>;
  struct Field; // of object({...})

  Json() {}
  Json(bool value) : kind(Kind::Boolean) { scalar.boolean = value; }
  template <std::signed_integral T> Json(T value) : kind(Kind::Integer) {
    scalar.integer = value;
  }
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Json(T value) : kind(Kind::Unsigned) {
    scalar.natural = value;
  }
  Json(double value) : kind(Kind::Double) { scalar.number = value; }
  Json(float value) : Json(double(value)) {}
  Json(std::string_view text);
  Json(const std::string &text) : Json(std::string_view(text)) {}
  Json(const char *text) : Json(std::string_view(text)) {}
  template <typename T> Json(const std::vector<T> &values) {
    makeArray();
    for (const T &value : values)
      push_back(Json(value));
  }
  Json(const std::map<std::string, std::string> &texts);
  Json(Json &&from) noexcept : kind(from.kind), scalar(from.scalar) {
    from.kind = Kind::Null;
  }
  Json &operator=(Json &&from) noexcept {
    std::swap(kind, from.kind);
    std::swap(scalar, from.scalar);
    return *this;
  }
  ~Json() {
    if (kind >= Kind::String)
      destroy();
  }

  static Json array(std::initializer_list<int64_t> values = {});
  static Json object(std::initializer_list<Field> fields = {});
  // The result of parseJson for a text that it rejects.
  static Json discarded();

  bool is_null() const { return kind == Kind::Null; }
  bool is_discarded() const { return kind == Kind::Discarded; }
  bool is_boolean() const { return kind == Kind::Boolean; }
  bool is_number() const { return is_number_integer() || kind == Kind::Double; }
  bool is_number_integer() const {
    return kind == Kind::Integer || kind == Kind::Unsigned;
  }
  // Read without a sign.
  bool is_number_unsigned() const { return kind == Kind::Unsigned; }
  bool is_string() const { return kind == Kind::String; }
  bool is_array() const { return kind == Kind::Array; }
  bool is_object() const { return kind == Kind::Object; }

  // Elements or fields.
  size_t size() const;
  bool empty() const { return size() == 0; }

  // The elements of a list.
  const Json *begin() const;
  const Json *end() const { return begin() + (is_array() ? size() : 0); }
  const Json &operator[](size_t i) const { return begin()[i]; }
  void push_back(Json value);

  // The fields of an object, sorted by name.
  const Members &items() const;
  const Json *find(std::string_view name) const; // null if there is none
  bool contains(std::string_view name) const { return find(name); }
  // A new field is null. A value that was no object becomes one.
  Json &operator[](std::string_view name);

  template <typename T> T get() const { return getAs(static_cast<T *>(nullptr)); }

private:
  friend class JsonReader;
  friend class JsonWriter;
  enum class Kind : uint8_t {
    Null,
    Discarded,
    Boolean,
    Integer,
    Unsigned,
    Double,
    String, // kinds from here on own memory
    Array,
    Object
  };

  void makeArray();
  void makeObject();
  void destroy();
  int64_t toInteger() const;
  double toDouble() const;
  const std::string &toText() const;
  bool getAs(bool *) const { return is_boolean() && scalar.boolean; }
  template <std::integral T> T getAs(T *) const { return T(toInteger()); }
  template <std::floating_point T> T getAs(T *) const { return T(toDouble()); }
  std::string getAs(std::string *) const { return toText(); }
  template <typename T> std::vector<T> getAs(std::vector<T> *) const {
    std::vector<T> values;
    for (const Json &value : *this)
      values.push_back(value.get<T>());
    return values;
  }

  // Pointers: a file of 64 MiB may hold 32 million numbers, at 16 bytes each.
  Kind kind = Kind::Null;
  union {
    bool boolean;
    int64_t integer;
    uint64_t natural;
    double number;
    std::string *text;
    std::vector<Json> *elements;
    Members *members;
  } scalar{};
};

struct Json::Field {
  template <typename T>
  Field(const char *name, T &&value)
      : name(name), value(std::forward<T>(value)) {}
  const char *name;
  mutable Json value; // object() takes it
};

// Far above the depth of our own files.
inline constexpr int kMaxJsonDepth = 32;

// Strict: RFC 8259 and nothing else, UTF-8 without lone surrogates, numbers
// that fit a double, lists and objects nested no deeper than kMaxJsonDepth. Of
// equal names in an object the last one counts, and `duplicate` reports that
// there were some. Takes time in proportion to the text (and the logarithm of
// the fields in an object). Discarded if it is not JSON.
Json parseJson(std::string_view text, bool *duplicate = nullptr);

// Never throws on bad text: bytes that are not UTF-8 become U+FFFD. Control
// characters that JSON allows (DEL, C1) are escaped too, because the text may
// be printed to a terminal. A number that is not finite becomes null. With an
// indent, one value a line.
std::string jsonText(const Json &json, int indent = -1);

} // namespace gradmill::rt
