// Images as text, for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

// One text line for every two rows of a grey image [height, width]: characters
// are about twice as high as wide. 0 is blank.
std::vector<std::string> asciiArt(const uint8_t *image, int height, int width);

} // namespace gradmill::rt
