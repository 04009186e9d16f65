// RUN: gradmill-numeric %s --batch=13 | FileCheck %s

// Drawn numbers are never within a finite difference of the kink at 0.
// CHECK: ok relu:
func.func @relu(%x: tensor<?x5x3x2xf64>) -> tensor<?x5x3x2xf64> {
  %y = nn.relu %x : tensor<?x5x3x2xf64>
  return %y : tensor<?x5x3x2xf64>
}

// CHECK: ok single_precision:
func.func @single_precision(%x: tensor<?x33xf32>) -> tensor<?x33xf32> {
  %y = nn.relu %x : tensor<?x33xf32>
  return %y : tensor<?x33xf32>
}

// A residual connection: two cotangents meet in one sum.
// CHECK: ok residual:
func.func @residual(%x: tensor<?x3x4x4xf64>, %w: tensor<3x3x3x3xf64>) -> tensor<?x3x4x4xf64> {
  %c = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<?x3x4x4xf64>, tensor<3x3x3x3xf64>
  %a = nn.relu %c : tensor<?x3x4x4xf64>
  %y = nn.add %a, %x : tensor<?x3x4x4xf64>
  return %y : tensor<?x3x4x4xf64>
}
