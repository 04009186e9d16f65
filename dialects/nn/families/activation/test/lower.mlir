// RUN: gradmill-opt --expand-ops --expand-linalg --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// Dense in and out: one flat loop over vectors and one over the 2 elements left of 42, and
// nothing is packed.
// CHECK-LABEL: func.func @relu(
// CHECK-NOT:   memref.alloc
// CHECK:       scf.for
// CHECK:         %[[X:.*]] = vector.load %{{.*}} : memref<42xf32>, vector<8xf32>
// CHECK:         %[[NEGATIVE:.*]] = arith.cmpf olt, %[[X]], %{{.*}} : vector<8xf32>
// CHECK:         %[[Y:.*]] = arith.select %[[NEGATIVE]], %{{.*}}, %[[X]] : vector<8xi1>, vector<8xf32>
// CHECK:         vector.store %[[Y]]
// CHECK:       scf.for
// CHECK:         arith.cmpf olt, %{{.*}} : f32
// CHECK:       return
func.func @relu(%x: tensor<14x3xf32>) -> tensor<14x3xf32> attributes {nn.entry = "infer"} {
  %y = nn.relu %x : tensor<14x3xf32>
  return %y : tensor<14x3xf32>
}

// CHECK-LABEL: func.func @relu_backward(
// CHECK:       arith.cmpf ole, %{{.*}} : vector<8xf32>
// CHECK:       arith.select
func.func @relu_backward(%dy: tensor<14x3xf32>, %y: tensor<14x3xf32>) -> tensor<14x3xf32> attributes {nn.entry = "infer"} {
  %dx = nn.relu_backward %dy, %y : tensor<14x3xf32>
  return %dx : tensor<14x3xf32>
}

// A weight for all channels is read where it is used: prelu is a formula in the convolution's kernel.
// CHECK-LABEL: func.func @prelu(
// CHECK-NOT:   memref<3xf32>
// CHECK:         vector.fma
// CHECK-NOT:   scf.forall
// CHECK:         arith.cmpf ogt, %{{.*}} : vector<8xf32>
// CHECK:         memref.store
// CHECK:       return
func.func @prelu(%x: tensor<16x2x4x4xf32>, %f: tensor<3x2x3x3xf32>, %w: tensor<1xf32>) -> tensor<16x3x2x2xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %f : tensor<16x2x4x4xf32>, tensor<3x2x3x3xf32>
  %y = nn.prelu %c, %w : tensor<16x3x2x2xf32>, tensor<1xf32>
  return %y : tensor<16x3x2x2xf32>
}
