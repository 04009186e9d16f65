// JSON as another library reads and writes it, for tests.
#pragma once

#include <nlohmann/json.hpp>

namespace gradmill::rt {
using Nlohmann = nlohmann::json;
}
