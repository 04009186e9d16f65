// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @conv2d
func.func @conv2d(%x: tensor<?x10x12x12xf32>, %w: tensor<16x10x3x3xf32>, %b: tensor<16xf32>) -> tensor<?x16x12x12xf32> {
  // CHECK: nn.conv2d %{{.*}}, %{{.*}} : tensor<?x10x12x12xf32>, tensor<16x10x3x3xf32>
  %a = nn.conv2d %x, %w : tensor<?x10x12x12xf32>, tensor<16x10x3x3xf32>
  // CHECK: nn.conv2d %{{.*}}, %{{.*}} bias %{{.*}} {padding = array<i64: 1, 1>} : tensor<?x10x12x12xf32>, tensor<16x10x3x3xf32>, tensor<16xf32>
  %y = nn.conv2d %x, %w bias %b {padding = array<i64: 1, 1>} : tensor<?x10x12x12xf32>, tensor<16x10x3x3xf32>, tensor<16xf32>
  return %y : tensor<?x16x12x12xf32>
}

// CHECK-LABEL: func.func @all_attributes
func.func @all_attributes(%x: tensor<32x4x12x12xf64>, %w: tensor<6x2x3x3xf64>) -> tensor<32x6x5x5xf64> {
  // CHECK: nn.conv2d %{{.*}}, %{{.*}} {dilation = array<i64: 2, 2>, groups = 2 : i64, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>}
  %y = nn.conv2d %x, %w {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>, dilation = array<i64: 2, 2>, groups = 2 : i64} : tensor<32x4x12x12xf64>, tensor<6x2x3x3xf64>
  return %y : tensor<32x6x5x5xf64>
}

// CHECK-LABEL: func.func @backward
func.func @backward(%x: tensor<?x10x12x12xf32>, %w: tensor<16x10x3x3xf32>, %dy: tensor<?x16x10x10xf32>) -> tensor<?x10x12x12xf32> {
  // CHECK: nn.conv2d_backward_weights %{{.*}}, %{{.*}} {kernel_size = array<i64: 3, 3>} : tensor<?x10x12x12xf32>, tensor<?x16x10x10xf32>
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>} : tensor<?x10x12x12xf32>, tensor<?x16x10x10xf32>
  // CHECK: nn.conv2d_backward_data %{{.*}}, %{{.*}} {input_size = array<i64: 12, 12>} : tensor<?x16x10x10xf32>, tensor<16x10x3x3xf32>
  %dx = nn.conv2d_backward_data %dy, %dw {input_size = array<i64: 12, 12>} : tensor<?x16x10x10xf32>, tensor<16x10x3x3xf32>
  return %dx : tensor<?x10x12x12xf32>
}

// CHECK-LABEL: func.func @backward_sum
func.func @backward_sum(%w: tensor<16x10x3x3xf32>, %v: tensor<16x10x1x1xf32>, %dy: tensor<?x16x6x6xf32>) -> tensor<?x10x12x12xf32> {
  // CHECK: nn.conv2d_backward_data_sum %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {input_size = array<i64: 12, 12>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x16x6x6xf32>, tensor<16x10x3x3xf32>, tensor<?x16x6x6xf32>, tensor<16x10x1x1xf32>
  %dx = nn.conv2d_backward_data_sum %dy, %w, %dy, %v {input_size = array<i64: 12, 12>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x16x6x6xf32>, tensor<16x10x3x3xf32>, tensor<?x16x6x6xf32>, tensor<16x10x1x1xf32>
  return %dx : tensor<?x10x12x12xf32>
}

// CHECK-LABEL: func.func @transposed
func.func @transposed(%x: tensor<?x4x3x3xf32>, %w: tensor<4x6x3x3xf32>, %b: tensor<6xf32>) -> tensor<?x6x6x6xf32> {
  // CHECK: nn.conv_transpose2d %{{.*}}, %{{.*}} bias %{{.*}} {output_padding = array<i64: 1, 1>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x4x3x3xf32>, tensor<4x6x3x3xf32>, tensor<6xf32>
  %y = nn.conv_transpose2d %x, %w bias %b {output_padding = array<i64: 1, 1>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x4x3x3xf32>, tensor<4x6x3x3xf32>, tensor<6xf32>
  // CHECK: nn.conv_bias %{{.*}}, %{{.*}} : tensor<?x6x6x6xf32>, tensor<6xf32>
  %z = nn.conv_bias %y, %b : tensor<?x6x6x6xf32>, tensor<6xf32>
  return %z : tensor<?x6x6x6xf32>
}
