// REQUIRES: plugin-swish
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-swish.so -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.swish"{{.*}} -> tensor<?x10xf64>
func.func @any_rank(%x: tensor<?x10xf64>) -> tensor<?x10xf64> {
  %y = nn.swish %x : tensor<?x10xf64>
  return %y : tensor<?x10xf64>
}

// CHECK: "nn.swish"{{.*}} -> tensor<32x10x4x4xf32, #nn.lanes<16>>
func.func @lanes(%x: tensor<32x10x4x4xf32, #nn.lanes<16>>) -> tensor<32x10x4x4xf32, #nn.lanes<16>> {
  %y = nn.swish %x : tensor<32x10x4x4xf32, #nn.lanes<16>>
  return %y : tensor<32x10x4x4xf32, #nn.lanes<16>>
}
