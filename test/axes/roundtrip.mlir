// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s --check-prefix=SHAPE

// CHECK-LABEL: func.func @all
func.func @all(%a: tensor<?x4x5x6xf32>, %b: tensor<6xf32>) {
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<?x4x5x6xf32>, tensor<6xf32>
  %0 = nn.add %a, %b : tensor<?x4x5x6xf32>, tensor<6xf32>
  // CHECK: nn.broadcast %{{.*}} {shape = array<i64: 5, 0>} : tensor<6xf32>
  // SHAPE: "nn.broadcast"{{.*}} -> tensor<5x6xf32>
  %1 = nn.broadcast %b {shape = array<i64: 5, 0>} : tensor<6xf32>
  // CHECK: nn.sum_to %{{.*}} {shape = array<i64: 0, 1, 5, 1>} : tensor<?x4x5x6xf32>
  // SHAPE: "nn.sum_to"{{.*}} -> tensor<?x1x5x1xf32>
  %2 = nn.sum_to %a {shape = array<i64: 0, 1, 5, 1>} : tensor<?x4x5x6xf32>
  // What is summed over the batch has none; what stays in it keeps its layout.
  // CHECK: nn.repeated_sum %{{.*}} {axes = array<i64: 0, 2>, rank = 3 : i64} : tensor<?x4x5x6xf32>
  // SHAPE: "nn.repeated_sum"{{.*}} -> tensor<4x1x6xf32>
  %3 = nn.repeated_sum %a {axes = array<i64: 0, 2>, rank = 3 : i64} : tensor<?x4x5x6xf32>
  // SHAPE: "nn.repeated_sum"{{.*}} -> tensor<?x1x5x6xf32>
  %4 = nn.repeated_sum %a {axes = array<i64: 1>, rank = 4 : i64} : tensor<?x4x5x6xf32>
  return
}
