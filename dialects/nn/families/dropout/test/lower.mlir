// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// One Philox block serves sixteen channels, so 5 take one, of ten rounds of two multiplications
// each, for even and odd lanes. A mask that nobody reads never goes to memory.
// CHECK-LABEL: func.func @mask(
// CHECK:         scf.forall
// CHECK:         scf.forall
// CHECK-COUNT-40:  arith.muli %{{.*}} : vector<4xi64>
// CHECK-NOT:       arith.muli %{{.*}} : vector<4xi64>
// CHECK:           arith.cmpi ugt, %{{.*}} : vector<32xi8>
// CHECK:           arith.cmpi slt, %{{.*}} : vector<8xi32>
// CHECK:           arith.select %{{.*}} : vector<8xi1>, vector<8xf32>
// CHECK-NOT:     vector<8xi1>>
// CHECK:         return
func.func @mask(%x: tensor<16x5x3x3xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<16x5x3x3xf32> attributes {nn.entry = "infer"} {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.1, stream = 0 : i64} : tensor<16x5x3x3xf32>
  return %y : tensor<16x5x3x3xf32>
}

// The adjoint, in the kernel of another convolution, reads what the layer drew: a bit
// for each image of a group.
// CHECK-LABEL: func.func @adjoint(
// CHECK:         arith.muli %{{.*}} : vector<4xi64>
// CHECK:         memref.store %{{.*}}, %[[MASK:alloc[_0-9]*]][%{{.*}}] : memref<2x3x3x5xvector<8xi1>>
// CHECK-NOT:     arith.muli %{{.*}} : vector<4xi64>
// CHECK:         vector.fma
// CHECK:         %[[KEEP:.*]] = memref.load %[[MASK]]
// CHECK:         arith.select %[[KEEP]], %{{.*}} : vector<8xi1>, vector<8xf32>
// CHECK:         return
func.func @adjoint(%x: tensor<16x5x3x3xf32>, %w: tensor<5x5x1x1xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<16x5x3x3xf32> attributes {nn.entry = "infer"} {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.1, stream = 0 : i64} : tensor<16x5x3x3xf32>
  %dy = nn.conv2d %y, %w : tensor<16x5x3x3xf32>, tensor<5x5x1x1xf32>
  %dx = nn.dropout_backward %dy, %mask {p = 0.1} : tensor<16x5x3x3xf32>, tensor<16x5x3x3xi1>
  return %dx : tensor<16x5x3x3xf32>
}
