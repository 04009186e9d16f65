// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.linear"{{.*}} -> tensor<?x10xf32>
func.func @linear(%x: tensor<?x256xf32>, %w: tensor<10x256xf32>) -> tensor<?x10xf32> {
  %y = nn.linear %x, %w : tensor<?x256xf32>, tensor<10x256xf32>
  return %y : tensor<?x10xf32>
}

// Weights have no lanes, and neither has their cotangent.
// CHECK: "nn.linear"{{.*}} -> tensor<32x10xf32, #nn.lanes<16>>
// CHECK: "nn.linear_backward_data"{{.*}} -> tensor<32x256xf32, #nn.lanes<16>>
// CHECK: "nn.linear_backward_weights"{{.*}} -> tensor<10x256xf32>
func.func @lanes(%x: tensor<32x256xf32, #nn.lanes<16>>, %w: tensor<10x256xf32>, %b: tensor<10xf32>) -> tensor<10x256xf32> {
  %y = nn.linear %x, %w bias %b : tensor<32x256xf32, #nn.lanes<16>>, tensor<10x256xf32>, tensor<10xf32>
  %dx = nn.linear_backward_data %y, %w : tensor<32x10xf32, #nn.lanes<16>>, tensor<10x256xf32>
  %dw = nn.linear_backward_weights %dx, %y : tensor<32x256xf32, #nn.lanes<16>>, tensor<32x10xf32, #nn.lanes<16>>
  return %dw : tensor<10x256xf32>
}

// CHECK: "nn.linear"{{.*}} -> tensor<?x7x3x10xf32>
func.func @sequence(%x: tensor<?x7x3x16xf32>, %w: tensor<10x16xf32>) -> tensor<?x7x3x10xf32> {
  %y = nn.linear %x, %w : tensor<?x7x3x16xf32>, tensor<10x16xf32>
  return %y : tensor<?x7x3x10xf32>
}

func.func @matmul(%a: tensor<?x4x5x6xf32>, %w: tensor<6x8xf32>, %heads: tensor<4x6x8xf32>, %x: tensor<?x6xf32>, %m: tensor<3x5xf32>) {
  // CHECK: "nn.matmul"{{.*}} -> tensor<?x4x5x8xf32>
  %0 = nn.matmul %a, %w : tensor<?x4x5x6xf32>, tensor<6x8xf32>
  // CHECK: "nn.matmul"{{.*}} -> tensor<?x4x8x5xf32>
  %1 = nn.matmul %heads, %a {transpose_lhs = true, transpose_rhs = true} : tensor<4x6x8xf32>, tensor<?x4x5x6xf32>
  // CHECK: "nn.matmul"{{.*}} -> tensor<?x8xf32>
  %2 = nn.matmul %x, %w : tensor<?x6xf32>, tensor<6x8xf32>
  // CHECK: "nn.matmul"{{.*}} -> tensor<?x4x3x6xf32>
  %3 = nn.matmul %m, %a : tensor<3x5xf32>, tensor<?x4x5x6xf32>
  return
}
