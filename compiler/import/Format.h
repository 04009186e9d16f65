// Code that readers and writers of graph files share: how files begin, their
// limits, and the map from the schema's element types to MLIR's.
#pragma once

#include "compiler/import/graph_generated.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "nn/NNDialect.h"
#include "nn/Registry.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace gradmill {

/// Whether a file begins as those of a format do.
bool isBytecode(llvm::StringRef bytes);
bool isGmg(llvm::StringRef bytes);
bool isJson(llvm::StringRef bytes);
bool isOnnx(llvm::StringRef bytes);
/// Whether text begins like a net's text, after comments.
bool looksLikeNet(llvm::StringRef text);

/// ".mlir (text), .mlirbc (bytecode), ..." for messages, of importers or exporters.
template <typename Formats>
std::string acceptedFormats(const Formats &formats) {
  std::string list;
  for (const auto &format : formats)
    list += (list.empty() ? "" : ", ") + format.extension + " (" + format.name + ")";
  return list;
}
/// The registry behind a context's nn dialect.
const Registry &registryBehind(mlir::MLIRContext *context);

/// Rises when a reader of the old version would misread a new file.
inline constexpr uint32_t kGmgVersion = 1;
/// FlatBuffers offsets have 31 bits; the rest is room for the graph itself.
inline constexpr uint64_t kMaxGmgBytes = (uint64_t(1) << 31) - 1;
inline constexpr uint64_t kMaxWeightBytes = kMaxGmgBytes - (uint64_t(1) << 27);
/// Parsing JSON takes up to some 40 times its size.
inline constexpr uint64_t kMaxJsonBytes = uint64_t(128) << 20;
/// How deep arrays and dictionaries may nest. FlatBuffers' own limit is 64
/// tables.
inline constexpr unsigned kMaxAttributeDepth = 12;
inline constexpr unsigned kMaxTableDepth = 64;
inline constexpr uint32_t kMaxTables = 4'000'000;
using nn::kMaxElements, nn::kMaxRank;
/// The limit of a dialect's attribute in its text form.
inline constexpr size_t kMaxAttributeText = 4096;
inline constexpr size_t kWeightAlignment = 64;

/// No type for None and for values that this version does not know.
mlir::Type elementToMlir(schema::ElementType element,
                         mlir::MLIRContext *context);
/// None if the schema has no such element.
schema::ElementType elementFromMlir(mlir::Type type);
/// Bytes of one element in a buffer; 0 if it cannot be an element of a dense
/// tensor.
size_t elementBytes(schema::ElementType element);
/// The element types that values of a graph may have.
bool isValueElement(schema::ElementType element);

/// Whether `name` is "dialect.op" in the letters of MLIR's identifiers.
bool isOpName(llvm::StringRef name);

/// Starts the error "[label] file: ", for a place that has no better location.
mlir::InFlightDiagnostic fileError(mlir::MLIRContext *context,
                                   llvm::StringRef file, llvm::StringRef label);

/// The location of an op without a known origin, "file.gmg:op#N". The exporter
/// leaves it out again.
mlir::Location opNumberLocation(mlir::MLIRContext *context,
                                llvm::StringRef file, size_t number);
bool isOpNumberLocation(mlir::Location location);
/// The plain form of a location: file, line and column, or a name, or both; all
/// printable.
mlir::Location plainLocation(mlir::Location location);

} // namespace gradmill
