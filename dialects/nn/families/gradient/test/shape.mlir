// RUN: gradmill-opt %s | FileCheck %s

// A factor has the gradients' element type and no dimension.
// CHECK-LABEL: func.func @shapes
func.func @shapes(%a: tensor<3x7xf64>, %b: tensor<f64>) -> tensor<f64> {
  // CHECK: nn.clip_factor %{{.*}} : tensor<3x7xf64>, tensor<f64>
  // CHECK: return %{{.*}} : tensor<f64>
  %f = nn.clip_factor %a, %b {max = 1.0} : tensor<3x7xf64>, tensor<f64>
  return %f : tensor<f64>
}
