// Converts between the two forms of a graph file with flatbuffers' own JSON
// reader and writer.
#pragma once

#include "compiler/import/Format.h"

namespace gradmill {

/// The text of graph.fbs.
extern const char *const kGraphSchema;

/// From JSON as flatc writes it (quoted or plain keys, comments) to the bytes
/// of a .gmg, which must still be verified. Errors: gmg_json, gmg_too_large.
std::optional<std::string> jsonToGmg(llvm::StringRef text, llvm::StringRef name,
                                     mlir::MLIRContext &context);

/// From verified bytes of a .gmg to strict JSON that `flatc --binary` accepts.
/// Arrays of numbers are wrapped to lines. None if flatbuffers cannot write it,
/// or if the text would be too large for jsonToGmg.
std::optional<std::string> gmgToJson(llvm::StringRef verifiedBytes);

} // namespace gradmill
