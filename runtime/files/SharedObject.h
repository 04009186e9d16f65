// Checks that a shared object is complete. The loader maps what the headers
// say, and touching a page after the end of the file ends the program with
// SIGBUS.
#pragma once

#include <string>

namespace gradmill::rt {

// What is wrong with the file, or "". A file that is no ELF file of this
// machine is left to dlopen, which reports it.
std::string sharedObjectProblem(const std::string &path);

} // namespace gradmill::rt
