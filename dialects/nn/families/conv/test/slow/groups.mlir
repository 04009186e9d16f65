// RUN: gradmill-numeric %s --batch=16 --samples=24 | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --samples=8 | FileCheck %s

// Groups, up to one channel each (depthwise), with and without several filters a group.

// CHECK: ok groups_2:
func.func @groups_2(%x: tensor<?x6x6x5xf64>, %w: tensor<4x3x3x3xf64>, %b: tensor<4xf64>) -> tensor<?x4x4x3xf64> {
  %y = nn.conv2d %x, %w bias %b {groups = 2 : i64} : tensor<?x6x6x5xf64>, tensor<4x3x3x3xf64>, tensor<4xf64>
  return %y : tensor<?x4x4x3xf64>
}

// CHECK: ok groups_3_pointwise:
func.func @groups_3_pointwise(%x: tensor<?x9x4x4xf32>, %w: tensor<6x3x1x1xf32>) -> tensor<?x6x4x4xf32> {
  %y = nn.conv2d %x, %w {groups = 3 : i64} : tensor<?x9x4x4xf32>, tensor<6x3x1x1xf32>
  return %y : tensor<?x6x4x4xf32>
}

// CHECK: ok depthwise:
func.func @depthwise(%x: tensor<?x7x6x6xf64>, %w: tensor<7x1x3x3xf64>) -> tensor<?x7x6x6xf64> {
  %y = nn.conv2d %x, %w {groups = 7 : i64, padding = array<i64: 1, 1>} : tensor<?x7x6x6xf64>, tensor<7x1x3x3xf64>
  return %y : tensor<?x7x6x6xf64>
}

// CHECK: ok depthwise_multiplier_2:
func.func @depthwise_multiplier_2(%x: tensor<?x5x6x5xf32>, %w: tensor<10x1x3x3xf32>, %b: tensor<10xf32>) -> tensor<?x10x4x3xf32> {
  %y = nn.conv2d %x, %w bias %b {groups = 5 : i64} : tensor<?x5x6x5xf32>, tensor<10x1x3x3xf32>, tensor<10xf32>
  return %y : tensor<?x10x4x3xf32>
}

// CHECK: ok depthwise_17:
func.func @depthwise_17(%x: tensor<?x17x5x5xf32>, %w: tensor<17x1x3x3xf32>) -> tensor<?x17x3x3xf32> {
  %y = nn.conv2d %x, %w {groups = 17 : i64, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x17x5x5xf32>, tensor<17x1x3x3xf32>
  return %y : tensor<?x17x3x3xf32>
}

// CHECK: ok groups_strided_dilated:
func.func @groups_strided_dilated(%x: tensor<?x4x9x8xf64>, %w: tensor<8x2x2x3xf64>) -> tensor<?x8x5x6xf64> {
  %y = nn.conv2d %x, %w {dilation = array<i64: 2, 2>, groups = 2 : i64, padding = array<i64: 1, 1>, stride = array<i64: 2, 1>} : tensor<?x4x9x8xf64>, tensor<8x2x2x3xf64>
  return %y : tensor<?x8x5x6xf64>
}
