// RUN: gradmill-numeric %s --batch=16 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=40 --cpu=x86-64 --no-gradient | FileCheck %s

// Backward-data with all phases of a row together against naive loops, where the attribute asks for it and
// the cost model might not: phases that no tap reaches, strides beyond the filter and the image, images that
// end within a stride, padding beyond the filter, dilations that share a factor with the stride and that do
// not, groups, one strided axis. Sums per channel follow behind every other one.

// CHECK: ok c16_f32_k3x3_i12x12_s2x2_p1x1_d1x1_g1:
func.func @c16_f32_k3x3_i12x12_s2x2_p1x1_d1x1_g1(%dy: tensor<?x32x6x6xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<?x16x12x12xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 12, 12>, nn.phases = true, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x32x6x6xf32>, tensor<32x16x3x3xf32>
  return %dx : tensor<?x16x12x12xf32>
}

// CHECK: ok c5_f11_k3x3_i9x8_s2x2_p1x1_d1x1_g1:
func.func @c5_f11_k3x3_i9x8_s2x2_p1x1_d1x1_g1(%dy: tensor<?x11x5x4xf32>, %w: tensor<11x5x3x3xf32>) -> (tensor<?x5x9x8xf32>, tensor<5xf32>) {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 9, 8>, nn.phases = true, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x11x5x4xf32>, tensor<11x5x3x3xf32>
  %s = nn.channel_sum %dx : tensor<?x5x9x8xf32>
  return %dx, %s : tensor<?x5x9x8xf32>, tensor<5xf32>
}

// CHECK: ok c7_f3_k5x4_i11x13_s2x3_p2x1_d1x1_g1:
func.func @c7_f3_k5x4_i11x13_s2x3_p2x1_d1x1_g1(%dy: tensor<?x3x6x4xf32>, %w: tensor<3x7x5x4xf32>) -> tensor<?x7x11x13xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 11, 13>, nn.phases = true, padding = array<i64: 2, 1>, stride = array<i64: 2, 3>} : tensor<?x3x6x4xf32>, tensor<3x7x5x4xf32>
  return %dx : tensor<?x7x11x13xf32>
}

// CHECK: ok c3_f4_k2x2_i11x8_s3x3_p0x0_d1x1_g1:
func.func @c3_f4_k2x2_i11x8_s3x3_p0x0_d1x1_g1(%dy: tensor<?x4x4x3xf32>, %w: tensor<4x3x2x2xf32>) -> (tensor<?x3x11x8xf32>, tensor<3xf32>) {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 11, 8>, nn.phases = true, stride = array<i64: 3, 3>} : tensor<?x4x4x3xf32>, tensor<4x3x2x2xf32>
  %s = nn.channel_sum %dx : tensor<?x3x11x8xf32>
  return %dx, %s : tensor<?x3x11x8xf32>, tensor<3xf32>
}

// CHECK: ok c4_f6_k1x1_i7x6_s2x3_p0x0_d1x1_g1:
func.func @c4_f6_k1x1_i7x6_s2x3_p0x0_d1x1_g1(%dy: tensor<?x6x4x2xf32>, %w: tensor<6x4x1x1xf32>) -> tensor<?x4x7x6xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 7, 6>, nn.phases = true, stride = array<i64: 2, 3>} : tensor<?x6x4x2xf32>, tensor<6x4x1x1xf32>
  return %dx : tensor<?x4x7x6xf32>
}

// CHECK: ok c2_f5_k1x2_i7x13_s4x5_p0x0_d1x1_g1:
func.func @c2_f5_k1x2_i7x13_s4x5_p0x0_d1x1_g1(%dy: tensor<?x5x2x3xf32>, %w: tensor<5x2x1x2xf32>) -> (tensor<?x2x7x13xf32>, tensor<2xf32>) {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 7, 13>, nn.phases = true, stride = array<i64: 4, 5>} : tensor<?x5x2x3xf32>, tensor<5x2x1x2xf32>
  %s = nn.channel_sum %dx : tensor<?x2x7x13xf32>
  return %dx, %s : tensor<?x2x7x13xf32>, tensor<2xf32>
}

// CHECK: ok c2_f3_k3x3_i4x3_s7x6_p2x2_d1x1_g1:
func.func @c2_f3_k3x3_i4x3_s7x6_p2x2_d1x1_g1(%dy: tensor<?x3x1x1xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<?x2x4x3xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 4, 3>, nn.phases = true, padding = array<i64: 2, 2>, stride = array<i64: 7, 6>} : tensor<?x3x1x1xf32>, tensor<3x2x3x3xf32>
  return %dx : tensor<?x2x4x3xf32>
}

// CHECK: ok c3_f7_k3x3_i3x2_s2x3_p4x5_d1x1_g1:
func.func @c3_f7_k3x3_i3x2_s2x3_p4x5_d1x1_g1(%dy: tensor<?x7x5x4xf32>, %w: tensor<7x3x3x3xf32>) -> (tensor<?x3x3x2xf32>, tensor<3xf32>) {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 3, 2>, nn.phases = true, padding = array<i64: 4, 5>, stride = array<i64: 2, 3>} : tensor<?x7x5x4xf32>, tensor<7x3x3x3xf32>
  %s = nn.channel_sum %dx : tensor<?x3x3x2xf32>
  return %dx, %s : tensor<?x3x3x2xf32>, tensor<3xf32>
}

// CHECK: ok c2_f6_k3x3_i14x15_s6x3_p3x4_d4x2_g1:
func.func @c2_f6_k3x3_i14x15_s6x3_p3x4_d4x2_g1(%dy: tensor<?x6x2x7xf32>, %w: tensor<6x2x3x3xf32>) -> tensor<?x2x14x15xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {dilation = array<i64: 4, 2>, input_size = array<i64: 14, 15>, nn.phases = true, padding = array<i64: 3, 4>, stride = array<i64: 6, 3>} : tensor<?x6x2x7xf32>, tensor<6x2x3x3xf32>
  return %dx : tensor<?x2x14x15xf32>
}

// CHECK: ok c2_f3_k4x3_i17x9_s3x4_p1x2_d3x2_g1:
func.func @c2_f3_k4x3_i17x9_s3x4_p1x2_d3x2_g1(%dy: tensor<?x3x4x3xf32>, %w: tensor<3x2x4x3xf32>) -> (tensor<?x2x17x9xf32>, tensor<2xf32>) {
  %dx = nn.conv2d_backward_data %dy, %w {dilation = array<i64: 3, 2>, input_size = array<i64: 17, 9>, nn.phases = true, padding = array<i64: 1, 2>, stride = array<i64: 3, 4>} : tensor<?x3x4x3xf32>, tensor<3x2x4x3xf32>
  %s = nn.channel_sum %dx : tensor<?x2x17x9xf32>
  return %dx, %s : tensor<?x2x17x9xf32>, tensor<2xf32>
}

// CHECK: ok c33_f17_k7x7_i15x14_s2x2_p3x3_d1x1_g1:
func.func @c33_f17_k7x7_i15x14_s2x2_p3x3_d1x1_g1(%dy: tensor<?x17x8x7xf32>, %w: tensor<17x33x7x7xf32>) -> tensor<?x33x15x14xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 15, 14>, nn.phases = true, padding = array<i64: 3, 3>, stride = array<i64: 2, 2>} : tensor<?x17x8x7xf32>, tensor<17x33x7x7xf32>
  return %dx : tensor<?x33x15x14xf32>
}

// CHECK: ok c8_f9_k3x3_i9x10_s1x2_p1x1_d1x1_g1:
func.func @c8_f9_k3x3_i9x10_s1x2_p1x1_d1x1_g1(%dy: tensor<?x9x9x5xf32>, %w: tensor<9x8x3x3xf32>) -> (tensor<?x8x9x10xf32>, tensor<8xf32>) {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 9, 10>, nn.phases = true, padding = array<i64: 1, 1>, stride = array<i64: 1, 2>} : tensor<?x9x9x5xf32>, tensor<9x8x3x3xf32>
  %s = nn.channel_sum %dx : tensor<?x8x9x10xf32>
  return %dx, %s : tensor<?x8x9x10xf32>, tensor<8xf32>
}

// CHECK: ok c8_f9_k3x3_i9x10_s2x1_p1x1_d1x1_g1:
func.func @c8_f9_k3x3_i9x10_s2x1_p1x1_d1x1_g1(%dy: tensor<?x9x5x10xf32>, %w: tensor<9x8x3x3xf32>) -> tensor<?x8x9x10xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 9, 10>, nn.phases = true, padding = array<i64: 1, 1>, stride = array<i64: 2, 1>} : tensor<?x9x5x10xf32>, tensor<9x8x3x3xf32>
  return %dx : tensor<?x8x9x10xf32>
}

// CHECK: ok c8_f16_k3x3_i7x7_s2x2_p1x2_d1x2_g4:
func.func @c8_f16_k3x3_i7x7_s2x2_p1x2_d1x2_g4(%dy: tensor<?x16x4x4xf32>, %w: tensor<16x2x3x3xf32>) -> (tensor<?x8x7x7xf32>, tensor<8xf32>) {
  %dx = nn.conv2d_backward_data %dy, %w {dilation = array<i64: 1, 2>, groups = 4 : i64, input_size = array<i64: 7, 7>, nn.phases = true, padding = array<i64: 1, 2>, stride = array<i64: 2, 2>} : tensor<?x16x4x4xf32>, tensor<16x2x3x3xf32>
  %s = nn.channel_sum %dx : tensor<?x8x7x7xf32>
  return %dx, %s : tensor<?x8x7x7xf32>, tensor<8xf32>
}

// CHECK: ok c17_f17_k3x3_i5x6_s2x2_p1x1_d1x1_g17:
func.func @c17_f17_k3x3_i5x6_s2x2_p1x1_d1x1_g17(%dy: tensor<?x17x3x3xf32>, %w: tensor<17x1x3x3xf32>) -> tensor<?x17x5x6xf32> {
  %dx = nn.conv2d_backward_data %dy, %w {groups = 17 : i64, input_size = array<i64: 5, 6>, nn.phases = true, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x17x3x3xf32>, tensor<17x1x3x3xf32>
  return %dx : tensor<?x17x5x6xf32>
}
