// RUN: gradmill-opt --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @resize_vjp(
// CHECK-SAME:    %{{[a-z0-9]+}}: tensor<?x3x6x7xf32>, %[[DY:[a-z0-9]+]]: tensor<?x3x9x10xf32>)
func.func @resize(%x: tensor<?x3x6x7xf32>) -> tensor<?x3x9x10xf32> {
  // CHECK: %[[DX:.*]] = nn.resize2d_backward %[[DY]] {input_size = array<i64: 6, 7>, mode = "bilinear", scale = array<f64: 1.500000e+00, 1.500000e+00>}
  // CHECK: return %[[DX]]
  %y = nn.resize2d %x {scale = array<f64: 1.5, 1.5>, mode = "bilinear"} : tensor<?x3x6x7xf32>
  return %y : tensor<?x3x9x10xf32>
}
