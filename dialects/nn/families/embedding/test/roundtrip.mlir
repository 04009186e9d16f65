// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @embedding
func.func @embedding(%i: tensor<?x5xi32>, %table: tensor<7x21xf64>) -> tensor<?x5x21xf64> {
  // CHECK: nn.embedding %{{.*}}, %{{.*}} : tensor<?x5xi32>, tensor<7x21xf64>
  %y = nn.embedding %i, %table : tensor<?x5xi32>, tensor<7x21xf64>
  // CHECK: nn.embedding_backward %{{.*}}, %{{.*}} {rows = 7 : i64} : tensor<?x5x21xf64>, tensor<?x5xi32>
  %d = nn.embedding_backward %y, %i {rows = 7 : i64} : tensor<?x5x21xf64>, tensor<?x5xi32>
  return %y : tensor<?x5x21xf64>
}
