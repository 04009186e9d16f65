// RUN: gradmill-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @flat_already
func.func @flat_already(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.flatten %x : tensor<?x10xf32>
  %b = nn.unflatten %a {shape = array<i64: 10>} : tensor<?x10xf32>
  return %b : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @there_and_back
func.func @there_and_back(%x: tensor<?x16x4x4xf32>) -> tensor<?x16x4x4xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.flatten %x : tensor<?x16x4x4xf32>
  %b = nn.unflatten %a {shape = array<i64: 16, 4, 4>} : tensor<?x256xf32>
  return %b : tensor<?x16x4x4xf32>
}

// CHECK-LABEL: func.func @back_and_there
func.func @back_and_there(%x: tensor<?x256xf32>) -> tensor<?x256xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.unflatten %x {shape = array<i64: 16, 4, 4>} : tensor<?x256xf32>
  %b = nn.flatten %a : tensor<?x16x4x4xf32>
  return %b : tensor<?x256xf32>
}

// CHECK-LABEL: func.func @another_shape
func.func @another_shape(%x: tensor<?x16x4x4xf32>) -> tensor<?x4x64xf32> {
  // CHECK: nn.flatten
  // CHECK: nn.unflatten
  %a = nn.flatten %x : tensor<?x16x4x4xf32>
  %b = nn.unflatten %a {shape = array<i64: 4, 64>} : tensor<?x256xf32>
  return %b : tensor<?x4x64xf32>
}
