// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @all
func.func @all(%x: tensor<?x4x3xf32>) -> tensor<?x3xf32> {
  // CHECK: nn.reduce_sum %{{.*}} {axes = array<i64: 1>} : tensor<?x4x3xf32>
  %a = nn.reduce_sum %x {axes = array<i64: 1>} : tensor<?x4x3xf32>
  // CHECK: nn.reduce_mean %{{.*}} {axes = array<i64: -1>, keep_dims = true} : tensor<?x4x3xf32>
  %b = nn.reduce_mean %x {axes = array<i64: -1>, keep_dims = true} : tensor<?x4x3xf32>
  // CHECK: nn.reduce_max %{{.*}} {axes = array<i64: 1, 2>} : tensor<?x4x3xf32>
  %c = nn.reduce_max %x {axes = array<i64: 1, 2>} : tensor<?x4x3xf32>
  return %a : tensor<?x3xf32>
}
