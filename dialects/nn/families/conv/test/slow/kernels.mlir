// RUN: gradmill-numeric %s --batch=16 --samples=4 | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --samples=4 | FileCheck %s

// Kernels of 1 to 7, odd numbers of channels and filters.

// CHECK: ok kernel_1x1:
func.func @kernel_1x1(%x: tensor<?x1x9x8xf64>, %w: tensor<5x1x1x1xf64>) -> tensor<?x5x9x8xf64> {
  %y = nn.conv2d %x, %w : tensor<?x1x9x8xf64>, tensor<5x1x1x1xf64>
  return %y : tensor<?x5x9x8xf64>
}

// CHECK: ok kernel_2x2:
func.func @kernel_2x2(%x: tensor<?x3x9x8xf32>, %w: tensor<7x3x2x2xf32>, %b: tensor<7xf32>) -> tensor<?x7x8x7xf32> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x3x9x8xf32>, tensor<7x3x2x2xf32>, tensor<7xf32>
  return %y : tensor<?x7x8x7xf32>
}

// CHECK: ok kernel_3x3:
func.func @kernel_3x3(%x: tensor<?x5x9x8xf64>, %w: tensor<1x5x3x3xf64>) -> tensor<?x1x7x6xf64> {
  %y = nn.conv2d %x, %w : tensor<?x5x9x8xf64>, tensor<1x5x3x3xf64>
  return %y : tensor<?x1x7x6xf64>
}

// CHECK: ok kernel_4x4:
func.func @kernel_4x4(%x: tensor<?x7x9x8xf32>, %w: tensor<9x7x4x4xf32>, %b: tensor<9xf32>) -> tensor<?x9x6x5xf32> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x7x9x8xf32>, tensor<9x7x4x4xf32>, tensor<9xf32>
  return %y : tensor<?x9x6x5xf32>
}

// CHECK: ok kernel_5x5:
func.func @kernel_5x5(%x: tensor<?x9x9x8xf64>, %w: tensor<3x9x5x5xf64>) -> tensor<?x3x5x4xf64> {
  %y = nn.conv2d %x, %w : tensor<?x9x9x8xf64>, tensor<3x9x5x5xf64>
  return %y : tensor<?x3x5x4xf64>
}

// CHECK: ok kernel_6x6:
func.func @kernel_6x6(%x: tensor<?x11x9x8xf32>, %w: tensor<5x11x6x6xf32>, %b: tensor<5xf32>) -> tensor<?x5x4x3xf32> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x11x9x8xf32>, tensor<5x11x6x6xf32>, tensor<5xf32>
  return %y : tensor<?x5x4x3xf32>
}

// CHECK: ok kernel_7x7:
func.func @kernel_7x7(%x: tensor<?x13x9x8xf64>, %w: tensor<2x13x7x7xf64>) -> tensor<?x2x3x2xf64> {
  %y = nn.conv2d %x, %w : tensor<?x13x9x8xf64>, tensor<2x13x7x7xf64>
  return %y : tensor<?x2x3x2xf64>
}

// CHECK: ok kernel_1x7:
func.func @kernel_1x7(%x: tensor<?x3x5x9xf64>, %w: tensor<4x3x1x7xf64>) -> tensor<?x4x5x3xf64> {
  %y = nn.conv2d %x, %w : tensor<?x3x5x9xf64>, tensor<4x3x1x7xf64>
  return %y : tensor<?x4x5x3xf64>
}

// CHECK: ok kernel_5x2:
func.func @kernel_5x2(%x: tensor<?x2x9x5xf32>, %w: tensor<3x2x5x2xf32>) -> tensor<?x3x5x4xf32> {
  %y = nn.conv2d %x, %w : tensor<?x2x9x5xf32>, tensor<3x2x5x2xf32>
  return %y : tensor<?x3x5x4xf32>
}
