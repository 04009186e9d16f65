// RUN: gradmill-numeric %s --batch=16 --samples=10 | FileCheck %s
// RUN: gradmill-numeric %s --batch=5 --samples=10 --no-fuse --no-gradient | FileCheck %s

// Odd but legal graphs, forward and backward.

// An argument returned as it is: copied.
// CHECK: ok identity:
func.func @identity(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}

// One value in two outputs.
// CHECK: ok twice:
func.func @twice(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %y = nn.relu %x : tensor<?x4xf32>
  return %y, %y : tensor<?x4xf32>, tensor<?x4xf32>
}

// A constant beside an argument, both dense.
// CHECK: ok constant:
func.func @constant(%x: tensor<16x4xf64>) -> tensor<16x4xf64> {
  %c = nn.constant dense<2.0> : tensor<16x4xf64>
  %y = nn.add %x, %c : tensor<16x4xf64>
  return %y : tensor<16x4xf64>
}

// The same operand twice, and again: cotangents add up.
// CHECK: ok self:
func.func @self(%x: tensor<?x4x2x2xf64>) -> tensor<?x4x2x2xf64> {
  %y = nn.add %x, %x : tensor<?x4x2x2xf64>
  %z = nn.add %y, %x : tensor<?x4x2x2xf64>
  return %z : tensor<?x4x2x2xf64>
}

// A filter used twice, and a residual connection over it.
// CHECK: ok shared:
func.func @shared(%x: tensor<?x3x4x4xf64>, %w: tensor<3x3x3x3xf64>) -> tensor<?x3x4x4xf64> {
  %a = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<?x3x4x4xf64>, tensor<3x3x3x3xf64>
  %b = nn.relu %a : tensor<?x3x4x4xf64>
  %c = nn.conv2d %b, %w {padding = array<i64: 1, 1>} : tensor<?x3x4x4xf64>, tensor<3x3x3x3xf64>
  %d = nn.add %c, %b : tensor<?x3x4x4xf64>
  return %d : tensor<?x3x4x4xf64>
}
