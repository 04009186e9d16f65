// RUN: gradmill-numeric %s --batch=16 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=3 --no-gradient --no-fuse | FileCheck %s
// RUN: gradmill-numeric %s --batch=40 --no-gradient --cpu=x86-64 | FileCheck %s

// Winograd's form against naive loops, where the attribute asks for it: channels that no tile
// divides, images of odd size and smaller than a tile, padding up to and beyond the
// filter's reach, batches with a remainder. f: forward, d: backward-data, w:
// backward-weights; then m of F(m x m,3x3) or F(3x3,m x m).

// CHECK: ok f2_1to8_9x8_pad0:
func.func @f2_1to8_9x8_pad0(%x: tensor<?x1x9x8xf32>, %w: tensor<8x1x3x3xf32>) -> tensor<?x8x7x6xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64} : tensor<?x1x9x8xf32>, tensor<8x1x3x3xf32>
  return %y : tensor<?x8x7x6xf32>
}

// CHECK: ok f2_2to3_5x5_pad1:
func.func @f2_2to3_5x5_pad1(%x: tensor<?x2x5x5xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<?x3x5x5xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x2x5x5xf32>, tensor<3x2x3x3xf32>
  return %y : tensor<?x3x5x5xf32>
}

// CHECK: ok f2_3to1_7x6_pad1_bias:
func.func @f2_3to1_7x6_pad1_bias(%x: tensor<?x3x7x6xf32>, %w: tensor<1x3x3x3xf32>, %b: tensor<1xf32>) -> tensor<?x1x7x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x3x7x6xf32>, tensor<1x3x3x3xf32>, tensor<1xf32>
  return %y : tensor<?x1x7x6xf32>
}

// CHECK: ok f2_4to5_3x3_pad0_relu:
func.func @f2_4to5_3x3_pad0_relu(%x: tensor<?x4x3x3xf32>, %w: tensor<5x4x3x3xf32>) -> tensor<?x5x1x1xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64} : tensor<?x4x3x3xf32>, tensor<5x4x3x3xf32>
  %r = nn.relu %y : tensor<?x5x1x1xf32>
  return %r : tensor<?x5x1x1xf32>
}

// CHECK: ok f2_8to8_4x4_pad0_bias:
func.func @f2_8to8_4x4_pad0_bias(%x: tensor<?x8x4x4xf32>, %w: tensor<8x8x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x2x2xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 2 : i64} : tensor<?x8x4x4xf32>, tensor<8x8x3x3xf32>, tensor<8xf32>
  return %y : tensor<?x8x2x2xf32>
}

// CHECK: ok f2_9to8_6x7_pad0_bias_relu:
func.func @f2_9to8_6x7_pad0_bias_relu(%x: tensor<?x9x6x7xf32>, %w: tensor<8x9x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x4x5xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 2 : i64} : tensor<?x9x6x7xf32>, tensor<8x9x3x3xf32>, tensor<8xf32>
  %r = nn.relu %y : tensor<?x8x4x5xf32>
  return %r : tensor<?x8x4x5xf32>
}

// CHECK: ok f2_10to16_12x12_pad0_relu:
func.func @f2_10to16_12x12_pad0_relu(%x: tensor<?x10x12x12xf32>, %w: tensor<16x10x3x3xf32>) -> tensor<?x16x10x10xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64} : tensor<?x10x12x12xf32>, tensor<16x10x3x3xf32>
  %r = nn.relu %y : tensor<?x16x10x10xf32>
  return %r : tensor<?x16x10x10xf32>
}

// CHECK: ok f2_17to15_7x9_pad1:
func.func @f2_17to15_7x9_pad1(%x: tensor<?x17x7x9xf32>, %w: tensor<15x17x3x3xf32>) -> tensor<?x15x7x7xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64, padding = array<i64: 1, 0>} : tensor<?x17x7x9xf32>, tensor<15x17x3x3xf32>
  return %y : tensor<?x15x7x7xf32>
}

// CHECK: ok f2_12to33_6x6_pad1_bias_relu:
func.func @f2_12to33_6x6_pad1_bias_relu(%x: tensor<?x12x6x6xf32>, %w: tensor<33x12x3x3xf32>, %b: tensor<33xf32>) -> tensor<?x33x6x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x12x6x6xf32>, tensor<33x12x3x3xf32>, tensor<33xf32>
  %r = nn.relu %y : tensor<?x33x6x6xf32>
  return %r : tensor<?x33x6x6xf32>
}

// CHECK: ok f2_33to12_5x8_pad1:
func.func @f2_33to12_5x8_pad1(%x: tensor<?x33x5x8xf32>, %w: tensor<12x33x3x3xf32>) -> tensor<?x12x5x8xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x33x5x8xf32>, tensor<12x33x3x3xf32>
  return %y : tensor<?x12x5x8xf32>
}

// CHECK: ok f2_16to11_1x1_pad1_bias:
func.func @f2_16to11_1x1_pad1_bias(%x: tensor<?x16x1x1xf32>, %w: tensor<11x16x3x3xf32>, %b: tensor<11xf32>) -> tensor<?x11x1x1xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x16x1x1xf32>, tensor<11x16x3x3xf32>, tensor<11xf32>
  return %y : tensor<?x11x1x1xf32>
}

// CHECK: ok f2_11to13_2x3_pad1_relu:
func.func @f2_11to13_2x3_pad1_relu(%x: tensor<?x11x2x3xf32>, %w: tensor<13x11x3x3xf32>) -> tensor<?x13x2x3xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x11x2x3xf32>, tensor<13x11x3x3xf32>
  %r = nn.relu %y : tensor<?x13x2x3xf32>
  return %r : tensor<?x13x2x3xf32>
}

// CHECK: ok f2_13to8_1x4_pad2_bias:
func.func @f2_13to8_1x4_pad2_bias(%x: tensor<?x13x1x4xf32>, %w: tensor<8x13x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x3x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 2 : i64, padding = array<i64: 2, 2>} : tensor<?x13x1x4xf32>, tensor<8x13x3x3xf32>, tensor<8xf32>
  return %y : tensor<?x8x3x6xf32>
}

// CHECK: ok f2_8to16_4x4_pad2:
func.func @f2_8to16_4x4_pad2(%x: tensor<?x8x4x4xf32>, %w: tensor<16x8x3x3xf32>) -> tensor<?x16x6x6xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64, padding = array<i64: 2, 2>} : tensor<?x8x4x4xf32>, tensor<16x8x3x3xf32>
  return %y : tensor<?x16x6x6xf32>
}

// CHECK: ok f2_14to10_9x3_pad2_relu:
func.func @f2_14to10_9x3_pad2_relu(%x: tensor<?x14x9x3xf32>, %w: tensor<10x14x3x3xf32>) -> tensor<?x10x11x5xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64, padding = array<i64: 2, 2>} : tensor<?x14x9x3xf32>, tensor<10x14x3x3xf32>
  %r = nn.relu %y : tensor<?x10x11x5xf32>
  return %r : tensor<?x10x11x5xf32>
}

// CHECK: ok f2_8to7_2x2_pad3_bias_relu:
func.func @f2_8to7_2x2_pad3_bias_relu(%x: tensor<?x8x2x2xf32>, %w: tensor<7x8x3x3xf32>, %b: tensor<7xf32>) -> tensor<?x7x6x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 2 : i64, padding = array<i64: 3, 3>} : tensor<?x8x2x2xf32>, tensor<7x8x3x3xf32>, tensor<7xf32>
  %r = nn.relu %y : tensor<?x7x6x6xf32>
  return %r : tensor<?x7x6x6xf32>
}

// CHECK: ok f2_16to9_3x5_pad3:
func.func @f2_16to9_3x5_pad3(%x: tensor<?x16x3x5xf32>, %w: tensor<9x16x3x3xf32>) -> tensor<?x9x7x9xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64, padding = array<i64: 3, 3>} : tensor<?x16x3x5xf32>, tensor<9x16x3x3xf32>
  return %y : tensor<?x9x7x9xf32>
}

// CHECK: ok f2_31to32_4x6_pad0:
func.func @f2_31to32_4x6_pad0(%x: tensor<?x31x4x6xf32>, %w: tensor<32x31x3x3xf32>) -> tensor<?x32x2x4xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 2 : i64} : tensor<?x31x4x6xf32>, tensor<32x31x3x3xf32>
  return %y : tensor<?x32x2x4xf32>
}

// CHECK: ok d2_8to8_5x5_pad0:
func.func @d2_8to8_5x5_pad0(%dy: tensor<?x8x3x3xf32>, %w: tensor<8x8x3x3xf32>, %x: tensor<?x8x5x5xf32>) -> tensor<?x8x5x5xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 5, 5>, nn.winograd = 2 : i64} : tensor<?x8x3x3xf32>, tensor<8x8x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x8x5x5xf32>
  return %r : tensor<?x8x5x5xf32>
}

// CHECK: ok d2_2to1_6x6_pad0:
func.func @d2_2to1_6x6_pad0(%dy: tensor<?x2x4x4xf32>, %w: tensor<2x1x3x3xf32>, %x: tensor<?x1x6x6xf32>) -> tensor<?x1x6x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, nn.winograd = 2 : i64} : tensor<?x2x4x4xf32>, tensor<2x1x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x1x6x6xf32>
  return %r : tensor<?x1x6x6xf32>
}

// CHECK: ok d2_16to3_8x7_pad1:
func.func @d2_16to3_8x7_pad1(%dy: tensor<?x16x8x7xf32>, %w: tensor<16x3x3x3xf32>, %x: tensor<?x3x8x7xf32>) -> tensor<?x3x8x7xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 8, 7>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x16x8x7xf32>, tensor<16x3x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x3x8x7xf32>
  return %r : tensor<?x3x8x7xf32>
}

// CHECK: ok d2_16to10_6x6_pad1:
func.func @d2_16to10_6x6_pad1(%dy: tensor<?x16x6x6xf32>, %w: tensor<16x10x3x3xf32>, %x: tensor<?x10x6x6xf32>) -> tensor<?x10x6x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x16x6x6xf32>, tensor<16x10x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x10x6x6xf32>
  return %r : tensor<?x10x6x6xf32>
}

// CHECK: ok d2_9to17_5x8_pad2:
func.func @d2_9to17_5x8_pad2(%dy: tensor<?x9x7x10xf32>, %w: tensor<9x17x3x3xf32>, %x: tensor<?x17x5x8xf32>) -> tensor<?x17x5x8xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 5, 8>, nn.winograd = 2 : i64, padding = array<i64: 2, 2>} : tensor<?x9x7x10xf32>, tensor<9x17x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x17x5x8xf32>
  return %r : tensor<?x17x5x8xf32>
}

// CHECK: ok d2_33to5_4x3_pad1:
func.func @d2_33to5_4x3_pad1(%dy: tensor<?x33x4x3xf32>, %w: tensor<33x5x3x3xf32>, %x: tensor<?x5x4x3xf32>) -> tensor<?x5x4x3xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 4, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x33x4x3xf32>, tensor<33x5x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x5x4x3xf32>
  return %r : tensor<?x5x4x3xf32>
}

// CHECK: ok d2_6to33_7x6_pad0:
func.func @d2_6to33_7x6_pad0(%dy: tensor<?x6x5x4xf32>, %w: tensor<6x33x3x3xf32>, %x: tensor<?x33x7x6xf32>) -> tensor<?x33x7x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 7, 6>, nn.winograd = 2 : i64} : tensor<?x6x5x4xf32>, tensor<6x33x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x33x7x6xf32>
  return %r : tensor<?x33x7x6xf32>
}

// CHECK: ok d2_10to9_1x2_pad2:
func.func @d2_10to9_1x2_pad2(%dy: tensor<?x10x3x4xf32>, %w: tensor<10x9x3x3xf32>, %x: tensor<?x9x1x2xf32>) -> tensor<?x9x1x2xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 1, 2>, nn.winograd = 2 : i64, padding = array<i64: 2, 2>} : tensor<?x10x3x4xf32>, tensor<10x9x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x9x1x2xf32>
  return %r : tensor<?x9x1x2xf32>
}

// CHECK: ok d2_4to8_3x3_pad3:
func.func @d2_4to8_3x3_pad3(%dy: tensor<?x4x7x7xf32>, %w: tensor<4x8x3x3xf32>, %x: tensor<?x8x3x3xf32>) -> tensor<?x8x3x3xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 3, 3>} : tensor<?x4x7x7xf32>, tensor<4x8x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x8x3x3xf32>
  return %r : tensor<?x8x3x3xf32>
}

// CHECK: ok d2_11to6_2x5_pad3:
func.func @d2_11to6_2x5_pad3(%dy: tensor<?x11x6x9xf32>, %w: tensor<11x6x3x3xf32>, %x: tensor<?x6x2x5xf32>) -> tensor<?x6x2x5xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 2, 5>, nn.winograd = 2 : i64, padding = array<i64: 3, 3>} : tensor<?x11x6x9xf32>, tensor<11x6x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x6x2x5xf32>
  return %r : tensor<?x6x2x5xf32>
}

// CHECK: ok d2_16to16_6x6_pad1:
func.func @d2_16to16_6x6_pad1(%dy: tensor<?x16x6x6xf32>, %w: tensor<16x16x3x3xf32>, %x: tensor<?x16x6x6xf32>) -> tensor<?x16x6x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x16x6x6xf32>, tensor<16x16x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x16x6x6xf32>
  return %r : tensor<?x16x6x6xf32>
}

// CHECK: ok f4_1to8_9x8_pad0:
func.func @f4_1to8_9x8_pad0(%x: tensor<?x1x9x8xf32>, %w: tensor<8x1x3x3xf32>) -> tensor<?x8x7x6xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64} : tensor<?x1x9x8xf32>, tensor<8x1x3x3xf32>
  return %y : tensor<?x8x7x6xf32>
}

// CHECK: ok f4_2to3_5x5_pad1:
func.func @f4_2to3_5x5_pad1(%x: tensor<?x2x5x5xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<?x3x5x5xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x2x5x5xf32>, tensor<3x2x3x3xf32>
  return %y : tensor<?x3x5x5xf32>
}

// CHECK: ok f4_3to1_7x6_pad1_bias:
func.func @f4_3to1_7x6_pad1_bias(%x: tensor<?x3x7x6xf32>, %w: tensor<1x3x3x3xf32>, %b: tensor<1xf32>) -> tensor<?x1x7x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x3x7x6xf32>, tensor<1x3x3x3xf32>, tensor<1xf32>
  return %y : tensor<?x1x7x6xf32>
}

// CHECK: ok f4_4to5_3x3_pad0_relu:
func.func @f4_4to5_3x3_pad0_relu(%x: tensor<?x4x3x3xf32>, %w: tensor<5x4x3x3xf32>) -> tensor<?x5x1x1xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64} : tensor<?x4x3x3xf32>, tensor<5x4x3x3xf32>
  %r = nn.relu %y : tensor<?x5x1x1xf32>
  return %r : tensor<?x5x1x1xf32>
}

// CHECK: ok f4_8to8_4x4_pad0_bias:
func.func @f4_8to8_4x4_pad0_bias(%x: tensor<?x8x4x4xf32>, %w: tensor<8x8x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x2x2xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 4 : i64} : tensor<?x8x4x4xf32>, tensor<8x8x3x3xf32>, tensor<8xf32>
  return %y : tensor<?x8x2x2xf32>
}

// CHECK: ok f4_9to8_6x7_pad0_bias_relu:
func.func @f4_9to8_6x7_pad0_bias_relu(%x: tensor<?x9x6x7xf32>, %w: tensor<8x9x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x4x5xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 4 : i64} : tensor<?x9x6x7xf32>, tensor<8x9x3x3xf32>, tensor<8xf32>
  %r = nn.relu %y : tensor<?x8x4x5xf32>
  return %r : tensor<?x8x4x5xf32>
}

// CHECK: ok f4_10to16_12x12_pad0_relu:
func.func @f4_10to16_12x12_pad0_relu(%x: tensor<?x10x12x12xf32>, %w: tensor<16x10x3x3xf32>) -> tensor<?x16x10x10xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64} : tensor<?x10x12x12xf32>, tensor<16x10x3x3xf32>
  %r = nn.relu %y : tensor<?x16x10x10xf32>
  return %r : tensor<?x16x10x10xf32>
}

// CHECK: ok f4_17to15_7x9_pad1:
func.func @f4_17to15_7x9_pad1(%x: tensor<?x17x7x9xf32>, %w: tensor<15x17x3x3xf32>) -> tensor<?x15x7x7xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 1, 0>} : tensor<?x17x7x9xf32>, tensor<15x17x3x3xf32>
  return %y : tensor<?x15x7x7xf32>
}

// CHECK: ok f4_12to33_6x6_pad1_bias_relu:
func.func @f4_12to33_6x6_pad1_bias_relu(%x: tensor<?x12x6x6xf32>, %w: tensor<33x12x3x3xf32>, %b: tensor<33xf32>) -> tensor<?x33x6x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x12x6x6xf32>, tensor<33x12x3x3xf32>, tensor<33xf32>
  %r = nn.relu %y : tensor<?x33x6x6xf32>
  return %r : tensor<?x33x6x6xf32>
}

// CHECK: ok f4_33to12_5x8_pad1:
func.func @f4_33to12_5x8_pad1(%x: tensor<?x33x5x8xf32>, %w: tensor<12x33x3x3xf32>) -> tensor<?x12x5x8xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x33x5x8xf32>, tensor<12x33x3x3xf32>
  return %y : tensor<?x12x5x8xf32>
}

// CHECK: ok f4_16to11_1x1_pad1_bias:
func.func @f4_16to11_1x1_pad1_bias(%x: tensor<?x16x1x1xf32>, %w: tensor<11x16x3x3xf32>, %b: tensor<11xf32>) -> tensor<?x11x1x1xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x16x1x1xf32>, tensor<11x16x3x3xf32>, tensor<11xf32>
  return %y : tensor<?x11x1x1xf32>
}

// CHECK: ok f4_11to13_2x3_pad1_relu:
func.func @f4_11to13_2x3_pad1_relu(%x: tensor<?x11x2x3xf32>, %w: tensor<13x11x3x3xf32>) -> tensor<?x13x2x3xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x11x2x3xf32>, tensor<13x11x3x3xf32>
  %r = nn.relu %y : tensor<?x13x2x3xf32>
  return %r : tensor<?x13x2x3xf32>
}

// CHECK: ok f4_13to8_1x4_pad2_bias:
func.func @f4_13to8_1x4_pad2_bias(%x: tensor<?x13x1x4xf32>, %w: tensor<8x13x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x3x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 4 : i64, padding = array<i64: 2, 2>} : tensor<?x13x1x4xf32>, tensor<8x13x3x3xf32>, tensor<8xf32>
  return %y : tensor<?x8x3x6xf32>
}

// CHECK: ok f4_8to16_4x4_pad2:
func.func @f4_8to16_4x4_pad2(%x: tensor<?x8x4x4xf32>, %w: tensor<16x8x3x3xf32>) -> tensor<?x16x6x6xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 2, 2>} : tensor<?x8x4x4xf32>, tensor<16x8x3x3xf32>
  return %y : tensor<?x16x6x6xf32>
}

// CHECK: ok f4_14to10_9x3_pad2_relu:
func.func @f4_14to10_9x3_pad2_relu(%x: tensor<?x14x9x3xf32>, %w: tensor<10x14x3x3xf32>) -> tensor<?x10x11x5xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 2, 2>} : tensor<?x14x9x3xf32>, tensor<10x14x3x3xf32>
  %r = nn.relu %y : tensor<?x10x11x5xf32>
  return %r : tensor<?x10x11x5xf32>
}

// CHECK: ok f4_8to7_2x2_pad3_bias_relu:
func.func @f4_8to7_2x2_pad3_bias_relu(%x: tensor<?x8x2x2xf32>, %w: tensor<7x8x3x3xf32>, %b: tensor<7xf32>) -> tensor<?x7x6x6xf32> {
  %y = nn.conv2d %x, %w bias %b {nn.winograd = 4 : i64, padding = array<i64: 3, 3>} : tensor<?x8x2x2xf32>, tensor<7x8x3x3xf32>, tensor<7xf32>
  %r = nn.relu %y : tensor<?x7x6x6xf32>
  return %r : tensor<?x7x6x6xf32>
}

// CHECK: ok f4_16to9_3x5_pad3:
func.func @f4_16to9_3x5_pad3(%x: tensor<?x16x3x5xf32>, %w: tensor<9x16x3x3xf32>) -> tensor<?x9x7x9xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 3, 3>} : tensor<?x16x3x5xf32>, tensor<9x16x3x3xf32>
  return %y : tensor<?x9x7x9xf32>
}

// CHECK: ok f4_31to32_4x6_pad0:
func.func @f4_31to32_4x6_pad0(%x: tensor<?x31x4x6xf32>, %w: tensor<32x31x3x3xf32>) -> tensor<?x32x2x4xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64} : tensor<?x31x4x6xf32>, tensor<32x31x3x3xf32>
  return %y : tensor<?x32x2x4xf32>
}

// CHECK: ok d4_8to8_5x5_pad0:
func.func @d4_8to8_5x5_pad0(%dy: tensor<?x8x3x3xf32>, %w: tensor<8x8x3x3xf32>, %x: tensor<?x8x5x5xf32>) -> tensor<?x8x5x5xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 5, 5>, nn.winograd = 4 : i64} : tensor<?x8x3x3xf32>, tensor<8x8x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x8x5x5xf32>
  return %r : tensor<?x8x5x5xf32>
}

// CHECK: ok d4_2to1_6x6_pad0:
func.func @d4_2to1_6x6_pad0(%dy: tensor<?x2x4x4xf32>, %w: tensor<2x1x3x3xf32>, %x: tensor<?x1x6x6xf32>) -> tensor<?x1x6x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, nn.winograd = 4 : i64} : tensor<?x2x4x4xf32>, tensor<2x1x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x1x6x6xf32>
  return %r : tensor<?x1x6x6xf32>
}

// CHECK: ok d4_16to3_8x7_pad1:
func.func @d4_16to3_8x7_pad1(%dy: tensor<?x16x8x7xf32>, %w: tensor<16x3x3x3xf32>, %x: tensor<?x3x8x7xf32>) -> tensor<?x3x8x7xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 8, 7>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x16x8x7xf32>, tensor<16x3x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x3x8x7xf32>
  return %r : tensor<?x3x8x7xf32>
}

// CHECK: ok d4_16to10_6x6_pad1:
func.func @d4_16to10_6x6_pad1(%dy: tensor<?x16x6x6xf32>, %w: tensor<16x10x3x3xf32>, %x: tensor<?x10x6x6xf32>) -> tensor<?x10x6x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x16x6x6xf32>, tensor<16x10x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x10x6x6xf32>
  return %r : tensor<?x10x6x6xf32>
}

// CHECK: ok d4_9to17_5x8_pad2:
func.func @d4_9to17_5x8_pad2(%dy: tensor<?x9x7x10xf32>, %w: tensor<9x17x3x3xf32>, %x: tensor<?x17x5x8xf32>) -> tensor<?x17x5x8xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 5, 8>, nn.winograd = 4 : i64, padding = array<i64: 2, 2>} : tensor<?x9x7x10xf32>, tensor<9x17x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x17x5x8xf32>
  return %r : tensor<?x17x5x8xf32>
}

// CHECK: ok d4_33to5_4x3_pad1:
func.func @d4_33to5_4x3_pad1(%dy: tensor<?x33x4x3xf32>, %w: tensor<33x5x3x3xf32>, %x: tensor<?x5x4x3xf32>) -> tensor<?x5x4x3xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 4, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x33x4x3xf32>, tensor<33x5x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x5x4x3xf32>
  return %r : tensor<?x5x4x3xf32>
}

// CHECK: ok d4_6to33_7x6_pad0:
func.func @d4_6to33_7x6_pad0(%dy: tensor<?x6x5x4xf32>, %w: tensor<6x33x3x3xf32>, %x: tensor<?x33x7x6xf32>) -> tensor<?x33x7x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 7, 6>, nn.winograd = 4 : i64} : tensor<?x6x5x4xf32>, tensor<6x33x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x33x7x6xf32>
  return %r : tensor<?x33x7x6xf32>
}

// CHECK: ok d4_10to9_1x2_pad2:
func.func @d4_10to9_1x2_pad2(%dy: tensor<?x10x3x4xf32>, %w: tensor<10x9x3x3xf32>, %x: tensor<?x9x1x2xf32>) -> tensor<?x9x1x2xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 1, 2>, nn.winograd = 4 : i64, padding = array<i64: 2, 2>} : tensor<?x10x3x4xf32>, tensor<10x9x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x9x1x2xf32>
  return %r : tensor<?x9x1x2xf32>
}

// CHECK: ok d4_4to8_3x3_pad3:
func.func @d4_4to8_3x3_pad3(%dy: tensor<?x4x7x7xf32>, %w: tensor<4x8x3x3xf32>, %x: tensor<?x8x3x3xf32>) -> tensor<?x8x3x3xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 3, 3>} : tensor<?x4x7x7xf32>, tensor<4x8x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x8x3x3xf32>
  return %r : tensor<?x8x3x3xf32>
}

// CHECK: ok d4_11to6_2x5_pad3:
func.func @d4_11to6_2x5_pad3(%dy: tensor<?x11x6x9xf32>, %w: tensor<11x6x3x3xf32>, %x: tensor<?x6x2x5xf32>) -> tensor<?x6x2x5xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 2, 5>, nn.winograd = 4 : i64, padding = array<i64: 3, 3>} : tensor<?x11x6x9xf32>, tensor<11x6x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x6x2x5xf32>
  return %r : tensor<?x6x2x5xf32>
}

// CHECK: ok d4_16to16_6x6_pad1:
func.func @d4_16to16_6x6_pad1(%dy: tensor<?x16x6x6xf32>, %w: tensor<16x16x3x3xf32>, %x: tensor<?x16x6x6xf32>) -> tensor<?x16x6x6xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x16x6x6xf32>, tensor<16x16x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x16x6x6xf32>
  return %r : tensor<?x16x6x6xf32>
}

// CHECK: ok w2_1to8_9x8_pad0:
func.func @w2_1to8_9x8_pad0(%x: tensor<?x1x9x8xf32>, %dy: tensor<?x8x7x6xf32>) -> tensor<8x1x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64} : tensor<?x1x9x8xf32>, tensor<?x8x7x6xf32>
  return %w : tensor<8x1x3x3xf32>
}

// CHECK: ok w2_2to3_5x5_pad1:
func.func @w2_2to3_5x5_pad1(%x: tensor<?x2x5x5xf32>, %dy: tensor<?x3x5x5xf32>) -> tensor<3x2x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x2x5x5xf32>, tensor<?x3x5x5xf32>
  return %w : tensor<3x2x3x3xf32>
}

// CHECK: ok w2_3to1_7x6_pad1:
func.func @w2_3to1_7x6_pad1(%x: tensor<?x3x7x6xf32>, %dy: tensor<?x1x7x6xf32>) -> tensor<1x3x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x3x7x6xf32>, tensor<?x1x7x6xf32>
  return %w : tensor<1x3x3x3xf32>
}

// CHECK: ok w2_4to5_3x3_pad0:
func.func @w2_4to5_3x3_pad0(%x: tensor<?x4x3x3xf32>, %dy: tensor<?x5x1x1xf32>) -> tensor<5x4x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64} : tensor<?x4x3x3xf32>, tensor<?x5x1x1xf32>
  return %w : tensor<5x4x3x3xf32>
}

// CHECK: ok w2_8to8_4x4_pad0:
func.func @w2_8to8_4x4_pad0(%x: tensor<?x8x4x4xf32>, %dy: tensor<?x8x2x2xf32>) -> tensor<8x8x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64} : tensor<?x8x4x4xf32>, tensor<?x8x2x2xf32>
  return %w : tensor<8x8x3x3xf32>
}

// CHECK: ok w2_9to8_6x7_pad1:
func.func @w2_9to8_6x7_pad1(%x: tensor<?x9x6x7xf32>, %dy: tensor<?x8x6x7xf32>) -> tensor<8x9x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x9x6x7xf32>, tensor<?x8x6x7xf32>
  return %w : tensor<8x9x3x3xf32>
}

// CHECK: ok w2_5to11_9x8_pad0:
func.func @w2_5to11_9x8_pad0(%x: tensor<?x5x9x8xf32>, %dy: tensor<?x11x7x6xf32>) -> tensor<11x5x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64} : tensor<?x5x9x8xf32>, tensor<?x11x7x6xf32>
  return %w : tensor<11x5x3x3xf32>
}

// CHECK: ok w2_16to32_8x7_pad1:
func.func @w2_16to32_8x7_pad1(%x: tensor<?x16x8x7xf32>, %dy: tensor<?x32x8x7xf32>) -> tensor<32x16x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x16x8x7xf32>, tensor<?x32x8x7xf32>
  return %w : tensor<32x16x3x3xf32>
}

// CHECK: ok w2_16to10_6x6_pad1:
func.func @w2_16to10_6x6_pad1(%x: tensor<?x16x6x6xf32>, %dy: tensor<?x10x6x6xf32>) -> tensor<10x16x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x16x6x6xf32>, tensor<?x10x6x6xf32>
  return %w : tensor<10x16x3x3xf32>
}

// CHECK: ok w2_33to5_4x3_pad1:
func.func @w2_33to5_4x3_pad1(%x: tensor<?x33x4x3xf32>, %dy: tensor<?x5x4x3xf32>) -> tensor<5x33x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x33x4x3xf32>, tensor<?x5x4x3xf32>
  return %w : tensor<5x33x3x3xf32>
}

// CHECK: ok w2_6to33_7x6_pad0:
func.func @w2_6to33_7x6_pad0(%x: tensor<?x6x7x6xf32>, %dy: tensor<?x33x5x4xf32>) -> tensor<33x6x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64} : tensor<?x6x7x6xf32>, tensor<?x33x5x4xf32>
  return %w : tensor<33x6x3x3xf32>
}

// CHECK: ok w2_10to9_1x2_pad2:
func.func @w2_10to9_1x2_pad2(%x: tensor<?x10x1x2xf32>, %dy: tensor<?x9x3x4xf32>) -> tensor<9x10x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 2, 2>} : tensor<?x10x1x2xf32>, tensor<?x9x3x4xf32>
  return %w : tensor<9x10x3x3xf32>
}

// CHECK: ok w2_4to8_3x3_pad3:
func.func @w2_4to8_3x3_pad3(%x: tensor<?x4x3x3xf32>, %dy: tensor<?x8x7x7xf32>) -> tensor<8x4x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 3, 3>} : tensor<?x4x3x3xf32>, tensor<?x8x7x7xf32>
  return %w : tensor<8x4x3x3xf32>
}

// CHECK: ok w2_11to17_2x5_pad3:
func.func @w2_11to17_2x5_pad3(%x: tensor<?x11x2x5xf32>, %dy: tensor<?x17x6x9xf32>) -> tensor<17x11x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 3, 3>} : tensor<?x11x2x5xf32>, tensor<?x17x6x9xf32>
  return %w : tensor<17x11x3x3xf32>
}

// CHECK: ok w2_64to24_4x5_pad1:
func.func @w2_64to24_4x5_pad1(%x: tensor<?x64x4x5xf32>, %dy: tensor<?x24x4x5xf32>) -> tensor<24x64x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x64x4x5xf32>, tensor<?x24x4x5xf32>
  return %w : tensor<24x64x3x3xf32>
}

// CHECK: ok w4_1to8_9x8_pad0:
func.func @w4_1to8_9x8_pad0(%x: tensor<?x1x9x8xf32>, %dy: tensor<?x8x7x6xf32>) -> tensor<8x1x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64} : tensor<?x1x9x8xf32>, tensor<?x8x7x6xf32>
  return %w : tensor<8x1x3x3xf32>
}

// CHECK: ok w4_2to3_5x5_pad1:
func.func @w4_2to3_5x5_pad1(%x: tensor<?x2x5x5xf32>, %dy: tensor<?x3x5x5xf32>) -> tensor<3x2x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x2x5x5xf32>, tensor<?x3x5x5xf32>
  return %w : tensor<3x2x3x3xf32>
}

// CHECK: ok w4_3to1_7x6_pad1:
func.func @w4_3to1_7x6_pad1(%x: tensor<?x3x7x6xf32>, %dy: tensor<?x1x7x6xf32>) -> tensor<1x3x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x3x7x6xf32>, tensor<?x1x7x6xf32>
  return %w : tensor<1x3x3x3xf32>
}

// CHECK: ok w4_4to5_3x3_pad0:
func.func @w4_4to5_3x3_pad0(%x: tensor<?x4x3x3xf32>, %dy: tensor<?x5x1x1xf32>) -> tensor<5x4x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64} : tensor<?x4x3x3xf32>, tensor<?x5x1x1xf32>
  return %w : tensor<5x4x3x3xf32>
}

// CHECK: ok w4_8to8_4x4_pad0:
func.func @w4_8to8_4x4_pad0(%x: tensor<?x8x4x4xf32>, %dy: tensor<?x8x2x2xf32>) -> tensor<8x8x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64} : tensor<?x8x4x4xf32>, tensor<?x8x2x2xf32>
  return %w : tensor<8x8x3x3xf32>
}

// CHECK: ok w4_9to8_6x7_pad1:
func.func @w4_9to8_6x7_pad1(%x: tensor<?x9x6x7xf32>, %dy: tensor<?x8x6x7xf32>) -> tensor<8x9x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x9x6x7xf32>, tensor<?x8x6x7xf32>
  return %w : tensor<8x9x3x3xf32>
}

// CHECK: ok w4_5to11_9x8_pad0:
func.func @w4_5to11_9x8_pad0(%x: tensor<?x5x9x8xf32>, %dy: tensor<?x11x7x6xf32>) -> tensor<11x5x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64} : tensor<?x5x9x8xf32>, tensor<?x11x7x6xf32>
  return %w : tensor<11x5x3x3xf32>
}

// CHECK: ok w4_16to32_8x7_pad1:
func.func @w4_16to32_8x7_pad1(%x: tensor<?x16x8x7xf32>, %dy: tensor<?x32x8x7xf32>) -> tensor<32x16x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x16x8x7xf32>, tensor<?x32x8x7xf32>
  return %w : tensor<32x16x3x3xf32>
}

// CHECK: ok w4_16to10_6x6_pad1:
func.func @w4_16to10_6x6_pad1(%x: tensor<?x16x6x6xf32>, %dy: tensor<?x10x6x6xf32>) -> tensor<10x16x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x16x6x6xf32>, tensor<?x10x6x6xf32>
  return %w : tensor<10x16x3x3xf32>
}

// CHECK: ok w4_33to5_4x3_pad1:
func.func @w4_33to5_4x3_pad1(%x: tensor<?x33x4x3xf32>, %dy: tensor<?x5x4x3xf32>) -> tensor<5x33x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x33x4x3xf32>, tensor<?x5x4x3xf32>
  return %w : tensor<5x33x3x3xf32>
}

// CHECK: ok w4_6to33_7x6_pad0:
func.func @w4_6to33_7x6_pad0(%x: tensor<?x6x7x6xf32>, %dy: tensor<?x33x5x4xf32>) -> tensor<33x6x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64} : tensor<?x6x7x6xf32>, tensor<?x33x5x4xf32>
  return %w : tensor<33x6x3x3xf32>
}

// CHECK: ok w4_10to9_1x2_pad2:
func.func @w4_10to9_1x2_pad2(%x: tensor<?x10x1x2xf32>, %dy: tensor<?x9x3x4xf32>) -> tensor<9x10x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 2, 2>} : tensor<?x10x1x2xf32>, tensor<?x9x3x4xf32>
  return %w : tensor<9x10x3x3xf32>
}

// CHECK: ok w4_4to8_3x3_pad3:
func.func @w4_4to8_3x3_pad3(%x: tensor<?x4x3x3xf32>, %dy: tensor<?x8x7x7xf32>) -> tensor<8x4x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 3, 3>} : tensor<?x4x3x3xf32>, tensor<?x8x7x7xf32>
  return %w : tensor<8x4x3x3xf32>
}

// CHECK: ok w4_11to17_2x5_pad3:
func.func @w4_11to17_2x5_pad3(%x: tensor<?x11x2x5xf32>, %dy: tensor<?x17x6x9xf32>) -> tensor<17x11x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 3, 3>} : tensor<?x11x2x5xf32>, tensor<?x17x6x9xf32>
  return %w : tensor<17x11x3x3xf32>
}

// CHECK: ok w4_64to24_4x5_pad1:
func.func @w4_64to24_4x5_pad1(%x: tensor<?x64x4x5xf32>, %dy: tensor<?x24x4x5xf32>) -> tensor<24x64x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x64x4x5xf32>, tensor<?x24x4x5xf32>
  return %w : tensor<24x64x3x3xf32>
}

// CHECK: ok w2_5to40_14x11_pad00:
func.func @w2_5to40_14x11_pad00(%x: tensor<?x5x14x11xf32>, %dy: tensor<?x40x12x9xf32>) -> tensor<40x5x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64} : tensor<?x5x14x11xf32>, tensor<?x40x12x9xf32>
  return %w : tensor<40x5x3x3xf32>
}

// CHECK: ok w2_7to16_17x6_pad10:
func.func @w2_7to16_17x6_pad10(%x: tensor<?x7x17x6xf32>, %dy: tensor<?x16x17x4xf32>) -> tensor<16x7x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 0>} : tensor<?x7x17x6xf32>, tensor<?x16x17x4xf32>
  return %w : tensor<16x7x3x3xf32>
}

// CHECK: ok w2_20to41_8x8_pad11:
func.func @w2_20to41_8x8_pad11(%x: tensor<?x20x8x8xf32>, %dy: tensor<?x41x8x8xf32>) -> tensor<41x20x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 2 : i64, padding = array<i64: 1, 1>} : tensor<?x20x8x8xf32>, tensor<?x41x8x8xf32>
  return %w : tensor<41x20x3x3xf32>
}

// CHECK: ok w4_5to40_14x11_pad00:
func.func @w4_5to40_14x11_pad00(%x: tensor<?x5x14x11xf32>, %dy: tensor<?x40x12x9xf32>) -> tensor<40x5x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64} : tensor<?x5x14x11xf32>, tensor<?x40x12x9xf32>
  return %w : tensor<40x5x3x3xf32>
}

// CHECK: ok w4_7to16_17x6_pad10:
func.func @w4_7to16_17x6_pad10(%x: tensor<?x7x17x6xf32>, %dy: tensor<?x16x17x4xf32>) -> tensor<16x7x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 0>} : tensor<?x7x17x6xf32>, tensor<?x16x17x4xf32>
  return %w : tensor<16x7x3x3xf32>
}

// CHECK: ok w4_20to41_8x8_pad11:
func.func @w4_20to41_8x8_pad11(%x: tensor<?x20x8x8xf32>, %dy: tensor<?x41x8x8xf32>) -> tensor<41x20x3x3xf32> {
  %w = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, nn.winograd = 4 : i64, padding = array<i64: 1, 1>} : tensor<?x20x8x8xf32>, tensor<?x41x8x8xf32>
  return %w : tensor<41x20x3x3xf32>
}

// F(4x4)'s short tiles: in rows, columns, both and neither of several tiles; regions of tiles that
// two or more at a time divide and do not; all of them short.

// CHECK: ok s4_5to6_16x15_pad00:
func.func @s4_5to6_16x15_pad00(%x: tensor<?x5x16x15xf32>, %w: tensor<6x5x3x3xf32>) -> tensor<?x6x14x13xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x5x16x15xf32>, tensor<6x5x3x3xf32>
  %r = nn.relu %y : tensor<?x6x14x13xf32>
  return %r : tensor<?x6x14x13xf32>
}

// CHECK: ok s4_16to16_12x16_pad00:
func.func @s4_16to16_12x16_pad00(%x: tensor<?x16x12x16xf32>, %w: tensor<16x16x3x3xf32>) -> tensor<?x16x10x14xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x16x12x16xf32>, tensor<16x16x3x3xf32>
  %r = nn.relu %y : tensor<?x16x10x14xf32>
  return %r : tensor<?x16x10x14xf32>
}

// CHECK: ok s4_7to17_14x9_pad01:
func.func @s4_7to17_14x9_pad01(%x: tensor<?x7x14x9xf32>, %w: tensor<17x7x3x3xf32>) -> tensor<?x17x12x9xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 0, 1>} : tensor<?x7x14x9xf32>, tensor<17x7x3x3xf32>
  %r = nn.relu %y : tensor<?x17x12x9xf32>
  return %r : tensor<?x17x12x9xf32>
}

// CHECK: ok s4_3to1_19x20_pad10:
func.func @s4_3to1_19x20_pad10(%x: tensor<?x3x19x20xf32>, %w: tensor<1x3x3x3xf32>) -> tensor<?x1x19x18xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 1, 0>} : tensor<?x3x19x20xf32>, tensor<1x3x3x3xf32>
  %r = nn.relu %y : tensor<?x1x19x18xf32>
  return %r : tensor<?x1x19x18xf32>
}

// CHECK: ok s4_4to2_12x12_pad00:
func.func @s4_4to2_12x12_pad00(%x: tensor<?x4x12x12xf32>, %w: tensor<2x4x3x3xf32>) -> tensor<?x2x10x10xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x4x12x12xf32>, tensor<2x4x3x3xf32>
  %r = nn.relu %y : tensor<?x2x10x10xf32>
  return %r : tensor<?x2x10x10xf32>
}

// CHECK: ok s4_9to3_3x18_pad00:
func.func @s4_9to3_3x18_pad00(%x: tensor<?x9x3x18xf32>, %w: tensor<3x9x3x3xf32>) -> tensor<?x3x1x16xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x9x3x18xf32>, tensor<3x9x3x3xf32>
  %r = nn.relu %y : tensor<?x3x1x16xf32>
  return %r : tensor<?x3x1x16xf32>
}

// CHECK: ok s4_8to8_4x4_pad00:
func.func @s4_8to8_4x4_pad00(%x: tensor<?x8x4x4xf32>, %w: tensor<8x8x3x3xf32>) -> tensor<?x8x2x2xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x8x4x4xf32>, tensor<8x8x3x3xf32>
  %r = nn.relu %y : tensor<?x8x2x2xf32>
  return %r : tensor<?x8x2x2xf32>
}

// CHECK: ok s4_6to5_20x11_pad21:
func.func @s4_6to5_20x11_pad21(%x: tensor<?x6x20x11xf32>, %w: tensor<5x6x3x3xf32>) -> tensor<?x5x22x11xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 2, 1>} : tensor<?x6x20x11xf32>, tensor<5x6x3x3xf32>
  %r = nn.relu %y : tensor<?x5x22x11xf32>
  return %r : tensor<?x5x22x11xf32>
}

// CHECK: ok s4_33to9_8x8_pad00:
func.func @s4_33to9_8x8_pad00(%x: tensor<?x33x8x8xf32>, %w: tensor<9x33x3x3xf32>) -> tensor<?x9x6x6xf32> {
  %y = nn.conv2d %x, %w {nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x33x8x8xf32>, tensor<9x33x3x3xf32>
  %r = nn.relu %y : tensor<?x9x6x6xf32>
  return %r : tensor<?x9x6x6xf32>
}

// CHECK: ok sd4_16to16_10x10_pad00:
func.func @sd4_16to16_10x10_pad00(%dy: tensor<?x16x8x8xf32>, %w: tensor<16x16x3x3xf32>, %x: tensor<?x16x10x10xf32>) -> tensor<?x16x10x10xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 10, 10>, nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x16x8x8xf32>, tensor<16x16x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x16x10x10xf32>
  return %r : tensor<?x16x10x10xf32>
}

// CHECK: ok sd4_10to32_18x14_pad00:
func.func @sd4_10to32_18x14_pad00(%dy: tensor<?x32x16x12xf32>, %w: tensor<32x10x3x3xf32>, %x: tensor<?x10x18x14xf32>) -> tensor<?x10x18x14xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 18, 14>, nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x32x16x12xf32>, tensor<32x10x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x10x18x14xf32>
  return %r : tensor<?x10x18x14xf32>
}

// CHECK: ok sd4_16to10_9x13_pad10:
func.func @sd4_16to10_9x13_pad10(%dy: tensor<?x10x9x11xf32>, %w: tensor<10x16x3x3xf32>, %x: tensor<?x16x9x13xf32>) -> tensor<?x16x9x13xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 9, 13>, nn.winograd = 4 : i64, padding = array<i64: 1, 0>} : tensor<?x10x9x11xf32>, tensor<10x16x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x16x9x13xf32>
  return %r : tensor<?x16x9x13xf32>
}

// CHECK: ok sd4_5to1_22x17_pad00:
func.func @sd4_5to1_22x17_pad00(%dy: tensor<?x1x20x15xf32>, %w: tensor<1x5x3x3xf32>, %x: tensor<?x5x22x17xf32>) -> tensor<?x5x22x17xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 22, 17>, nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x1x20x15xf32>, tensor<1x5x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x5x22x17xf32>
  return %r : tensor<?x5x22x17xf32>
}

// CHECK: ok sd4_3to20_4x10_pad00:
func.func @sd4_3to20_4x10_pad00(%dy: tensor<?x20x2x8xf32>, %w: tensor<20x3x3x3xf32>, %x: tensor<?x3x4x10xf32>) -> tensor<?x3x4x10xf32> {
  %d = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 4, 10>, nn.winograd = 4 : i64, padding = array<i64: 0, 0>} : tensor<?x20x2x8xf32>, tensor<20x3x3x3xf32>
  %r = nn.relu_backward %d, %x : tensor<?x3x4x10xf32>
  return %r : tensor<?x3x4x10xf32>
}
