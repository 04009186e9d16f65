// RUN: gradmill-opt %s | FileCheck %s

// A factor has the gradients' element type and no dimension.
// CHECK-LABEL: func.func @shapes
func.func @shapes(%a: tensor<3x7xf64>, %b: tensor<f64>) -> (tensor<f64>, tensor<3x7xf64>, tensor<f64>) {
  %f = nn.clip_factor %a, %b {max = 1.0} : tensor<3x7xf64>, tensor<f64>
  // CHECK: nn.scale_by %{{.*}}, %{{.*}} : tensor<3x7xf64>, tensor<f64>
  %s = nn.scale_by %a, %f : tensor<3x7xf64>, tensor<f64>
  %c = nn.clip_value %b {max = 1.0} : tensor<f64>
  return %f, %s, %c : tensor<f64>, tensor<3x7xf64>, tensor<f64>
}
