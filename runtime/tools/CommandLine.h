// Common code for the command line of every gradmill program: configuration
// files, hints for misspelt words, one way to report errors, the documented
// exit codes.
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

// Replaces `--config FILE` by the options in the TOML or INI file. They go
// before the first option of the command line, so that the command line wins.
// Errors: config_unreadable, bad_config. `files` is told of the file.
Result<Arguments> expandConfig(const Arguments &arguments,
                               CommandFiles *files = nullptr);

// Expands and parses. Returns nothing if the program shall continue, otherwise
// its exit status: 0 after --help, 2 after a usage error that has been printed.
std::optional<int> parseCommandLine(CLI::App &app, const Arguments &arguments,
                                    CommandFiles *files = nullptr);

// The same for a host: nothing is printed, and --help is an error, too.
Status parseOptions(CLI::App &app, const Arguments &arguments,
                    CommandFiles *files = nullptr);

// Prints "error[code]: message" to stderr; returns the exit status.
int reportError(const Error &error);

// Ends a program that cannot return to main: prints, removes unfinished files
// and exits. main() installs the first two as the handlers for a lack of memory
// and for exceptions on other threads.
[[noreturn]] void endOutOfMemory();
[[noreturn]] void endByException();
[[noreturn]] void endWithError(ExitCode exit, const char *code,
                               const char *message);

// `code`, unless standard output could not be written: then 4.
int finishOutput(int code);

} // namespace gradmill::rt
