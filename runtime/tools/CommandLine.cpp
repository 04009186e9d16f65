#include "tools/CommandLine.h"

#include "report/Terminal.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <sstream>
#include <unistd.h>

namespace gradmill::rt {

int reportError(const Error &error) {
  Terminal terminal = Terminal::of(STDERR_FILENO);
  std::string label = "error[" + error.code + "]:";
  std::fprintf(stderr, "%s %s\n", colored(terminal, "31", label).c_str(),
               error.message.c_str());
  return error.exit;
}

int finishOutput(int code) {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout))
    return code;
  int failed =
      reportError({kIo, "write_failed", "cannot write standard output"});
  return code == kOk ? failed : code;
}

// Levenshtein distance.
static size_t distance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string nearest(const std::string &word,
                    const std::vector<std::string> &candidates) {
  std::string best;
  size_t limit = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string &candidate : candidates) {
    // The beginning of a word for the whole, or the reverse, is a likelier
    // mistake than any typo.
    bool prefix = (word.size() >= 3 && candidate.rfind(word, 0) == 0) ||
                  (candidate.size() >= 3 && word.rfind(candidate, 0) == 0);
    size_t far = prefix ? 0 : distance(word, candidate);
    if (far < limit && far < std::max(word.size(), candidate.size())) {
      limit = far;
      best = candidate;
    }
  }
  return best;
}

// --- Configuration files ----------------------------------------------------

static Result<Arguments> readConfig(const std::string &path) {
  // CLI11 would report a directory as an empty file.
  if (access(path.c_str(), R_OK) != 0)
    return Error{kIo, "config_unreadable",
                 path + ": cannot read: " + std::strerror(errno)};
  Arguments options;
  try {
    for (const CLI::ConfigItem &item : CLI::ConfigTOML().from_file(path)) {
      if (item.name == "++" || item.name == "--") // begin and end of a section
        continue;
      if (item.name == "config")
        return Error{kBadInput, "bad_config",
                     path + ": a configuration file cannot name another"};
      for (const std::string &value : item.inputs)
        options.push_back("--" + item.name + "=" + value);
    }
  } catch (const CLI::Error &e) {
    return Error{kBadInput, "bad_config", path + ": " + e.what()};
  }
  return options;
}

Result<Arguments> expandConfig(const Arguments &arguments) {
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

static void collectNames(const CLI::App &app, std::vector<std::string> &options,
                         std::vector<std::string> &commands) {
  for (const CLI::Option *option : app.get_options())
    for (const std::string &name : option->get_lnames())
      options.push_back("--" + name);
  for (const CLI::App *command :
       app.get_subcommands([](const CLI::App *) { return true; }))
    commands.push_back(command->get_name());
  for (const CLI::App *command : app.get_subcommands())
    collectNames(*command, options, commands);
}

static std::string unexpected(const CLI::App &app) {
  std::vector<std::string> extras = app.remaining(true), options, commands;
  if (extras.empty())
    return "unexpected argument";
  collectNames(app, options, commands);
  std::string word = extras.front();
  bool option = word.rfind("-", 0) == 0;
  word = option ? word.substr(0, word.find('=')) : word;
  std::string text = option             ? "unknown option " + word
                     : commands.empty() ? "unexpected argument \"" + word + "\""
                                        : "unknown command \"" + word + "\"";
  std::string hint = nearest(word, option ? options : commands);
  return hint.empty() ? text : text + "; did you mean " + hint + "?";
}

static int usageError(const CLI::App &app, const std::string &what) {
  reportError({kUsage, "usage", what});
  std::fprintf(stderr, "Try: %s --help\n", app.get_name().c_str());
  return kUsage;
}

// CLI11 puts two empty lines between groups; help shall fit the screen.
static std::string withoutGaps(std::string text) {
  for (size_t at; (at = text.find("\n\n\n")) != std::string::npos;)
    text.erase(at, 1);
  return text;
}

std::optional<int> parseCommandLine(CLI::App &app, const Arguments &arguments) {
  auto expanded = expandConfig(arguments);
  if (!expanded)
    return reportError(expanded.error());
  std::reverse(expanded->begin(), expanded->end()); // as CLI11 wants them
  try {
    app.parse(*expanded);
    return std::nullopt;
  } catch (const CLI::Success &e) { // --help, --version
    std::ostringstream text;
    app.exit(e, text, text);
    std::fputs(withoutGaps(text.str()).c_str(), stdout);
    return finishOutput(kOk);
  } catch (const CLI::ExtrasError &) {
    return usageError(app, unexpected(app));
  } catch (const CLI::ParseError &e) {
    return usageError(app, e.what());
  }
}

} // namespace gradmill::rt
