// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @sgd
func.func @sgd(%p: tensor<16x3x3x3xf32>, %g: tensor<16x3x3x3xf32>, %v: tensor<16x3x3x3xf32>, %lr: tensor<f32>) -> tensor<16x3x3x3xf32> {
  // CHECK: nn.sgd %{{.*}}, %{{.*}}, %{{.*}} {weight_decay = 1.000000e-02 : f64} : tensor<16x3x3x3xf32>, tensor<f32>
  %a = nn.sgd %p, %g, %lr {weight_decay = 0.01} : tensor<16x3x3x3xf32>, tensor<f32>
  // CHECK: nn.sgd_momentum %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {momentum = 9.000000e-01 : f64, nesterov = true, weight_decay = 0.000000e+00 : f64} : tensor<16x3x3x3xf32>, tensor<f32>
  %n, %nv = nn.sgd_momentum %a, %g, %v, %lr {momentum = 0.9, weight_decay = 0.0, nesterov = true} : tensor<16x3x3x3xf32>, tensor<f32>
  return %n : tensor<16x3x3x3xf32>
}

// CHECK-LABEL: func.func @adam
func.func @adam(%p: tensor<10xf64>, %g: tensor<10xf64>, %m: tensor<10xf64>, %v: tensor<10xf64>, %lr: tensor<f64>, %step: tensor<i64>) -> tensor<10xf64> {
  // CHECK: nn.adam %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {beta1 = 9.000000e-01 : f64, beta2 = 0.9989{{[0-9]*}} : f64, decoupled = true, eps = 1.000000e-08 : f64, weight_decay = 1.000000e-02 : f64} : tensor<10xf64>, tensor<f64>
  %n, %nm, %nv = nn.adam %p, %g, %m, %v, %lr, %step {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.01, decoupled = true} : tensor<10xf64>, tensor<f64>
  return %n : tensor<10xf64>
}
