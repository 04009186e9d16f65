// RUN: gradmill-opt --differentiate %s | FileCheck %s

// Of the output, which is kept for the next layer anyway.
// CHECK-LABEL: func.func @relu_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[DY:[a-z0-9]+]]: tensor<?x10xf32>)
func.func @relu(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK: %[[Y:.*]] = nn.relu %[[X]]
  // CHECK: %[[DX:.*]] = nn.relu_backward %[[DY]], %[[Y]]
  // CHECK: return %[[DX]]
  %y = nn.relu %x : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// With a negative slope the output does not tell the input's sign.
// CHECK-LABEL: func.func @negative_slope_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[DY:[a-z0-9]+]]: tensor<?x10xf32>)
func.func @negative_slope(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK: nn.leaky_relu_backward %[[DY]], %[[X]] {negative_slope = -1.000000e-01 : f64}
  %y = nn.leaky_relu %x {negative_slope = -0.1} : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @positive_slope_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[DY:[a-z0-9]+]]: tensor<?x10xf32>)
func.func @positive_slope(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK: %[[Y:.*]] = nn.leaky_relu %[[X]]
  // CHECK: nn.leaky_relu_backward %[[DY]], %[[Y]] {negative_slope = 2.000000e-01 : f64}
  %y = nn.leaky_relu %x {negative_slope = 0.2} : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @gelu_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[DY:[a-z0-9]+]]: tensor<?x10xf32>)
func.func @gelu(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK: nn.gelu_backward %[[DY]], %[[X]] {approximate = "tanh"}
  %y = nn.gelu %x {approximate = "tanh"} : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// The weight's cotangent is a sum over batch and space, and over channels if there is one for all.
// CHECK-LABEL: func.func @prelu_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[W:[a-z0-9]+]]: tensor<1xf32>, %[[DY:[a-z0-9]+]]: tensor<?x10xf32>)
func.func @prelu(%x: tensor<?x10xf32>, %w: tensor<1xf32>) -> tensor<?x10xf32> {
  // CHECK: %[[DX:.*]] = nn.prelu_backward %[[DY]], %[[X]], %[[W]]
  // CHECK: %[[C:.*]] = nn.prelu_backward_weight %[[DY]], %[[X]]
  // CHECK: %[[DW:.*]] = nn.sum_to %[[C]] {shape = array<i64: 1>}
  // CHECK: return %[[DX]], %[[DW]]
  %y = nn.prelu %x, %w : tensor<?x10xf32>, tensor<1xf32>
  return %y : tensor<?x10xf32>
}
