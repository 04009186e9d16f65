// What is known of each kernel when it is lowered, for `compile --report`, the
// manifest and `bench --per-op`; and which call of the artifact belongs to
// which kernel.
#pragma once
#include "compiler/vector/Kernel.h"

namespace gradmill {

/// On an entry function: an array with one `#nn.kernel_report` per kernel, in
/// order.
inline constexpr llvm::StringLiteral kKernelsAttr = "nn.kernels";

/// On an op of a merged loop, and on a call of a kernel's function: the
/// kernel's number in the entry.
inline constexpr llvm::StringLiteral kOfAttr = "nn.of";
/// On the function of a kernel.
inline constexpr llvm::StringLiteral kKernelAttr = "nn.kernel";

/// What is known of the kernels of an entry, in order; none before they are
/// lowered.
llvm::SmallVector<nn::KernelReportAttr> reportsOf(mlir::func::FuncOp entry);

/// The kernels whose work a parallel loop of an entry does.
llvm::ArrayRef<int64_t> kernelsOf(mlir::scf::ForallOp loop);
/// Call this when the loop `into` takes over the tasks of `from`: it then runs
/// the kernels of both.
void joinKernels(mlir::scf::ForallOp into, mlir::scf::ForallOp from);

/// Names of layers, by the graph's line.
using LayerNames = llvm::DenseMap<mlir::Location, std::string>;
/// Call this once, before any entry is lowered: ops derived from a layer
/// (adjoints, parts of a batch norm) have its location.
LayerNames namesOfLayers(mlir::ModuleOp module);

class KernelReport {
public:
  KernelReport(const LayerNames &layers, TargetShape target)
      : target(target), layers(layers) {}

  /// Enters the kernel made of `ops`. `stored` are the values that it writes to
  /// memory, `registers` is the number that its schedule counts on.
  void add(llvm::ArrayRef<mlir::Operation *> ops,
           llvm::ArrayRef<mlir::Value> stored, const nn::KernelRemarks &remarks,
           int64_t registers, mlir::Block &lowered);
  /// Enters a copy of a tensor of this type to a parameter or an output.
  void addCopy(llvm::StringRef destination, mlir::Type type,
               mlir::Block &lowered);

  mlir::ArrayAttr kernels(mlir::Builder &builder) const {
    return builder.getArrayAttr(entries);
  }

  /// The number of kernels so far, which is the number of the next one.
  int64_t size() const { return entries.size(); }

private:
  std::string label(mlir::Operation *op) const;
  std::string nameOf(llvm::ArrayRef<mlir::Operation *> ops) const;
  void claim(mlir::Block &lowered);

  TargetShape target;
  const LayerNames &layers;
  llvm::SmallVector<mlir::Attribute> entries;
  mlir::Operation *last =
      nullptr; // of the lowered function: later ops are new
};

} // namespace gradmill
