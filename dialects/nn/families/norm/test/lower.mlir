// RUN: gradmill-opt --expand-ops %s | FileCheck %s --check-prefix=EXPAND
// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// Statistics join the sweep of the convolution; normalizing takes a second one.
// EXPAND-LABEL: func.func @train(
// EXPAND:       %[[C:.*]] = nn.conv2d
// EXPAND:       %[[MEAN:.*]], %[[RSTD:.*]], %{{.*}}, %{{.*}} = nn.batch_stats %[[C]]
// EXPAND:       %[[SCALE:.*]], %[[SHIFT:.*]] = nn.scale_shift %[[MEAN]], %[[RSTD]]
// EXPAND:       nn.channel_affine %[[C]], %[[SCALE]], %[[SHIFT]]

// CHECK-LABEL: func.func @train(
// Partial sums of each task: a shift, the sum of differences, the sum of their squares.
// CHECK:       memref.alloc() {{.*}} : memref<2x3x3xvector<8xf32>>
// CHECK:       scf.forall
// CHECK:         vector.fma
// CHECK:         arith.subf %{{.*}} : vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2x3x3xvector<8xf32>>
// CHECK:       math.sqrt
// CHECK:       scf.forall
// CHECK:         math.fma %{{.*}} : vector<8xf32>
func.func @train(%x: tensor<16x2x5x5xf32>, %w: tensor<3x2x3x3xf32>, %g: tensor<3xf32>, %b: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) -> tensor<16x3x3x3xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<16x2x5x5xf32>, tensor<3x2x3x3xf32>
  %y:5 = nn.batch_norm_train %c, %g, %b, %m, %v {eps = 1.0e-5, momentum = 0.1} : tensor<16x3x3x3xf32>
  return %y#0 : tensor<16x3x3x3xf32>
}

// In inference nothing is left of the layer but a multiply-add in the convolution's sweep.
// EXPAND-LABEL: func.func @infer(
// EXPAND:       nn.rstd %{{.*}} {eps = 1.000000e-05 : f64}
// EXPAND:       nn.scale_shift
// EXPAND:       nn.channel_affine
// CHECK-LABEL: func.func @infer(
// CHECK:       math.sqrt
// CHECK:       scf.forall
// CHECK:         vector.fma
// CHECK:         math.fma %{{.*}} : vector<8xf32>
func.func @infer(%x: tensor<16x2x5x5xf32>, %w: tensor<3x2x3x3xf32>, %g: tensor<3xf32>, %b: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) -> tensor<16x3x3x3xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<16x2x5x5xf32>, tensor<3x2x3x3xf32>
  %y = nn.batch_norm %c, %g, %b, %m, %v : tensor<16x3x3x3xf32>
  return %y : tensor<16x3x3x3xf32>
}
