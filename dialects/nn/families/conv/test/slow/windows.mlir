// RUN: gradmill-numeric %s --batch=16 --samples=24 | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --samples=8 --no-fuse | FileCheck %s

// Stride, padding and dilation, also where they leave pixels out or reach far outside.

// CHECK: ok stride_2_1:
func.func @stride_2_1(%x: tensor<?x3x8x7xf64>, %w: tensor<5x3x3x3xf64>) -> tensor<?x5x3x5xf64> {
  %y = nn.conv2d %x, %w {stride = array<i64: 2, 1>} : tensor<?x3x8x7xf64>, tensor<5x3x3x3xf64>
  return %y : tensor<?x5x3x5xf64>
}

// CHECK: ok stride_3_leaves_pixels:
func.func @stride_3_leaves_pixels(%x: tensor<?x2x11x8xf64>, %w: tensor<3x2x2x2xf64>) -> tensor<?x3x4x3xf64> {
  %y = nn.conv2d %x, %w {stride = array<i64: 3, 3>} : tensor<?x2x11x8xf64>, tensor<3x2x2x2xf64>
  return %y : tensor<?x3x4x3xf64>
}

// CHECK: ok stride_1x1:
func.func @stride_1x1(%x: tensor<?x4x7x6xf32>, %w: tensor<3x4x1x1xf32>) -> tensor<?x3x4x2xf32> {
  %y = nn.conv2d %x, %w {stride = array<i64: 2, 3>} : tensor<?x4x7x6xf32>, tensor<3x4x1x1xf32>
  return %y : tensor<?x3x4x2xf32>
}

// CHECK: ok padding_2_1:
func.func @padding_2_1(%x: tensor<?x3x5x6xf64>, %w: tensor<4x3x3x3xf64>, %b: tensor<4xf64>) -> tensor<?x4x7x6xf64> {
  %y = nn.conv2d %x, %w bias %b {padding = array<i64: 2, 1>} : tensor<?x3x5x6xf64>, tensor<4x3x3x3xf64>, tensor<4xf64>
  return %y : tensor<?x4x7x6xf64>
}

// CHECK: ok padding_beyond_kernel:
func.func @padding_beyond_kernel(%x: tensor<?x2x4x3xf64>, %w: tensor<3x2x2x2xf64>) -> tensor<?x3x9x8xf64> {
  %y = nn.conv2d %x, %w {padding = array<i64: 3, 3>} : tensor<?x2x4x3xf64>, tensor<3x2x2x2xf64>
  return %y : tensor<?x3x9x8xf64>
}

// CHECK: ok padding_1x1:
func.func @padding_1x1(%x: tensor<?x3x4x4xf32>, %w: tensor<5x3x1x1xf32>) -> tensor<?x5x6x8xf32> {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 2>} : tensor<?x3x4x4xf32>, tensor<5x3x1x1xf32>
  return %y : tensor<?x5x6x8xf32>
}

// CHECK: ok dilation_2_3:
func.func @dilation_2_3(%x: tensor<?x2x9x10xf64>, %w: tensor<3x2x3x3xf64>) -> tensor<?x3x5x4xf64> {
  %y = nn.conv2d %x, %w {dilation = array<i64: 2, 3>} : tensor<?x2x9x10xf64>, tensor<3x2x3x3xf64>
  return %y : tensor<?x3x5x4xf64>
}

// CHECK: ok dilation_padding_stride:
func.func @dilation_padding_stride(%x: tensor<?x3x9x8xf64>, %w: tensor<2x3x3x2xf64>) -> tensor<?x2x5x4xf64> {
  %y = nn.conv2d %x, %w {dilation = array<i64: 2, 3>, padding = array<i64: 2, 1>, stride = array<i64: 2, 2>} : tensor<?x3x9x8xf64>, tensor<2x3x3x2xf64>
  return %y : tensor<?x2x5x4xf64>
}

// CHECK: ok one_pixel_out:
func.func @one_pixel_out(%x: tensor<?x3x5x5xf32>, %w: tensor<4x3x5x5xf32>) -> tensor<?x4x1x1xf32> {
  %y = nn.conv2d %x, %w : tensor<?x3x5x5xf32>, tensor<4x3x5x5xf32>
  return %y : tensor<?x4x1x1xf32>
}

// CHECK: ok one_pixel_in:
func.func @one_pixel_in(%x: tensor<?x3x1x1xf64>, %w: tensor<4x3x3x3xf64>) -> tensor<?x4x1x1xf64> {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<?x3x1x1xf64>, tensor<4x3x3x3xf64>
  return %y : tensor<?x4x1x1xf64>
}

// CHECK: ok kernel_7_padded:
func.func @kernel_7_padded(%x: tensor<?x1x6x6xf32>, %w: tensor<2x1x7x7xf32>) -> tensor<?x2x6x6xf32> {
  %y = nn.conv2d %x, %w {padding = array<i64: 3, 3>} : tensor<?x1x6x6xf32>, tensor<2x1x7x7xf32>
  return %y : tensor<?x2x6x6xf32>
}
