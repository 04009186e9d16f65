// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 | FileCheck %s

// CHECK: ok layer:
func.func @layer(%x: tensor<?x5x7xf64>, %w: tensor<7xf64>, %b: tensor<7xf64>) -> tensor<?x5x7xf64> {
  %n = nn.normalize %x {axes = array<i64: -1>} : tensor<?x5x7xf64>
  %y = nn.add %n, %b : tensor<?x5x7xf64>, tensor<7xf64>
  return %y : tensor<?x5x7xf64>
}
// CHECK: ok instance:
func.func @instance(%x: tensor<?x3x4x5xf64>) -> tensor<?x3x4x5xf64> {
  %y = nn.normalize %x {axes = array<i64: 2, 3>, eps = 1.0e-3} : tensor<?x3x4x5xf64>
  return %y : tensor<?x3x4x5xf64>
}
// CHECK: ok group:
func.func @group(%x: tensor<?x2x3x4x2xf64>) -> tensor<?x2x3x4x2xf64> {
  %y = nn.normalize %x {axes = array<i64: 2, 3, 4>} : tensor<?x2x3x4x2xf64>
  return %y : tensor<?x2x3x4x2xf64>
}
// CHECK: ok channels:
func.func @channels(%x: tensor<?x9x1x2xf64>) -> tensor<?x9x1x2xf64> {
  %y = nn.normalize %x {axes = array<i64: 1, 2>} : tensor<?x9x1x2xf64>
  return %y : tensor<?x9x1x2xf64>
}
// CHECK: ok single_precision:
func.func @single_precision(%x: tensor<?x6x16xf32>) -> tensor<?x6x16xf32> {
  %y = nn.normalize %x {axes = array<i64: 2>} : tensor<?x6x16xf32>
  return %y : tensor<?x6x16xf32>
}
