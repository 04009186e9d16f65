// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

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
// CHECK:       arith.cmpf ogt, %{{.*}} : vector<8xf32>
// CHECK:       arith.select
func.func @relu_backward(%dy: tensor<14x3xf32>, %y: tensor<14x3xf32>) -> tensor<14x3xf32> attributes {nn.entry = "infer"} {
  %dx = nn.relu_backward %dy, %y : tensor<14x3xf32>
  return %dx : tensor<14x3xf32>
}
