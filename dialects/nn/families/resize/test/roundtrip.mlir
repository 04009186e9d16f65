// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @nearest
func.func @nearest(%x: tensor<?x16x7x5xf32>) -> tensor<?x16x7x5xf32> {
  // CHECK: nn.resize2d %{{.*}} {size = array<i64: 14, 11>} : tensor<?x16x7x5xf32>
  %y = nn.resize2d %x {size = array<i64: 14, 11>} : tensor<?x16x7x5xf32>
  // CHECK: nn.resize2d_backward %{{.*}} {input_size = array<i64: 7, 5>} : tensor<?x16x14x11xf32>
  %dx = nn.resize2d_backward %y {input_size = array<i64: 7, 5>} : tensor<?x16x14x11xf32>
  return %dx : tensor<?x16x7x5xf32>
}

// CHECK-LABEL: func.func @bilinear
func.func @bilinear(%x: tensor<?x16x8x5xf64>) -> tensor<?x16x8x5xf64> {
  // CHECK: nn.resize2d %{{.*}} {align_corners = true, mode = "bilinear", scale = array<f64: 1.500000e+00, 2.000000e+00>} : tensor<?x16x8x5xf64>
  %y = nn.resize2d %x {scale = array<f64: 1.5, 2.0>, mode = "bilinear", align_corners = true} : tensor<?x16x8x5xf64>
  // CHECK: nn.resize2d_backward %{{.*}} {align_corners = true, input_size = array<i64: 8, 5>, mode = "bilinear", scale = array<f64: 1.500000e+00, 2.000000e+00>} : tensor<?x16x12x10xf64>
  %dx = nn.resize2d_backward %y {input_size = array<i64: 8, 5>, scale = array<f64: 1.5, 2.0>, mode = "bilinear", align_corners = true} : tensor<?x16x12x10xf64>
  return %dx : tensor<?x16x8x5xf64>
}
