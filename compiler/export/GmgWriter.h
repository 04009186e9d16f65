// Builds a FlatBuffer from a module. Two files: WriteGraph.cpp (functions, ops,
// values) and WriteAttributes.cpp (types, attributes, weights).
//
// maintains: the order of writing depends on the module alone, and so do the
// bytes.
#pragma once

#include "compiler/export/Export.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

namespace gradmill {

class GmgWriter {
public:
  explicit GmgWriter(const ExportOptions &options) : options(options) {}
  /// None after an error.
  std::optional<std::string> write(mlir::ModuleOp module);

private:
  template <typename T> using Offset = flatbuffers::Offset<T>;
  template <typename T> using Offsets = Offset<flatbuffers::Vector<Offset<T>>>;

  // WriteGraph.cpp. A failure sets `failed`, and an empty offset continues.
  Offset<schema::Function> writeFunction(mlir::func::FuncOp function);
  Offset<schema::Block> writeBody(mlir::Block &block);
  Offset<schema::Op> writeOp(mlir::Operation *op);
  Offset<schema::Port> writePort(mlir::Type type,
                                 mlir::DictionaryAttr attributes,
                                 std::optional<mlir::Location> location);
  Offset<schema::Location> writeLocation(mlir::Location location);
  Offsets<schema::Plugin> writePlugins();
  void notePlugin(mlir::Operation *op);

  // WriteAttributes.cpp
  Offset<schema::Type> writeType(mlir::Type type);
  Offset<schema::Type> writeValueType(mlir::Type type);
  Offset<schema::Attribute> writeAttribute(llvm::StringRef name,
                                           mlir::Attribute value,
                                           unsigned depth = 0);
  Offsets<schema::Attribute>
  writeAttributes(llvm::ArrayRef<mlir::NamedAttribute> entries,
                  unsigned depth = 0);
  void collectBuffers(mlir::ModuleOp module);
  void addBuffer(mlir::Attribute attribute);
  Offset<schema::DenseAttr> writeDense(mlir::Attribute attribute);

  /// "[gmg_unsupported] a graph file cannot hold ..." at the op at hand.
  mlir::InFlightDiagnostic unsupported();
  template <typename T> Offsets<T> vector(llvm::ArrayRef<Offset<T>> offsets) {
    return offsets.empty() || failed
               ? 0
               : builder.CreateVector(offsets.data(), offsets.size());
  }
  Offset<flatbuffers::String> string(llvm::StringRef text) {
    return builder.CreateString(text.data(), text.size());
  }

  const ExportOptions &options;
  flatbuffers::FlatBufferBuilder builder;
  bool failed = false;
  mlir::Operation *current = nullptr; // for messages
  llvm::DenseMap<mlir::Value, uint32_t> values;
  llvm::MapVector<mlir::Attribute, Offset<schema::Buffer>> buffers;
  uint64_t weightBytes = 0;
  // Values that many ops share are written once.
  llvm::DenseMap<mlir::Type, Offset<schema::Type>> types;
  llvm::DenseMap<mlir::Location, Offset<schema::Location>> locations;
  llvm::MapVector<mlir::StringAttr, llvm::SetVector<mlir::StringAttr>> plugins;
};

} // namespace gradmill
