// What every gradmill program does with its command line: configuration files,
// typo suggestions, one way to report errors, the documented exit codes.
#pragma once

#include "core/Error.h"
#include "core/Nearest.h"

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
Result<Arguments> expandConfig(const Arguments &arguments);

// Expands and parses. Returns nothing if the program shall go on, else its exit
// status: 0 after --help, 2 after a usage error that has been printed.
std::optional<int> parseCommandLine(CLI::App &app, const Arguments &arguments);

// Prints "error[code]: message" to stderr; returns the exit status.
int reportError(const Error &error);

// `code`, unless standard output could not be written: then 4.
int finishOutput(int code);

} // namespace gradmill::rt
