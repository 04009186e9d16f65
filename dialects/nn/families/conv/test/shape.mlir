// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.conv2d"{{.*}} -> tensor<?x16x26x26xf32>
func.func @valid(%x: tensor<?x1x28x28xf32>, %w: tensor<16x1x3x3xf32>) -> tensor<?x16x26x26xf32> {
  %y = nn.conv2d %x, %w : tensor<?x1x28x28xf32>, tensor<16x1x3x3xf32>
  return %y : tensor<?x16x26x26xf32>
}

// floor((224 + 2*3 - 7) / 2) + 1 = 112
// CHECK: "nn.conv2d"{{.*}} -> tensor<32x64x112x112xf32>
func.func @strided(%x: tensor<32x3x224x224xf32>, %w: tensor<64x3x7x7xf32>) -> tensor<32x64x112x112xf32> {
  %y = nn.conv2d %x, %w {stride = array<i64: 2, 2>, padding = array<i64: 3, 3>} : tensor<32x3x224x224xf32>, tensor<64x3x7x7xf32>
  return %y : tensor<32x64x112x112xf32>
}

// floor((12 - 2*(3-1) - 1) / 1) + 1 = 8; one filter per channel
// CHECK: "nn.conv2d"{{.*}} -> tensor<32x8x8x10xf32>
func.func @depthwise_dilated(%x: tensor<32x8x12x12xf32>, %w: tensor<8x1x3x3xf32>) -> tensor<32x8x8x10xf32> {
  %y = nn.conv2d %x, %w {dilation = array<i64: 2, 1>, groups = 8 : i64} : tensor<32x8x12x12xf32>, tensor<8x1x3x3xf32>
  return %y : tensor<32x8x8x10xf32>
}

// Filters have no lanes, and neither has their cotangent.
// CHECK: "nn.conv2d"{{.*}} -> tensor<32x16x10x10xf32, #nn.lanes<16>>
// CHECK: "nn.conv2d_backward_data"{{.*}} -> tensor<32x3x12x12xf32, #nn.lanes<16>>
// CHECK: "nn.conv2d_backward_weights"{{.*}} -> tensor<16x3x3x3xf32>
func.func @lanes(%x: tensor<32x3x12x12xf32, #nn.lanes<16>>, %w: tensor<16x3x3x3xf32>) -> tensor<16x3x3x3xf32> {
  %y = nn.conv2d %x, %w : tensor<32x3x12x12xf32, #nn.lanes<16>>, tensor<16x3x3x3xf32>
  %dx = nn.conv2d_backward_data %y, %w {input_size = array<i64: 12, 12>} : tensor<32x16x10x10xf32, #nn.lanes<16>>, tensor<16x3x3x3xf32>
  %dw = nn.conv2d_backward_weights %dx, %y {kernel_size = array<i64: 3, 3>} : tensor<32x3x12x12xf32, #nn.lanes<16>>, tensor<32x16x10x10xf32, #nn.lanes<16>>
  return %dw : tensor<16x3x3x3xf32>
}

// (5-1)*2 - 2*1 + 2*(3-1) + 1 + 1 = 12, (7-1)*1 - 0 + 1*(2-1) + 0 + 1 = 8
// CHECK: nn.conv_transpose2d
func.func @transposed(%x: tensor<?x4x5x7xf32>, %w: tensor<4x3x3x2xf32>) -> tensor<?x6x12x8xf32> {
  %y = nn.conv_transpose2d %x, %w {dilation = array<i64: 2, 1>, groups = 2 : i64, output_padding = array<i64: 1, 0>, padding = array<i64: 1, 0>, stride = array<i64: 2, 1>} : tensor<?x4x5x7xf32>, tensor<4x3x3x2xf32>
  return %y : tensor<?x6x12x8xf32>
}

// As TensorFlow pads for a stride of 2: 224 + 0 + 1 - 3 = 222, 222/2 + 1 = 112
// CHECK: nn.conv2d
func.func @paddings(%x: tensor<?x3x224x7xf32>, %w: tensor<8x3x3x3xf32>) -> tensor<?x8x112x4xf32> {
  %y = nn.conv2d %x, %w {padding = array<i64: 0, 1, 1, 1>, stride = array<i64: 2, 2>} : tensor<?x3x224x7xf32>, tensor<8x3x3x3xf32>
  return %y : tensor<?x8x112x4xf32>
}
