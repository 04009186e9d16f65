// RUN: gradmill-opt --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @linear_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x6xf32>, %[[W:[a-z0-9]+]]: tensor<3x6xf32>, %[[B:[a-z0-9]+]]: tensor<3xf32>, %[[DY:[a-z0-9]+]]: tensor<?x3xf32>)
func.func @linear(%x: tensor<?x6xf32>, %w: tensor<3x6xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  // CHECK: %[[DW:.*]] = nn.linear_backward_weights %[[X]], %[[DY]]
  // CHECK: %[[DB:.*]] = nn.channel_sum %[[DY]]
  // CHECK: %[[DX:.*]] = nn.linear_backward_data %[[DY]], %[[W]]
  // CHECK: return %[[DX]], %[[DW]], %[[DB]]
  %y = nn.linear %x, %w bias %b : tensor<?x6xf32>, tensor<3x6xf32>, tensor<3xf32>
  return %y : tensor<?x3xf32>
}
