// What a value of an option may be: checks that commands share.
#pragma once

#include "tools/OptionParser.h"

namespace gradmill::rt {

CLI::Validator numberIn(double min, double max);
CLI::Validator anySeed(); // 0..2^63-1
CLI::Validator oneOf(std::vector<std::string> allowed);

} // namespace gradmill::rt
