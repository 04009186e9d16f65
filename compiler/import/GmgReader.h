// Walks a verified FlatBuffer and builds the module. Two files: ReadGraph.cpp
// (functions, ops, values) and ReadAttributes.cpp (types, attributes, weights).
#pragma once

#include "compiler/import/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace gradmill {

/// The length of a table's `flatbuffers::Vector`, which is null when it is
/// empty.
template <typename T>
using TableVector = flatbuffers::Vector<flatbuffers::Offset<T>>;
template <typename T> size_t sizeOf(const flatbuffers::Vector<T> *vector) {
  return vector ? vector->size() : 0;
}

/// FlatBuffers 2.0's verifier does not check the alignment of a vector's 8-byte
/// numbers, so they are not read in place. Files and host are little-endian.
template <typename T>
T numberAt(const flatbuffers::Vector<T> &vector, size_t i) {
  T number;
  memcpy(&number, vector.Data() + i * sizeof(T), sizeof(T));
  return number;
}
template <typename T>
bool allNumbers(const flatbuffers::Vector<T> *vector,
                llvm::function_ref<bool(T)> isGood) {
  for (size_t i = 0; i < sizeOf(vector); ++i)
    if (!isGood(numberAt(*vector, i)))
      return false;
  return true;
}

class GmgReader {
public:
  GmgReader(const schema::Graph &graph, size_t fileBytes, llvm::StringRef file,
            mlir::MLIRContext *context, const ImportOptions &options)
      : graph(graph), file(file), context(context), options(options),
        where(opNumberLocation(context, file, 0)),
        budget(fileBytes * 16 + (size_t(1) << 20)) {}

  mlir::OwningOpRef<mlir::ModuleOp> read();

private:
  // ReadGraph.cpp
  mlir::LogicalResult readFunction(const schema::Function &function);
  mlir::LogicalResult readBody(const schema::Block &block,
                               mlir::func::FuncOp function);
  mlir::Operation *readOp(const schema::Op &op);
  llvm::StringRef pluginOf(llvm::StringRef op);
  void reportPlugin(llvm::StringRef op);
  mlir::LogicalResult checkName(const schema::Op &op, mlir::OperationName name);
  uint32_t newestVersion(llvm::StringRef op) const;
  mlir::LogicalResult upgrade(uint32_t from, mlir::OperationState &state);
  mlir::LogicalResult
  readPorts(const TableVector<schema::Port> *ports, const char *what,
            llvm::SmallVectorImpl<mlir::Type> &types,
            llvm::SmallVectorImpl<mlir::DictionaryAttr> &attributes,
            llvm::SmallVectorImpl<mlir::Location> &locations);
  mlir::LogicalResult checkInherent(mlir::OperationName name,
                                    mlir::NamedAttrList &attributes);
  mlir::Location locationOf(const schema::Location *location,
                            mlir::Location otherwise);

  // ReadAttributes.cpp; all null or failure after an error at `where`
  mlir::RankedTensorType readValueType(const schema::Type &type);
  mlir::Type readType(const schema::Type &type);
  mlir::Attribute readAttribute(const schema::Attribute &attribute,
                                unsigned depth);
  mlir::LogicalResult
  readAttributes(const TableVector<schema::Attribute> *entries,
                 mlir::NamedAttrList &out, unsigned depth = 0);
  mlir::Attribute readInt(const schema::IntAttr &attribute);
  mlir::Attribute readFloat(const schema::FloatAttr &attribute);
  mlir::Attribute readInts(const schema::IntsAttr &attribute);
  mlir::Attribute readFloats(const schema::FloatsAttr &attribute);
  mlir::Attribute readDense(const schema::DenseAttr &attribute);
  mlir::Attribute readDialectAttribute(const schema::DialectAttr &attribute);

  /// "[label] file: op#3 ('nn.relu'): " at the op's location.
  mlir::InFlightDiagnostic error(llvm::StringRef label);
  /// Copies cost; a small file may refer to one large vector many times.
  bool spend(size_t bytes);
  /// The text of a string; empty when absent or over budget.
  llvm::StringRef text(const flatbuffers::String *string);

  const schema::Graph &graph;
  std::string file;
  mlir::MLIRContext *context;
  const ImportOptions &options;
  mlir::Location where;
  std::string subject; // "op#3 ('nn.relu'): " or the function, for messages
  size_t budget;
  bool overBudget = false;
  size_t opNumber = 0; // counted through the file
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::SmallVector<mlir::Value> values; // of the function being read
  llvm::DenseMap<std::tuple<unsigned, mlir::Type, mlir::StringAttr>,
                 mlir::Attribute>
      dense;
};

} // namespace gradmill
