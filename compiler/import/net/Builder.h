// Turns the tree of a net's text into a module, line by line.
#pragma once

#include "Values.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace gradmill::net {

/// The most items that are built; repetitions and blocks count each time.
inline constexpr unsigned kMaxSteps = 100'000;
/// How deep items may nest while building, through blocks.
inline constexpr unsigned kMaxNesting = 512;

class GraphBuilder {
public:
  GraphBuilder(const File &file, const File &library, const Places &places);

  /// requires: settings, which the text's `let` lines must have.
  mlir::OwningOpRef<mlir::ModuleOp>
  build(llvm::ArrayRef<std::pair<std::string, std::string>> settings);

private:
  using MaybeValue = llvm::FailureOr<mlir::Value>;

  //===-- Lines (BuildGraph.cpp) ---------------------------------------------===//
  mlir::LogicalResult applySettings(
      llvm::ArrayRef<std::pair<std::string, std::string>> settings);
  mlir::LogicalResult buildMain();
  mlir::LogicalResult buildLoss();
  mlir::LogicalResult buildInput(const Input &input, mlir::func::FuncOp func,
                                 bool isLoss);
  llvm::FailureOr<mlir::RankedTensorType> typeOf(const TensorType &type,
                                                 Place place);
  mlir::LogicalResult buildLines(llvm::ArrayRef<Line> lines, Frame &frame,
                                 bool isFunction);
  mlir::LogicalResult buildOutput(const Line &line, Frame &frame);
  /// The scope outside of blocks, which sees only settings.
  Frame top() { return {&settings, nullptr, nullptr, std::nullopt}; }
  mlir::func::FuncOp beginFunction(llvm::StringRef name, Place place);
  mlir::LogicalResult finishFunction(mlir::func::FuncOp func, Place place);
  mlir::LogicalResult define(llvm::StringRef name, Thing value, Place place,
                             Frame &frame);

  //===-- Items (BuildItem.cpp) ----------------------------------------------===//
  MaybeValue buildItem(const Item &item, const Frame &frame);
  MaybeValue buildUnlabelled(const Item &item, const Frame &frame,
                             const std::string &label);
  MaybeValue buildName(const Item &item, const Frame &frame,
                       const std::string &label);
  MaybeValue buildRepeat(const Item &item, const Frame &frame);
  MaybeValue buildBinary(const Item &item, const Frame &frame,
                         const std::string &label);
  llvm::FailureOr<Thing> buildOperand(const Item &item, const Frame &frame);
  MaybeValue buildNumber(double number, Place place, mlir::Type element,
                         const Frame &frame);

  //===-- Layers (BuildLayer.cpp) ---------------------------------------------===//
  struct Given { // an argument and its value
    Place place;
    std::string name;
    Thing value;
  };
  MaybeValue buildCall(const Item &item, const Frame &frame,
                       const std::string &label);
  llvm::FailureOr<std::vector<Given>>
  evaluateArguments(const Item &item, const Frame &frame, std::string &shared);
  MaybeValue buildBlock(const Block &block, const Item &item,
                        std::vector<Given> given, const Frame &frame,
                        const std::string &label, const std::string &shared);
  MaybeValue buildParameter(const Item &item, std::vector<Given> given,
                            const Frame &frame, const std::string &label);
  MaybeValue buildConstant(const Item &item, std::vector<Given> given,
                           const Frame &frame);
  MaybeValue buildLayer(mlir::OperationName op, const Item &item,
                        std::vector<Given> given, const Frame &frame,
                        const std::string &label, const std::string &shared);
  MaybeValue createOp(mlir::OperationName op, Place place, const Frame &frame,
                      mlir::ValueRange operands,
                      const mlir::NamedAttrList &attributes,
                      llvm::ArrayRef<std::string> repeatable);
  void nameOp(mlir::Value made, const std::string &name, const Frame &frame);
  MaybeValue createParameter(const std::string &name,
                             mlir::RankedTensorType type, mlir::Attribute init,
                             int64_t fanIn, bool isBuffer, bool isSharing,
                             Place place, const Frame &frame);
  llvm::FailureOr<mlir::RankedTensorType>
  literalType(const std::vector<Given> &given, mlir::Attribute shape,
              Place place, const Frame &frame);
  std::string nameLayer(const std::string &label, llvm::StringRef stem,
                        Naming &naming);
  mlir::OperationName *findOp(llvm::StringRef name);
  const Block *findBlock(llvm::StringRef name) const;
  mlir::InFlightDiagnostic unknownLayer(const Item &item, const Frame &frame);
  bool countStep(Place place, const Frame &frame);

  const File &file, &library;
  const Places &places;
  mlir::MLIRContext &context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::OpBuilder builder;
  Scope settings;
  llvm::StringMap<std::pair<std::string, bool>> overrides; // by --set; used?
  llvm::StringMap<std::optional<mlir::OperationName>> ops;
  llvm::StringMap<mlir::Value> parameters;
  std::vector<const Block *> active; // blocks inside each other
  struct Output {
    std::string name;
    mlir::Value value;
    bool isShare;
  };
  std::vector<Output> outputs;
  llvm::StringMap<mlir::RankedTensorType> outputTypes; // of the graph
  unsigned steps = 0, nesting = 0;
};

} // namespace gradmill::net
