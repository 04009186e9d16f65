// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=3 --no-gradient --no-fuse | FileCheck %s

// Batches that no vector divides: channels go into the lanes. Shapes around the edges of
// its tiles: channels 1 to 33, kernels 1 to 7, stride, padding, dilation, groups; 3x3 kernels
// also by Winograd, with outputs that do not fill its tiles.

// CHECK: ok channels_1_1:
func.func @channels_1_1(%x: tensor<?x1x6x15xf32>, %u: tensor<1x1x1x1xf32>, %w: tensor<1x1x3x3xf32>, %b: tensor<1xf32>) -> tensor<?x1x4x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x1x6x15xf32>, tensor<1x1x1x1xf32>
  %y = nn.conv2d %c, %w bias %b : tensor<?x1x6x15xf32>, tensor<1x1x3x3xf32>, tensor<1xf32>
  return %y : tensor<?x1x4x13xf32>
}

// CHECK: ok channels_1_16:
func.func @channels_1_16(%x: tensor<?x1x6x15xf32>, %u: tensor<1x1x1x1xf32>, %w: tensor<16x1x3x3xf32>) -> tensor<?x16x4x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x1x6x15xf32>, tensor<1x1x1x1xf32>
  %y = nn.conv2d %c, %w : tensor<?x1x6x15xf32>, tensor<16x1x3x3xf32>
  return %y : tensor<?x16x4x13xf32>
}

// CHECK: ok channels_3_10:
func.func @channels_3_10(%x: tensor<?x3x6x15xf32>, %u: tensor<3x3x1x1xf32>, %w: tensor<10x3x3x3xf32>, %b: tensor<10xf32>) -> tensor<?x10x4x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x3x6x15xf32>, tensor<3x3x1x1xf32>
  %y = nn.conv2d %c, %w bias %b : tensor<?x3x6x15xf32>, tensor<10x3x3x3xf32>, tensor<10xf32>
  return %y : tensor<?x10x4x13xf32>
}

// CHECK: ok channels_8_8:
func.func @channels_8_8(%x: tensor<?x8x6x15xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<8x8x3x3xf32>) -> tensor<?x8x4x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x6x15xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w : tensor<?x8x6x15xf32>, tensor<8x8x3x3xf32>
  return %y : tensor<?x8x4x13xf32>
}

// CHECK: ok channels_10_24:
func.func @channels_10_24(%x: tensor<?x10x6x15xf32>, %u: tensor<10x10x1x1xf32>, %w: tensor<24x10x3x3xf32>, %b: tensor<24xf32>) -> tensor<?x24x4x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x10x6x15xf32>, tensor<10x10x1x1xf32>
  %y = nn.conv2d %c, %w bias %b : tensor<?x10x6x15xf32>, tensor<24x10x3x3xf32>, tensor<24xf32>
  return %y : tensor<?x24x4x13xf32>
}

// CHECK: ok channels_16_33:
func.func @channels_16_33(%x: tensor<?x16x6x15xf32>, %u: tensor<16x16x1x1xf32>, %w: tensor<33x16x3x3xf32>) -> tensor<?x33x4x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x16x6x15xf32>, tensor<16x16x1x1xf32>
  %y = nn.conv2d %c, %w : tensor<?x16x6x15xf32>, tensor<33x16x3x3xf32>
  return %y : tensor<?x33x4x13xf32>
}

// CHECK: ok channels_33_17:
func.func @channels_33_17(%x: tensor<?x33x6x15xf32>, %u: tensor<33x33x1x1xf32>, %w: tensor<17x33x3x3xf32>, %b: tensor<17xf32>) -> tensor<?x17x4x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x33x6x15xf32>, tensor<33x33x1x1xf32>
  %y = nn.conv2d %c, %w bias %b : tensor<?x33x6x15xf32>, tensor<17x33x3x3xf32>, tensor<17xf32>
  return %y : tensor<?x17x4x13xf32>
}

// CHECK: ok kernel_1x1:
func.func @kernel_1x1(%x: tensor<?x8x9x13xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<9x8x1x1xf32>, %b: tensor<9xf32>) -> tensor<?x9x9x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x9x13xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w bias %b : tensor<?x8x9x13xf32>, tensor<9x8x1x1xf32>, tensor<9xf32>
  return %y : tensor<?x9x9x13xf32>
}

// CHECK: ok kernel_2x3:
func.func @kernel_2x3(%x: tensor<?x8x9x13xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<9x8x2x3xf32>, %b: tensor<9xf32>) -> tensor<?x9x10x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x9x13xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {padding = array<i64: 1, 1>} : tensor<?x8x9x13xf32>, tensor<9x8x2x3xf32>, tensor<9xf32>
  return %y : tensor<?x9x10x13xf32>
}

// CHECK: ok kernel_4x1:
func.func @kernel_4x1(%x: tensor<?x8x9x13xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<9x8x4x1xf32>, %b: tensor<9xf32>) -> tensor<?x9x10x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x9x13xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {padding = array<i64: 2, 0>} : tensor<?x8x9x13xf32>, tensor<9x8x4x1xf32>, tensor<9xf32>
  return %y : tensor<?x9x10x13xf32>
}

// CHECK: ok kernel_5x5:
func.func @kernel_5x5(%x: tensor<?x8x9x13xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<9x8x5x5xf32>, %b: tensor<9xf32>) -> tensor<?x9x9x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x9x13xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {padding = array<i64: 2, 2>} : tensor<?x8x9x13xf32>, tensor<9x8x5x5xf32>, tensor<9xf32>
  return %y : tensor<?x9x9x13xf32>
}

// CHECK: ok kernel_7x7:
func.func @kernel_7x7(%x: tensor<?x8x9x13xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<9x8x7x7xf32>, %b: tensor<9xf32>) -> tensor<?x9x9x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x9x13xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {padding = array<i64: 3, 3>} : tensor<?x8x9x13xf32>, tensor<9x8x7x7xf32>, tensor<9xf32>
  return %y : tensor<?x9x9x13xf32>
}

// CHECK: ok kernel_1x9_wide_border:
func.func @kernel_1x9_wide_border(%x: tensor<?x3x4x16xf32>, %u: tensor<3x3x1x1xf32>, %w: tensor<8x3x1x9xf32>) -> tensor<?x8x4x16xf32> {
  %c = nn.conv2d %x, %u : tensor<?x3x4x16xf32>, tensor<3x3x1x1xf32>
  %y = nn.conv2d %c, %w {padding = array<i64: 0, 4>} : tensor<?x3x4x16xf32>, tensor<8x3x1x9xf32>
  return %y : tensor<?x8x4x16xf32>
}

// CHECK: ok padding_beyond:
func.func @padding_beyond(%x: tensor<?x8x3x4xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<8x8x3x3xf32>) -> tensor<?x8x9x12xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x3x4xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w {padding = array<i64: 4, 5>} : tensor<?x8x3x4xf32>, tensor<8x8x3x3xf32>
  return %y : tensor<?x8x9x12xf32>
}

// CHECK: ok padding_one_side_reached:
func.func @padding_one_side_reached(%x: tensor<?x4x5x9xf64>, %u: tensor<4x4x1x1xf64>, %w: tensor<5x4x2x2xf64>) -> tensor<?x5x3x5xf64> {
  %c = nn.conv2d %x, %u : tensor<?x4x5x9xf64>, tensor<4x4x1x1xf64>
  %y = nn.conv2d %c, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x4x5x9xf64>, tensor<5x4x2x2xf64>
  return %y : tensor<?x5x3x5xf64>
}

// CHECK: ok stride_2:
func.func @stride_2(%x: tensor<?x8x11x14xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<16x8x3x3xf32>) -> tensor<?x16x6x7xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x11x14xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x8x11x14xf32>, tensor<16x8x3x3xf32>
  return %y : tensor<?x16x6x7xf32>
}

// CHECK: ok stride_1_3:
func.func @stride_1_3(%x: tensor<?x5x6x16xf32>, %u: tensor<5x5x1x1xf32>, %w: tensor<8x5x3x2xf32>) -> tensor<?x8x4x5xf32> {
  %c = nn.conv2d %x, %u : tensor<?x5x6x16xf32>, tensor<5x5x1x1xf32>
  %y = nn.conv2d %c, %w {stride = array<i64: 1, 3>} : tensor<?x5x6x16xf32>, tensor<8x5x3x2xf32>
  return %y : tensor<?x8x4x5xf32>
}

// CHECK: ok dilation_2:
func.func @dilation_2(%x: tensor<?x16x9x12xf32>, %u: tensor<16x16x1x1xf32>, %w: tensor<8x16x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x9x12xf32> {
  %c = nn.conv2d %x, %u : tensor<?x16x9x12xf32>, tensor<16x16x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {dilation = array<i64: 2, 2>, padding = array<i64: 2, 2>} : tensor<?x16x9x12xf32>, tensor<8x16x3x3xf32>, tensor<8xf32>
  return %y : tensor<?x8x9x12xf32>
}

// CHECK: ok dilation_3_stride_2:
func.func @dilation_3_stride_2(%x: tensor<?x4x10x17xf64>, %u: tensor<4x4x1x1xf64>, %w: tensor<6x4x2x3xf64>) -> tensor<?x6x4x9xf64> {
  %c = nn.conv2d %x, %u : tensor<?x4x10x17xf64>, tensor<4x4x1x1xf64>
  %y = nn.conv2d %c, %w {dilation = array<i64: 3, 3>, padding = array<i64: 0, 3>, stride = array<i64: 2, 2>} : tensor<?x4x10x17xf64>, tensor<6x4x2x3xf64>
  return %y : tensor<?x6x4x9xf64>
}

// CHECK: ok groups_inside_a_vector:
func.func @groups_inside_a_vector(%x: tensor<?x8x6x7xf32>, %u: tensor<8x8x1x1xf32>, %w: tensor<8x2x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x6x7xf32> {
  %c = nn.conv2d %x, %u : tensor<?x8x6x7xf32>, tensor<8x8x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {groups = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x8x6x7xf32>, tensor<8x2x3x3xf32>, tensor<8xf32>
  return %y : tensor<?x8x6x7xf32>
}

// CHECK: ok groups_of_vectors:
func.func @groups_of_vectors(%x: tensor<?x6x6x7xf32>, %u: tensor<6x6x1x1xf32>, %w: tensor<16x3x3x3xf32>, %b: tensor<16xf32>) -> tensor<?x16x6x7xf32> {
  %c = nn.conv2d %x, %u : tensor<?x6x6x7xf32>, tensor<6x6x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {groups = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x6x6x7xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>
  return %y : tensor<?x16x6x7xf32>
}

// CHECK: ok groups_across_vectors:
func.func @groups_across_vectors(%x: tensor<?x9x5x7xf32>, %u: tensor<9x9x1x1xf32>, %w: tensor<15x3x3x2xf32>) -> tensor<?x15x3x6xf32> {
  %c = nn.conv2d %x, %u : tensor<?x9x5x7xf32>, tensor<9x9x1x1xf32>
  %y = nn.conv2d %c, %w {groups = 3 : i64} : tensor<?x9x5x7xf32>, tensor<15x3x3x2xf32>
  return %y : tensor<?x15x3x6xf32>
}

// CHECK: ok groups_more_than_lanes:
func.func @groups_more_than_lanes(%x: tensor<?x16x5x5xf32>, %u: tensor<16x16x1x1xf32>, %w: tensor<32x1x3x3xf32>) -> tensor<?x32x3x3xf32> {
  %c = nn.conv2d %x, %u : tensor<?x16x5x5xf32>, tensor<16x16x1x1xf32>
  %y = nn.conv2d %c, %w {groups = 16 : i64} : tensor<?x16x5x5xf32>, tensor<32x1x3x3xf32>
  return %y : tensor<?x32x3x3xf32>
}

// CHECK: ok depthwise:
func.func @depthwise(%x: tensor<?x19x6x13xf32>, %u: tensor<19x19x1x1xf32>, %w: tensor<19x1x3x3xf32>, %b: tensor<19xf32>) -> tensor<?x19x6x13xf32> {
  %c = nn.conv2d %x, %u : tensor<?x19x6x13xf32>, tensor<19x19x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {groups = 19 : i64, padding = array<i64: 1, 1>} : tensor<?x19x6x13xf32>, tensor<19x1x3x3xf32>, tensor<19xf32>
  return %y : tensor<?x19x6x13xf32>
}

// CHECK: ok depthwise_strided:
func.func @depthwise_strided(%x: tensor<?x6x9x9xf64>, %u: tensor<6x6x1x1xf64>, %w: tensor<6x1x3x3xf64>) -> tensor<?x6x4x4xf64> {
  %c = nn.conv2d %x, %u : tensor<?x6x9x9xf64>, tensor<6x6x1x1xf64>
  %y = nn.conv2d %c, %w {groups = 6 : i64, stride = array<i64: 2, 2>} : tensor<?x6x9x9xf64>, tensor<6x1x3x3xf64>
  return %y : tensor<?x6x4x4xf64>
}

// CHECK: ok winograd_exact_f32:
func.func @winograd_exact_f32(%x: tensor<?x16x14x14xf32>, %u: tensor<16x16x1x1xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<?x32x12x12xf32> {
  %c = nn.conv2d %x, %u : tensor<?x16x14x14xf32>, tensor<16x16x1x1xf32>
  %y = nn.conv2d %c, %w : tensor<?x16x14x14xf32>, tensor<32x16x3x3xf32>
  return %y : tensor<?x32x12x12xf32>
}

// CHECK: ok winograd_cut_f32:
func.func @winograd_cut_f32(%x: tensor<?x16x13x16xf32>, %u: tensor<16x16x1x1xf32>, %w: tensor<17x16x3x3xf32>, %b: tensor<17xf32>) -> tensor<?x17x11x14xf32> {
  %c = nn.conv2d %x, %u : tensor<?x16x13x16xf32>, tensor<16x16x1x1xf32>
  %y = nn.conv2d %c, %w bias %b : tensor<?x16x13x16xf32>, tensor<17x16x3x3xf32>, tensor<17xf32>
  return %y : tensor<?x17x11x14xf32>
}

// CHECK: ok winograd_padded_f32:
func.func @winograd_padded_f32(%x: tensor<?x12x9x11xf32>, %u: tensor<12x12x1x1xf32>, %w: tensor<16x12x3x3xf32>) -> tensor<?x16x9x11xf32> {
  %c = nn.conv2d %x, %u : tensor<?x12x9x11xf32>, tensor<12x12x1x1xf32>
  %y = nn.conv2d %c, %w {padding = array<i64: 1, 1>} : tensor<?x12x9x11xf32>, tensor<16x12x3x3xf32>
  return %y : tensor<?x16x9x11xf32>
}

// CHECK: ok winograd_long_f32:
func.func @winograd_long_f32(%x: tensor<?x16x6x62xf32>, %u: tensor<16x16x1x1xf32>, %w: tensor<16x16x3x3xf32>, %b: tensor<16xf32>) -> tensor<?x16x6x64xf32> {
  %c = nn.conv2d %x, %u : tensor<?x16x6x62xf32>, tensor<16x16x1x1xf32>
  %y = nn.conv2d %c, %w bias %b {padding = array<i64: 1, 2>} : tensor<?x16x6x62xf32>, tensor<16x16x3x3xf32>, tensor<16xf32>
  return %y : tensor<?x16x6x64xf32>
}

// CHECK: ok winograd_exact_f64:
func.func @winograd_exact_f64(%x: tensor<?x16x14x14xf64>, %u: tensor<16x16x1x1xf64>, %w: tensor<32x16x3x3xf64>) -> tensor<?x32x12x12xf64> {
  %c = nn.conv2d %x, %u : tensor<?x16x14x14xf64>, tensor<16x16x1x1xf64>
  %y = nn.conv2d %c, %w : tensor<?x16x14x14xf64>, tensor<32x16x3x3xf64>
  return %y : tensor<?x32x12x12xf64>
}

// CHECK: ok winograd_cut_f64:
func.func @winograd_cut_f64(%x: tensor<?x16x13x16xf64>, %u: tensor<16x16x1x1xf64>, %w: tensor<17x16x3x3xf64>, %b: tensor<17xf64>) -> tensor<?x17x11x14xf64> {
  %c = nn.conv2d %x, %u : tensor<?x16x13x16xf64>, tensor<16x16x1x1xf64>
  %y = nn.conv2d %c, %w bias %b : tensor<?x16x13x16xf64>, tensor<17x16x3x3xf64>, tensor<17xf64>
  return %y : tensor<?x17x11x14xf64>
}

// CHECK: ok winograd_padded_f64:
func.func @winograd_padded_f64(%x: tensor<?x12x9x11xf64>, %u: tensor<12x12x1x1xf64>, %w: tensor<16x12x3x3xf64>) -> tensor<?x16x9x11xf64> {
  %c = nn.conv2d %x, %u : tensor<?x12x9x11xf64>, tensor<12x12x1x1xf64>
  %y = nn.conv2d %c, %w {padding = array<i64: 1, 1>} : tensor<?x12x9x11xf64>, tensor<16x12x3x3xf64>
  return %y : tensor<?x16x9x11xf64>
}

// CHECK: ok winograd_long_f64:
func.func @winograd_long_f64(%x: tensor<?x16x6x62xf64>, %u: tensor<16x16x1x1xf64>, %w: tensor<16x16x3x3xf64>, %b: tensor<16xf64>) -> tensor<?x16x6x64xf64> {
  %c = nn.conv2d %x, %u : tensor<?x16x6x62xf64>, tensor<16x16x1x1xf64>
  %y = nn.conv2d %c, %w bias %b {padding = array<i64: 1, 2>} : tensor<?x16x6x62xf64>, tensor<16x16x3x3xf64>, tensor<16xf64>
  return %y : tensor<?x16x6x64xf64>
}

// CHECK: ok winograd_small_tiles:
func.func @winograd_small_tiles(%x: tensor<?x16x8x8xf32>, %u: tensor<16x16x1x1xf32>, %w: tensor<16x16x3x3xf32>) -> tensor<?x16x8x8xf32> {
  %c = nn.conv2d %x, %u : tensor<?x16x8x8xf32>, tensor<16x16x1x1xf32>
  %y = nn.conv2d %c, %w {padding = array<i64: 1, 1>} : tensor<?x16x8x8xf32>, tensor<16x16x3x3xf32>
  return %y : tensor<?x16x8x8xf32>
}
