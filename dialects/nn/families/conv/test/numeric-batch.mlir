// RUN: gradmill-numeric %s --batch=13 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s

// A batch that no vector width divides, and a single image.

// CHECK: ok odd_batch:
func.func @odd_batch(%x: tensor<?x3x7x6xf32>, %w: tensor<17x3x3x3xf32>, %b: tensor<17xf32>) -> tensor<?x17x5x4xf32> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x3x7x6xf32>, tensor<17x3x3x3xf32>, tensor<17xf32>
  return %y : tensor<?x17x5x4xf32>
}

// CHECK: ok odd_batch_strided:
func.func @odd_batch_strided(%x: tensor<?x2x8x7xf64>, %w: tensor<3x2x2x3xf64>) -> tensor<?x3x5x7xf64> {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 1>} : tensor<?x2x8x7xf64>, tensor<3x2x2x3xf64>
  return %y : tensor<?x3x5x7xf64>
}

// CHECK: ok odd_batch_transposed:
func.func @odd_batch_transposed(%x: tensor<?x3x5x4xf32>, %w: tensor<3x7x2x2xf32>, %b: tensor<7xf32>) -> tensor<?x7x10x8xf32> {
  %y = nn.conv_transpose2d %x, %w bias %b {stride = array<i64: 2, 2>} : tensor<?x3x5x4xf32>, tensor<3x7x2x2xf32>, tensor<7xf32>
  return %y : tensor<?x7x10x8xf32>
}
