#include "tools/OptionParser.h"

#include "core/Number.h"

#include <algorithm>
#include <cstring>

namespace CLI {

//===-- Values
//------------------------------------------------------------===//

bool App::read(const std::string &text, std::string &value) {
  value = text;
  return true;
}
bool App::read(const std::string &text, int &value) {
  return gradmill::rt::parseWhole(text, value);
}
bool App::read(const std::string &text, int64_t &value) {
  return gradmill::rt::parseWhole(text, value);
}
bool App::read(const std::string &text, uint64_t &value) {
  return gradmill::rt::parseWhole(text, value);
}
bool App::read(const std::string &text, double &value) {
  return gradmill::rt::parseWhole(text, value);
}
bool App::read(const std::string &text, float &value) {
  double wide;
  bool good = gradmill::rt::parseWhole(text, wide);
  value = good ? float(wide) : value;
  return good;
}
bool App::read(const std::string &text, std::vector<std::string> &values) {
  values.push_back(text);
  return true;
}

Validator Range(int64_t min, int64_t max) {
  return [=](const std::string &text) -> std::string {
    int64_t value;
    if (gradmill::rt::parseWhole(text, value) && value >= min && value <= max)
      return {};
    return "\"" + text + "\" is not a whole number in " + std::to_string(min) +
           ".." + std::to_string(max);
  };
}

//===-- Declaring
//---------------------------------------------------------===//

bool Option::matches(const std::string &word) const {
  auto in = [&](const std::vector<std::string> &names, size_t dashes) {
    return word.size() > dashes &&
           std::find(names.begin(), names.end(), word.substr(dashes)) !=
               names.end();
  };
  if (word.compare(0, 2, "--") == 0)
    return in(longNames, 2);
  return word[0] == '-' ? in(shortNames, 1) : word == positional;
}

std::string Option::title() const {
  return !longNames.empty()    ? "--" + longNames[0]
         : !shortNames.empty() ? "-" + shortNames[0]
                               : positional;
}

App::App(std::string description, std::string name)
    : description(std::move(description)), name(std::move(name)) {
  add("-h,--help", "Print this help message and exit")->flag = true;
}

Option *App::add(const std::string &names, std::string text) {
  Option &option = options.emplace_back();
  option.assign = [](const std::string &) { return true; };
  option.text = std::move(text);
  option.heading = "Options";
  for (size_t at = 0; at <= names.size();) {
    size_t end = std::min(names.find(',', at), names.size());
    std::string part = names.substr(at, end - at);
    if (part.compare(0, 2, "--") == 0)
      option.longNames.push_back(part.substr(2));
    else if (part[0] == '-')
      option.shortNames.push_back(part.substr(1));
    else
      option.positional = part;
    at = end + 1;
  }
  return &option;
}

Option *App::add_flag(const std::string &names, bool &value, std::string text) {
  Option *option = add(names, std::move(text));
  option->flag = option->lastWins = true;
  option->assign = [&value](const std::string &word) {
    value = word == "true";
    return true;
  };
  return option;
}

Option *App::add_flag_callback(const std::string &names,
                               std::function<void()> function,
                               std::string text) {
  Option *option = add(names, std::move(text));
  option->flag = option->lastWins = true;
  option->assign = [function](const std::string &word) {
    if (word == "true")
      function();
    return true;
  };
  return option;
}

void App::set_version_flag(const std::string &names, std::string text) {
  add(names, "Display program version information and exit")->flag = true;
  version = std::move(text);
}

std::vector<const Option *> App::get_options() const {
  std::vector<const Option *> all;
  for (const Option &option : options)
    all.push_back(&option);
  return all;
}

Option *App::find(const std::string &word) {
  for (Option &option : options)
    if (option.matches(word))
      return &option;
  return nullptr;
}

Option *App::get_option_no_throw(const std::string &word) { return find(word); }

Option *App::get_option(const std::string &word) {
  if (Option *option = find(word))
    return option;
  throw std::logic_error("no option " + word);
}

//===-- Parsing
//-----------------------------------------------------------===//

// Configuration files write flags as values.
static std::string flagValue(const std::string &title,
                             const std::string &word) {
  for (const char *yes : {"true", "on", "yes", "1"})
    if (word == yes)
      return "true";
  for (const char *no : {"false", "off", "no", "0"})
    if (word == no)
      return "false";
  throw ParseError(title + ": \"" + word + "\" is not true or false");
}

// "-3" is a value, "-j" an option.
static bool looksLikeOption(const std::string &word) {
  return word.size() > 1 && word[0] == '-' &&
         !std::strchr("0123456789.", word[1]);
}

size_t App::takeValue(Option &option, const std::vector<std::string> &arguments,
                      size_t i) {
  if (i == arguments.size() || looksLikeOption(arguments[i]))
    throw ParseError(option.title() + ": a value is missing" +
                     (option.type.empty() ? "" : ", " + option.type));
  option.given.push_back(arguments[i++]);
  if (option.list && option.greedy)
    while (i < arguments.size() && !looksLikeOption(arguments[i]))
      option.given.push_back(arguments[i++]);
  return i;
}

size_t App::parseOption(const std::vector<std::string> &arguments, size_t i) {
  const std::string &word = arguments[i];
  size_t equals = word.find('=');
  Option *option = find(word.substr(0, equals));
  if (!option) {
    extras.push_back(word);
    return i + 1;
  }
  if (equals != std::string::npos) {
    std::string value = word.substr(equals + 1);
    option->given.push_back(option->flag ? flagValue(option->title(), value)
                                         : value);
    return i + 1;
  }
  if (!option->impliedValue.empty()) {
    option->given.push_back(option->impliedValue);
    return i + 1;
  }
  if (!option->flag)
    return takeValue(*option, arguments, i + 1);
  option->given.push_back("true");
  return i + 1;
}

// "-j2", "-j 2", "-j=2", "-qj2".
size_t App::parseShort(const std::vector<std::string> &arguments, size_t i) {
  const std::string &word = arguments[i];
  for (size_t at = 1; at < word.size(); ++at) {
    Option *option = find({'-', word[at]});
    if (!option) {
      extras.push_back(word);
      return i + 1;
    }
    if (option->flag) {
      option->given.push_back("true");
      continue;
    }
    if (at + 1 == word.size())
      return takeValue(*option, arguments, i + 1);
    option->given.push_back(word.substr(at + 1 + (word[at + 1] == '=')));
    break;
  }
  return i + 1;
}

void App::takePositional(const std::string &word) {
  for (Option &option : options)
    if (!option.positional.empty() && (option.list || option.given.empty())) {
      option.given.push_back(word);
      return;
    }
  extras.push_back(word);
}

void App::apply(Option &option) {
  if (option.given.empty())
    return;
  if (option.given.size() > 1 && !option.list && !option.lastWins)
    throw ParseError(option.title() + ": given more than once");
  for (const std::string &value : option.given)
    for (const Validator &check : option.checks)
      if (std::string problem = check(value); !problem.empty())
        throw ParseError(option.title() + ": " + problem);
  size_t first = option.list ? 0 : option.given.size() - 1;
  for (size_t i = first; i < option.given.size(); ++i)
    if (!option.assign(option.given[i]))
      throw ParseError(option.title() + ": \"" + option.given[i] +
                       "\" is not a number that fits");
  for (const std::string &value : option.given)
    for (auto &observer : option.observers)
      observer(value);
}

void App::parse(const std::vector<std::string> &arguments) {
  bool optionsEnded = false;
  for (size_t i = 0; i < arguments.size();) {
    const std::string &word = arguments[i];
    if (!optionsEnded && word == "--") {
      optionsEnded = true;
      ++i;
    } else if (!optionsEnded && word.compare(0, 2, "--") == 0) {
      i = parseOption(arguments, i);
    } else if (!optionsEnded && looksLikeOption(word)) {
      i = parseShort(arguments, i);
    } else {
      takePositional(word);
      ++i;
    }
  }
  if (count("--help"))
    throw Success(help());
  if (Option *asked = find("--version");
      asked && !version.empty() && asked->count())
    throw Success(version + "\n");
  for (Option &option : options)
    apply(option);
  // A misspelt option explains best why one is missing.
  for (const std::string &extra : extras)
    if (looksLikeOption(extra))
      throw ExtrasError(extra);
  for (const Option &option : options)
    if (option.needed && option.given.empty())
      throw ParseError(option.title() + " is required");
  if (!extras.empty())
    throw ExtrasError(extras[0]);
}

//===-- Help
//--------------------------------------------------------------===//

static std::string row(std::string left, const std::string &text) {
  constexpr size_t column = 30;
  left.insert(0, "  ");
  if (left.size() >= column)
    return left + "\n" + std::string(column, ' ') + text + "\n";
  return left + std::string(column - left.size(), ' ') + text + "\n";
}

void App::printGroup(std::string &out, const std::string &heading) const {
  out += "\n" + heading + ":\n";
  for (const Option &option : options) {
    if (option.heading != heading || !option.positional.empty())
      continue;
    std::string left;
    for (const std::string &name : option.shortNames)
      left += (left.empty() ? "-" : ",-") + name;
    for (const std::string &name : option.longNames)
      left += (left.empty() ? "--" : ",--") + name;
    out += row(left + (option.flag ? "" : " " + option.type), option.text);
  }
}

std::string App::help() const {
  std::string out = description + "\nUsage: " + name + " [OPTIONS]", list;
  std::vector<std::string> headings;
  for (const Option &option : options) {
    if (option.positional.empty()) {
      if (std::find(headings.begin(), headings.end(), option.heading) ==
          headings.end())
        headings.push_back(option.heading);
      continue;
    }
    std::string word = option.positional + (option.list ? "..." : "");
    out += option.needed ? " " + word : " [" + word + "]";
    list += row(word, option.text);
  }
  out += "\n";
  if (!list.empty())
    out += "\nPositionals:\n" + list;
  for (const std::string &heading : headings)
    printGroup(out, heading);
  if (!ending.empty())
    out += "\n" + ending + "\n";
  return out;
}

} // namespace CLI
