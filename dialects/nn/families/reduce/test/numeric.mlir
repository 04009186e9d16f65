// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 | FileCheck %s

// CHECK: ok channels:
func.func @channels(%x: tensor<?x5x3x4xf64>) -> tensor<?x3x4xf64> {
  %y = nn.reduce_sum %x {axes = array<i64: 1>} : tensor<?x5x3x4xf64>
  return %y : tensor<?x3x4xf64>
}
// CHECK: ok space:
func.func @space(%x: tensor<?x5x3x4xf64>) -> tensor<?x5xf64> {
  %y = nn.reduce_mean %x {axes = array<i64: 2, 3>} : tensor<?x5x3x4xf64>
  return %y : tensor<?x5xf64>
}
// CHECK: ok last:
func.func @last(%x: tensor<?x5x3xf64>) -> tensor<?x5x1xf64> {
  %y = nn.reduce_sum %x {axes = array<i64: -1>, keep_dims = true} : tensor<?x5x3xf64>
  return %y : tensor<?x5x1xf64>
}
// CHECK: ok outer:
func.func @outer(%x: tensor<?x5x3x4xf64>) -> tensor<?x1x3x1xf64> {
  %y = nn.reduce_max %x {axes = array<i64: 3, 1>, keep_dims = true} : tensor<?x5x3x4xf64>
  return %y : tensor<?x1x3x1xf64>
}
// CHECK: ok sample:
func.func @sample(%x: tensor<?x5x3xf64>) -> tensor<?xf64> {
  %y = nn.reduce_mean %x {axes = array<i64: 1, 2>} : tensor<?x5x3xf64>
  return %y : tensor<?xf64>
}
// CHECK: ok largest:
func.func @largest(%x: tensor<?x7xf64>) -> tensor<?xf64> {
  %y = nn.reduce_max %x {axes = array<i64: 1>} : tensor<?x7xf64>
  return %y : tensor<?xf64>
}
// CHECK: ok single_precision:
func.func @single_precision(%x: tensor<?x5x6x6xf32>) -> tensor<?x5x1x1xf32> {
  %y = nn.reduce_mean %x {axes = array<i64: 2, 3>, keep_dims = true} : tensor<?x5x6x6xf32>
  return %y : tensor<?x5x1x1xf32>
}
// Two equal maxima have half of the cotangent each.
// CHECK: ok ties:
func.func @ties(%x: tensor<?x1x4xf64>) -> tensor<?x4xf64> {
  %two = nn.broadcast %x {shape = array<i64: 0, 2, 4>} : tensor<?x1x4xf64>
  %y = nn.reduce_max %two {axes = array<i64: 1>} : tensor<?x2x4xf64>
  return %y : tensor<?x4xf64>
}
// Without a batch.
// CHECK: ok parameter:
func.func @parameter(%x: tensor<?x4xf64>, %w: tensor<3x4xf64>) -> tensor<?x4xf64> {
  %s = nn.reduce_mean %w {axes = array<i64: 0>} : tensor<3x4xf64>
  %y = nn.add %x, %s : tensor<?x4xf64>, tensor<4xf64>
  return %y : tensor<?x4xf64>
}
// To a number.
// CHECK: ok whole:
func.func @whole(%x: tensor<?x4xf64>, %w: tensor<3x4xf64>) -> tensor<?x4xf64> {
  %s = nn.reduce_sum %w {axes = array<i64: 1, 0>} : tensor<3x4xf64>
  %m = nn.reduce_max %w {axes = array<i64: 0, 1>} : tensor<3x4xf64>
  %a = nn.mul %x, %s : tensor<?x4xf64>, tensor<f64>
  %y = nn.add %a, %m : tensor<?x4xf64>, tensor<f64>
  return %y : tensor<?x4xf64>
}
