// RUN: gradmill-numeric %s --batch=16 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=8 --machine=avx512 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=37 --machine=avx512 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --machine=x86-64 --no-gradient | FileCheck %s

// Backward-weights cut by filters against naive loops, where the attribute asks for it: filters and
// channels that no tile divides, strides, padding beyond the filter, dilated rows and columns, filters
// of one row, column and pixel.

// CHECK: ok c5_f11_k3x3_i9x8_s1x1_p0x0_d1x1:
func.func @c5_f11_k3x3_i9x8_s1x1_p0x0_d1x1(%x: tensor<?x5x9x8xf32>, %dy: tensor<?x11x7x6xf32>) -> tensor<11x5x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.filter_cut = true} : tensor<?x5x9x8xf32>, tensor<?x11x7x6xf32>
  return %w : tensor<11x5x3x3xf32>
}

// CHECK: ok c32_f24_k3x3_i9x9_s2x2_p1x1_d1x1:
func.func @c32_f24_k3x3_i9x9_s2x2_p1x1_d1x1(%x: tensor<?x32x9x9xf32>, %dy: tensor<?x24x5x5xf32>) -> tensor<24x32x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.filter_cut = true, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x32x9x9xf32>, tensor<?x24x5x5xf32>
  return %w : tensor<24x32x3x3xf32>
}

// CHECK: ok c16_f10_k1x1_i6x6_s1x1_p0x0_d1x1:
func.func @c16_f10_k1x1_i6x6_s1x1_p0x0_d1x1(%x: tensor<?x16x6x6xf32>, %dy: tensor<?x10x6x6xf32>) -> tensor<10x16x1x1xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 1, 1>, nn.filter_cut = true} : tensor<?x16x6x6xf32>, tensor<?x10x6x6xf32>
  return %w : tensor<10x16x1x1xf32>
}

// CHECK: ok c3_f17_k3x3_i3x2_s2x3_p4x5_d1x1:
func.func @c3_f17_k3x3_i3x2_s2x3_p4x5_d1x1(%x: tensor<?x3x3x2xf32>, %dy: tensor<?x17x5x4xf32>) -> tensor<17x3x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.filter_cut = true, padding = array<i64: 4, 5>, stride = array<i64: 2, 3>} : tensor<?x3x3x2xf32>, tensor<?x17x5x4xf32>
  return %w : tensor<17x3x3x3xf32>
}

// CHECK: ok c4_f9_k4x3_i17x9_s3x4_p1x2_d3x2:
func.func @c4_f9_k4x3_i17x9_s3x4_p1x2_d3x2(%x: tensor<?x4x17x9xf32>, %dy: tensor<?x9x4x3xf32>) -> tensor<9x4x4x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {dilation = array<i64: 3, 2>, kernel_size = array<i64: 4, 3>, nn.filter_cut = true, padding = array<i64: 1, 2>, stride = array<i64: 3, 4>} : tensor<?x4x17x9xf32>, tensor<?x9x4x3xf32>
  return %w : tensor<9x4x4x3xf32>
}

// CHECK: ok c8_f8_k1x7_i2x9_s1x2_p0x3_d1x1:
func.func @c8_f8_k1x7_i2x9_s1x2_p0x3_d1x1(%x: tensor<?x8x2x9xf32>, %dy: tensor<?x8x2x5xf32>) -> tensor<8x8x1x7xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 1, 7>, nn.filter_cut = true, padding = array<i64: 0, 3>, stride = array<i64: 1, 2>} : tensor<?x8x2x9xf32>, tensor<?x8x2x5xf32>
  return %w : tensor<8x8x1x7xf32>
}

// CHECK: ok c2_f5_k1x2_i7x13_s4x5_p0x0_d1x1:
func.func @c2_f5_k1x2_i7x13_s4x5_p0x0_d1x1(%x: tensor<?x2x7x13xf32>, %dy: tensor<?x5x2x3xf32>) -> tensor<5x2x1x2xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 1, 2>, nn.filter_cut = true, stride = array<i64: 4, 5>} : tensor<?x2x7x13xf32>, tensor<?x5x2x3xf32>
  return %w : tensor<5x2x1x2xf32>
}

// CHECK: ok c5_f8_k5x1_i11x4_s1x1_p2x0_d1x1:
func.func @c5_f8_k5x1_i11x4_s1x1_p2x0_d1x1(%x: tensor<?x5x11x4xf32>, %dy: tensor<?x8x11x4xf32>) -> tensor<8x5x5x1xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 5, 1>, nn.filter_cut = true, padding = array<i64: 2, 0>} : tensor<?x5x11x4xf32>, tensor<?x8x11x4xf32>
  return %w : tensor<8x5x5x1xf32>
}

// CHECK: ok c3_f16_k3x3_i4x3_s7x6_p0x0_d1x1:
func.func @c3_f16_k3x3_i4x3_s7x6_p0x0_d1x1(%x: tensor<?x3x4x3xf32>, %dy: tensor<?x16x1x1xf32>) -> tensor<16x3x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.filter_cut = true, stride = array<i64: 7, 6>} : tensor<?x3x4x3xf32>, tensor<?x16x1x1xf32>
  return %w : tensor<16x3x3x3xf32>
}

// CHECK: ok c1_f1_k1x1_i1x1_s1x1_p0x0_d1x1:
func.func @c1_f1_k1x1_i1x1_s1x1_p0x0_d1x1(%x: tensor<?x1x1x1xf32>, %dy: tensor<?x1x1x1xf32>) -> tensor<1x1x1x1xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 1, 1>, nn.filter_cut = true} : tensor<?x1x1x1xf32>, tensor<?x1x1x1xf32>
  return %w : tensor<1x1x1x1xf32>
}

// CHECK: ok c1_f16_k3x3_i10x10_s1x1_p0x0_d1x1:
func.func @c1_f16_k3x3_i10x10_s1x1_p0x0_d1x1(%x: tensor<?x1x10x10xf32>, %dy: tensor<?x16x8x8xf32>) -> tensor<16x1x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.filter_cut = true} : tensor<?x1x10x10xf32>, tensor<?x16x8x8xf32>
  return %w : tensor<16x1x3x3xf32>
}

// CHECK: ok c33_f7_k2x3_i4x5_s1x1_p1x1_d1x1:
func.func @c33_f7_k2x3_i4x5_s1x1_p1x1_d1x1(%x: tensor<?x33x4x5xf32>, %dy: tensor<?x7x5x5xf32>) -> tensor<7x33x2x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 2, 3>, nn.filter_cut = true, padding = array<i64: 1, 1>} : tensor<?x33x4x5xf32>, tensor<?x7x5x5xf32>
  return %w : tensor<7x33x2x3xf32>
}

// CHECK: ok c7_f33_k3x3_i8x5_s2x1_p1x1_d1x2:
func.func @c7_f33_k3x3_i8x5_s2x1_p1x1_d1x2(%x: tensor<?x7x8x5xf32>, %dy: tensor<?x33x4x3xf32>) -> tensor<33x7x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {dilation = array<i64: 1, 2>, kernel_size = array<i64: 3, 3>, nn.filter_cut = true, padding = array<i64: 1, 1>, stride = array<i64: 2, 1>} : tensor<?x7x8x5xf32>, tensor<?x33x4x3xf32>
  return %w : tensor<33x7x3x3xf32>
}

// CHECK: ok c10_f12_k7x7_i9x8_s1x1_p3x3_d1x1:
func.func @c10_f12_k7x7_i9x8_s1x1_p3x3_d1x1(%x: tensor<?x10x9x8xf32>, %dy: tensor<?x12x9x8xf32>) -> tensor<12x10x7x7xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 7, 7>, nn.filter_cut = true, padding = array<i64: 3, 3>} : tensor<?x10x9x8xf32>, tensor<?x12x9x8xf32>
  return %w : tensor<12x10x7x7xf32>
}

// CHECK: ok c6_f8_k1x1_i5x5_s2x2_p0x0_d1x1:
func.func @c6_f8_k1x1_i5x5_s2x2_p0x0_d1x1(%x: tensor<?x6x5x5xf32>, %dy: tensor<?x8x3x3xf32>) -> tensor<8x6x1x1xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 1, 1>, nn.filter_cut = true, stride = array<i64: 2, 2>} : tensor<?x6x5x5xf32>, tensor<?x8x3x3xf32>
  return %w : tensor<8x6x1x1xf32>
}

// CHECK: ok c4_f16_k2x2_i4x3_s1x1_p3x3_d1x1:
func.func @c4_f16_k2x2_i4x3_s1x1_p3x3_d1x1(%x: tensor<?x4x4x3xf32>, %dy: tensor<?x16x9x8xf32>) -> tensor<16x4x2x2xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 2, 2>, nn.filter_cut = true, padding = array<i64: 3, 3>} : tensor<?x4x4x3xf32>, tensor<?x16x9x8xf32>
  return %w : tensor<16x4x2x2xf32>
}

// Several panels and blocks, the last of each with less; more than one chunk.
// CHECK: ok c37_f150_k3x3_i12x5_s1x1_p1x1_d1x1:
func.func @c37_f150_k3x3_i12x5_s1x1_p1x1_d1x1(%x: tensor<?x37x12x5xf32>, %dy: tensor<?x150x12x5xf32>) -> tensor<150x37x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.filter_cut = true, padding = array<i64: 1, 1>} : tensor<?x37x12x5xf32>, tensor<?x150x12x5xf32>
  return %w : tensor<150x37x3x3xf32>
}

// CHECK: ok in_f64:
func.func @in_f64(%x: tensor<?x18x3x3xf64>, %dy: tensor<?x35x2x2xf64>) -> tensor<35x18x2x2xf64> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 2, 2>, nn.filter_cut = true} : tensor<?x18x3x3xf64>, tensor<?x35x2x2xf64>
  return %w : tensor<35x18x2x2xf64>
}
