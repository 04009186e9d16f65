// REQUIRES: plugin-linalg
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @blur_pool_vjp(
// CHECK-SAME:    %[[X:.*]]: tensor<?x3x9x8xf32>, %[[DY:.*]]: tensor<?x3x5x4xf32>)
func.func @blur_pool(%x: tensor<?x3x9x8xf32>) -> tensor<?x3x5x4xf32> {
  // CHECK: %[[DX:.*]] = nn.blur_pool_backward %[[DY]] {input_size = array<i64: 9, 8>}
  // CHECK: return %[[DX]]
  %y = nn.blur_pool %x : tensor<?x3x9x8xf32>
  return %y : tensor<?x3x5x4xf32>
}

// CHECK-LABEL: func.func @prelu_vjp(
// CHECK-SAME:    %[[X:.*]]: tensor<?x3x9xf32>, %[[S:.*]]: tensor<3xf32>, %[[DY:.*]]: tensor<?x3x9xf32>)
func.func @prelu(%x: tensor<?x3x9xf32>, %s: tensor<3xf32>) -> tensor<?x3x9xf32> {
  // CHECK: %[[DX:.*]] = nn.linalg_prelu_backward %[[DY]], %[[X]], %[[S]]
  // CHECK: %[[T:.*]] = nn.linalg_prelu_backward_slope %[[DY]], %[[X]]
  // CHECK: %[[DS:.*]] = nn.channel_sum %[[T]]
  // CHECK: return %[[DX]], %[[DS]]
  %y = nn.linalg_prelu %x, %s : tensor<?x3x9xf32>, tensor<3xf32>
  return %y : tensor<?x3x9xf32>
}
