// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// Per-channel operands follow from the input's type.
// CHECK: "nn.batch_norm"{{.*}} : (tensor<?x16x26x26xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<?x16x26x26xf32>
func.func @layer(%x: tensor<?x16x26x26xf32>, %c: tensor<16xf32>) -> tensor<?x16x26x26xf32> {
  %y = nn.batch_norm %x, %c, %c, %c, %c : tensor<?x16x26x26xf32>
  return %y : tensor<?x16x26x26xf32>
}

// Channels have no lanes.
// CHECK: "nn.batch_norm_train"{{.*}} -> (tensor<32x4x2x2xf64, #nn.lanes<8>>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>)
// CHECK: "nn.batch_stats"{{.*}} -> (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>)
// CHECK: "nn.channel_affine"{{.*}} -> tensor<32x4x2x2xf64, #nn.lanes<8>>
func.func @lanes(%x: tensor<32x4x2x2xf64, #nn.lanes<8>>, %c: tensor<4xf64>) -> tensor<32x4x2x2xf64, #nn.lanes<8>> {
  %y:5 = nn.batch_norm_train %x, %c, %c, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<32x4x2x2xf64, #nn.lanes<8>>
  %s:4 = nn.batch_stats %x, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<32x4x2x2xf64, #nn.lanes<8>>
  %z = nn.channel_affine %y#0, %s#0, %s#1 : tensor<32x4x2x2xf64, #nn.lanes<8>>, tensor<4xf64>, tensor<4xf64>
  return %z : tensor<32x4x2x2xf64, #nn.lanes<8>>
}
