// The linear maps of Winograd's convolutions, on values of any float type.
//
// The points are 0, 1, -1 and infinity for m = 2, and 0, +-5/8, +-3/2 and
// infinity for m = 4. The usual +-1, +-2 have an error 2.3 times as large
// (README.md). 1/sqrt(2) and sqrt(2) are as good as these points, but are no
// short binary fractions.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// The values of one row or column.
using Line = llvm::SmallVector<mlir::Value, 6>;

/// A one-dimensional transform of values, applied to the columns and then to
/// the rows of a matrix [rows][columns].
llvm::SmallVector<mlir::Value>
transformBoth(llvm::ArrayRef<mlir::Value> x, int64_t rows, int64_t columns,
              llvm::function_ref<Line(llvm::ArrayRef<mlir::Value>)> transform);

/// In one dimension, for m = `outputs` and n = m + 2 points.
///
/// For m = 4 a line may be short: 4 pixels to 2 outputs, F(2, 3), with the
/// points 0, +-5/8 and infinity. The filter's transform at these points is that
/// of F(4, 3), so borders need no filters of their own. The factors between the
/// two are in the input's transform.
class WinogradTransforms {
public:
  WinogradTransforms(Emitter &e, int64_t outputs) : e(e), m(outputs) {}

  /// The number of factors, and where a kernel keeps them as vectors: a buffer
  /// `[task][factor]` that it fills once per task or group of images. After
  /// `load`, until the next one, transforms of this vector type take the
  /// factors from there. As constants they would be hoisted out of all loops
  /// and occupy registers that the products between the transforms need.
  static constexpr int64_t kFactors = 10;
  void storeFactors(mlir::Value buffer, mlir::Value task);
  void loadFactors(mlir::Value buffer, mlir::Value task);

  /// Which of the n points a line has.
  llvm::ArrayRef<int64_t> points(bool isShort) const;

  /// B' d: n pixels to n points.
  Line input(llvm::ArrayRef<mlir::Value> d);
  /// G g: 3 weights to n.
  Line filter(llvm::ArrayRef<mlir::Value> g);
  /// A' M: n points to m outputs.
  Line output(llvm::ArrayRef<mlir::Value> x);

  // F(3, m): the weights are the outputs, and m cotangents are the filter.
  /// m cotangents to n; for m = 2 times 2.
  Line cotangent(llvm::ArrayRef<mlir::Value> g);
  /// n points to 3 weights, of such cotangents.
  Line weights(llvm::ArrayRef<mlir::Value> x);

private:
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value scaled(double c, mlir::Value x);
  mlir::Value fma(double c, mlir::Value x, mlir::Value y);
  mlir::Value factor(mlir::Type type, double c);

  Emitter &e;
  int64_t m;
  llvm::SmallVector<mlir::Value> loaded; // of kFactors
};

/// 3 x 3 filters to their n x n points, in double precision, which costs
/// nothing here and rounds a weight once. In loops, because each kernel
/// contains this code; unrolled, it was a tenth of the code of mnist's net.
class FilterTransform {
public:
  /// For filters of `tasks` tasks at a time; of type `many`, several filters'
  /// weights are transformed at once.
  FilterTransform(KernelBuilder &k, WinogradTransforms &transforms,
                  int64_t tasks, mlir::VectorType many = {});
  void emit(
      mlir::Value task,
      llvm::function_ref<mlir::Value(mlir::Value row, mlir::Value column)>
          weight,
      llvm::function_ref<void(mlir::Value point, mlir::Value)> store);

private:
  KernelBuilder &k;
  WinogradTransforms &transforms;
  int64_t n;
  mlir::Value columns; // [task][point of a column, column]
};

} // namespace gradmill::nn
