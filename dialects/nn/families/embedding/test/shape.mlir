// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.embedding"{{.*}} -> tensor<?x21xf64>
// CHECK: "nn.embedding_backward"{{.*}} -> tensor<7x21xf64>
func.func @rows(%i: tensor<?xi32>, %table: tensor<7x21xf64>) {
  %y = nn.embedding %i, %table : tensor<?xi32>, tensor<7x21xf64>
  %d = nn.embedding_backward %y, %i {rows = 7 : i64} : tensor<?x21xf64>, tensor<?xi32>
  return
}

// CHECK: "nn.embedding"{{.*}} -> tensor<32x4x5x8xf32, #nn.lanes<16>>
func.func @lanes(%i: tensor<32x4x5xi32, #nn.lanes<16>>, %table: tensor<7x8xf32>) {
  %y = nn.embedding %i, %table : tensor<32x4x5xi32, #nn.lanes<16>>, tensor<7x8xf32>
  return
}
