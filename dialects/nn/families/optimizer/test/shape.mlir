// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// Everything has the parameter's type, but for the learning rate and the step.
// CHECK: "nn.sgd"{{.*}} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<f32>) -> tensor<4x3xf32>
// CHECK: "nn.sgd_momentum"{{.*}} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>, tensor<f32>) -> (tensor<4x3xf32>, tensor<4x3xf32>)
// CHECK: "nn.adam"{{.*}} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>, tensor<f32>, tensor<i64>) -> (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>)
func.func @shapes(%p: tensor<4x3xf32>, %lr: tensor<f32>, %step: tensor<i64>) -> tensor<4x3xf32> {
  %a = nn.sgd %p, %p, %lr {weight_decay = 0.0} : tensor<4x3xf32>, tensor<f32>
  %b, %v = nn.sgd_momentum %a, %p, %p, %lr {momentum = 0.9, weight_decay = 0.0, nesterov = false} : tensor<4x3xf32>, tensor<f32>
  %c:3 = nn.adam %b, %p, %p, %p, %lr, %step {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.0, decoupled = false} : tensor<4x3xf32>, tensor<f32>
  return %c#0 : tensor<4x3xf32>
}
