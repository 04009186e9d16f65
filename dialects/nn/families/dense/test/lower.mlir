// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// CHECK-LABEL: func.func @linear(
// CHECK:       memref.alloc() {{.*}} : memref<2x6xvector<8xf32>>
// CHECK:       scf.forall
// CHECK:         scf.for {{.*}} iter_args
// CHECK:           vector.fma %{{.*}} : vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2x3xvector<8xf32>>
// CHECK-NOT:   = nn.
// CHECK:       return
func.func @linear(%x: tensor<16x6xf32>, %w: tensor<3x6xf32>, %b: tensor<3xf32>) -> tensor<16x3xf32> attributes {nn.entry = "infer"} {
  %y = nn.linear %x, %w bias %b : tensor<16x6xf32>, tensor<3x6xf32>, tensor<3xf32>
  return %y : tensor<16x3xf32>
}
// CHECK-LABEL: func.func @backward_weights(
// CHECK:       scf.forall
// CHECK:         vector.fma %{{.*}} : vector<8xf32>
// CHECK:       vector.extract %{{.*}}[0] : f32 from vector<8xf32>
func.func @backward_weights(%x: tensor<16x6xf32>, %dy: tensor<16x3xf32>) -> tensor<3x6xf32> attributes {nn.entry = "infer"} {
  %dw = nn.linear_backward_weights %x, %dy : tensor<16x6xf32>, tensor<16x3xf32>
  return %dw : tensor<3x6xf32>
}

// Positions share each weight.
// CHECK-LABEL: func.func @sequence(
// CHECK:       scf.forall
// CHECK:         scf.for {{.*}} iter_args
// CHECK-COUNT-6: vector.fma %{{.*}} : vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2x3x4xvector<8xf32>>
func.func @sequence(%x: tensor<16x4x6xf32>, %w: tensor<3x6xf32>) -> tensor<16x4x3xf32> attributes {nn.entry = "infer"} {
  %y = nn.linear %x, %w : tensor<16x4x6xf32>, tensor<3x6xf32>
  return %y : tensor<16x4x3xf32>
}
