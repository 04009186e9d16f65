// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @linear
func.func @linear(%x: tensor<?x256xf32>, %w: tensor<10x256xf32>, %b: tensor<10xf32>) -> tensor<?x10xf32> {
  // CHECK: nn.linear %{{.*}}, %{{.*}} : tensor<?x256xf32>, tensor<10x256xf32>
  %a = nn.linear %x, %w : tensor<?x256xf32>, tensor<10x256xf32>
  // CHECK: nn.linear %{{.*}}, %{{.*}} bias %{{.*}} : tensor<?x256xf32>, tensor<10x256xf32>, tensor<10xf32>
  %y = nn.linear %x, %w bias %b : tensor<?x256xf32>, tensor<10x256xf32>, tensor<10xf32>
  return %y : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @linear_backward
func.func @linear_backward(%dy: tensor<?x10xf64>, %x: tensor<?x256xf64>, %w: tensor<10x256xf64>) -> tensor<10x256xf64> {
  // CHECK: nn.linear_backward_data %{{.*}}, %{{.*}} : tensor<?x10xf64>, tensor<10x256xf64>
  %dx = nn.linear_backward_data %dy, %w : tensor<?x10xf64>, tensor<10x256xf64>
  // CHECK: nn.linear_backward_weights %{{.*}}, %{{.*}} : tensor<?x256xf64>, tensor<?x10xf64>
  %dw = nn.linear_backward_weights %dx, %dy : tensor<?x256xf64>, tensor<?x10xf64>
  return %dw : tensor<10x256xf64>
}

// CHECK-LABEL: func.func @matmul
func.func @matmul(%a: tensor<?x4x16x8xf32>, %b: tensor<?x4x16x8xf32>) -> tensor<?x4x16x16xf32> {
  // CHECK: nn.matmul %{{.*}}, %{{.*}} {transpose_rhs = true} : tensor<?x4x16x8xf32>, tensor<?x4x16x8xf32>
  %c = nn.matmul %a, %b {transpose_rhs = true} : tensor<?x4x16x8xf32>, tensor<?x4x16x8xf32>
  return %c : tensor<?x4x16x16xf32>
}
