// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// The largest channel first, then the sum of exponentials, vectors of 8 images throughout.
// CHECK-LABEL: func.func @log_softmax(
// CHECK:       scf.forall
// CHECK:         math.exp %{{.*}} : vector<8xf32>
// CHECK:         math.log %{{.*}} : vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2x10xvector<8xf32>>
// CHECK-NOT:   = nn.
// CHECK:       return
func.func @log_softmax(%x: tensor<16x10xf32>) -> tensor<16x10xf32> attributes {nn.entry} {
  %y = nn.log_softmax %x : tensor<16x10xf32>
  return %y : tensor<16x10xf32>
}

// Partial sums of fixed parts of the batch, combined in order.
// CHECK-LABEL: func.func @nll_loss(
// CHECK-SAME:    memref<16x10xf32>, %{{[a-z0-9]+}}: memref<16xi32>, %[[LOSS:[a-z0-9]+]]: memref<f32>
// CHECK:       memref.alloc() {{.*}} : memref<2xvector<8xi32>>
// CHECK:       scf.forall
// CHECK:         arith.select %{{.*}} : vector<8xi1>, vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2xvector<8xf32>>
// CHECK:       scf.for
// CHECK:       vector.extract %{{.*}}[0] : f32 from vector<8xf32>
// CHECK:       arith.addf %{{.*}} : f32
// CHECK:       memref.store %{{.*}}, %[[LOSS]][]
func.func @nll_loss(%x: tensor<16x10xf32>, %labels: tensor<16xi32>) -> tensor<f32> attributes {nn.entry} {
  %y = nn.nll_loss %x, %labels : tensor<16x10xf32>, tensor<16xi32>
  return %y : tensor<f32>
}
