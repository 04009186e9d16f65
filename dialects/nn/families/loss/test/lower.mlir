// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// The largest channel first, then the sum of exponentials, vectors of 8 images throughout.
// CHECK-LABEL: func.func @log_softmax(
// CHECK:       scf.forall
// CHECK:         math.exp %{{.*}} : vector<8xf32>
// CHECK:         math.log %{{.*}} : vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2x10xvector<8xf32>>
// CHECK-NOT:   = nn.
// CHECK:       return
func.func @log_softmax(%x: tensor<16x10xf32>) -> tensor<16x10xf32> attributes {nn.entry = "infer"} {
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
func.func @nll_loss(%x: tensor<16x10xf32>, %labels: tensor<16xi32>) -> tensor<f32> attributes {nn.entry = "infer"} {
  %y = nn.nll_loss %x, %labels : tensor<16x10xf32>, tensor<16xi32>
  return %y : tensor<f32>
}

// The error is computed where it is summed: it has no buffer, and in f32 its logarithm and
// exponential are vectors' (approximate-math makes polynomials of them).
// CHECK-LABEL: func.func @bce(
// CHECK:       memref.alloc() {{.*}} : memref<2xvector<8xf32>>
// CHECK:       scf.forall
// CHECK-NOT:     memref.store %{{.*}} : memref<2x10xvector<8xf32>>
// CHECK:         math.exp %{{.*}} : vector<8xf32>
// CHECK:         math.log1p %{{.*}} : vector<8xf32>
// CHECK-NOT:     memref.store %{{.*}} : memref<2x10xvector<8xf32>>
// CHECK:         memref.store %{{.*}} : memref<2xvector<8xf32>>
// CHECK:       arith.extf %{{.*}} : vector<8xf32> to vector<8xf64>
// CHECK:       return
func.func @bce(%x: tensor<16x10xf32>, %t: tensor<16x10xf32>) -> tensor<f32> attributes {nn.entry = "infer"} {
  %p = nn.constant dense<2.0> : tensor<10xf32>
  %e = nn.bce_with_logits %x, %t pos_weight %p : tensor<16x10xf32>, tensor<10xf32>
  %loss = nn.mean %e : tensor<16x10xf32>
  return %loss : tensor<f32>
}

// The cotangent is one number for all elements, and is multiplied in registers.
// CHECK-LABEL: func.func @mse_backward(
// CHECK:       %[[SHARE:.*]] = vector.broadcast %{{.*}} : f32 to vector<8xf32>
// CHECK:       arith.mulf %[[SHARE]], %{{.*}} : vector<8xf32>
// CHECK-NOT:   = nn.
// CHECK:       return
func.func @mse_backward(%d: tensor<f32>, %x: tensor<16x10xf32>, %t: tensor<16x10xf32>) -> tensor<16x10xf32> attributes {nn.entry = "infer"} {
  %e = nn.mean_backward %d : tensor<f32> -> tensor<16x10xf32>
  %dx = nn.squared_error_backward %e, %x, %t : tensor<16x10xf32>
  return %dx : tensor<16x10xf32>
}

// Counted, not sorted.
// CHECK-LABEL: func.func @accuracy(
// CHECK:       scf.forall
// CHECK:         arith.cmpf ugt, %{{.*}} : vector<8xf32>
// CHECK:         arith.addi %{{.*}} : vector<8xi32>
// CHECK-NOT:   = nn.
// CHECK:       return
func.func @accuracy(%x: tensor<16x10xf32>, %labels: tensor<16xi32>) -> tensor<f32> attributes {nn.entry = "infer"} {
  %a = nn.accuracy %x, %labels {k = 5 : i64} : tensor<16x10xf32>, tensor<16xi32>
  return %a : tensor<f32>
}

// The divisor is another sum; without weights and ignored labels there is one alone (above).
// CHECK-LABEL: func.func @ignored(
// CHECK-COUNT-2: memref.alloc() {{.*}} : memref<2xvector<8xf32>>
// CHECK:       scf.forall
// CHECK:         arith.cmpi ne, %{{.*}} : vector<8xi32>
// CHECK:       arith.divf %{{.*}} : f32
// CHECK:       return
func.func @ignored(%x: tensor<16x10xf32>, %labels: tensor<16xi32>) -> tensor<f32> attributes {nn.entry = "infer"} {
  %y = nn.nll_loss %x, %labels {ignore_index = 3} : tensor<16x10xf32>, tensor<16xi32>
  return %y : tensor<f32>
}
