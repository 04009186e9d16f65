// RUN: gradmill-opt --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @reshapes_vjp(
// CHECK-SAME:    %{{[a-z0-9]+}}: tensor<?x3x2x2xf32>, %[[DY:[a-z0-9]+]]: tensor<?x4x3xf32>)
func.func @reshapes(%x: tensor<?x3x2x2xf32>) -> tensor<?x4x3xf32> {
  // CHECK: %[[A:.*]] = nn.reshape %[[DY]] {shape = array<i64: 0, 12>}
  // CHECK: %[[B:.*]] = nn.reshape %[[A]] {shape = array<i64: 0, 3, 2, 2>}
  // CHECK: return %[[B]]
  %y = nn.flatten %x : tensor<?x3x2x2xf32>
  %z = nn.reshape %y {shape = array<i64: 0, 4, -1>} : tensor<?x12xf32>
  return %z : tensor<?x4x3xf32>
}

// CHECK-LABEL: func.func @transpose_vjp(
// CHECK-SAME:    %{{[a-z0-9]+}}: tensor<?x3x2x4xf32>, %[[DY:[a-z0-9]+]]: tensor<?x4x3x2xf32>)
func.func @transpose(%x: tensor<?x3x2x4xf32>) -> tensor<?x4x3x2xf32> {
  // CHECK: nn.transpose %[[DY]] {permutation = array<i64: 0, 2, 3, 1>}
  %y = nn.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : tensor<?x3x2x4xf32>
  return %y : tensor<?x4x3x2xf32>
}

// A part without gaps is padded; other parts are put in their places.
// CHECK-LABEL: func.func @slices_vjp(
func.func @slices(%x: tensor<?x8xf32>) -> (tensor<?x3xf32>, tensor<?x4xf32>) {
  // CHECK-DAG: nn.slice_backward %{{.*}} {axes = array<i64: 1>, sizes = array<i64: 8>, starts = array<i64: 7>, strides = array<i64: -2>}
  // CHECK-DAG: nn.pad %{{.*}} {axes = array<i64: 1>, high = array<i64: 3>, low = array<i64: 2>}
  %y = nn.slice %x {axes = array<i64: -1>, starts = array<i64: 2>, ends = array<i64: -3>} : tensor<?x8xf32>
  %z = nn.slice %x {axes = array<i64: 1>, starts = array<i64: 100>, ends = array<i64: -100>, strides = array<i64: -2>} : tensor<?x8xf32>
  return %y, %z : tensor<?x3xf32>, tensor<?x4xf32>
}

// CHECK-LABEL: func.func @concat_vjp(
// CHECK-SAME:    %[[DY:[a-z0-9]+]]: tensor<?x5x4xf32>)
func.func @concat(%x: tensor<?x2x4xf32>, %y: tensor<?x3x4xf32>) -> tensor<?x5x4xf32> {
  // CHECK: %[[A:.*]] = nn.slice %[[DY]] {axes = array<i64: 1>, ends = array<i64: 2>, starts = array<i64: 0>}
  // CHECK: %[[B:.*]] = nn.slice %[[DY]] {axes = array<i64: 1>, ends = array<i64: 5>, starts = array<i64: 2>}
  // CHECK: return %[[A]], %[[B]]
  %z = nn.concat %x, %y : tensor<?x2x4xf32>, tensor<?x3x4xf32>
  return %z : tensor<?x5x4xf32>
}

// CHECK-LABEL: func.func @pads_vjp(
func.func @pads(%x: tensor<?x4x5xf32>) -> tensor<?x9x8xf32> {
  // CHECK: nn.pad_backward %{{.*}} {axis = 1 : i64, high = 2 : i64, low = 3 : i64, mode = "reflect"}
  // CHECK: nn.pad_backward %{{.*}} {axis = 2 : i64, high = 1 : i64, low = 0 : i64, mode = "reflect"}
  // CHECK: nn.slice %{{.*}} {axes = array<i64: 2>, ends = array<i64: 6>, starts = array<i64: 1>}
  %y = nn.pad %x {axes = array<i64: 2>, low = array<i64: 1>, high = array<i64: 1>} : tensor<?x4x5xf32>
  %z = nn.pad %y {axes = array<i64: 1, 2>, low = array<i64: 3, 0>, high = array<i64: 2, 1>, mode = "reflect"} : tensor<?x4x7xf32>
  return %z : tensor<?x9x8xf32>
}
