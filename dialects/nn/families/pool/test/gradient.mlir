// RUN: gradmill-opt --differentiate %s | FileCheck %s

// The maximum is searched again in the input.
// CHECK-LABEL: func.func @max_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x3x6x6xf32>, %[[DY:[a-z0-9]+]]: tensor<?x3x3x3xf32>)
func.func @max(%x: tensor<?x3x6x6xf32>) -> tensor<?x3x3x3xf32> {
  // CHECK: %[[DX:.*]] = nn.max_pool2d_backward %[[DY]], %[[X]] {kernel = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>}
  // CHECK: return %[[DX]]
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x3x6x6xf32>
  return %y : tensor<?x3x3x3xf32>
}

// CHECK-LABEL: func.func @average_vjp(
// CHECK-SAME:    %{{[a-z0-9]+}}: tensor<?x3x6x7xf32>, %[[DY:[a-z0-9]+]]: tensor<?x3x4x4xf32>)
func.func @average(%x: tensor<?x3x6x7xf32>) -> tensor<?x3x4x4xf32> {
  // CHECK: %[[DX:.*]] = nn.avg_pool2d_backward %[[DY]] {ceil_mode = true, count_include_pad = false, input_size = array<i64: 6, 7>, kernel = array<i64: 2, 2>, padding = array<i64: 1, 0>}
  // CHECK: return %[[DX]]
  %y = nn.avg_pool2d %x {kernel = array<i64: 2, 2>, padding = array<i64: 1, 0>, count_include_pad = false, ceil_mode = true} : tensor<?x3x6x7xf32>
  return %y : tensor<?x3x4x4xf32>
}

// CHECK-LABEL: func.func @global_vjp(
// CHECK-SAME:    %{{[a-z0-9]+}}: tensor<?x3x6x7xf32>, %[[DY:[a-z0-9]+]]: tensor<?x3x1x1xf32>)
func.func @global(%x: tensor<?x3x6x7xf32>) -> tensor<?x3x1x1xf32> {
  // CHECK: %[[DX:.*]] = nn.global_avg_pool_backward %[[DY]] {input_size = array<i64: 6, 7>}
  // CHECK: return %[[DX]]
  %y = nn.global_avg_pool %x : tensor<?x3x6x7xf32>
  return %y : tensor<?x3x1x1xf32>
}

// CHECK-LABEL: func.func @adaptive_vjp(
// CHECK-SAME:    %{{[a-z0-9]+}}: tensor<?x3x6x7xf32>, %[[DY:[a-z0-9]+]]: tensor<?x3x4x2xf32>)
func.func @adaptive(%x: tensor<?x3x6x7xf32>) -> tensor<?x3x4x2xf32> {
  // CHECK: %[[DX:.*]] = nn.adaptive_avg_pool2d_backward %[[DY]] {input_size = array<i64: 6, 7>}
  // CHECK: return %[[DX]]
  %y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 4, 2>} : tensor<?x3x6x7xf32>
  return %y : tensor<?x3x4x2xf32>
}
