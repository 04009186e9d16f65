// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @views
func.func @views(%x: tensor<?x16x4x5xf32>) -> tensor<?x16x4x5xf32> {
  // CHECK: nn.flatten %{{.*}} : tensor<?x16x4x5xf32>
  %a = nn.flatten %x : tensor<?x16x4x5xf32>
  // CHECK: nn.reshape %{{.*}} {shape = array<i64: 0, 4, -1>} : tensor<?x320xf32>
  %b = nn.reshape %a {shape = array<i64: 0, 4, -1>} : tensor<?x320xf32>
  // CHECK: nn.transpose %{{.*}} {permutation = array<i64: 0, 2, 1>} : tensor<?x4x80xf32>
  %c = nn.transpose %b {permutation = array<i64: 0, 2, 1>} : tensor<?x4x80xf32>
  // CHECK: nn.slice %{{.*}} {axes = array<i64: 1>, ends = array<i64: -1>, starts = array<i64: 0>, strides = array<i64: 2>} : tensor<?x80x4xf32>
  %d = nn.slice %c {axes = array<i64: 1>, starts = array<i64: 0>, ends = array<i64: -1>, strides = array<i64: 2>} : tensor<?x80x4xf32>
  // CHECK: nn.concat %{{.*}}, %{{.*}} {axis = -1 : i64} : tensor<?x40x4xf32>, tensor<?x40x4xf32>
  %e = nn.concat %d, %d {axis = -1} : tensor<?x40x4xf32>, tensor<?x40x4xf32>
  // CHECK: nn.pad %{{.*}} {axes = array<i64: 1>, high = array<i64: 0>, low = array<i64: 3>, mode = "reflect"} : tensor<?x40x8xf32>
  %f = nn.pad %e {axes = array<i64: 1>, low = array<i64: 3>, high = array<i64: 0>, mode = "reflect"} : tensor<?x40x8xf32>
  return %x : tensor<?x16x4x5xf32>
}

// CHECK-LABEL: func.func @adjoints
func.func @adjoints(%x: tensor<?x4x6xf64>) -> tensor<?x4x6xf64> {
  // CHECK: nn.slice_backward %{{.*}} {axes = array<i64: 1>, sizes = array<i64: 9>, starts = array<i64: 1>, strides = array<i64: 2>} : tensor<?x4x6xf64>
  %a = nn.slice_backward %x {axes = array<i64: 1>, sizes = array<i64: 9>, starts = array<i64: 1>, strides = array<i64: 2>} : tensor<?x4x6xf64>
  // CHECK: nn.pad_backward %{{.*}} {axis = 2 : i64, high = 1 : i64, low = 2 : i64, mode = "reflect"} : tensor<?x4x6xf64>
  %b = nn.pad_backward %x {axis = 2 : i64, high = 1 : i64, low = 2 : i64, mode = "reflect"} : tensor<?x4x6xf64>
  return %x : tensor<?x4x6xf64>
}
