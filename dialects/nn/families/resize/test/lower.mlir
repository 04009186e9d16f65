// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// The images are in the lanes. Where an output lies is computed outside of the loop over
// channels, as scalars; a row that stays where it is has no weight. ReLU joins.
// CHECK-LABEL: func.func @columns(
// CHECK:       scf.forall
// CHECK:       scf.forall
// CHECK:         arith.mulf %{{.*}} : f64
// CHECK:         vector.broadcast %{{.*}} : f32 to vector<8xf32>
// CHECK:         %[[A:.*]] = memref.load %{{.*}} : memref<2x4x3x5xvector<8xf32>>
// CHECK:         %[[P:.*]] = arith.mulf %{{.*}}, %[[A]] : vector<8xf32>
// CHECK:         vector.fma %{{.*}} : vector<8xf32>
// CHECK-NOT:     arith.mulf
// CHECK:         arith.cmpf olt, %{{.*}} : vector<8xf32>
// CHECK:         memref.store %{{.*}} : memref<2x4x6x5xvector<8xf32>>
// CHECK:       return
func.func @columns(%x: tensor<16x5x4x3xf32>) -> tensor<16x5x4x6xf32> attributes {nn.entry = "infer"} {
  %y = nn.resize2d %x {size = array<i64: 4, 6>, mode = "bilinear"} : tensor<16x5x4x3xf32>
  %z = nn.relu %y : tensor<16x5x4x6xf32>
  return %z : tensor<16x5x4x6xf32>
}
