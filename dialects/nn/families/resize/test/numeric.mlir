// RUN: gradmill-numeric %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --samples=8 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --samples=8 | FileCheck %s

// CHECK: ok nearest:
func.func @nearest(%x: tensor<?x3x5x4xf64>) -> tensor<?x3x7x3xf64> {
  %y = nn.resize2d %x {size = array<i64: 7, 3>} : tensor<?x3x5x4xf64>
  return %y : tensor<?x3x7x3xf64>
}

// In f32, 41 * (2/82) is less than 1: as in PyTorch, output 41 is still pixel 0.
// CHECK: ok nearest_rounded:
func.func @nearest_rounded(%x: tensor<?x2x1x2xf32>) -> tensor<?x2x1x82xf32> {
  %y = nn.resize2d %x {size = array<i64: 1, 82>} : tensor<?x2x1x2xf32>
  return %y : tensor<?x2x1x82xf32>
}

// CHECK: ok nearest_scale:
func.func @nearest_scale(%x: tensor<?x9x4x5xf32>) -> tensor<?x9x8x7xf32> {
  %y = nn.resize2d %x {scale = array<f64: 2.0, 1.5>} : tensor<?x9x4x5xf32>
  return %y : tensor<?x9x8x7xf32>
}

// CHECK: ok bilinear:
func.func @bilinear(%x: tensor<?x3x4x5xf64>) -> tensor<?x3x8x10xf64> {
  %y = nn.resize2d %x {scale = array<f64: 2.0, 2.0>, mode = "bilinear"} : tensor<?x3x4x5xf64>
  return %y : tensor<?x3x8x10xf64>
}

// Fewer rows, as many columns: those have no weights. 33 channels are a tile and one.
// CHECK: ok bilinear_down:
func.func @bilinear_down(%x: tensor<?x33x7x3xf32>) -> tensor<?x33x3x3xf32> {
  %y = nn.resize2d %x {size = array<i64: 3, 3>, mode = "bilinear"} : tensor<?x33x7x3xf32>
  return %y : tensor<?x33x3x3xf32>
}

// By the scale that is given, 0.6, not by 4/7.
// CHECK: ok bilinear_scale:
func.func @bilinear_scale(%x: tensor<?x2x7x7xf64>) -> tensor<?x2x4x4xf64> {
  %y = nn.resize2d %x {scale = array<f64: 0.6, 0.6>, mode = "bilinear"} : tensor<?x2x7x7xf64>
  return %y : tensor<?x2x4x4xf64>
}

// CHECK: ok corners:
func.func @corners(%x: tensor<?x2x3x4xf64>) -> tensor<?x2x7x6xf64> {
  %y = nn.resize2d %x {size = array<i64: 7, 6>, mode = "bilinear", align_corners = true} : tensor<?x2x3x4xf64>
  return %y : tensor<?x2x7x6xf64>
}

// One row is the first one; one column is repeated.
// CHECK: ok corners_of_one:
func.func @corners_of_one(%x: tensor<?x2x3x1xf32>) -> tensor<?x2x1x4xf32> {
  %y = nn.resize2d %x {size = array<i64: 1, 4>, mode = "bilinear", align_corners = true} : tensor<?x2x3x1xf32>
  return %y : tensor<?x2x1x4xf32>
}

// As in a net: between convolutions, with ReLU behind.
// CHECK: ok fused:
func.func @fused(%x: tensor<?x2x4x4xf64>, %w: tensor<3x2x3x3xf64>) -> tensor<?x3x6x6xf64> {
  %y = nn.resize2d %x {scale = array<f64: 2.0, 2.0>, mode = "bilinear"} : tensor<?x2x4x4xf64>
  %r = nn.relu %y : tensor<?x2x8x8xf64>
  %c = nn.conv2d %r, %w : tensor<?x2x8x8xf64>, tensor<3x2x3x3xf64>
  return %c : tensor<?x3x6x6xf64>
}
