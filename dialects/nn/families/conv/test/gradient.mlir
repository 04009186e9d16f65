// RUN: gradmill-opt --differentiate %s | FileCheck %s

// The adjoints keep the convolution's attributes; the bias gets a sum per channel.
// CHECK-LABEL: func.func @conv_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4x12x12xf32>, %[[W:[a-z0-9]+]]: tensor<6x2x3x3xf32>, %[[B:[a-z0-9]+]]: tensor<6xf32>, %[[DY:[a-z0-9]+]]: tensor<?x6x6x6xf32>)
// CHECK-SAME:    -> (tensor<?x4x12x12xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>)
func.func @conv(%x: tensor<?x4x12x12xf32>, %w: tensor<6x2x3x3xf32>, %b: tensor<6xf32>) -> tensor<?x6x6x6xf32> {
  // CHECK: %[[DW:.*]] = nn.conv2d_backward_weights %[[X]], %[[DY]] {groups = 2 : i64, kernel_size = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>}
  // CHECK: %[[DB:.*]] = nn.channel_sum %[[DY]]
  // CHECK: %[[DX:.*]] = nn.conv2d_backward_data %[[DY]], %[[W]] {groups = 2 : i64, input_size = array<i64: 12, 12>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>}
  // CHECK: return %[[DX]], %[[DW]], %[[DB]]
  %y = nn.conv2d %x, %w bias %b {groups = 2 : i64, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x4x12x12xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>
  return %y : tensor<?x6x6x6xf32>
}

// Only what is asked for: nothing flows to an input that nobody differentiates by.
// CHECK-LABEL: func.func @fixed_image_vjp(
func.func @fixed_image(%w: tensor<2x1x2x2xf32>) -> tensor<1x2x1x1xf32> {
  // CHECK: nn.conv2d_backward_weights
  // CHECK-NOT: nn.conv2d_backward_data
  // CHECK: return
  %x = nn.constant dense<1.0> : tensor<1x1x2x2xf32>
  %y = nn.conv2d %x, %w : tensor<1x1x2x2xf32>, tensor<2x1x2x2xf32>
  return %y : tensor<1x2x1x1xf32>
}

// A transposed convolution's: the convolution itself, and backward-weights the other way round.
// CHECK-LABEL: func.func @transposed_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4x3x3xf32>, %[[W:[a-z0-9]+]]: tensor<4x3x3x3xf32>, %[[B:[a-z0-9]+]]: tensor<6xf32>, %[[DY:[a-z0-9]+]]: tensor<?x6x6x6xf32>)
func.func @transposed(%x: tensor<?x4x3x3xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<6xf32>) -> tensor<?x6x6x6xf32> {
  // CHECK: %[[DW:.*]] = nn.conv2d_backward_weights %[[DY]], %[[X]] {groups = 2 : i64, kernel_size = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>}
  // CHECK: %[[DB:.*]] = nn.channel_sum %[[DY]]
  // CHECK: %[[DX:.*]] = nn.conv2d %[[DY]], %[[W]] {groups = 2 : i64, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>}
  // CHECK: return %[[DX]], %[[DW]], %[[DB]]
  %y = nn.conv_transpose2d %x, %w bias %b {groups = 2 : i64, output_padding = array<i64: 1, 1>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x4x3x3xf32>, tensor<4x3x3x3xf32>, tensor<6xf32>
  return %y : tensor<?x6x6x6xf32>
}
