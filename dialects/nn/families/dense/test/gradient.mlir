// RUN: gradmill-opt --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @linear_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x6xf32>, %[[W:[a-z0-9]+]]: tensor<3x6xf32>, %[[B:[a-z0-9]+]]: tensor<3xf32>, %[[DY:[a-z0-9]+]]: tensor<?x3xf32>)
func.func @linear(%x: tensor<?x6xf32>, %w: tensor<3x6xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  // CHECK: %[[DW:.*]] = nn.linear_backward_weights %[[X]], %[[DY]]
  // CHECK: %[[DB:.*]] = nn.sum_to %[[DY]] {shape = array<i64: 3>}
  // CHECK: %[[DX:.*]] = nn.linear_backward_data %[[DY]], %[[W]]
  // CHECK: return %[[DX]], %[[DW]], %[[DB]]
  %y = nn.linear %x, %w bias %b : tensor<?x6xf32>, tensor<3x6xf32>, tensor<3xf32>
  return %y : tensor<?x3xf32>
}

// CHECK-LABEL: func.func @sequence_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4x6xf32>, %[[W:[a-z0-9]+]]: tensor<3x6xf32>, %[[B:[a-z0-9]+]]: tensor<3xf32>, %[[DY:[a-z0-9]+]]: tensor<?x4x3xf32>)
func.func @sequence(%x: tensor<?x4x6xf32>, %w: tensor<3x6xf32>, %b: tensor<3xf32>) -> tensor<?x4x3xf32> {
  // CHECK: %[[DW:.*]] = nn.linear_backward_weights %[[X]], %[[DY]]
  // CHECK: %[[DB:.*]] = nn.sum_to %[[DY]] {shape = array<i64: 3>}
  // CHECK: %[[DX:.*]] = nn.linear_backward_data %[[DY]], %[[W]]
  // CHECK: return %[[DX]], %[[DW]], %[[DB]]
  %y = nn.linear %x, %w bias %b : tensor<?x4x6xf32>, tensor<3x6xf32>, tensor<3xf32>
  return %y : tensor<?x4x3xf32>
}

// A product's adjoints are products.
// CHECK-LABEL: func.func @attention_vjp(
// CHECK-SAME:    %[[Q:[a-z0-9]+]]: tensor<?x2x4x6xf32>, %[[K:[a-z0-9]+]]: tensor<?x2x5x6xf32>, %[[DY:[a-z0-9]+]]: tensor<?x2x4x5xf32>)
func.func @attention(%q: tensor<?x2x4x6xf32>, %k: tensor<?x2x5x6xf32>) -> tensor<?x2x4x5xf32> {
  // CHECK: %[[DK:.*]] = nn.matmul %[[DY]], %[[Q]] {transpose_lhs = true}
  // CHECK: %[[DQ:.*]] = nn.matmul %[[DY]], %[[K]]
  // CHECK: return %[[DQ]], %[[DK]]
  %y = nn.matmul %q, %k {transpose_rhs = true} : tensor<?x2x4x6xf32>, tensor<?x2x5x6xf32>
  return %y : tensor<?x2x4x5xf32>
}

// What was repeated is summed; a matrix without a batch is a linear layer's weight.
// CHECK-LABEL: func.func @repeated_vjp(
func.func @repeated(%x: tensor<?x2x4x6xf32>, %w: tensor<2x6x5xf32>, %v: tensor<5x3xf32>) -> tensor<?x2x4x3xf32> {
  // CHECK: nn.linear_backward_weights
  // CHECK: %[[DW:.*]] = nn.matmul %{{.*}}, %{{.*}} {transpose_lhs = true} : tensor<?x2x4x6xf32>, tensor<?x2x4x5xf32>
  // CHECK: nn.sum_to %[[DW]] {shape = array<i64: 2, 6, 5>}
  %y = nn.matmul %x, %w : tensor<?x2x4x6xf32>, tensor<2x6x5xf32>
  %z = nn.matmul %y, %v : tensor<?x2x4x5xf32>, tensor<5x3xf32>
  return %z : tensor<?x2x4x3xf32>
}
