// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// One Philox block serves four channels: 5 channels take two, of ten rounds of two
// multiplications each. The mask itself never goes to memory.
// CHECK-LABEL: func.func @mask(
// CHECK:         scf.forall
// CHECK-COUNT-40:  arith.mului_extended %{{.*}} : vector<8xi32>
// CHECK-NOT:       arith.mului_extended
// CHECK:           arith.cmpi uge, %{{.*}} : vector<8xi32>
// CHECK:           arith.select %{{.*}} : vector<8xi1>, vector<8xf32>
// CHECK-NOT:     vector<8xi1>>
// CHECK:         return
func.func @mask(%x: tensor<16x5x3x3xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<16x5x3x3xf32> attributes {nn.entry} {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.1, stream = 0 : i64} : tensor<16x5x3x3xf32>
  return %y : tensor<16x5x3x3xf32>
}
