// RUN: gradmill-opt %s -canonicalize -split-input-file | FileCheck %s
// RUN: gradmill-opt %s -split-input-file --differentiate --join-kernels -canonicalize | FileCheck %s --check-prefix=JOIN

// CHECK-LABEL: func.func @nothing_to_do
func.func @nothing_to_do(%x: tensor<?x10x3xf32>) -> tensor<?x10x3xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.reshape %x {shape = array<i64: 0, 10, -1>} : tensor<?x10x3xf32>
  %b = nn.transpose %a {permutation = array<i64: 0, 1, 2>} : tensor<?x10x3xf32>
  %c = nn.slice %b {axes = array<i64: 1>, starts = array<i64: 0>, ends = array<i64: 12>} : tensor<?x10x3xf32>
  %d = nn.concat %c : tensor<?x10x3xf32>
  %e = nn.pad %d {axes = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>} : tensor<?x10x3xf32>
  return %e : tensor<?x10x3xf32>
}

// CHECK-LABEL: func.func @flat_already
func.func @flat_already(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.flatten %x : tensor<?x10xf32>
  return %a : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @there_and_back
func.func @there_and_back(%x: tensor<?x16x4x4xf32>) -> tensor<?x16x4x4xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.flatten %x : tensor<?x16x4x4xf32>
  %b = nn.reshape %a {shape = array<i64: 0, 16, 4, 4>} : tensor<?x256xf32>
  %c = nn.transpose %b {permutation = array<i64: 0, 2, 3, 1>} : tensor<?x16x4x4xf32>
  %d = nn.transpose %c {permutation = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x16xf32>
  return %d : tensor<?x16x4x4xf32>
}

// CHECK-LABEL: func.func @back_and_there
func.func @back_and_there(%x: tensor<?x256xf32>) -> tensor<?x256xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.reshape %x {shape = array<i64: 0, 16, 4, 4>} : tensor<?x256xf32>
  %b = nn.flatten %a : tensor<?x16x4x4xf32>
  return %b : tensor<?x256xf32>
}

// CHECK-LABEL: func.func @twice
func.func @twice(%x: tensor<?x16x4x4xf32>) -> tensor<?x4x64xf32> {
  // CHECK-NEXT: %[[Y:.*]] = nn.reshape %arg0 {shape = array<i64: 0, 4, 64>} : tensor<?x16x4x4xf32>
  // CHECK-NEXT: return %[[Y]]
  %a = nn.flatten %x : tensor<?x16x4x4xf32>
  %b = nn.reshape %a {shape = array<i64: 0, 4, 64>} : tensor<?x256xf32>
  return %b : tensor<?x4x64xf32>
}

// -----

// The cotangents of a tensor's parts are put side by side.
// JOIN-LABEL: func.func @parts_vjp(
// JOIN-NEXT:   %[[A:.*]] = nn.concat %arg2, %arg3 {axis = 2 : i64}
// JOIN-NEXT:   %[[B:.*]] = nn.concat %arg1, %[[A]] {axis = 2 : i64}
// JOIN-NEXT:   return %[[B]]
func.func @parts(%x: tensor<?x4x9xf32>) -> (tensor<?x4x2xf32>, tensor<?x4x3xf32>, tensor<?x4x4xf32>) {
  %a = nn.slice %x {axes = array<i64: 2>, starts = array<i64: 0>, ends = array<i64: 2>} : tensor<?x4x9xf32>
  %b = nn.slice %x {axes = array<i64: 2>, starts = array<i64: 2>, ends = array<i64: 5>} : tensor<?x4x9xf32>
  %c = nn.slice %x {axes = array<i64: 2>, starts = array<i64: 5>, ends = array<i64: 9>} : tensor<?x4x9xf32>
  return %a, %b, %c : tensor<?x4x2xf32>, tensor<?x4x3xf32>, tensor<?x4x4xf32>
}
