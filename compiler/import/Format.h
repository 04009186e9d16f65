// Code that readers and writers of graph files share: the formats, their
// limits, and the map from the schema's element types to MLIR's.
#pragma once

#include "compiler/import/graph_generated.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "nn/NNDialect.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace gradmill {

enum class GraphFormat { Net, Mlir, Bytecode, Gmg, Json, Onnx };

/// All that is known of a format besides its reader (Import.cpp) and its writer
/// (Export.cpp).
struct FormatInfo {
  GraphFormat format;
  llvm::StringLiteral extension; // ".mlir"
  llvm::StringLiteral name;      // "MLIR text"
  /// Whether a file begins as those of the format do. Null: it is text.
  bool (*isBegin)(llvm::StringRef bytes) = nullptr;
};
/// A row for each format.
llvm::ArrayRef<FormatInfo> graphFormats();

/// The format that a path's extension stands for.
std::optional<GraphFormat> formatOfPath(llvm::StringRef path);
/// The format that a file's first bytes show; none for text.
std::optional<GraphFormat> formatOfBytes(llvm::StringRef bytes);
/// Whether text begins like a net's text, after comments.
bool looksLikeNet(llvm::StringRef text);
/// ".mlir (text), .mlirbc (bytecode), ..." for messages.
std::string acceptedFormats();
/// "MLIR text (.mlir)"
std::string nameOf(GraphFormat format);

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
