// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// Vectors are compared like scalars: a NaN wins, whichever side it is on.
// CHECK-LABEL: func.func @max(
// CHECK:       memref.alloc() {{.*}} : memref<2x6x6x3xvector<8xf32>>
// CHECK:       scf.forall
// CHECK:         memref.load %{{.*}} : memref<2x6x6x3xvector<8xf32>>
// CHECK:         arith.{{cmpf|maximumf}}
// CHECK:         memref.store %{{.*}} : memref<2x3x3x3xvector<8xf32>>
// CHECK-NOT:   = nn.
// CHECK:       return
func.func @max(%x: tensor<16x3x6x6xf32>) -> tensor<16x3x3x3xf32> attributes {nn.entry = "infer"} {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<16x3x6x6xf32>
  return %y : tensor<16x3x3x3xf32>
}

// CHECK-LABEL: func.func @global(
// CHECK:       scf.forall
// CHECK:         arith.addf %{{.*}} : vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2x1x1x3xvector<8xf32>>
func.func @global(%x: tensor<16x3x6x6xf32>) -> tensor<16x3x1x1xf32> attributes {nn.entry = "infer"} {
  %y = nn.global_avg_pool %x : tensor<16x3x6x6xf32>
  return %y : tensor<16x3x1x1xf32>
}

// Windows that tile the input write every element once: ReLU's adjoint joins.
// CHECK-LABEL: func.func @tiled_backward(
// CHECK:       memref.alloc() {{.*}} : memref<2x6x6x3xvector<8xf32>>
// CHECK:       scf.forall
// CHECK:         arith.cmpf ole, %{{.*}} : vector<8xf32>
// CHECK:       return
func.func @tiled_backward(%dy: tensor<16x3x3x3xf32>, %x: tensor<16x3x6x6xf32>) -> tensor<16x3x6x6xf32> attributes {nn.entry = "infer"} {
  %dx = nn.max_pool2d_backward %dy, %x {kernel = array<i64: 2, 2>} : tensor<16x3x3x3xf32>, tensor<16x3x6x6xf32>
  %r = nn.relu_backward %dx, %x : tensor<16x3x6x6xf32>
  return %r : tensor<16x3x6x6xf32>
}
