// Declares and parses command-line options, in the vocabulary of CLI11's App.
// It replaces CLI11, whose streams bring all of libstdc++'s locales: half of a
// stand-alone executable.
//
//   CLI::App app("Trains mnist.", "trainer");
//   app.add_option("-j,--threads", threads, "1..64")->type_name("N");
//   app.parse({"-j2"});
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {

// What is wrong with a command line, in words for the user.
class ParseError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};
// Words that no option or positional takes: App::remaining().
class ExtrasError : public ParseError {
public:
  using ParseError::ParseError;
};
// --help or --version was asked for: what() is the text to print.
class Success : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

// Says what is wrong with a value; empty if nothing is.
using Validator = std::function<std::string(const std::string &)>;

// A whole number in min..max.
Validator Range(int64_t min, int64_t max);

class Option {
public:
  // If given more than once, the last value counts. Without this, that is an
  // error.
  Option *take_last() { return lastWins = true, this; }
  Option *type_name(std::string name) { return type = std::move(name), this; }
  Option *group(std::string name) { return heading = std::move(name), this; }
  Option *check(Validator validator) {
    return checks.push_back(std::move(validator)), this;
  }
  // Called with each value that was given.
  Option *each(std::function<void(const std::string &)> function) {
    return observers.push_back(std::move(function)), this;
  }
  // Its value if it is given without one: "--report", "--report=json".
  Option *implied(std::string value) {
    return impliedValue = std::move(value), this;
  }
  Option *required() { return needed = true, this; }
  // A list takes all words that follow it, or only one each time it is given.
  Option *allow_extra_args(bool allow) { return greedy = allow, this; }

  // "threads" of "-j,--threads".
  const std::vector<std::string> &get_lnames() const { return longNames; }
  size_t count() const { return given.size(); }

private:
  friend class App;
  bool matches(const std::string &word) const;
  std::string title() const; // for messages: "--threads", "IMAGE"

  std::vector<std::string> longNames, shortNames;
  std::string positional, type, heading, text, impliedValue;
  std::vector<Validator> checks;
  std::vector<std::function<void(const std::string &)>> observers;
  std::function<bool(const std::string &)> assign; // false: of another type
  std::vector<std::string> given;
  bool flag = false, list = false, lastWins = false, needed = false,
       greedy = true;
};

class App {
public:
  App(std::string description, std::string name);
  App(const App &) = delete;

  // `names` is "-j,--threads", "--epochs", or "IMAGE" for a positional. Values
  // are std::string, int, int64_t, uint64_t, double, or a list of strings.
  template <typename T>
  Option *add_option(const std::string &names, T &value, std::string text) {
    Option *option = add(names, std::move(text));
    option->assign = [&value](const std::string &s) { return read(s, value); };
    option->list = std::is_same_v<T, std::vector<std::string>>;
    return option;
  }
  template <typename T>
  Option *add_option_function(const std::string &names,
                              std::function<void(const T &)> function,
                              std::string text) {
    Option *option = add(names, std::move(text));
    option->assign = [function](const std::string &s) {
      T value{};
      bool good = read(s, value);
      if (good)
        function(value);
      return good;
    };
    return option;
  }
  Option *add_flag(const std::string &names, bool &value, std::string text);
  Option *add_flag_callback(const std::string &names,
                            std::function<void()> function, std::string text);
  void set_version_flag(const std::string &name, std::string version);
  void footer(std::string text) { ending = std::move(text); }

  // Throws ParseError or Success.
  void parse(const std::vector<std::string> &arguments);
  // The words that nothing took.
  const std::vector<std::string> &remaining() const { return extras; }

  const std::string &get_name() const { return name; }
  std::vector<const Option *> get_options() const;
  // Null if there is none of that name.
  Option *get_option_no_throw(const std::string &name);
  Option *get_option(const std::string &name);
  size_t count(const std::string &name) { return get_option(name)->count(); }

  std::string help() const;

private:
  Option *add(const std::string &names, std::string text);
  Option *find(const std::string &word);
  // Parses the option at arguments[i]; returns the index of the next word.
  size_t parseOption(const std::vector<std::string> &arguments, size_t i);
  size_t parseShort(const std::vector<std::string> &arguments, size_t i);
  size_t takeValue(Option &option, const std::vector<std::string> &arguments,
                   size_t i);
  void takePositional(const std::string &word);
  void apply(Option &option);
  void printGroup(std::string &out, const std::string &heading) const;

  static bool read(const std::string &text, std::string &value);
  static bool read(const std::string &text, int &value);
  static bool read(const std::string &text, int64_t &value);
  static bool read(const std::string &text, uint64_t &value);
  static bool read(const std::string &text, double &value);
  static bool read(const std::string &text, float &value);
  static bool read(const std::string &text, std::vector<std::string> &values);

  std::string description, name, ending, version;
  std::deque<Option> options; // addresses stay
  std::vector<std::string> extras;
};

} // namespace CLI
