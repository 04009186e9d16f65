// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @clip
func.func @clip(%w: tensor<16x3x3x3xf32>, %b: tensor<16xf32>) -> tensor<f32> {
  // CHECK: %[[F:.*]] = nn.clip_factor %{{.*}}, %{{.*}} {max = 1.500000e+00 : f64} : tensor<16x3x3x3xf32>, tensor<16xf32>
  %f = nn.clip_factor %w, %b {max = 1.5} : tensor<16x3x3x3xf32>, tensor<16xf32>
  return %f : tensor<f32>
}
