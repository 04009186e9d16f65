// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// floor(7 * 1.5) = 10, floor(5 * 0.5) = 2
// CHECK: "nn.resize2d"{{.*}} -> tensor<?x3x10x2xf32>
func.func @scale(%x: tensor<?x3x7x5xf32>) -> tensor<?x3x10x2xf32> {
  %y = nn.resize2d %x {scale = array<f64: 1.5, 0.5>} : tensor<?x3x7x5xf32>
  return %y : tensor<?x3x10x2xf32>
}

// CHECK: "nn.resize2d"{{.*}} -> tensor<32x10x4x9xf32, #nn.lanes<16>>
func.func @lanes(%x: tensor<32x10x4x4xf32, #nn.lanes<16>>) -> tensor<32x10x4x9xf32, #nn.lanes<16>> {
  %y = nn.resize2d %x {size = array<i64: 4, 9>, mode = "bilinear"} : tensor<32x10x4x4xf32, #nn.lanes<16>>
  return %y : tensor<32x10x4x9xf32, #nn.lanes<16>>
}
