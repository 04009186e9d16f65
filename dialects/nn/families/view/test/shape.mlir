// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// CHECK-LABEL: sym_name = "open"
func.func @open(%x: tensor<?x16x4x5xf32>) {
  // CHECK: "nn.flatten"{{.*}} -> tensor<?x320xf32>
  %0 = nn.flatten %x : tensor<?x16x4x5xf32>
  // CHECK: "nn.reshape"{{.*}} -> tensor<?x16x20xf32>
  %1 = nn.reshape %x {shape = array<i64: 0, 0, -1>} : tensor<?x16x4x5xf32>
  // The batch is all that is left.
  // CHECK: "nn.reshape"{{.*}} -> tensor<?x320xf32>
  %2 = nn.reshape %x {shape = array<i64: -1, 320>} : tensor<?x16x4x5xf32>
  // CHECK: "nn.reshape"{{.*}} -> tensor<?xf32>
  %3 = nn.slice %0 {axes = array<i64: 1>, starts = array<i64: 7>, ends = array<i64: 8>} : tensor<?x320xf32>
  %4 = nn.reshape %3 {shape = array<i64: 0>} : tensor<?x1xf32>
  // CHECK: "nn.transpose"{{.*}} -> tensor<?x5x16x4xf32>
  %5 = nn.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : tensor<?x16x4x5xf32>
  // All of the batch is no cut.
  // CHECK: "nn.slice"{{.*}} -> tensor<?x3x4x5xf32>
  %6 = nn.slice %x {starts = array<i64: 0, -1, 0, -9223372036854775808>, ends = array<i64: 9223372036854775807, 2, 4, 5>, strides = array<i64: 1, -5, 1, 1>} : tensor<?x16x4x5xf32>
  // No number is too large.
  // CHECK: "nn.slice"{{.*}} -> tensor<?x1x4x5xf32>
  %7 = nn.slice %x {axes = array<i64: 1>, starts = array<i64: 9223372036854775807>, ends = array<i64: -9223372036854775808>, strides = array<i64: -9223372036854775808>} : tensor<?x16x4x5xf32>
  // CHECK: "nn.concat"{{.*}} -> tensor<?x32x4x5xf32>
  %8 = nn.concat %x, %x : tensor<?x16x4x5xf32>, tensor<?x16x4x5xf32>
  // CHECK: "nn.concat"{{.*}} -> tensor<?x16x4x15xf32>
  %9 = nn.concat %x, %x, %x {axis = -1} : tensor<?x16x4x5xf32>, tensor<?x16x4x5xf32>, tensor<?x16x4x5xf32>
  // CHECK: "nn.pad"{{.*}} -> tensor<?x16x7x9xf32>
  %10 = nn.pad %x {axes = array<i64: -1, 2>, low = array<i64: 4, 1>, high = array<i64: 0, 2>, mode = "reflect"} : tensor<?x16x4x5xf32>
  return
}

// What has no batch may become anything.
// CHECK-LABEL: sym_name = "without_batch"
func.func @without_batch(%x: tensor<6x4xf32>, %number: tensor<f32>) {
  // CHECK: "nn.reshape"{{.*}} -> tensor<3x8xf32>
  %0 = nn.reshape %x {shape = array<i64: -1, 8>} : tensor<6x4xf32>
  // CHECK: "nn.reshape"{{.*}} -> tensor<1x1xf32>
  %1 = nn.reshape %number {shape = array<i64: 1, -1>} : tensor<f32>
  // CHECK: "nn.reshape"{{.*}} -> tensor<f32>
  %2 = nn.reshape %1 {shape = array<i64>} : tensor<1x1xf32>
  // CHECK: "nn.transpose"{{.*}} -> tensor<4x6xf32>
  %3 = nn.transpose %x {permutation = array<i64: 1, 0>} : tensor<6x4xf32>
  // CHECK: "nn.pad"{{.*}} -> tensor<9x4xf32>
  %4 = nn.pad %x {axes = array<i64: 0>, low = array<i64: 1>, high = array<i64: 2>} : tensor<6x4xf32>
  return
}

// CHECK-LABEL: sym_name = "lanes"
func.func @lanes(%x: tensor<32x4x6xf32, #nn.lanes<16>>) {
  // CHECK: "nn.slice_backward"{{.*}} -> tensor<32x9x6xf32, #nn.lanes<16>>
  %0 = nn.slice_backward %x {axes = array<i64: 1>, sizes = array<i64: 9>, starts = array<i64: 8>, strides = array<i64: -2>} : tensor<32x4x6xf32, #nn.lanes<16>>
  // CHECK: "nn.pad_backward"{{.*}} -> tensor<32x4x3xf32, #nn.lanes<16>>
  %1 = nn.pad_backward %x {axis = 2 : i64, high = 1 : i64, low = 2 : i64, mode = "reflect"} : tensor<32x4x6xf32, #nn.lanes<16>>
  return
}
