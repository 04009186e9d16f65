// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// No row outside of the table; eight rows become eight vectors of images.
// CHECK-LABEL: func.func @embedding(
// CHECK:       arith.maxsi %{{.*}} : vector<8xi32>
// CHECK:       arith.minsi %{{.*}} : vector<8xi32>
// CHECK-COUNT-8: vector.load %{{.*}} : memref<7x16xf32>, vector<8xf32>
// CHECK-COUNT-24: vector.shuffle
func.func @embedding(%x: tensor<16x3xf32>, %i: tensor<16x5xi32>) -> tensor<16x5x16xf32> attributes {nn.entry = "infer"} {
  %table = nn.parameter "table" : tensor<7x16xf32>
  %y = nn.embedding %i, %table : tensor<16x5xi32>, tensor<7x16xf32>
  return %y : tensor<16x5x16xf32>
}
