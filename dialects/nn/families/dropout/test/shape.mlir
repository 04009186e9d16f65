// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.dropout"{{.*}} -> tensor<?x10xf64>
func.func @any_rank(%x: tensor<?x10xf64>) -> tensor<?x10xf64> {
  %y = nn.dropout %x : tensor<?x10xf64>
  return %y : tensor<?x10xf64>
}

// CHECK: "nn.dropout_train"{{.*}} -> (tensor<32x10x4x4xf32, #nn.lanes<16>>, tensor<32x10x4x4xi1, #nn.lanes<16>>)
func.func @lanes(%x: tensor<32x10x4x4xf32, #nn.lanes<16>>, %s: tensor<i64>) -> tensor<32x10x4x4xf32, #nn.lanes<16>> {
  %y, %mask = nn.dropout_train %x, %s, %s {p = 0.1, stream = 0 : i64} : tensor<32x10x4x4xf32, #nn.lanes<16>>
  return %y : tensor<32x10x4x4xf32, #nn.lanes<16>>
}
