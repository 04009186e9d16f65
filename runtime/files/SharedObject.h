// Whether a shared object is all there. The loader maps what the headers say;
// touching a page behind the end of the file ends the program with SIGBUS.
#pragma once

#include <string>

namespace gradmill::rt {

// What is wrong with the file, or "". What is no ELF file of this machine at
// all is left to dlopen, which says so.
std::string sharedObjectProblem(const std::string &path);

} // namespace gradmill::rt
