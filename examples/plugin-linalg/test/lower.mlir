// REQUIRES: plugin-linalg
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so --expand-ops --expand-linalg --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// Vectors of images, multiply-adds, the epilogue on what is still in registers, one store.
// CHECK-LABEL: func.func @blur_relu
// CHECK:       scf.forall
// CHECK:       vector.fma
// CHECK:       arith.cmpf olt, %{{.*}} : vector<8xf32>
// CHECK-NEXT:  arith.select
// CHECK:       memref.store %{{.*}} : memref<2x2x2x3xvector<8xf32>>
// CHECK-NOT:   = nn.
func.func @blur_relu(%x: tensor<16x3x4x4xf32>) -> tensor<16x3x2x2xf32> attributes {nn.entry = "infer"} {
  %b = nn.blur_pool %x : tensor<16x3x4x4xf32>
  %r = nn.relu %b : tensor<16x3x2x2xf32>
  return %r : tensor<16x3x2x2xf32>
}
