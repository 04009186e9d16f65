// RUN: gradmill-numeric %s --batch=16 | FileCheck %s

// Forward and both adjoints against naive loops, and those against finite differences. The
// grid of shapes is in slow/.

// CHECK: ok kernel_3x3:
func.func @kernel_3x3(%x: tensor<?x3x7x6xf64>, %w: tensor<5x3x3x3xf64>, %b: tensor<5xf64>) -> tensor<?x5x5x4xf64> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x3x7x6xf64>, tensor<5x3x3x3xf64>, tensor<5xf64>
  return %y : tensor<?x5x5x4xf64>
}

// Its own fast path.
// CHECK: ok kernel_1x1:
func.func @kernel_1x1(%x: tensor<?x5x4x3xf32>, %w: tensor<7x5x1x1xf32>) -> tensor<?x7x4x3xf32> {
  %y = nn.conv2d %x, %w : tensor<?x5x4x3xf32>, tensor<7x5x1x1xf32>
  return %y : tensor<?x7x4x3xf32>
}

// CHECK: ok strided_padded:
func.func @strided_padded(%x: tensor<?x2x8x7xf64>, %w: tensor<3x2x3x3xf64>) -> tensor<?x3x4x4xf64> {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x2x8x7xf64>, tensor<3x2x3x3xf64>
  return %y : tensor<?x3x4x4xf64>
}

// Backward-data of 3 + 2 channels: the tile of two has two sums for some pixels.
// CHECK: ok narrow_tile:
func.func @narrow_tile(%x: tensor<?x5x10x12xf64>, %w: tensor<3x5x3x3xf64>) -> tensor<?x3x5x6xf64> {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x5x10x12xf64>, tensor<3x5x3x3xf64>
  return %y : tensor<?x3x5x6xf64>
}

// CHECK: ok depthwise_dilated:
func.func @depthwise_dilated(%x: tensor<?x3x7x8xf64>, %w: tensor<3x1x3x3xf64>, %b: tensor<3xf64>) -> tensor<?x3x5x6xf64> {
  %y = nn.conv2d %x, %w bias %b {dilation = array<i64: 2, 1>, groups = 3 : i64, padding = array<i64: 1, 0>} : tensor<?x3x7x8xf64>, tensor<3x1x3x3xf64>, tensor<3xf64>
  return %y : tensor<?x3x5x6xf64>
}

// Winograd's form, by request (the grid is in slow/winograd.mlir), behind it a ReLU.
// CHECK: ok winograd:
func.func @winograd(%x: tensor<?x5x6x7xf32>, %w2: tensor<6x5x3x3xf32>, %w4: tensor<3x6x3x3xf32>, %b: tensor<3xf32>) -> tensor<?x3x6x7xf32> {
  %y = nn.conv2d %x, %w2 {nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x5x6x7xf32>, tensor<6x5x3x3xf32>
  %r = nn.relu %y : tensor<?x6x6x7xf32>
  %z = nn.conv2d %r, %w4 bias %b {nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x6x6x7xf32>, tensor<3x6x3x3xf32>, tensor<3xf32>
  return %z : tensor<?x3x6x7xf32>
}

// Transposed: out of a 3x4 image with all kinds of steps; both gradients are convolutions.
// CHECK: ok transposed:
func.func @transposed(%x: tensor<?x3x3x4xf64>, %w: tensor<3x5x3x2xf64>, %b: tensor<5xf64>) -> tensor<?x5x6x8xf64> {
  %y = nn.conv_transpose2d %x, %w bias %b {output_padding = array<i64: 1, 0>, padding = array<i64: 1, 0>, stride = array<i64: 2, 2>} : tensor<?x3x3x4xf64>, tensor<3x5x3x2xf64>, tensor<5xf64>
  return %y : tensor<?x5x6x8xf64>
}

// CHECK: ok transposed_groups:
func.func @transposed_groups(%x: tensor<?x6x4x3xf64>, %w: tensor<6x2x3x3xf64>) -> tensor<?x6x14x7xf64> {
  %y = nn.conv_transpose2d %x, %w {dilation = array<i64: 2, 1>, groups = 3 : i64, stride = array<i64: 3, 2>} : tensor<?x6x4x3xf64>, tensor<6x2x3x3xf64>
  return %y : tensor<?x6x14x7xf64>
}

// Padding beyond the kernel crops; what is fused behind sees the bias.
// CHECK: ok transposed_cropped:
func.func @transposed_cropped(%x: tensor<?x7x6x5xf32>, %w: tensor<7x9x3x3xf32>, %b: tensor<9xf32>) -> tensor<?x9x2x1xf32> {
  %y = nn.conv_transpose2d %x, %w bias %b {padding = array<i64: 3, 3>} : tensor<?x7x6x5xf32>, tensor<7x9x3x3xf32>, tensor<9xf32>
  %r = nn.relu %y : tensor<?x9x2x1xf32>
  return %r : tensor<?x9x2x1xf32>
}

// Padding of each side its own.
// CHECK: ok paddings:
func.func @paddings(%x: tensor<?x3x6x5xf64>, %w: tensor<4x3x3x3xf64>) -> tensor<?x4x6x4xf64> {
  %y = nn.conv2d %x, %w {padding = array<i64: 2, 0, 0, 1>} : tensor<?x3x6x5xf64>, tensor<4x3x3x3xf64>
  return %y : tensor<?x4x6x4xf64>
}

// CHECK: ok paddings_strided:
func.func @paddings_strided(%x: tensor<?x5x8x8xf32>, %w: tensor<6x5x3x3xf32>) -> tensor<?x6x4x4xf32> {
  %y = nn.conv2d %x, %w {padding = array<i64: 0, 0, 1, 1>, stride = array<i64: 2, 2>} : tensor<?x5x8x8xf32>, tensor<6x5x3x3xf32>
  return %y : tensor<?x6x4x4xf32>
}
