// What every gradmill program does with its command line: configuration files,
// typo suggestions, one way to report errors, the documented exit codes.
#pragma once

#include "core/Error.h"
#include "core/Nearest.h"
#include "files/CommandFiles.h"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gradmill::rt {

using Arguments = std::vector<std::string>; // without the program's name

// Replaces `--config FILE` by the options that the TOML or INI file holds, put
// before the first option of the command line, so that the latter wins.
// Errors: config_unreadable, bad_config.
// `files` is told of the file.
Result<Arguments> expandConfig(const Arguments &arguments,
                               CommandFiles *files = nullptr);

// Expands and parses. Returns nothing if the program shall go on, else its exit
// status: 0 after --help, 2 after a usage error that has been printed.
std::optional<int> parseCommandLine(CLI::App &app, const Arguments &arguments,
                                    CommandFiles *files = nullptr);

// The same for a host: nothing is printed, and --help is an error, too.
Status parseOptions(CLI::App &app, const Arguments &arguments,
                    CommandFiles *files = nullptr);

// Prints "error[code]: message" to stderr; returns the exit status.
int reportError(const Error &error);

// How a program ends that cannot return to main: it prints, removes unfinished
// files and exits. The first two are what main() makes the handlers for a lack
// of memory and for exceptions on other threads.
[[noreturn]] void endOutOfMemory();
[[noreturn]] void endByException();
[[noreturn]] void endWithError(ExitCode exit, const char *code,
                               const char *message);

// `code`, unless standard output could not be written: then 4.
int finishOutput(int code);

} // namespace gradmill::rt
