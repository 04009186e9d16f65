// RUN: gradmill-numeric %s --batch=16 --samples=24 | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --samples=8 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --samples=8 | FileCheck %s

// Windows that overlap, leave pixels out, are padded and dilated.

// CHECK: ok max_leaves_pixels:
func.func @max_leaves_pixels(%x: tensor<?x5x9x8xf32>) -> tensor<?x5x3x3xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 3, 3>} : tensor<?x5x9x8xf32>
  return %y : tensor<?x5x3x3xf32>
}

// CHECK: ok max_floor:
func.func @max_floor(%x: tensor<?x1x7x5xf64>) -> tensor<?x1x3x2xf64> {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<?x1x7x5xf64>
  return %y : tensor<?x1x3x2xf64>
}

// CHECK: ok max_dilated:
func.func @max_dilated(%x: tensor<?x3x9x9xf64>) -> tensor<?x3x8x4xf64> {
  %y = nn.max_pool2d %x {dilation = array<i64: 3, 2>, kernel = array<i64: 2, 3>, padding = array<i64: 1, 1>, stride = array<i64: 1, 2>} : tensor<?x3x9x9xf64>
  return %y : tensor<?x3x8x4xf64>
}

// CHECK: ok max_33_channels:
func.func @max_33_channels(%x: tensor<?x33x4x4xf32>) -> tensor<?x33x2x2xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<?x33x4x4xf32>
  return %y : tensor<?x33x2x2xf32>
}

// CHECK: ok max_5x5:
func.func @max_5x5(%x: tensor<?x2x8x8xf32>) -> tensor<?x2x8x8xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 5, 5>, padding = array<i64: 2, 2>, stride = array<i64: 1, 1>} : tensor<?x2x8x8xf32>
  return %y : tensor<?x2x8x8xf32>
}

// CHECK: ok avg_padded:
func.func @avg_padded(%x: tensor<?x3x6x7xf64>) -> tensor<?x3x3x4xf64> {
  %y = nn.avg_pool2d %x {kernel = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x3x6x7xf64>
  return %y : tensor<?x3x3x4xf64>
}

// CHECK: ok avg_not_padding:
func.func @avg_not_padding(%x: tensor<?x3x6x7xf32>) -> tensor<?x3x6x4xf32> {
  %y = nn.avg_pool2d %x {count_include_pad = false, kernel = array<i64: 3, 2>, padding = array<i64: 1, 1>, stride = array<i64: 1, 2>} : tensor<?x3x6x7xf32>
  return %y : tensor<?x3x6x4xf32>
}

// CHECK: ok avg_17_channels:
func.func @avg_17_channels(%x: tensor<?x17x6x6xf32>) -> tensor<?x17x2x2xf32> {
  %y = nn.avg_pool2d %x {kernel = array<i64: 3, 3>} : tensor<?x17x6x6xf32>
  return %y : tensor<?x17x2x2xf32>
}

// CHECK: ok global_1x1:
func.func @global_1x1(%x: tensor<?x3x1x1xf64>) -> tensor<?x3x1x1xf64> {
  %y = nn.global_avg_pool %x : tensor<?x3x1x1xf64>
  return %y : tensor<?x3x1x1xf64>
}

// CHECK: ok global_33_channels:
func.func @global_33_channels(%x: tensor<?x33x5x3xf64>) -> tensor<?x33x1x1xf64> {
  %y = nn.global_avg_pool %x : tensor<?x33x5x3xf64>
  return %y : tensor<?x33x1x1xf64>
}
