// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// Channels lie innermost in memory and outermost in a flat vector: elements move.
// CHECK-LABEL: func.func @flatten(
// CHECK:       scf.forall
// CHECK:         memref.load %{{.*}} : memref<2x2x2x3xvector<8xf32>>
// CHECK:         memref.store %{{.*}} : memref<2x12xvector<8xf32>>
func.func @flatten(%x: tensor<16x3x2x2xf32>) -> tensor<16x12xf32> attributes {nn.entry = "infer"} {
  %y = nn.flatten %x : tensor<16x3x2x2xf32>
  return %y : tensor<16x12xf32>
}

// No division where dimensions are only joined in front or stay.
// CHECK-LABEL: func.func @split(
// CHECK-NOT:   arith.divui
// CHECK:       return
func.func @split(%x: tensor<16x12x5xf32>) -> tensor<16x3x4x5xf32> attributes {nn.entry = "infer"} {
  %y = nn.reshape %x {shape = array<i64: 0, 3, 4, 5>} : tensor<16x12x5xf32>
  return %y : tensor<16x3x4x5xf32>
}

// A parameter lies as it is: one copy.
// CHECK-LABEL: func.func @parameter(
// CHECK:       vector.load %{{.*}} : memref<60xf32>, vector<8xf32>
// CHECK:       vector.store %{{.*}} : memref<60xf32>, vector<8xf32>
func.func @parameter(%x: tensor<16x3xf32>) -> tensor<4x15xf32> attributes {nn.entry = "infer"} {
  %p = nn.parameter "p" : tensor<12x5xf32>
  %y = nn.reshape %p {shape = array<i64: 4, 15>} : tensor<12x5xf32>
  return %y : tensor<4x15xf32>
}

// A formula behind is computed on what moves.
// CHECK-LABEL: func.func @fused(
// CHECK:       memref.load %{{.*}} : memref<2x2x4x3xvector<8xf32>>
// CHECK:       arith.addf
// CHECK:       memref.store %{{.*}} : memref<2x3x4x2xvector<8xf32>>
func.func @fused(%x: tensor<16x2x3x4xf32>, %z: tensor<16x3x2x4xf32>) -> tensor<16x2x3x4xf32> attributes {nn.entry = "infer"} {
  %c = nn.transpose %z {permutation = array<i64: 0, 2, 1, 3>} : tensor<16x3x2x4xf32>
  %s = nn.add %c, %x : tensor<16x2x3x4xf32>
  return %s : tensor<16x2x3x4xf32>
}

// All parts are handed over in one loop over images.
// CHECK-LABEL: func.func @concat(
// CHECK:       %[[R:.*]] = memref.alloc() {{.*}} : memref<2x4x5xvector<8xf32>>
// CHECK-COUNT-1: scf.forall {{.*}} in (2)
// CHECK:         memref.store %{{.*}}, %[[R]]
// CHECK:         memref.store %{{.*}}, %[[R]]
func.func @concat(%x: tensor<16x2x4xf32>, %z: tensor<16x3x4xf32>) -> tensor<16x5x4xf32> attributes {nn.entry = "infer"} {
  %y = nn.concat %x, %z : tensor<16x2x4xf32>, tensor<16x3x4xf32>
  return %y : tensor<16x5x4xf32>
}
