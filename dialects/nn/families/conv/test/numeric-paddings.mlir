// RUN: gradmill-numeric %s --batch=1 --samples=4 | FileCheck %s
// RUN: gradmill-numeric %s --batch=7 --samples=4 --exact-conv | FileCheck %s

// Padding that differs from side to side, backward in the channels layout.
// CHECK: ok paddings3:
func.func @paddings3(%x: tensor<?x16x6x5xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<?x32x6x4xf32> {
  %y = nn.conv2d %x, %w {padding = array<i64: 2, 0, 0, 1>} : tensor<?x16x6x5xf32>, tensor<32x16x3x3xf32>
  return %y : tensor<?x32x6x4xf32>
}
// CHECK: ok paddings4:
func.func @paddings4(%x: tensor<?x16x9x12xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<?x32x9x12xf32> {
  %y = nn.conv2d %x, %w {padding = array<i64: 0, 2, 2, 0>} : tensor<?x16x9x12xf32>, tensor<32x16x3x3xf32>
  return %y : tensor<?x32x9x12xf32>
}
// CHECK: ok paddings5:
func.func @paddings5(%x: tensor<?x16x9x12xf32>, %w: tensor<32x16x5x3xf32>) -> tensor<?x32x10x13xf32> {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 0, 4, 3>} : tensor<?x16x9x12xf32>, tensor<32x16x5x3xf32>
  return %y : tensor<?x32x10x13xf32>
}
