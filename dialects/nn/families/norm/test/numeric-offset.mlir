// RUN: gradmill-numeric %s --batch=13 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=141 --no-gradient | FileCheck %s

// Values whose mean is one or ten million times their deviation, in single precision: the references see the same, rounded,
// in double. What is lost must be no more than the rounding of what goes in and out.

// The variance, as 1/sqrt(var + eps) and in the running one. From the means of the parts in single precision it
// would be wrong by 1 %.
// CHECK: ok stats:
func.func @stats(%x: tensor<?x3x5x4xf32> {nn.offset = 1.0e7}, %m: tensor<3xf32>, %v: tensor<3xf32> {nn.positive}) -> (tensor<3xf32>, tensor<3xf32>) {
  %s:4 = nn.batch_stats %x, %m, %v {eps = 1.0e-5, momentum = 0.1} : tensor<?x3x5x4xf32>
  return %s#1, %s#3 : tensor<3xf32>, tensor<3xf32>
}

// CHECK: ok sums:
func.func @sums(%dy: tensor<?x3x5x4xf32>, %x: tensor<?x3x5x4xf32> {nn.offset = 1.0e6}, %mean: tensor<3xf32> {nn.offset = 1.0e6}, %rstd: tensor<3xf32> {nn.positive}) -> (tensor<3xf32>, tensor<3xf32>) {
  %s:2 = nn.batch_norm_backward_sums %dy, %x, %mean, %rstd : tensor<?x3x5x4xf32>, tensor<?x3x5x4xf32>, tensor<3xf32>, tensor<3xf32>
  return %s#0, %s#1 : tensor<3xf32>, tensor<3xf32>
}

// As a*dy + b*x + c with -b*mean in a rounded c it would be wrong by several units of the fourth digit.
// CHECK: ok input:
func.func @input(%dy: tensor<?x3x5x4xf32>, %x: tensor<?x3x5x4xf32> {nn.offset = 1.0e6}, %mean: tensor<3xf32> {nn.offset = 1.0e6}, %rstd: tensor<3xf32> {nn.positive}, %w: tensor<3xf32>, %dw: tensor<3xf32> {nn.offset = 5.0e2}, %db: tensor<3xf32>) -> tensor<?x3x5x4xf32> {
  %dx = nn.batch_norm_backward_input %dy, %x, %mean, %rstd, %w, %dw, %db : tensor<?x3x5x4xf32>, tensor<?x3x5x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  return %dx : tensor<?x3x5x4xf32>
}
