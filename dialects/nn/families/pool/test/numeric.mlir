// RUN: gradmill-numeric %s --batch=16 | FileCheck %s

// Drawn numbers have no ties, and are further apart than a finite difference.

// CHECK: ok max:
func.func @max(%x: tensor<?x3x6x6xf64>) -> tensor<?x3x3x3xf64> {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<?x3x6x6xf64>
  return %y : tensor<?x3x3x3xf64>
}

// Windows that overlap add up what flows back.
// CHECK: ok max_overlapping:
func.func @max_overlapping(%x: tensor<?x2x7x6xf64>) -> tensor<?x2x4x3xf64> {
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x2x7x6xf64>
  return %y : tensor<?x2x4x3xf64>
}

// CHECK: ok average:
func.func @average(%x: tensor<?x3x6x7xf64>) -> tensor<?x3x4x3xf64> {
  %y = nn.avg_pool2d %x {count_include_pad = false, kernel = array<i64: 2, 2>, padding = array<i64: 1, 0>} : tensor<?x3x6x7xf64>
  return %y : tensor<?x3x4x3xf64>
}

// CHECK: ok global:
func.func @global(%x: tensor<?x5x6x7xf32>) -> tensor<?x5x1x1xf32> {
  %y = nn.global_avg_pool %x : tensor<?x5x6x7xf32>
  return %y : tensor<?x5x1x1xf32>
}

// Windows that reach beyond the image below and on the right alone.
// CHECK: ok max_ceil:
func.func @max_ceil(%x: tensor<?x3x7x5xf64>) -> tensor<?x3x4x3xf64> {
  %y = nn.max_pool2d %x {ceil_mode = true, kernel = array<i64: 2, 2>} : tensor<?x3x7x5xf64>
  return %y : tensor<?x3x4x3xf64>
}

// What lies beyond the padding is not counted.
// CHECK: ok average_ceil:
func.func @average_ceil(%x: tensor<?x3x7x6xf64>) -> tensor<?x3x4x4xf64> {
  %y = nn.avg_pool2d %x {ceil_mode = true, kernel = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x3x7x6xf64>
  return %y : tensor<?x3x4x4xf64>
}

// CHECK: ok average_ceil_inside:
func.func @average_ceil_inside(%x: tensor<?x3x6x8xf32>) -> tensor<?x3x3x3xf32> {
  %y = nn.avg_pool2d %x {ceil_mode = true, count_include_pad = false, kernel = array<i64: 2, 3>, stride = array<i64: 2, 3>} : tensor<?x3x6x8xf32>
  return %y : tensor<?x3x3x3xf32>
}

// CHECK: ok max_paddings:
func.func @max_paddings(%x: tensor<?x3x8x7xf32>) -> tensor<?x3x4x3xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, padding = array<i64: 0, 1, 1, 0>, stride = array<i64: 2, 2>} : tensor<?x3x8x7xf32>
  return %y : tensor<?x3x4x3xf32>
}

// CHECK: ok average_paddings:
func.func @average_paddings(%x: tensor<?x3x8x7xf64>) -> tensor<?x3x8x6xf64> {
  %y = nn.avg_pool2d %x {kernel = array<i64: 3, 3>, padding = array<i64: 1, 0, 1, 1>, stride = array<i64: 1, 1>} : tensor<?x3x8x7xf64>
  return %y : tensor<?x3x8x6xf64>
}

// Windows that overlap; more windows than pixels along one axis.
// CHECK: ok adaptive:
func.func @adaptive(%x: tensor<?x3x7x5xf64>) -> tensor<?x3x3x8xf64> {
  %y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 3, 8>} : tensor<?x3x7x5xf64>
  return %y : tensor<?x3x3x8xf64>
}

// CHECK: ok adaptive_f32:
func.func @adaptive_f32(%x: tensor<?x9x10x4xf32>) -> tensor<?x9x7x2xf32> {
  %y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 7, 2>} : tensor<?x9x10x4xf32>
  return %y : tensor<?x9x7x2xf32>
}
