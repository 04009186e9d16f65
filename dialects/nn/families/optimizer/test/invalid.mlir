// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @shapes(%p: tensor<10xf32>, %g: tensor<11xf32>, %lr: tensor<f32>) {
  // expected-error @+1 {{failed to verify that all of {parameter, gradient} have same type}}
  %n = "nn.sgd"(%p, %g, %lr) {weight_decay = 0.0} : (tensor<10xf32>, tensor<11xf32>, tensor<f32>) -> tensor<10xf32>
  return
}

// -----

func.func @velocity(%p: tensor<10xf32>, %v: tensor<10xf64>, %lr: tensor<f32>) {
  // expected-error @+1 {{failed to verify that all of {parameter, gradient, velocity} have same type}}
  %n, %nv = "nn.sgd_momentum"(%p, %p, %v, %lr) {momentum = 0.9, weight_decay = 0.0, nesterov = false} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf64>, tensor<f32>) -> (tensor<10xf32>, tensor<10xf32>)
  return
}

// -----

func.func @moments(%p: tensor<10xf32>, %m: tensor<5x2xf32>, %lr: tensor<f32>, %step: tensor<i64>) {
  // expected-error @+1 {{failed to verify that all of {parameter, gradient, first, second} have same type}}
  %n:3 = "nn.adam"(%p, %p, %m, %m, %lr, %step) {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.0, decoupled = false} : (tensor<10xf32>, tensor<10xf32>, tensor<5x2xf32>, tensor<5x2xf32>, tensor<f32>, tensor<i64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>)
  return
}

// -----

func.func @learning_rate(%p: tensor<10xf32>, %lr: tensor<1xf32>) {
  // expected-error @+1 {{operand #2 must be 0D tensor of 32-bit float or 64-bit float values, but got 'tensor<1xf32>'}}
  %n = nn.sgd %p, %p, %lr {weight_decay = 0.0} : tensor<10xf32>, tensor<1xf32>
  return
}

// -----

func.func @no_momentum(%p: tensor<10xf32>, %lr: tensor<f32>) {
  // expected-error @+1 {{requires attribute 'momentum'}}
  %n, %v = nn.sgd_momentum %p, %p, %p, %lr {weight_decay = 0.0, nesterov = false} : tensor<10xf32>, tensor<f32>
  return
}
