// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.relu"{{.*}} -> tensor<?x10xf64>
func.func @any_rank(%x: tensor<?x10xf64>) -> tensor<?x10xf64> {
  %y = nn.relu %x : tensor<?x10xf64>
  return %y : tensor<?x10xf64>
}

// CHECK: "nn.relu"{{.*}} -> tensor<32x10x4x4xf32, #nn.lanes<16>>
func.func @lanes(%x: tensor<32x10x4x4xf32, #nn.lanes<16>>) -> tensor<32x10x4x4xf32, #nn.lanes<16>> {
  %y = nn.relu %x : tensor<32x10x4x4xf32, #nn.lanes<16>>
  return %y : tensor<32x10x4x4xf32, #nn.lanes<16>>
}

// CHECK: "nn.prelu"{{.*}} -> tensor<?x16x5xf32>
// CHECK: "nn.prelu_backward_weight"{{.*}} -> tensor<16xf32>
func.func @prelu(%x: tensor<?x16x5xf32>, %w: tensor<1xf32>) -> tensor<16xf32> {
  %y = nn.prelu %x, %w : tensor<?x16x5xf32>, tensor<1xf32>
  %c = nn.prelu_backward_weight %y, %x : tensor<?x16x5xf32>
  return %c : tensor<16xf32>
}
