#include "tools/CommandLine.h"

#include "files/Cleanup.h"
#include "files/Input.h"
#include "report/Terminal.h"
#include "tools/OptionParser.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <unistd.h>

namespace gradmill::rt {

int reportError(const Error &error) {
  Terminal terminal = Terminal::of(STDERR_FILENO);
  std::string label = "error[" + error.code + "]:";
  std::fprintf(stderr, "%s %s\n", colored(terminal, "31", label).c_str(),
               printable(error.message).c_str());
  return error.exit;
}

// Uses no memory of its own, because there may be none.
void endWithError(ExitCode exit, const char *code, const char *message) {
  // Other threads continue and may fail too; only the first one prints.
  static std::atomic_flag ending;
  while (ending.test_and_set())
    ::pause();
  removeUnfinishedFiles();
  char line[512];
  int length =
      std::snprintf(line, sizeof line, "error[%s]: %.400s\n", code, message);
  (void)!::write(STDERR_FILENO, line,
                 size_t(std::min(length, int(sizeof line) - 1)));
  _exit(exit);
}

void endOutOfMemory() {
  endWithError(kFailure, "out_of_memory",
               "out of memory; take a smaller --batch, or raise the limit "
               "(ulimit -v)");
}

void endByException() {
  endWithError(kInternal, "internal", "an exception on another thread");
}

int finishOutput(int code) {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout))
    return code;
  int failed =
      reportError({kIo, "write_failed", "cannot write standard output"});
  return code == kOk ? failed : code;
}

// --- Configuration files ----------------------------------------------------

static std::string trimmed(const std::string &text) {
  size_t from = text.find_first_not_of(" \t\r");
  size_t to = text.find_last_not_of(" \t\r");
  return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

// Up to a comment; a # between quotes is none.
static std::string withoutComment(const std::string &line) {
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (quote)
      quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '#' || (c == ';' && i == 0))
      return line.substr(0, i);
  }
  return line;
}

static std::string unquoted(const std::string &value) {
  bool quoted = value.size() >= 2 && value[0] == value.back() &&
                (value[0] == '"' || value[0] == '\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

// The part of TOML and INI that options need: `name = value` lines, comments,
// and sections, whose names mean nothing here.
static Result<Arguments> readConfig(const std::string &path) {
  auto bytes = readFile(path, 1 << 20);
  if (!bytes)
    return Error{bytes.error().exit, "config_unreadable",
                 bytes.error().message};
  std::string text(bytes->begin(), bytes->end());
  Arguments options;
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    std::string line = trimmed(withoutComment(text.substr(at, end - at)));
    at = end + 1;
    ++number;
    if (line.empty() || (line[0] == '[' && line.back() == ']'))
      continue;
    auto bad = [&](const std::string &what) {
      return Error{kBadInput, "bad_config",
                   path + ":" + std::to_string(number) + ": " + what};
    };
    size_t equals = line.find('=');
    std::string name = trimmed(line.substr(0, equals));
    std::string value =
        equals == std::string::npos ? "true" : trimmed(line.substr(equals + 1));
    if (name.empty() || name.find_first_of(" \t\"'") != std::string::npos ||
        value.empty() || value[0] == '[' || value[0] == '{')
      return bad("\"" + line + "\" is not a line NAME = VALUE");
    if (name == "config")
      return bad("a configuration file cannot name another");
    options.push_back("--" + name + "=" + unquoted(value));
  }
  return options;
}

Result<Arguments> expandConfig(const Arguments &arguments,
                               CommandFiles *files) {
  Arguments fromFiles, rest;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string &argument = arguments[i];
    std::string file;
    if (argument == "--config" && i + 1 < arguments.size())
      file = arguments[++i];
    else if (argument.rfind("--config=", 0) == 0)
      file = argument.substr(9);
    else {
      rest.push_back(argument);
      continue;
    }
    if (files)
      files->reads("--config", file);
    auto options = readConfig(file);
    if (!options)
      return options.error();
    fromFiles.insert(fromFiles.end(), options->begin(), options->end());
  }
  auto first = std::find_if(rest.begin(), rest.end(), [](const auto &argument) {
    return argument.rfind("-", 0) == 0;
  });
  rest.insert(first, fromFiles.begin(), fromFiles.end());
  return rest;
}

// --- Parsing
// ------------------------------------------------------------------

static std::string unexpected(const CLI::App &app) {
  std::string word = app.remaining().front();
  if (word[0] != '-')
    return "unexpected argument \"" + word + "\"";
  std::vector<std::string> options;
  for (const CLI::Option *option : app.get_options())
    for (const std::string &name : option->get_lnames())
      options.push_back("--" + name);
  word = word.substr(0, word.find('='));
  std::string hint = nearest(word, options);
  return "unknown option " + word +
         (hint.empty() ? "" : "; did you mean " + hint + "?");
}

static int usageError(const CLI::App &app, const std::string &what) {
  reportError({kUsage, "usage", what});
  std::fprintf(stderr, "Try: %s --help\n", printable(app.get_name()).c_str());
  return kUsage;
}

std::optional<int> parseCommandLine(CLI::App &app, const Arguments &arguments,
                                    CommandFiles *files) {
  auto expanded = expandConfig(arguments, files);
  if (!expanded)
    return reportError(expanded.error());
  try {
    app.parse(*expanded);
    return std::nullopt;
  } catch (const CLI::Success &e) { // --help, --version
    std::fputs(e.what(), stdout);
    return finishOutput(kOk);
  } catch (const CLI::ExtrasError &) {
    return usageError(app, unexpected(app));
  } catch (const CLI::ParseError &e) {
    return usageError(app, e.what());
  }
}

Status parseOptions(CLI::App &app, const Arguments &arguments,
                    CommandFiles *files) {
  auto expanded = expandConfig(arguments, files);
  if (!expanded)
    return expanded.error();
  std::string what;
  try {
    app.parse(*expanded);
    return ok;
  } catch (const CLI::Success &) {
    what = "--help is for programs";
  } catch (const CLI::ExtrasError &) {
    what = unexpected(app);
  } catch (const CLI::ParseError &e) {
    what = e.what();
  }
  return Error{kUsage, "usage", app.get_name() + ": " + what};
}

} // namespace gradmill::rt
